"""How late the dates of one person turned out to be (M20): a median with its exact interval, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from .binomial import FEWEST


@dataclass(frozen=True, slots=True)
class Lateness:
    """Days from a stated date to the finish, below 0 early. open: not finished yet, so at least so many."""

    days: int
    open: bool = False


@dataclass(frozen=True, slots=True)
class Bias:
    """Of n dates due, `met` were. The middle one was `median` days late, `low` to `high` with 80 % or more.

    None is a number that nobody knows yet: so many are not finished. at_least: the median is one of those.
    """

    n: int
    met: int
    median: float
    low: float
    high: float | None
    at_least: bool

    @property
    def early(self) -> float:
        return -self.median


def bias(dates: Sequence[Lateness]) -> Bias | None:
    """The bias of one owner's dates; None where fewer than `FEWEST` fell due.

    What is not finished counts as later than all that is, so the median stands as soon as half of them are finished.
    The interval is that of order statistics (David and Nagaraja 2003, 7.1), exact whatever the distribution.
    """
    n = len(dates)
    if n < FEWEST:
        return None
    ordered = sorted(dates, key=lambda one: (one.open, one.days))
    reach = _reach(n)
    middle = ordered[(n - 1) // 2], ordered[n // 2]
    low, high = ordered[reach], ordered[n - 1 - reach]
    return Bias(
        n=n,
        met=sum(not one.open and one.days <= 0 for one in dates),
        median=(middle[0].days + middle[1].days) / 2,
        low=low.days,
        high=None if high.open else high.days,
        at_least=middle[0].open or middle[1].open,
    )


def _reach(n: int) -> int:
    """How many dates lie outside at either end of the interval: the most that leave 80 % between (n at least 4)."""
    reach, outside = 0, 1
    while 10 * (outside + comb(n, reach + 1)) <= 2**n:
        reach += 1
        outside += comb(n, reach)
    return reach
