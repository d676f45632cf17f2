"""Reliability, Brier score and sharpness of probabilities that were stated and are judged.

Sources: Brier (1950), Verification of forecasts expressed in terms of probability; Murphy (1973) for the base rate's
score; Brocker and Smith (2007) for the band that a reliable forecast stays in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from .binomial import band

BINS = 10
FIVE_YEARS = 1826


@dataclass(frozen=True, slots=True)
class Bin:
    """Stated probabilities of one tenth. n: how many; goals: of how many things they spoke, at most n.

    said: their mean. came: how many came.
    """

    n: int
    goals: int
    said: float
    came: int

    @property
    def share(self) -> float:
        return self.came / self.n

    @property
    def band(self) -> tuple[float, float]:
        """Where the share lies 19 times in 20 if what was said is right.

        Forecasts of one goal in neighbouring weeks come or fail together, so it counts goals and not forecasts.
        """
        least, most = band(self.goals, Fraction(round(self.said * 1000), 1000))
        return least / self.goals, most / self.goals


@dataclass(frozen=True, slots=True)
class Score:
    """n forecasts of `goals` things. base: the share that came. brier: mean of (said - came)², 0 is perfect.

    base_brier: the score of who had said the base rate to all. sharpness: how far, in the root mean square, what was
    said lies from its own mean; 0 says the same to all.
    """

    n: int
    goals: int
    base: float
    brier: float
    base_brier: float
    sharpness: float
    bins: tuple[Bin, ...]


def score(bins: Sequence[Bin], *, goals: int, squares: float, squared: float) -> Score | None:
    """The score of what fell into `bins`; None where nothing did.

    squares: the sum of (said - came)². squared: the sum of said². goals: of how many things all of them spoke.
    """
    filled = tuple(one for one in bins if one.n)
    n = sum(one.n for one in filled)
    if not n:
        return None
    base = sum(one.came for one in filled) / n
    mean = sum(one.said * one.n for one in filled) / n
    spread = math.sqrt(max(squared / n - mean * mean, 0.0))
    return Score(n, goals, base, squares / n, base * (1 - base), spread, filled)


def chance_by(finish_days: Sequence[float | None], p_never: float | None, days: float) -> float | None:
    """The chance to be done within so many days that a stored forecast stated; None where it stated no finish.

    finish_days: days at the probabilities (k + 0.5) / n, ascending, None beyond five years. Between two it is read off
    the straight line, and from the last one to five years.
    """
    n = len(finish_days)
    if not n:
        return None
    never = p_never if p_never is not None else sum(day is None for day in finish_days) / n
    dated = [(day, (k + 0.5) / n) for k, day in enumerate(finish_days) if day is not None]
    knots = [(0.0, 0.0), *dated, (float(FIVE_YEARS), 1.0 - never)]
    for (a, p), (b, q) in pairwise(knots):
        if a <= days < b:
            return p + (max(q, p) - p) * (days - a) / (b - a)
    return 0.0 if days < 0 else 1.0 - never
