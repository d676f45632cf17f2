"""The polish gap (M8): one metric on one day, told at several levels. A property of the channel, never of a person."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from projects.models import Goal
from reviews.models import Datapoint
from reviews.series import NEAREST_FIRST, Point


@dataclass(frozen=True)
class Gap:
    """The values of one goal on one day, nearest the work first: the curve uses the first."""

    goal: Goal
    day: dt.date
    values: tuple[tuple[str, float], ...]  # (level, value)

    @property
    def named(self) -> list[tuple[str, float]]:
        return [(str(Datapoint.Level(level).label), value) for level, value in self.values]

    @property
    def width(self) -> float:
        """How much better the last one sounds than the first, in the goal's own unit; negative: worse."""
        return (self.values[-1][1] - self.values[0][1]) * (1 if self.goal.direction == "up" else -1)


def gap_of(goal: Goal, day: dt.date, points: Iterable[Point]) -> Gap | None:
    """Of one goal on one day, from its points in force as they were recorded."""
    levels = {point.level: point.value for point in points if point.observed_on == day}
    return _gap(goal, day, levels) if len(levels) > 1 else None


def _gap(goal: Goal, day: dt.date, levels: Mapping[str, float]) -> Gap:
    return Gap(goal, day, tuple((level, levels[level]) for level in NEAREST_FIRST if level in levels))


def polish_gaps(points: Iterable[Datapoint]) -> list[Gap]:
    """The goals that were told at more than one level on one day, from datapoints in force with their goals."""
    told: dict[tuple[Goal, dt.date], dict[str, Datapoint]] = {}
    for point in points:
        levels = told.setdefault((point.goal, point.observed_on), {})
        held = levels.get(point.level)
        if held is None or (held.recorded_at, held.pk) < (point.recorded_at, point.pk):
            levels[point.level] = point
    return [
        _gap(goal, day, {level: point.value for level, point in levels.items()})
        for (goal, day), levels in told.items()
        if len(levels) > 1
    ]
