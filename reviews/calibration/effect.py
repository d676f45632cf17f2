"""What an intervention brought, in days: the old curve carried on against what happened (M17).

Both are distributions of the finish. What is not known of the one is in part what is not known of the other: the work
that is left is the same work. So they are not set against each other draw by draw at random, but with luck in common,
by a Gaussian copula (Sklar 1959) whose correlation `SHARED` was set once: so that of real histories told faster or
slower from a day on, whose effect is known, the interval holds four in five (`bench/interventions.py`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHARED = 0.6
LOW, HIGH = 0.1, 0.9
FIVE_YEARS = 1826.0
STEPS = 50  # of what is not shared


class CannotTell(ValueError):
    """No honest effect can be given: `reason` says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Effect:
    """Days by which the finish is earlier; below 0, later. Between `low` and `high` with 80 %.

    None is beyond counting: one of the two curves does not finish within five years in so many of its outcomes. A
    `high` of None is earlier by who knows how much, a `low` of None later by as much, `days` of None one of the two.
    """

    days: float | None
    low: float | None
    high: float | None


def effect(old: Sequence[float], new: Sequence[float]) -> Effect:
    """The effect, from two finishes: days after one and the same day, each at equal steps of probability, ascending.

    inf is "not within five years"; where both may never finish, anything may be. What has finished is one number,
    [days]. Raises CannotTell where neither end can be given, ValueError for nothing.
    """
    if not old or not new:
        raise ValueError("a distribution needs at least one finish")
    before = np.repeat(np.asarray(old, np.float64), STEPS)
    after = np.asarray(new, np.float64)[_partners(len(old), len(new))]
    low = _quantile(_at_least(before) - after, LOW)
    high = _quantile(before - _at_least(after), HIGH)
    if low is None and high is None:
        raise CannotTell("Too many of the outcomes, before and since, do not finish within five years.")
    known = np.isfinite(before) | np.isfinite(after)
    gain = before[known] - after[known]
    return Effect(_quantile(gain, 0.5) if 2 * len(gain) > len(known) else None, low, high)


def _at_least(days: Floats) -> Floats:
    """What does not finish within five years takes at least as long."""
    return np.where(np.isinf(days), max(FIVE_YEARS, days[np.isfinite(days)].max(initial=0.0)), days)


def _partners(old: int, new: int) -> NDArray[np.int64]:
    """(old * STEPS,) which of `new` outcomes each of `old` outcomes meets, as often as the copula has it."""
    normal = NormalDist()
    own = [normal.inv_cdf((k + 0.5) / STEPS) * math.sqrt(1 - SHARED**2) for k in range(STEPS)]
    found = [
        min(int(normal.cdf(SHARED * normal.inv_cdf((k + 0.5) / old) + step) * new), new - 1)
        for k in range(old)
        for step in own
    ]
    return np.array(found)


def _quantile(values: Floats, q: float) -> float | None:
    """The q-quantile, None where it is not finite; no interpolation, so that infinity stays apart."""
    found = float(np.sort(values)[min(int(q * len(values)), len(values) - 1)])
    return found if math.isfinite(found) else None
