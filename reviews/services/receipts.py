"""The receipt of a forecast: replay it from the inputs as recorded when it was issued."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from projects.models import Event, Goal, Import, Revision
from projects.services.goals import direction_of
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
        return Replay(changes=changes or ("something that no record tells of",))
    found = forecast_all([read])[0]
    if isinstance(found, curves.CannotForecast):
        return Replay(identical=False, changes=changes)
    again = (str(found.verdict), finish_days(found), found.p_never, chance_of_deadline(read, found))
    said = (forecast.verdict, forecast.finish_days, forecast.p_never, forecast.p_deadline)
    return Replay(identical=again == said, changes=changes)


def newest_receipt(goal: Goal) -> Forecast | None:
    """The forecast that a goal's outlook shows; None where there is none.

    Where what was known became again what it was, such as by a release, it is the one that was issued then.
    """
    shown = goal.outlook.inputs_hash if hasattr(goal, "outlook") else ""
    other = Case(When(inputs_hash=shown, then=Value(0)), default=Value(1), output_field=IntegerField())
    return Forecast.objects.filter(goal=goal).order_by(other, "-as_of", "-pk").first()


def series_then(forecast: Forecast) -> GoalSeries:
    """The series as it was recorded when the forecast was issued, whatever was changed since."""
    goal = Goal.objects.select_related("team__program").get(pk=forecast.goal_id)
    known = Datapoint.objects.filter(goal=goal, pk__lte=forecast.newest_datapoint or 0, withdrawn=False)
    replaced = Q(superseded_by__isnull=False, superseded_by__pk__lte=forecast.newest_datapoint or 0)
    put_away = Q(pk__in=quarantined_then(goal, forecast.issued_at))
    undone = Q(source__undone_at__isnull=False, source__undone_at__lte=forecast.issued_at)
    points = (
        known.exclude(replaced)
        .exclude(put_away)
        .exclude(undone)
        .filter(observed_on__lte=forecast.as_of)
        .order_by("recorded_at", "pk")
    )
    revisions = list(goal.revisions.filter(pk__lte=forecast.newest_revision or 0))
    off = weeks_off_then(goal, forecast.issued_at)
    return make_series(goal_then(goal, revisions, forecast.issued_at), points, forecast.as_of, revisions, off=off)


def goal_then(goal: Goal, revisions: list[Revision], moment: dt.datetime) -> Goal:
    """The goal as its Revisions up to then and its edits since leave it; not to be saved."""
    edits = _edits(goal, moment)
    if edits:
        goal.start = dt.date.fromisoformat(edits.get("start", [goal.start.isoformat()])[0])
        goal.baseline = edits.get("baseline", [goal.baseline])[0]
    later = goal.revisions.exclude(pk__in=[revision.pk for revision in revisions]).order_by("on", "pk").first()
    if later:
        goal.target, goal.deadline = later.old_target, later.old_deadline
    if later or "baseline" in edits:
        goal.direction = direction_of(goal.baseline, goal.target)
    return goal


def _edits(goal: Goal, moment: dt.datetime) -> dict[str, list]:
    """{field: [value then, value after its first change since]} of what a goal's forecast rests on."""
    found: dict[str, list] = {}
    for event in Event.objects.filter(subject="goal", subject_id=goal.pk, verb="changed", at__gt=moment).order_by("pk"):
        for name in ("start", "baseline"):
            if name in event.changes:
                found.setdefault(name, event.changes[name])
    return found


def weeks_off_then(goal: Goal, moment: dt.datetime) -> list[tuple[dt.date, dt.date]]:
    """The weeks off as they stood: those of now, without what was added since, with what was removed since."""
    standing = [off.days for off in goal.team.weeks_off.all()]
    for added, days in reversed(_weeks_off_since(goal, moment)):
        if added and days in standing:
            standing.remove(days)
        elif not added:
            standing.append(days)
    return sorted(standing)


def quarantined_then(goal: Goal, moment: dt.datetime) -> set[int]:
    """Datapoints that were in quarantine then, also those that were released since."""
    mine = Datapoint.objects.filter(goal=goal)
    held = set(mine.filter(quarantined_at__lte=moment).values_list("pk", flat=True))
    told: dict[int, bool] = {}
    for pk, verb, at in _quarantines(goal).order_by("pk").values_list("subject_id", "verb", "at"):
        told.setdefault(pk, False)
        if at <= moment:
            told[pk] = verb == "quarantined"
    return held - told.keys() | {pk for pk, so in told.items() if so}


def _quarantines(goal: Goal) -> QuerySet[Event]:
    points = Datapoint.objects.filter(goal=goal).values("pk")
    return Event.objects.filter(subject="datapoint", subject_id__in=points, verb__in=["quarantined", "released"])


def _weeks_off_since(goal: Goal, moment: dt.datetime) -> list[tuple[bool, tuple[dt.date, dt.date]]]:
    """(added or else removed, (first day, last day)) in the order in which they were recorded."""
    rows = Event.objects.filter(subject="team", subject_id=goal.team_id, verb__startswith="weeks off", at__gt=moment)
    found = []
    for verb, changes in rows.order_by("pk").values_list("verb", "changes"):
        first, last = (dt.date.fromisoformat(day) for day in changes["days"])
        found.append((verb == "weeks off", (first, last)))
    return found


def changes_since(forecast: Forecast) -> list[str]:
    """What was recorded after the forecast and would change its inputs today."""
    since = Datapoint.objects.filter(goal=forecast.goal_id, pk__gt=forecast.newest_datapoint or 0)
    since = since.filter(observed_on__lte=forecast.as_of).select_related("supersedes")
    known = Datapoint.objects.filter(goal=forecast.goal_id, pk__lte=forecast.newest_datapoint or 0)
    then = quarantined_then(forecast.goal, forecast.issued_at)
    quarantined = known.filter(quarantined_at__isnull=False).exclude(pk__in=then)
    released = known.filter(quarantined_at=None, pk__in=then)
    undone = Import.objects.filter(
        pk__in=Datapoint.objects.filter(goal=forecast.goal_id).values("source"), undone_at__gt=forecast.issued_at
    )
    revised = Revision.objects.filter(
        goal=forecast.goal_id, pk__gt=forecast.newest_revision or 0, on__lte=forecast.as_of
    )
    edits = _edits(forecast.goal, forecast.issued_at)
    off = _weeks_off_since(forecast.goal, forecast.issued_at)
    return [
        *(f"corrected: {_named(point)}" for point in since.filter(supersedes__isnull=False)),
        *(f"late: {_named(point)}" for point in since.filter(supersedes__isnull=True)),
        *(f"quarantined: {_named(point)}" for point in quarantined),
        *(f"released from quarantine: {_named(point)}" for point in released),
        *(f"import undone: {source}" for source in undone),
        *(f"Revision {revision.pk} in force from {revision.on}" for revision in revised),
        *(f"weeks off {'added' if added else 'removed'}: {first} to {last}" for added, (first, last) in off),
        *(f"goal edited: {name} was {then}" for name, (then, _after) in edits.items()),
    ]


def _named(point: Datapoint) -> str:
    day: dt.date = point.observed_on
    return f"datapoint {point.pk} of {day}"
