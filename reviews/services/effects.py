"""What interventions brought: the old curve carried on against what happened, judged on the review date (M17)."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects.models import Goal, Intervention, Program
from projects.services.changes import record_event
from projects.time import WEEK, day_after, today_in
from reviews import calibration, curves
from reviews.models import Forecast, InterventionEffect
from reviews.series import GoalSeries, read_series
from reviews.services.forecasting import PROBABILITIES, forecast_all

Cannot = InterventionEffect.Cannot
DAY = dt.timedelta(days=1)
ISSUED_WITHIN = 2 * WEEK  # an older forecast no longer says what the curve was
FEWEST_SINCE = 2  # values after the start, of a goal that is not finished


@dataclass(frozen=True)
class OldCurve:
    """The finish as it was expected just before a start. days: after the start, equally likely; inf: never."""

    days: tuple[float, ...]
    done: bool
    engine: str
    issued: Forecast | None  # None: made again from what had been observed before

    @property
    def middle(self) -> float:
        return median(self.days)


def due(program: Program, today: dt.date | None = None) -> list[Intervention]:
    """Standing interventions whose review date has come and that nobody has judged."""
    return list(unjudged().filter(program=program, review_on__lte=today or today_in(program.zone)))


def unjudged() -> QuerySet[Intervention]:
    judged = InterventionEffect.objects.values("intervention")
    found = Intervention.objects.standing().exclude(pk__in=judged).select_related("program", "goal", "factor", "by")
    return found.order_by("review_on", "pk")


def judge_due(program: Program, today: dt.date | None = None) -> int:
    """Judge what is due, each as of its review date; how many that were."""
    found = due(program, today)
    for one in found:
        judge(one, as_of=one.review_on, by=None)
    return len(found)


def judge(intervention: Intervention, *, as_of: dt.date, by: User | None) -> InterventionEffect:
    """Estimate what it brought from what had been observed up to `as_of`, and keep it. Judged again, it is replaced."""
    fields = estimate(intervention, as_of) | {"as_of": as_of, "judged_at": timezone.now()}
    with transaction.atomic():
        Intervention.objects.select_for_update(no_key=True).get(pk=intervention.pk)  # two clicks: one after the other
        before = InterventionEffect.objects.filter(intervention=intervention).first()
        made, created = InterventionEffect.objects.update_or_create(intervention=intervention, defaults=fields)
        said = ("cannot", "days", "low", "high")
        changes = {name: [getattr(before, name, None), getattr(made, name)] for name in said}
        if created or any(old != new for old, new in changes.values()):
            record_event(by=by, verb="judged", subject=intervention, program=intervention.program, changes=changes)
    return made


def estimate(intervention: Intervention, as_of: dt.date) -> dict:
    """The fields of an `InterventionEffect`: days, or why they cannot be told. Reads only."""
    fields: dict = dict.fromkeys(("goal", "forecast", "days", "low", "high", "old_p50", "new_p50"))
    fields |= {"finished": False, "engine": curves.ENGINE_VERSION, "cannot": Cannot.NO_GOAL}
    goals = goals_of(intervention)
    if not goals:
        return fields
    goal, old = slowest(goals, intervention.started_on)
    fields["goal"] = goal
    if old is None or old.done:
        return fields | {"cannot": Cannot.NO_CURVE if old is None else Cannot.DONE}
    read = read_series([goal], as_of)[0]
    found = forecast_all([read])[0]
    finished = isinstance(found, curves.Forecast) and found.verdict == curves.Verdict.DONE
    if not isinstance(found, curves.Forecast) or not (finished or reported_since(read, intervention) >= FEWEST_SINCE):
        return fields | {"cannot": Cannot.SILENT}
    since = (as_of - intervention.started_on).days
    fields |= {
        "forecast": old.issued,
        "finished": finished,
        "old_p50": day_after(intervention.started_on, old.middle),
        "new_p50": found.finish(0.5),
    }
    try:
        told = calibration.effect(old.days, new_finish(found, since, intervention.started_on))
    except calibration.CannotTell:
        return fields | {"cannot": Cannot.NEVER}
    return fields | {"cannot": Cannot.TOLD, **{name: whole(getattr(told, name)) for name in ("days", "low", "high")}}


def with_effects(interventions: Sequence[Intervention]) -> Sequence[Intervention]:
    """The same, each with its effect as `judged`, None where it is not judged; one query."""
    found = {one.intervention_id: one for one in InterventionEffect.objects.filter(intervention__in=interventions)}
    for one in interventions:
        one.judged = found.get(one.pk)  # type: ignore[attr-defined]
    return interventions


def whole(days: float | None) -> int | None:
    return None if days is None else round(days)


def goals_of(intervention: Intervention) -> list[Goal]:
    """The goal that it is about, or the goals of its program that its factor gates."""
    goals = Goal.objects.select_related("team__program")
    if intervention.goal_id:
        return list(goals.filter(pk=intervention.goal_id))
    here = goals.filter(team__program=intervention.program_id, gates__factor=intervention.factor_id)
    return list(here.filter(archived_at__isnull=True).order_by("pk"))


def slowest(goals: Sequence[Goal], start: dt.date) -> tuple[Goal, OldCurve | None]:
    """The goal expected to finish last, with its old curve: what a factor gates is over with the last of it."""
    found = list(zip(goals, old_curves(goals, start), strict=True))
    with_curve = [pair for pair in found if pair[1] is not None]
    return max(with_curve, key=lambda pair: pair[1].middle, default=found[0])


def old_curves(goals: Sequence[Goal], start: dt.date) -> list[OldCurve | None]:
    """The forecast issued just before `start`; where there is none, made from what had been observed before it."""
    issued: dict[int, Forecast] = {}
    rows = Forecast.objects.filter(goal__in=goals, as_of__lt=start, as_of__gte=start - ISSUED_WITHIN)
    for row in rows.order_by("as_of", "pk"):
        issued[row.goal_id] = row
    missing = [goal for goal in goals if goal.pk not in issued]
    reads = read_series(missing, start - DAY) if missing else []
    made = {read.goal.pk: found for read, found in zip(reads, forecast_all(reads), strict=True)}
    return [_of_row(issued[g.pk], start) if g.pk in issued else _made(made[g.pk]) for g in goals]


def _of_row(row: Forecast, start: dt.date) -> OldCurve:
    days = [math.inf if day is None else day for day in row.finish_days]
    return OldCurve(_from(days, (start - row.as_of).days), row.verdict == curves.Verdict.DONE, row.engine, row)


def _made(found: curves.Forecast | curves.CannotForecast) -> OldCurve | None:
    if isinstance(found, curves.CannotForecast):
        return None
    days = _from(found.finish_days(PROBABILITIES), 1)
    return OldCurve(days, found.verdict == curves.Verdict.DONE, found.engine, None)


def _from(days: Sequence[float], start: int) -> tuple[float, ...]:
    """Days after the start, given that it was not finished by then."""
    return tuple(day - start for day in days if day > start) or (0.0,)


def reported_since(read: GoalSeries, intervention: Intervention) -> int:
    return sum(point.observed_on > intervention.started_on for point in read.points)


def new_finish(found: curves.Forecast, since: int, start: dt.date) -> list[float]:
    """Days after `start` at which it finishes: the day on which it did, or what is forecast `since` days on."""
    if found.verdict == curves.Verdict.DONE:
        day = found.finish(0.5)
        return [float((day - start).days)] if day else [0.0]
    return [day + since for day in found.finish_days(PROBABILITIES)]
