"""How late the dates of one person turned out to be (M20): a median with its exact interval, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, inf

from .binomial import FEWEST


@dataclass(frozen=True, slots=True)
class Lateness:
    """Days from a stated date to the finish, below 0 early. open: not finished yet, so at least so many."""

    days: int
    open: bool = False


@dataclass(frozen=True, slots=True)
class Bias:
    """Of n dates due, `met` were. The middle one was `median` days late, `low` to `high` with 80 % or more.

    None is a number that nobody knows yet: so many are not finished. at_least: the median is no
    less than this, and those may raise it.
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

    What is not finished yet is at least as late as it is by now, and may never be: the median and each end of the
    interval are taken where that makes them least sure. The interval is that of order statistics (David and Nagaraja
    2003, 7.1), exact whatever the distribution.
    """
    n = len(dates)
    if n < FEWEST:
        return None
    least = sorted(one.days for one in dates)
    most = sorted(inf if one.open else one.days for one in dates)
    reach, middle = _reach(n), ((n - 1) // 2, n // 2)
    high = most[n - 1 - reach]
    return Bias(
        n=n,
        met=sum(not one.open and one.days <= 0 for one in dates),
        median=sum(least[at] for at in middle) / 2,
        low=least[reach],
        high=None if high == inf else high,
        at_least=any(least[at] != most[at] for at in middle),
    )


def _reach(n: int) -> int:
    """How many dates lie outside at either end of the interval: the most that leave 80 % between (n at least 4)."""
    reach, outside = 0, 1
    while 10 * (outside + comb(n, reach + 1)) <= 2**n:
        reach += 1
        outside += comb(n, reach)
    return reach
