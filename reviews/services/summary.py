"""One page of what a review came to: taken when it closes and stored, so that it says later what was so then."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from projects.models import Goal, Program, Verdict
from projects.services.decisions import why_not_close
from reviews.models import Datapoint, Review, Statement, Turn
from reviews.services.polish import polish_gaps

STOOD = ("limit", "proposal", "p50", "p_deadline", "deadline", "odds_when_set")
SURPRISING = 0.2  # the outer fifths of what was expected, on either side


def how_it_stands(program: Program) -> dict:
    """What limits a program, and its goals as forecast: taken when a review opens, and again when it closes."""
    limit = program.limits.filter(until__isnull=True).select_related("factor").first()
    ranking = getattr(Program.objects.select_related("ranking").get(pk=program.pk), "ranking", None)
    goals = Goal.objects.active().filter(team__program=program, outlook__isnull=False).select_related("outlook")
    return {
        "deadline": _day(program.deadline),
        "odds_when_set": program.odds_when_set,
        "limit": str(limit.label) if limit else "",
        "proposal": ranking.proposal["name"] if ranking and ranking.proposal else "",
        "p50": _day(ranking.p50) if ranking else None,
        "p_deadline": ranking.p_deadline if ranking else None,
        "goals": {
            str(goal.pk): {
                "verdict": goal.outlook.verdict,
                "p50": _day(goal.outlook.p50),
                "p_deadline": goal.outlook.p_deadline,
            }
            for goal in goals
        },
    }


def what_is_missing(review: Review) -> list[str]:
    """Why the review cannot be closed yet, in words; empty where it can."""
    missing = why_not_close(review.program)
    turns = list(review.turns.select_related("engineer"))
    unheard = [turn.engineer.name for turn in turns if turn.state == Turn.State.WAITING]
    silent = [turn.engineer.name for turn in turns if turn.state == Turn.State.ABSENT and not turn.absence]
    blank = review.datapoints.in_force().filter(memo="").select_related("goal")
    if unheard:
        missing.append(
            _("Not heard yet: %(names)s. Hear them, or say why they are absent.") % {"names": ", ".join(unheard)}
        )
    if silent:
        missing.append(_("Absent without a word: %(names)s. Say why.") % {"names": ", ".join(silent)})
    if blank:
        names = ", ".join(point.goal.name for point in blank)
        missing.append(_("No memo: %(names)s. Correct the datapoint and say what happened.") % {"names": names})
    return missing


def summary_of(review: Review, closed_at: dt.datetime) -> dict:
    """Who said what, the surprises, verdicts that changed, blockers by factor, and what limited before and after."""
    points = list(
        review.datapoints.in_force()
        .select_related("goal__team", "engineer", "factor")
        .order_by("turn__position", "recorded_at", "pk")
    )
    said = list(
        Statement.objects.in_force()
        .filter(turn__review=review)
        .select_related("turn__engineer", "goal", "factor")
        .order_by("turn__position", "pk")
    )
    now, names = how_it_stands(review.program), _told_apart({point.goal_id: point.goal for point in points})
    surprising = [p for p in points if p.surprise is not None and _surprising(p.surprise)]
    return {
        "minutes": round((closed_at - (review.opened_at or closed_at)).total_seconds() / 60),
        "turns": [_turn(turn, points, said) for turn in review.turns.select_related("engineer", "team")],
        "surprises": [_point(point) | {"goal": names[point.goal_id]} for point in surprising],
        "deadlines": _deadlines(points, now, names),
        "verdicts": _changes(review.before, now, names),
        "blockers": _blockers(points, said),
        "gaps": [_gap(gap, names) for gap in polish_gaps(points)],
        "before": {name: review.before.get(name) for name in STOOD},
        "after": {name: now[name] for name in STOOD},
    }


def _told_apart(goals: Mapping[int, Goal]) -> dict[int, str]:
    """{goal: its name}, with its team where another team's goal has that name too."""
    of_name = Counter(goal.name for goal in goals.values())
    return {
        pk: f"{goal.name} ({goal.team.name})" if of_name[goal.name] > 1 else goal.name for pk, goal in goals.items()
    }


def _deadlines(points: Iterable[Datapoint], now: dict, names: dict[int, str]) -> list[dict]:
    """The deadlines of the goals that were reported and are not done: their odds when set, and as the review closed."""
    goals = {point.goal_id: point.goal for point in points if point.goal.deadline}
    return [
        {
            "goal": names[pk],
            "goal_id": pk,
            "deadline": _day(goal.deadline),
            "when_set": goal.odds_when_set,
            "now": now["goals"].get(str(pk), {}).get("p_deadline"),
        }
        for pk, goal in goals.items()
        if now["goals"].get(str(pk), {}).get("verdict") != Verdict.DONE
    ]


def _turn(turn: Turn, points: Iterable[Datapoint], said: Iterable[Statement]) -> dict:
    return {
        "engineer": turn.engineer.name,
        "team": turn.team.name,
        "state": turn.state,
        "why": turn.absence,
        "minutes": turn.minutes,
        "points": [_point(point) for point in points if point.turn_id == turn.pk],
        "said": [
            {"kind": one.kind, "text": one.text, "goal": one.goal.name if one.goal else ""}
            for one in said
            if one.turn_id == turn.pk
        ],
    }


def _point(point: Datapoint) -> dict:
    return {
        "goal": point.goal.name,
        "goal_id": point.goal_id,
        "engineer": point.engineer.name if point.engineer else "",
        "value": point.value,
        "unit": point.goal.unit,
        "level": point.level,
        "memo": point.memo,
        "blocker": point.blocker,
        "surprise": point.surprise,
        "origin": point.origin,
        "prepared": point.prepared,
    }


def _surprising(percentile: float) -> bool:
    return percentile <= SURPRISING or percentile >= 1 - SURPRISING


def _changes(before: dict, now: dict, names: dict[int, str]) -> list[dict]:
    """Goals of this review whose verdict differs from when it opened, with how odds and finish moved."""
    changes = []
    for goal, name in names.items():
        old, new = before.get("goals", {}).get(str(goal)), now["goals"].get(str(goal))
        if new and (old is None or old["verdict"] != new["verdict"]):
            changes.append({"goal": name, "goal_id": goal, "before": old, "after": new})
    return changes


def _blockers(points: Iterable[Datapoint], said: Iterable[Statement]) -> list[dict]:
    """What was named as stopping them, those named by most first: by factor where it names one."""
    spoken = [(p.factor, p.blocker, p.engineer.name if p.engineer else "") for p in points if p.blocker]
    spoken += [(s.factor, s.text, s.turn.engineer.name) for s in said if s.kind == Statement.Kind.BLOCKED]
    named: dict[str, dict] = {}
    for factor, text, who in spoken:
        name = factor.name if factor else text
        line = named.setdefault(name.casefold(), {"name": name, "factor": None, "by": []})
        line["factor"] = factor.pk if factor else line["factor"]
        line["by"] = sorted({*line["by"], who})
    return sorted(named.values(), key=lambda line: (-len(line["by"]), line["name"].casefold()))


def _gap(gap, names: dict[int, str]) -> dict:
    return {
        "goal": names[gap.goal.pk],
        "unit": gap.goal.unit,
        "values": [[level, value] for level, value in gap.values],
    }


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
