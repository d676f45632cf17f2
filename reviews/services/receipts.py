"""The receipt of a forecast: replay it from the inputs as recorded when it was issued."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from projects.models import Goal, Revision
from reviews import curves
from reviews.curves.parameters import shipped
from reviews.models import Datapoint, Forecast
from reviews.series import GoalSeries, make_series
from reviews.services.forecasting import chance_of_deadline, finish_days, forecast_all


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    needs: the engine and parameters that issued it, where they are not the ones that run. identical: whether the same
    inputs give the same answer again; None where they could not be put together. changes: what was recorded since.
    """

    needs: str = ""
    identical: bool | None = None
    changes: tuple[str, ...] = ()


def replay(forecast: Forecast) -> Replay:
    """Forecast again what `forecast` forecast; reads only."""
    changes = tuple(changes_since(forecast))
    ours = (curves.ENGINE_VERSION, shipped().hash)
    if (forecast.engine, forecast.parameters) != ours:
        return Replay(needs=f"engine {forecast.engine}, parameters {forecast.parameters}", changes=changes)
    read = series_then(forecast)
    if read.series is None or curves.inputs_hash(read.series) != forecast.inputs_hash:
        return Replay(changes=changes or ("goal, start or weeks off edited",))
    found = forecast_all([read])[0]
    if isinstance(found, curves.CannotForecast):
        return Replay(identical=False, changes=changes)
    again = (str(found.verdict), finish_days(found), found.p_never, chance_of_deadline(read, found))
    said = (forecast.verdict, forecast.finish_days, forecast.p_never, forecast.p_deadline)
    return Replay(identical=again == said, changes=changes)


def series_then(forecast: Forecast) -> GoalSeries:
    """The series as it was recorded when the forecast was issued, whatever was changed since."""
    goal = Goal.objects.select_related("team__program").prefetch_related("team__weeks_off").get(pk=forecast.goal_id)
    known = Datapoint.objects.filter(goal=goal, pk__lte=forecast.newest_datapoint or 0, withdrawn=False)
    replaced = Q(superseded_by__isnull=False, superseded_by__pk__lte=forecast.newest_datapoint or 0)
    put_away = Q(quarantined_at__isnull=False, quarantined_at__lte=forecast.issued_at)
    points = (
        known.exclude(replaced).exclude(put_away).filter(observed_on__lte=forecast.as_of).order_by("recorded_at", "pk")
    )
    revisions = list(goal.revisions.filter(pk__lte=forecast.newest_revision or 0))
    return make_series(goal_then(goal, revisions), points, forecast.as_of, revisions)


def goal_then(goal: Goal, revisions: list[Revision]) -> Goal:
    """The goal with the target and deadline that its Revisions up to then left it with; not to be saved."""
    later = goal.revisions.exclude(pk__in=[revision.pk for revision in revisions]).order_by("on", "pk").first()
    if later:
        goal.target, goal.deadline = later.old_target, later.old_deadline
    return goal


def changes_since(forecast: Forecast) -> list[str]:
    """What was recorded after the forecast and would change its inputs today."""
    since = Datapoint.objects.filter(goal=forecast.goal_id, pk__gt=forecast.newest_datapoint or 0)
    since = since.filter(observed_on__lte=forecast.as_of)
    quarantined = Datapoint.objects.filter(
        goal=forecast.goal_id, pk__lte=forecast.newest_datapoint or 0, quarantined_at__gt=forecast.issued_at
    )
    revised = Revision.objects.filter(
        goal=forecast.goal_id, pk__gt=forecast.newest_revision or 0, on__lte=forecast.as_of
    )
    return [
        *(f"corrected: {_named(point)}" for point in since.filter(supersedes__isnull=False)),
        *(f"late: {_named(point)}" for point in since.filter(supersedes__isnull=True)),
        *(f"quarantined: {_named(point)}" for point in quarantined),
        *(f"Revision {revision.pk} in force from {revision.on}" for revision in revised),
    ]


def _named(point: Datapoint) -> str:
    day: dt.date = point.observed_on
    return f"datapoint {point.pk} of {day}"
