"""From probabilities to one word."""

import numpy as np
from numpy.typing import NDArray

from .series import Verdict

WEEKS = 8  # how far a verdict looks ahead
STEP = 0.02  # of the goal's size: a smaller move of the gap is no move
LIKELY = 0.5  # from here the gap is said to grow, or below here not to shrink
DEADLINE = 0.25  # below this a deadline is unlikely

WORDS = (Verdict.CONVERGING, Verdict.SLOW, Verdict.STALLED, Verdict.DIVERGING, Verdict.UNKNOWN, Verdict.DONE)
CONVERGING, SLOW, STALLED, DIVERGING, UNKNOWN, DONE = range(len(WORDS))

Floats = NDArray[np.float64]


def words(p_shrink: Floats, p_grow: Floats, p_deadline: Floats, late: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Index into WORDS. (n,) arrays: p_deadline is NaN where no deadline lies ahead, `late` where it has passed."""
    slow = late | (np.nan_to_num(p_deadline, nan=1.0) < DEADLINE)
    moving = np.where(slow, SLOW, CONVERGING)
    return np.where(p_grow >= LIKELY, DIVERGING, np.where(p_shrink < LIKELY, STALLED, moving))
