"""Refit: points to forecasts, forecasts to outlooks, outlooks to the ranking. Engines run outside any transaction."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from projects.derived import derived
from projects.models import Factor, Goal, Outlook, Program, Ranking, Verdict
from projects.services.outlooks import OutlookValue, record_outlooks
from projects.services.ranking import rank_program, rank_programs
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
    """Active programs with data that no forecast, or forecasts that no ranking rests on yet: a writer was cut off."""
    goals = Goal.objects.active().exclude(outlook__basis__gte=F("data_version"))
    unranked = Outlook.objects.filter(computed_at__gt=F("goal__team__program__ranking__computed_at"))
    cut_off = Q(pk__in=goals.values("team__program")) | Q(pk__in=unranked.values("goal__team__program"))
    return Program.objects.active().filter(cut_off)


def refit_goal(goal: Goal, today: dt.date | None = None, read: GoalSeries | None = None) -> None:
    """Forecast one goal again and rank its program: what saving a datapoint does. `read` as in `refit_goals`."""
    program = goal.team.program
    today = today or today_in(program.zone)
    refit_goals([goal], today, [read] if read else None)
    rank_program(program, today)


def refit_goals(goals: Sequence[Goal], today: dt.date, read: Sequence[GoalSeries] | None = None) -> None:
    """Forecast goals, issue the forecasts and push the outlooks. `read`: their series, where they are known already."""
    read = read_series(goals, today) if read is None else read
    found = forecast_all(read)
    votes = blocker_votes(goals, today)
    values = [outlook_of(s, f, today, votes.get(s.goal.pk, [])) for s, f in zip(read, found, strict=True)]
    issued = [issue(s, f, v) for s, f, v in zip(read, found, values, strict=True) if isinstance(f, curves.Forecast)]
    with derived():
        Forecast.objects.bulk_create(issued, ignore_conflicts=True, batch_size=500)
        record_outlooks(values)


def forecast_all(read: Sequence[GoalSeries]) -> list[curves.Forecast | curves.CannotForecast]:
    """A forecast each, or the named refusal with its reason."""
    made = iter(curves.forecast_many([s.series for s in read if s.series is not None]))
    return [(next(made) if s.series is not None else None) or why_refused(s) for s in read]


def why_refused(read: GoalSeries) -> curves.CannotForecast:
    if read.series is None:
        return curves.CannotForecast("No datapoint yet.", "Three datapoints on different days.")
    return curves.why_refused(read.series) or curves.CannotForecast(
        "The engine gave no forecast.", "Nothing: report it."
    )


def outlook_of(
    read: GoalSeries, found: curves.Forecast | curves.CannotForecast, today: dt.date, votes: list[dict]
) -> OutlookValue:
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
    for (goal, _engineer), (text, factor) in _latest_words(goals, today).items():
        if text:
            name = factor.name if factor else text
            counted.setdefault(goal, Counter())[name, factor.pk if factor else None] += 1
    return {
        goal: [{"text": text, "factor": factor, "votes": n} for (text, factor), n in votes.most_common()]
        for goal, votes in counted.items()
    }


def _latest_words(goals: Sequence[Goal], today: dt.date) -> dict[tuple[int, int | None], tuple[str, Factor | None]]:
    """{(goal, engineer): (what stops them, the factor it names)}: beside a number, or asked in a turn."""
    said = (
        Datapoint.objects.in_force()
        .filter(goal__in=goals, observed_on__gt=today - VOTES_COUNT, observed_on__lte=today)
        .exclude(engineer=None)
        .select_related("factor")
        .order_by("observed_on", "recorded_at", "pk")
    )
    points = {(row.goal_id, row.engineer_id): row for row in said}
    words = {key: (row.blocker, row.factor) for key, row in points.items()}
    since = timezone.now() - VOTES_COUNT
    answers = Statement.objects.in_force().filter(goal__in=goals, recorded_at__gt=since)
    for row in answers.exclude(kind=Statement.Kind.NOTHING_NEW).select_related("factor", "turn").order_by("pk"):
        key = (row.goal_id, row.turn.engineer_id)
        point = points.get(key)
        # A number given in the same turn without a word on it does not take the answer back.
        silent = point and not point.blocker and point.turn_id == row.turn_id
        if point is None or silent or point.recorded_at < row.recorded_at:
            words[key] = (row.text, row.factor)
    return words
