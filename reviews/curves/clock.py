"""Working time: the calendar without the days off. Days are proleptic ordinals (`date.toordinal`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

FIVE_YEARS = 1826  # calendar days; a finish later than this is "never"


@dataclass(frozen=True, slots=True)
class Clock:
    """Maps calendar days to working days; `off` holds disjoint ascending (first, last) ordinals, both included."""

    off: tuple[tuple[int, int], ...] = ()

    @classmethod
    def without(cls, periods: Iterable[tuple[date, date]]) -> "Clock":
        """A clock that stands still in `periods`; overlaps are merged, a period that ends before it starts is empty."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted((a.toordinal(), b.toordinal()) for a, b in periods):
            if last < first:
                continue
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def at(self, day: int) -> int:
        """Working days up to the end of `day`, counted from day 0."""
        return day - sum(min(day, last) - first + 1 for first, last in self.off if first <= day)

    def at_each(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """`at` for an array of days."""
        out = days.copy()
        for first, last in self.off:
            out -= np.clip(days - first + 1, 0, last - first + 1)
        return out

    def calendar(self, since: int, working: Sequence[float]) -> list[float]:
        """Calendar days after the end of `since` at which so many (>= 0) working days have passed; inf stays inf."""
        ahead = [(max(first, since + 1), last) for first, last in self.off if last > since]
        out = []
        for days in working:
            for first, last in ahead:
                if days <= first - since - 1:
                    break
                days += last - first + 1
            out.append(days)
        return out
