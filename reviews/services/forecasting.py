"""Refit: points to forecasts, forecasts to outlooks, outlooks to the ranking. Engines run outside any transaction."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from projects.derived import derived
from projects.models import Goal, Outlook, Program, Ranking, Verdict
from projects.services.outlooks import OutlookValue, record_outlooks, record_votes
from projects.services.ranking import rank_programs, record_and_rank
from projects.time import WEEK, today_in
from reviews import curves
from reviews.models import Datapoint, Forecast, Statement
from reviews.series import GoalSeries, read_series, small_curve
from reviews.services.expansion import expansion_of

PROBABILITIES = tuple((k + 0.5) / 50 for k in range(50))
VOTES_COUNT = 8 * WEEK  # a blocker named longer ago than this no longer votes


def refit_program(program: Program, today: dt.date | None = None) -> int:
    """Forecast every active goal of a program again and rank it; how many goals that were."""
    return refit_programs([program], today)


def refit_programs(programs: Iterable[Program], today: dt.date | None = None) -> int:
    """The same for several programs at once, those whose day it is the same together."""
    days: dict[dt.date, list[Program]] = {}
    for program in programs:
        days.setdefault(today or today_in(program.zone), []).append(program)
    done = 0
    for day, together in days.items():
        goals = list(Goal.objects.active().filter(team__program__in=together))
        refit_goals(goals, day)
        rank_programs(together, day)
        done += len(goals)
    return done


def refit_stale(programs: Iterable[Program]) -> dict[int, int]:
    """Forecast the goals that have no forecast of their program's day yet, and rank where that, or a killed worker,
    left a ranking behind: {program: how many goals}. Done twice it does nothing the second time."""
    days: dict[dt.date, list[Program]] = {}
    for program in programs:
        days.setdefault(today_in(program.zone), []).append(program)
    done: dict[int, int] = {}
    for day, together in days.items():
        fresh = Q(outlook__as_of__gte=day, outlook__basis__gte=F("data_version"), outlook__engine=curves.ENGINE_VERSION)
        goals = list(Goal.objects.active().filter(team__program__in=together).exclude(fresh).select_related("team"))
        if goals:
            refit_goals(goals, day)
        newer = Outlook.objects.filter(goal__team__program=OuterRef("program"), computed_at__gt=OuterRef("computed_at"))
        ranked = Ranking.objects.filter(program__in=together, as_of__gte=day).exclude(Exists(newer))
        held = set(ranked.values_list("program", flat=True))
        unranked = [program for program in together if program.pk not in held]
        if unranked:
            rank_programs(unranked, day)
        done |= Counter(goal.team.program_id for goal in goals)
    return done


def behind() -> QuerySet[Program]:
    """Active programs with data that no forecast, or forecasts that no ranking rests on yet: a writer was cut off, or
    an upgrade left rankings out that only an older version could read."""
    goals = Goal.objects.active().exclude(outlook__basis__gte=F("data_version"))
    never = Q(goal__team__program__ranking=None)
    unranked = Outlook.objects.filter(never | Q(computed_at__gt=F("goal__team__program__ranking__computed_at")))
    cut_off = Q(pk__in=goals.values("team__program")) | Q(pk__in=unranked.values("goal__team__program"))
    return Program.objects.active().filter(cut_off)


Found = curves.Forecast | curves.CannotForecast


def refit_goal(goal: Goal, today: dt.date | None = None, known: tuple[GoalSeries, Found] | None = None) -> OutlookValue:
    """Forecast one goal again and rank its program: what saving a datapoint does. What it says of the goal.

    `known`: its series and its forecast, where they are known already.
    """
    program = goal.team.program
    today = today or today_in(program.zone)
    if known is None:
        (read,) = read_series([goal], today)
        known = read, forecast_all([read])[0]
    values, issued = _say([known], today)
    record_and_rank(program, values, today, beside=lambda: _issue(issued))
    return values[0]


def refit_goals(goals: Sequence[Goal], today: dt.date) -> None:
    """Forecast goals, issue the forecasts and push the outlooks."""
    read = read_series(goals, today)
    values, issued = _say(list(zip(read, forecast_all(read), strict=True)), today)
    with derived():
        _issue(issued)
        record_outlooks(values)


def _say(known: Sequence[tuple[GoalSeries, Found]], today: dt.date) -> tuple[list[OutlookValue], list[Forecast]]:
    """The outlooks of goals, and of those that have a forecast the row that keeps it."""
    votes = blocker_votes([read.goal for read, _found in known], today)
    values = [outlook_of(read, found, today, votes.get(read.goal.pk, [])) for read, found in known]
    made = zip(known, values, strict=True)
    return values, [issue(read, f, value) for (read, f), value in made if isinstance(f, curves.Forecast)]


def _issue(issued: Sequence[Forecast]) -> None:
    Forecast.objects.bulk_create(issued, ignore_conflicts=True, batch_size=500)


def recount_votes(goal: Goal, today: dt.date | None = None) -> None:
    """What stops engineers was said of a goal, or taken back: its forecast stands, unless more than that changed."""
    today = today or today_in(goal.team.program.zone)
    votes = blocker_votes([goal], today).get(goal.pk, [])
    if not record_votes(goal, today, votes):
        refit_goal(goal, today)


def forecast_all(read: Sequence[GoalSeries]) -> list[Found]:
    """A forecast each, or the named refusal with its reason."""
    made = iter(curves.forecast_many([s.series for s in read if s.series is not None]))
    return [(next(made) if s.series is not None else None) or why_refused(s) for s in read]


def why_refused(read: GoalSeries) -> curves.CannotForecast:
    if read.series is None:
        return curves.CannotForecast("No datapoint yet.", "Three datapoints on different days.")
    return curves.why_refused(read.series) or curves.CannotForecast(
        "The engine gave no forecast.", "Nothing: report it."
    )


def outlook_of(read: GoalSeries, found: Found, today: dt.date, votes: list[dict]) -> OutlookValue:
    last = read.points[-1] if read.points else None
    common: dict[str, Any] = {
        "goal_id": read.goal.pk,
        "basis": read.basis,
        "as_of": today,
        "value": last.value if last else None,
        "value_on": last.observed_on if last else None,
        "curve": small_curve(read.points),
        "blocker_votes": votes,
        "expansion": expansion_of(read),
        "points": len(read.points),
        "engine": curves.ENGINE_VERSION,
        "inputs_hash": curves.inputs_hash(read.series) if read.series else "",
    }
    if isinstance(found, curves.CannotForecast):
        return OutlookValue(verdict=Verdict.UNKNOWN, reasons=[found.reason, found.need], **common)
    return OutlookValue(
        verdict=str(found.verdict),
        reasons=[reason.text for reason in found.reasons],
        finish_days=finish_days(found),
        p10=found.finish(0.1),
        p50=found.finish(0.5),
        p90=found.finish(0.9),
        p_never=found.p_never,
        p_deadline=chance_of_deadline(read, found),
        **common,
    )


def finish_days(found: curves.Forecast) -> list[float | None]:
    return [None if math.isinf(day) else round(float(day), 1) for day in found.finish_days(PROBABILITIES)]


def chance_of_deadline(read: GoalSeries, found: curves.Forecast) -> float | None:
    """P(done by the end of the deadline's day); None where there is no deadline."""
    deadline = read.series.deadline if read.series else None
    return None if deadline is None else found.p_done_by(deadline)


def issue(read: GoalSeries, found: curves.Forecast, said: OutlookValue) -> Forecast:
    """The row that keeps what was said and what replays it."""
    return Forecast(
        goal_id=said.goal_id,
        as_of=said.as_of,
        verdict=said.verdict,
        reasons=said.reasons,
        finish_days=said.finish_days,
        p_never=said.p_never,
        p_deadline=said.p_deadline,
        deadline=read.series.deadline if read.series else None,
        inputs_hash=said.inputs_hash,
        engine=found.engine,
        parameters=found.parameters,
        newest_datapoint=read.newest_datapoint,
        newest_revision=read.newest_revision,
    )


def blocker_votes(goals: Sequence[Goal], today: dt.date) -> dict[int, list[dict]]:
    """What engineers named as stopping them of late: each engineer's latest word on a goal is one vote."""
    counted: dict[int, Counter] = {}
    for (goal, _engineer), word in _latest_words(goals, today).items():
        if word.text:
            counted.setdefault(goal, Counter())[word.factor_name or word.text, word.factor] += 1
    return {
        goal: [{"text": text, "factor": factor, "votes": n} for (text, factor), n in votes.most_common()]
        for goal, votes in counted.items()
    }


class Word(NamedTuple):
    """What stops an engineer, as told beside a number or asked in a turn; the factor it names, if any."""

    goal: int
    engineer: int
    text: str
    factor: int | None
    factor_name: str | None
    turn: int | None
    recorded_at: dt.datetime


def _latest_words(goals: Sequence[Goal], today: dt.date) -> dict[tuple[int, int], Word]:
    """{(goal, engineer): the latest word}"""
    said = Datapoint.objects.in_force().filter(
        goal__in=goals, observed_on__gt=today - VOTES_COUNT, observed_on__lte=today, engineer__isnull=False
    )
    beside = ("goal", "engineer", "blocker", "factor", "factor__name", "turn", "recorded_at")
    rows = map(Word._make, said.order_by("observed_on", "recorded_at", "pk").values_list(*beside))
    points = {(row.goal, row.engineer): row for row in rows}
    words = dict(points)
    since = timezone.now() - VOTES_COUNT
    answers = Statement.objects.in_force().filter(goal__in=goals, recorded_at__gt=since)
    asked = ("goal", "turn__engineer", "text", "factor", "factor__name", "turn", "recorded_at")
    answers = answers.exclude(kind=Statement.Kind.NOTHING_NEW).order_by("pk")
    for row in map(Word._make, answers.values_list(*asked)):
        point = points.get((row.goal, row.engineer))
        # A number given in the same turn without a word on it does not take the answer back.
        silent = point and not point.text and point.turn == row.turn
        if point is None or silent or point.recorded_at < row.recorded_at:
            words[row.goal, row.engineer] = row
    return words
