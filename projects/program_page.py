"""What a program's page shows, in the order in which a manager asks: what limits it, since when, what is it worth, what
next, why; then the teams."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from projects import charts
from projects.board import is_stale
from projects.chain import Chain, Step, draw_chain
from projects.contents import Contents, whole
from projects.deadlines import far_from
from projects.first_steps import first_steps
from projects.limiting import limiting_factor, matches, path_of
from projects.look.chart_words import chart_words
from projects.models import (
    Capacity,
    Decision,
    Dependency,
    Event,
    Goal,
    Intervention,
    Invitation,
    Layer,
    Limit,
    Outlook,
    Program,
    Ranking,
    RankingDay,
    ReviewOdds,
    Seat,
    SuccessorPrediction,
    Supply,
    Team,
    Verdict,
)
from projects.pictures import program_finish, program_odds, program_supplies
from projects.votes import Votes, count_votes
from projects.what_changed import what_changed

LINES_SHOWN = 6
EVENTS_TOLD = 40  # whatever is written is among the newest so many once it is committed, however late that is
WORTH = ("relief_days", "gain_in_p_deadline", "gain_in_p_done")  # what a line is ranked by, the first that tells
MOST_LEVERS = 5
FEWEST_OF_A_CHAIN = 2
WORST_FIRST = ["diverging", "stalled", "slow", "unknown", "converging", "done"]


def tables(program: int) -> list[QuerySet]:
    """The rows that a program's page shows, whole: what it is kept under."""
    limits = Limit.objects.filter(program=program)
    goals = Goal.objects.active().filter(team__program=program)
    of_factor = {"factor_name": "factor__name", "by_name": "by__username"}
    challenged = {"challenged": "factor__challenged_on", "again": "factor__challenge_again_on"}
    events = Event.objects.filter(program=program).order_by("-at", "-pk")
    newest = events[:EVENTS_TOLD].values("pk")
    newest_of_the_week = events.exclude(subject="datapoint")[:EVENTS_TOLD].values("pk")
    newest_day = RankingDay.objects.filter(program=program).order_by("-day")[:1]
    return [
        whole(Program.objects.filter(pk=program)),
        whole(Ranking.objects.filter(program=program), without=["computed_at"]),
        whole(RankingDay.objects.filter(program=program), without=["goals"]),
        whole(RankingDay.objects.filter(pk__in=newest_day.values("pk"))),
        whole(limits, **of_factor, **challenged),
        whole(Layer.objects.filter(limit__in=limits), **of_factor, **challenged),
        whole(SuccessorPrediction.objects.filter(limit__in=limits), **of_factor, goal_name="goal__name"),
        whole(Team.objects.active().filter(program=program)),
        whole(Seat.objects.filter(team__program=program, left=None)),
        whole(goals),
        whole(Outlook.objects.filter(goal__in=goals), without=["curve", "reasons", "computed_at"]),
        whole(Dependency.objects.filter(goal__in=goals)),
        whole(Intervention.objects.standing().filter(program=program), **of_factor, goal_name="goal__name"),
        whole(
            Event.objects.filter(Q(pk__in=newest) | Q(pk__in=newest_of_the_week)),
            without=["changes"],
            by_name="by__username",
            person_name="person__username",
            engineer_name="engineer__name",
        ),
        whole(Invitation.objects.filter(program=program)),
        whole(ReviewOdds.objects.filter(program=program)),
        whole(Decision.objects.filter(program=program), by_name="by__username"),
        whole(Supply.objects.filter(program=program), factor_name="factor__name", goal_name="goal__name"),
        whole(Capacity.objects.filter(supply__program=program)),
    ]


CONTENTS = Contents(tables)


class ProgramPage:
    """What the page shows, read only where it is drawn again; one query says whether it is."""

    def __init__(self, program: Program, today: dt.date, *, show_done: bool = False) -> None:
        self.program, self.today, self.show_done = program, today, show_done

    @cached_property
    def key(self) -> str:
        return CONTENTS.digest(self.program.pk, self.today, self.show_done)

    @cached_property
    def shown(self) -> dict:
        """Read after the key, the program too: what is kept may be newer than its key, never older."""
        return program_page(self.program.pk, self.today, show_done=self.show_done)


