"""From rows to the series that the curve reads: the values in force, the targets of the time, the weeks off."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Max

from projects.models import Goal, Revision
from reviews.curves import Series
from reviews.models import Datapoint
from reviews.points import PointRow

NEAREST_FIRST = [*Datapoint.Level.values]  # doer before lead before manager before relayed before unknown
NEARNESS = {level: n for n, level in enumerate(NEAREST_FIRST)}
SMALL_CURVE_POINTS = 60


class Point(NamedTuple):
    """What the curve needs of a datapoint: light, because a night reads hundreds of thousands."""

    pk: int
    goal_id: int
    observed_on: dt.date
    value: float
    level: str


AnyPoint = Point | PointRow | Datapoint


@dataclass(frozen=True)
class GoalSeries:
    """What was known of a goal on a day, with what is needed to say on what it rests."""

    goal: Goal
    basis: int  # the goal's data_version when this was read
    points: tuple[AnyPoint, ...]  # one a day, ascending
    series: Series | None  # None where there is no point at all
    newest_datapoint: int | None  # ids of the last rows recorded when this was read, in force or not
    newest_revision: int | None


def one_a_day(points: Iterable[AnyPoint]) -> list[AnyPoint]:
    """Of several points on one day the one nearest the work, then the latest: `points` come as they were recorded."""
    best: dict[dt.date, AnyPoint] = {}
    for point in points:
        held = best.get(point.observed_on)
        if held is None or NEARNESS[point.level] <= NEARNESS[held.level]:
            best[point.observed_on] = point
    return [best[day] for day in sorted(best)]


def read_series(goals: Sequence[Goal], today: dt.date) -> list[GoalSeries]:
    """The series of goals as they stand now; five queries however many goals.

    The goals are read again first: a write that comes after it makes `basis` old, never too new.
    """
    fresh = Goal.objects.filter(pk__in=[goal.pk for goal in goals]).select_related("team__program")
    found = list(fresh.prefetch_related("revisions", "team__weeks_off").order_by("pk"))
    points = _points_of(found, today)
    newest = dict(Datapoint.objects.filter(goal__in=points).values_list("goal").annotate(Max("pk")).order_by())
    return [make_series(goal, points[goal.pk], today, newest_datapoint=newest.get(goal.pk)) for goal in found]


@dataclass(frozen=True)
class Told:
    """All that the curve of one goal rests on, read at once, and what it says with a point more."""

    goal: Goal
    today: dt.date
    points: tuple[Point, ...]  # in force, as they were recorded
    revisions: tuple[Revision, ...]
    off: tuple[tuple[dt.date, dt.date], ...]

    def series(self, *more: Point) -> GoalSeries:
        """The ids of the newest rows are not known here: `more` is not saved yet."""
        return make_series(self.goal, [*self.points, *more], self.today, self.revisions, off=self.off)


def read_told(goal: Goal, today: dt.date) -> Told:
    """Of a goal that was itself just read: a write that comes after it makes its `data_version` old, never too new."""
    points = tuple(_points_of([goal], today)[goal.pk])
    off = tuple(off.days for off in goal.team.weeks_off.all())
    return Told(goal, today, points, tuple(goal.revisions.all()), off)


def _points_of(goals: Sequence[Goal], today: dt.date) -> dict[int, list[Point]]:
    """What is in force on `today`, as it was recorded."""
    points: dict[int, list[Point]] = {goal.pk: [] for goal in goals}
    rows = Datapoint.objects.in_force().filter(goal__in=points, observed_on__lte=today)
    for row in rows.order_by("recorded_at", "pk").values_list(*Point._fields):
        points[row[1]].append(Point._make(row))
    return points


def make_series(
    goal: Goal,
    points: Iterable[AnyPoint],
    today: dt.date,
    revisions: Sequence[Revision] | None = None,
    newest_datapoint: int | None = None,
    off: Sequence[tuple[dt.date, dt.date]] | None = None,
) -> GoalSeries:
    """What was known on `today`: `revisions` and days `off` are all those of the goal where none are given."""
    kept = one_a_day(points)
    revisions = list(goal.revisions.all()) if revisions is None else revisions
    past = [r for r in revisions if r.on <= today]
    ahead = next((r for r in revisions if r.on > today), None)
    series = None
    if kept:
        series = Series(
            dates=[point.observed_on for point in kept],
            values=[point.value for point in kept],
            target=ahead.old_target if ahead else goal.target,
            as_of=today,
            direction=goal.direction,
            start=goal.start if goal.start <= today else None,
            deadline=ahead.old_deadline if ahead else goal.deadline,
            off=tuple(off.days for off in goal.team.weeks_off.all()) if off is None else tuple(off),
            revisions=tuple((r.on, r.old_target, r.new_target) for r in past if r.target_changed),
        )
    return GoalSeries(
        goal=goal,
        basis=goal.data_version,
        points=tuple(kept),
        series=series,
        newest_datapoint=newest_datapoint,
        newest_revision=max((r.pk for r in revisions), default=None),
    )


def small_curve(points: Sequence[AnyPoint]) -> list[list]:
    """[[ISO day, value], ...] thinned evenly; the first and the last stay."""
    if len(points) > SMALL_CURVE_POINTS:
        step = (len(points) - 1) / (SMALL_CURVE_POINTS - 1)
        points = [points[round(k * step)] for k in range(SMALL_CURVE_POINTS)]
    return [[point.observed_on.isoformat(), point.value] for point in points]
