"""Next week's hours, laid where they gain the most days of a program's P50."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

HOURS_SCALE = 4.0
"""Hours after which 63 % of what attention can gain is gained. An assumption, the same for every factor."""

STEP = 0.5
"""Hours are given in halves: nobody plans by the minute."""

LEAST_GAIN = 0.25
"""Days an hour below which an hour is not worth planning: it stays free."""


@dataclass(frozen=True)
class Need:
    """One limiting factor that hours could go to.

    relief_days: days of the program's P50 if it is gone. expected_days: what its manager expects of a week of attention
    instead, None where nothing is stated. Both at least 0 and finite. no_hours: why it gets none, such as that its
    program does well; "" where it may get some.
    """

    key: str
    relief_days: float
    expected_days: float | None = None
    no_hours: str = ""

    @property
    def worth_days(self) -> float:
        return self.relief_days if self.expected_days is None else self.expected_days


@dataclass(frozen=True)
class Line:
    """hours: what the need gets. days: what they gain. days_per_hour: of those hours; of the first half, were it given.

    assumed: whether the days rest on relief alone, and not on what a manager expects.
    """

    key: str
    hours: float
    days: float
    days_per_hour: float
    assumed: bool


@dataclass(frozen=True)
class Plan:
    """lines: needs that get hours, most days an hour first, then those that would have been next. skipped: (key, why).

    left: hours that no need is worth.
    """

    lines: tuple[Line, ...]
    skipped: tuple[tuple[str, str], ...]
    left: float


def days_gained(worth_days: float, hours: float) -> float:
    """worth x (1 - exp(-hours / 4)): each hour gains less than the one before. An assumption, and shown as such."""
    return worth_days * -math.expm1(-hours / HOURS_SCALE)


def plan(needs: Sequence[Need], hours: float) -> Plan:
    """Give `hours` in steps, each where it gains most; equal ones to the first of `needs`.

    Gains are concave, so step by step is as good as any other way (Fox 1966). Who does well gets nothing (M18).
    Raises ValueError for hours or days that are no numbers of at least 0, and for a key that comes twice.
    """
    _check(needs, hours)
    wanting = [need for need in needs if not need.no_hours]
    given = [0] * len(wanting)  # steps
    # A heap of (minus the gain of the next step, place).
    ahead = [(-_next_gain(need, 0), place) for place, need in enumerate(wanting)]
    heapq.heapify(ahead)
    steps = math.floor(hours / STEP + 1e-9)
    while steps and ahead and -ahead[0][0] >= LEAST_GAIN * STEP:
        _, place = ahead[0]
        given[place] += 1
        heapq.heapreplace(ahead, (-_next_gain(wanting[place], given[place]), place))
        steps -= 1
    lines = [_line(need, STEP * n) for need, n in zip(wanting, given, strict=True)]
    order = sorted(range(len(lines)), key=lambda i: (-(lines[i].hours > 0), -lines[i].days_per_hour, i))
    return Plan(
        lines=tuple(lines[i] for i in order),
        skipped=tuple((need.key, need.no_hours) for need in needs if need.no_hours),
        left=hours - STEP * sum(given),
    )


def _next_gain(need: Need, steps: int) -> float:
    return days_gained(need.worth_days, STEP * (steps + 1)) - days_gained(need.worth_days, STEP * steps)


def _line(need: Need, hours: float) -> Line:
    days = days_gained(need.worth_days, hours)
    per_hour = days / hours if hours else days_gained(need.worth_days, STEP) / STEP
    return Line(need.key, hours, days, per_hour, assumed=need.expected_days is None)


def _check(needs: Sequence[Need], hours: float) -> None:
    if not 0 <= hours < math.inf:
        raise ValueError(f"hours must be a number of at least 0: {hours}")
    for need in needs:
        if not 0 <= need.worth_days < math.inf:
            raise ValueError(f"the days of {need.key} must be a number of at least 0: {need.worth_days}")
    if len({need.key for need in needs}) < len(needs):
        raise ValueError("a key comes twice")
