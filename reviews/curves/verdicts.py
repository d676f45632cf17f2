"""From probabilities to one word.

Said only where it can be trusted: between "will hardly shrink" and "will very likely shrink" the evidence is too thin,
and the word is *unknown*. On real goals a cut at one half is wrong in three cases of ten; with these cuts in two.
"""

import numpy as np
from numpy.typing import NDArray

from .series import Verdict
from .tracks import Floats

WEEKS = 8  # how far a verdict looks ahead
STEP = 0.02  # of the goal's size: a smaller move of the gap is no move
GROWS = 0.5  # from here the gap is said to grow
STANDS = 0.27  # below here it is said not to shrink
SHRINKS = 0.75  # from here it is said to shrink
DEADLINE = 0.25  # below this a deadline is unlikely
VOTES = 3  # newest points that are asked, each as it would have been judged then

WORDS = (Verdict.CONVERGING, Verdict.SLOW, Verdict.STALLED, Verdict.DIVERGING, Verdict.UNKNOWN, Verdict.DONE)
CONVERGING, SLOW, STALLED, DIVERGING, UNKNOWN, DONE = range(len(WORDS))


def words(p_shrink: Floats, p_grow: Floats, p_deadline: Floats, late: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Index into WORDS. (n,) arrays: p_deadline is NaN where no deadline lies ahead, `late` where it has passed."""
    slow = late | (np.nan_to_num(p_deadline, nan=1.0) < DEADLINE)
    moving = np.where(p_shrink >= SHRINKS, np.where(slow, SLOW, CONVERGING), UNKNOWN)
    return np.where(p_grow >= GROWS, DIVERGING, np.where(p_shrink < STANDS, STALLED, moving))


def middle(*votes: Floats) -> Floats:
    """Median of three: one lucky or unlucky point is outvoted by its neighbours."""
    a, b, c = votes
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
