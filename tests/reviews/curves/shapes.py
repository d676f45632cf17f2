"""Series that the tests share: plain shapes, one value a week."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from reviews.curves import Series

MONDAY = date(2026, 1, 5)


def week(k: float) -> date:
    return MONDAY + timedelta(days=round(7 * k))


def weekly(values: Sequence[float], target: float = 100.0, direction: str = "up", **more: Any) -> Series:
    """One value a week from MONDAY on, forecast on the day of the last unless `as_of` says otherwise."""
    more.setdefault("as_of", week(len(values) - 1))
    return Series([week(k) for k in range(len(values))], list(values), target, direction=direction, **more)


CLIMB = weekly([float(v) for v in range(10, 91, 8)])
FLAT = weekly([40.0] * 12)
FALL = weekly([60, 57, 55, 52, 50, 47, 45, 42, 40, 37, 35])
STAIRS = weekly([0, 0, 0, 20, 20, 20, 20, 45, 45, 44, 44, 44, 60, 60])
RUNAWAY = weekly(
    [10.0 + 2 * k for k in range(12)],
    target=210.0,
    revisions=[(week(k), 100.0 + 10 * (k - 1), 100.0 + 10 * k) for k in range(1, 12)],
)
ALL = {"climb": CLIMB, "flat": FLAT, "fall": FALL, "stairs": STAIRS, "runaway": RUNAWAY}
