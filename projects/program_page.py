"""What a program's page shows, in the order in which a manager asks: what limits it, since when, what is it worth, what
next, why; then the teams."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from projects import charts
from projects.chain import Chain, Step, draw_chain
from projects.deadlines import far_from
from projects.first_steps import first_steps
from projects.kept import digest
from projects.limiting import layers_of, limiting_factor, matches, path_of
from projects.look.chart_words import chart_words
from projects.models import Goal, Layer, Limit, Program, Ranking, SuccessorPrediction, Verdict
from projects.pictures import program_finish, program_odds, program_supplies
from projects.votes import Votes, count_votes
from projects.what_changed import what_changed

LINES_SHOWN = 6
WORTH = ("relief_days", "gain_in_p_deadline", "gain_in_p_done")  # what a line is ranked by, the first that tells
MOST_LEVERS = 5
FEWEST_OF_A_CHAIN = 2
WORST_FIRST = ["diverging", "stalled", "slow", "unknown", "converging", "done"]


def program_page(program: Program, today: dt.date, *, show_done: bool = False) -> dict:
    """The page's context but for what the reader may do; a fixed number of queries."""
    ranking: Ranking | None = getattr(program, "ranking", None)
    limits = list(program.limits.select_related("factor", "by").prefetch_related("layers__factor", "layers__by"))
    current = next((limit for limit in limits if limit.until is None), None)
    layers = layers_of(current)
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
    shown = {
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
        "odds": program_odds(program),
        "finish": program_finish(program, ranking, today),
        "interventions": program.interventions.standing().select_related("program", "goal", "factor", "by")[:20],
        "events": program.events.for_reading()[:8],
        **(program_supplies(program, ranking) if program.kind == Program.Kind.THROUGHPUT else {}),
    }
    return shown | {"drawn_from": drawn_from(shown)}


def drawn_from(shown: dict) -> dict[str, str]:
    """The parts of the page that are kept once drawn, each under all that it shows."""
    program, ranking, levers, teams = (shown[name] for name in ("program", "ranking", "levers", "teams"))
    links = [(one.goal.pk, one.goal.name, one.own, one.joint) for one in levers.best] if levers else []
    numbers = ("verdict", "goals", "done", "p_deadline", "left_out")
    rows = [
        (
            *(row["team"].pk, row["team"].name, row["held"] and (row["held"].pk, row["held"].name)),
            *(row[name] for name in numbers),
        )
        for row in teams
    ]
    return {
        "relief": digest(
            program.deadline,
            shown["lines"],
            levers and (levers.n, levers.joint, links),
            ranking and (ranking.left_out, ranking.reasons),
        ),
        "finish": digest(program.deadline, shown["finish"]),
        "chain": digest(shown["chain"], shown["show_done"]),
        "teams": digest(program.slug, rows),
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