def program_page(pk: int, today: dt.date, *, show_done: bool = False) -> dict:
    """The page's context but for what the reader may do; a fixed number of queries."""
    program = Program.objects.select_related("ranking").get(pk=pk)
    ranking: Ranking | None = getattr(program, "ranking", None)
    limits = list(program.limits.select_related("factor", "by").prefetch_related("layers__factor", "layers__by"))
    current = next((limit for limit in limits if limit.until is None), None)
    layers = [layer for layer in current.layers.all() if layer.until is None] if current else []
    goals = list(
        Goal.objects.active()
        .filter(team__program=program)
        .select_related("outlook", "team")
        .defer("outlook__curve", "outlook__reasons")
        .prefetch_related("dependencies")
        .order_by("pk")
    )
    predictions = list(
        SuccessorPrediction.objects.filter(limit__program=program, limit=current)
        .select_related("factor", "goal", "by")
        .order_by("window_from", "pk")
    )
    votes = count_votes(goals, ranking)
    path = path_of(current, layers)
    teams = team_rows(program, ranking)
    return {
        "program": program,
        "today": today,
        "ranking": ranking,
        "found": limiting_factor(program, current, ranking),
        "limit": current,
        "layers": layers,
        "deepest": path[-1] if path else None,
        "challenge_due": bool(path) and path[-1].challenge_due(today),
        "limits": limits,
        "agrees": matches(path, ranking.proposal if ranking else None),
        "ribbon": ribbon(program, limits, predictions, today),
        "predictions": predictions,
        "lines": ranked_lines(ranking, votes),
        "lines_shown": LINES_SHOWN,
        "bars_show": bars_show(ranking),
        "votes": votes,
        "levers": levers(program, ranking, goals, today),
        "changed": what_changed(program, today),
        "chain": chain(goals, ranking, show_done),
        "show_done": show_done,
        "teams": teams,
        "steps": first_steps(program, [row["team"] for row in teams], goals),
        "far_from": far_from(today),
        "expanding": expanding(goals, today),
        "stale": is_stale(ranking, today),
        "odds": program_odds(program),
        "finish": program_finish(program, ranking, today),
        "interventions": program.interventions.standing().select_related("program", "goal", "factor", "by")[:20],
        "events": program.events.for_reading()[:8],
        **(program_supplies(program, ranking) if program.kind == Program.Kind.THROUGHPUT else {}),
    }


def bars_show(ranking: Ranking | None) -> str:
    """The first measure of relief in which the lines differ from nothing, in the order in which they are ranked."""
    lines = ranking.lines if ranking else []
    return next((name for name in WORTH if any(line[name] for line in lines)), WORTH[0])


def ranked_lines(ranking: Ranking | None, votes: Votes) -> list[dict]:
    """The lines of the ranking as bars, each with how many engineers named it, or something on that goal, as their
    blocker."""
    lines, measure = ranking.lines if ranking else [], bars_show(ranking)
    counts = {"goal": votes.by_goal, "factor": votes.by_factor}
    most = max((line[measure] or 0 for line in lines), default=0)
    return [
        line
        | {
            "votes": counts[line["kind"]].get(line["id"], 0),
            "worth": line[measure] or 0,
            "bar": (line[measure] or 0) / most if most else 0,
        }
        for line in lines
    ]


# ---- since when, and what next ---------------------------------------------------------------------------------------


def ribbon(program: Program, limits: Sequence[Limit], predictions: Sequence[SuccessorPrediction], today: dt.date):
    """The timeline of what limited, limits and may limit; None while nothing was ever declared."""
    if not any(limit.factor_id for limit in limits):
        return None
    periods = []
    for limit in sorted(limits, key=lambda limit: (limit.since, limit.pk)):
        if limit.until == limit.since:
            continue  # it gave way on its first day
        periods.append(charts.Period(limit.label, limit.since, limit.until, word=limit.state != Limit.State.FACTOR))
        periods += [
            charts.Period(layer.factor.name, layer.since, _end(layer, limit), within=True)
            for layer in limit.layers.all()
        ]
    expected = [
        charts.Expected(one.name, one.window_from, one.window_to, one.probability, _author(one))
        for one in predictions
        if one.outcome == SuccessorPrediction.Outcome.OPEN
    ]
    return charts.limit_ribbon(title=program.name, periods=periods, expected=expected, today=today, words=chart_words())


def _end(layer: Layer, limit: Limit) -> dt.date | None:
    return min(filter(None, (layer.until, limit.until)), default=None)


def _author(prediction: SuccessorPrediction) -> str:
    return _("the model") if prediction.by_model else str(prediction.by or _("somebody"))


