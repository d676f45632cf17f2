"""What a goal's page draws: its points, its fan, its targets and deadlines, as values for `projects.charts`."""

import datetime as dt

from projects import charts
from projects.models import Goal, Revision
from projects.templatetags.look import chart_words
from projects.time import WEEK
from reviews import curves
from reviews.models import Datapoint
from reviews.series import GoalSeries, make_series
from reviews.services.forecasting import forecast_all

NEAREST, FARTHEST = 13 * WEEK, 104 * WEEK  # how far ahead the fan is drawn at least and at most
STEPS = 26
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def goal_pictures(goal: Goal, today: dt.date) -> dict:
    """Context of the goal page: every point with its state, the fan, the finish, and the chart specs."""
    everything = list(
        Datapoint.objects.filter(goal=goal)
        .select_related("engineer", "recorded_by", "superseded_by", "review", "source", "factor")
        .order_by("observed_on", "recorded_at", "pk")
    )
    standing = [point for point in everything if state_of(point) == "in force"]
    read = make_series(goal, standing, today)
    found = forecast_all([read])[0]
    forecast = found if isinstance(found, curves.Forecast) else None
    revisions = [revision for revision in goal.revisions.all() if revision.on <= today]
    points = [{"point": point, "state": state_of(point)} for point in everything]
    fan = fan_of(read, forecast, today) if forecast and forecast.verdict != "done" else []
    spec = None
    if everything:
        spec = charts.goal_fan(
            title=goal.name,
            unit=goal.unit,
            points=[drawn(point) for point in everything],
            targets=targets_of(goal, revisions, everything[0].observed_on),
            deadlines=deadlines_of(goal, revisions),
            fan=fan,
            today=today,
            start=goal.start if goal.start <= today else None,
            words=chart_words(),
        )
    return {"points": list(reversed(points)), "fan": fan, "spec": spec, "forecast": forecast}


def state_of(point: Datapoint) -> str:
    if point.withdrawn:
        return "withdrawn"
    if hasattr(point, "superseded_by"):
        return "superseded"
    return "quarantined" if point.quarantined_at else "in force"


def drawn(point: Datapoint) -> charts.Point:
    state = state_of(point)
    return charts.Point(
        day=point.observed_on,
        value=point.value,
        level=point.level,
        origin=point.get_origin_display(),
        engineer=point.engineer.name if point.engineer else "",
        memo=point.memo,
        state="superseded" if state == "withdrawn" else state,
    )


def fan_of(read: GoalSeries, forecast: curves.Forecast, today: dt.date) -> list[charts.Band]:
    """The value ahead, to somewhat beyond the P75 finish and the deadline."""
    ends = [day for day in (forecast.finish(0.75), read.series.deadline if read.series else None) if day]
    reach = min(max([today + NEAREST, *(day + 4 * WEEK for day in ends)]), today + FARTHEST)
    days = sorted({today + (reach - today) * k // STEPS for k in range(1, STEPS + 1)})
    last = read.points[-1].value
    bands = [charts.Band(today, last, last, last, last, last)]
    for day in days:
        values = sorted(forecast.value(day, q) for q in QUANTILES)
        bands.append(charts.Band(day, *values))
    return bands


def targets_of(goal: Goal, revisions: list[Revision], first: dt.date) -> list[charts.Target]:
    """The target as a staircase: what was in force at first, then each change."""
    moved = [revision for revision in revisions if revision.target_changed]
    before = moved[0].old_target if moved else goal.target
    begin = min(first, goal.start, *(revision.on for revision in moved)) if moved else min(first, goal.start)
    return [charts.Target(begin, before), *(charts.Target(revision.on, revision.new_target) for revision in moved)]


def deadlines_of(goal: Goal, revisions: list[Revision]) -> list[charts.Deadline]:
    """Former deadlines and the one that stands."""
    moved = [revision for revision in revisions if revision.deadline_changed]
    former: list[charts.Deadline] = []
    for before, revision in zip([None, *moved], moved, strict=False):
        if revision.old_deadline and revision.old_deadline != goal.deadline:
            former.append(
                charts.Deadline(revision.old_deadline, current=False, set_on=before.on if before else goal.start)
            )
    if goal.deadline:
        former.append(charts.Deadline(goal.deadline, set_on=moved[-1].on if moved else goal.start))
    return former
