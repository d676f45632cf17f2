"""How many of n should have come: the exact binomial band, in whole numbers (M14)."""

from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import comb

FEWEST = 6  # below that nothing can be said
HALF = Fraction(1, 2)
OUTSIDE = Fraction(1, 40)  # at most this chance on either side of the band


class Verdict(StrEnum):
    TOO_FEW = "too few"
    OPTIMISTIC = "optimistic"  # fewer came than chance explains: the dates were too early
    IN_ORDER = "in order"
    EASY = "easy"  # more came: the dates were too late


@lru_cache(maxsize=4096)
def band(n: int, chance: Fraction = HALF) -> tuple[int, int]:
    """Least and most of `n` that come in order, each with `chance`: outside lie at most 2.5 % on either side.

    Exact: no approximation and no rounding. Raises ValueError for a chance outside 0 to 1, or n below 0.
    """
    if n < 0 or not 0 <= chance <= 1:
        raise ValueError("n is at least 0, a chance lies in 0 to 1")
    return _least(n, chance), n - _least(n, 1 - chance)


def _least(n: int, chance: Fraction) -> int:
    """The smallest k with P(at most k) above `OUTSIDE`, in whole numbers over a common denominator."""
    yes, no = chance.numerator, chance.denominator - chance.numerator
    enough = OUTSIDE.numerator * chance.denominator**n
    so_far = 0
    for k in range(n):
        so_far += comb(n, k) * yes**k * no ** (n - k)
        if so_far * OUTSIDE.denominator > enough:
            return k
    return n


def judge(met: int, due: int) -> Verdict:
    """What so many met of so many P50 deadlines due say; of fewer than `FEWEST` nothing."""
    if due < FEWEST:
        return Verdict.TOO_FEW
    least, most = band(due)
    return Verdict.OPTIMISTIC if met < least else Verdict.EASY if met > most else Verdict.IN_ORDER