# ---- a chain of miracles ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lever:
    """A goal that must be done by the deadline: its own chance, and the chance of all were it done today."""

    goal: Goal
    own: float
    joint: float


@dataclass(frozen=True)
class Levers:
    """All of `n` goals must be done by the program's deadline: the chance of that, and the best single levers (M21)."""

    n: int
    joint: float
    best: list[Lever]


def levers(program: Program, ranking: Ranking | None, goals: Sequence[Goal], today: dt.date) -> Levers | None:
    """Read off the ranking, which was simulated with shared luck: never a product of the goals' own chances."""
    if ranking is None or program.deadline is None or ranking.p_deadline is None:
        return None
    days = (program.deadline - ranking.as_of).days
    gains = {line["id"]: line["gain_in_p_deadline"] for line in ranking.lines if line["kind"] == "goal"}
    found = [
        Lever(goal, _own_chance(goal, ranking.as_of, days), ranking.p_deadline + (gains[goal.pk] or 0.0))
        for goal in goals
        if goal.pk in gains and goal.outlook.known
    ]
    if len(found) < FEWEST_OF_A_CHAIN:
        return None
    found.sort(key=lambda lever: (-lever.joint, lever.own, lever.goal.name))
    return Levers(n=len(found), joint=ranking.p_deadline, best=found[:MOST_LEVERS])


def _own_chance(goal: Goal, as_of: dt.date, days: int) -> float:
    """Share of the goal's own forecast that ends by the deadline."""
    age = (as_of - goal.outlook.as_of).days
    finish = goal.outlook.finish_days
    return sum(day is not None and day - age <= days for day in finish) / len(finish)


# ---- what waits for what ---------------------------------------------------------------------------------------------


def chain(goals: Sequence[Goal], ranking: Ranking | None, show_done: bool) -> Chain:
    lines = {line["id"]: line for line in (ranking.lines if ranking else []) if line["kind"] == "goal"}
    proposal = ranking.proposal if ranking else None
    limits = proposal["id"] if proposal and proposal["kind"] == "goal" else None
    there = {goal.pk for goal in goals}
    return draw_chain(
        [
            Step(
                key=goal.pk,
                name=goal.name,
                needs=tuple(one.needs_id for one in goal.dependencies.all() if one.needs_id in there),
                criticality=lines[goal.pk]["criticality"] if goal.pk in lines else None,
                verdict=verdict_of(goal),
                done=verdict_of(goal) == Verdict.DONE,
                limits=goal.pk == limits,
            )
            for goal in goals
        ],
        show_done=show_done,
    )


@dataclass(frozen=True)
class Expanding:
    """A goal that fills the time it is given. days: until its P50 had it not; None where its P50 is not known."""

    goal: Goal
    found: dict
    days: int | None


def expanding(goals: Sequence[Goal], today: dt.date) -> list[Expanding]:
    """Those whose outlook shows gas expansion and that are not done, what it cost most first."""
    rows = []
    for goal in goals:
        found = goal.outlook.expansion if hasattr(goal, "outlook") else None
        if found and verdict_of(goal) != Verdict.DONE:
            left = (goal.outlook.p50 - today).days if goal.outlook.p50 else None
            rows.append(Expanding(goal, found, None if left is None else max(round(left - found["earlier"]), 0)))
    return sorted(rows, key=lambda row: -row.found["earlier"])


def verdict_of(goal: Goal) -> str:
    return goal.outlook.verdict if hasattr(goal, "outlook") else "unknown"


# ---- teams ---------------------------------------------------------------------------------------------------------


def team_rows(program: Program, ranking: Ranking | None) -> list[dict]:
    """The teams, worst first, each with its stored verdict and the goal that holds it back."""
    teams = list(program.teams.active().prefetch_related("goals"))
    stored = ranking.teams if ranking else {}
    rows = []
    for team in teams:
        found = stored.get(str(team.pk), {"verdict": "unknown", "holds_back": None, "p_deadline": None, "done": 0})
        goals = [goal for goal in team.goals.all() if goal.archived_at is None]
        held = next((goal for goal in goals if goal.pk == found["holds_back"]), None)
        rows.append(
            {
                "team": team,
                "held": held,
                "goals": len(goals),
                **{k: found.get(k) for k in ("verdict", "p_deadline", "done", "left_out")},
            }
        )
    return sorted(rows, key=lambda row: (WORST_FIRST.index(row["verdict"]), row["team"].name))
