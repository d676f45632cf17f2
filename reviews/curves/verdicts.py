"""From probabilities to one word.

A word is said only where it can be trusted; between "will hardly shrink" and "will very likely shrink" the evidence is
too thin, and the word is *unknown*. On real goals a cut at one half is wrong in three to four cases of ten, these cuts
in two. Every chance is looked at three times, as each of the newest three points sees it, so that one lucky or unlucky
point is outvoted by its neighbours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .series import Verdict
from .tracks import Floats

AHEAD = 8  # weeks: how far a verdict looks ahead
STEP = 0.02  # of the goal's size: a smaller move of the gap is no move
GROWS = 0.6  # from here the gap is said to grow
STANDS = 0.29  # below here in every look, or
SURELY = 0.26  # below here in two of three, it is said not to shrink, after
QUIET = 4  # weeks without progress
LEVEL = 0.05  # of the size: a goal that has stayed within this, on
POINTS = 5  # points or more, stands unless it is likely to move
SHRINKS = 0.86  # from here it is said to shrink, by one look, if the other agrees
AGREES = 0.6  # at least so far: likely
DEADLINE = 0.25  # below this a deadline is unlikely
VOTES = 3  # newest points that are asked, each as it would have judged then

WORDS = (Verdict.CONVERGING, Verdict.SLOW, Verdict.STALLED, Verdict.DIVERGING, Verdict.UNKNOWN, Verdict.DONE)
CONVERGING, SLOW, STALLED, DIVERGING, UNKNOWN, DONE = range(len(WORDS))


@dataclass(frozen=True, slots=True)
class Chances:
    """(n,) what is judged by: probability that the gap shrinks, that it grows, of the deadline (NaN: none ahead); quiet
    weeks; 1 where the goal has never moved off its level."""

    shrink: Floats
    grow: Floats
    deadline: Floats
    quiet: Floats
    level: Floats

    def __iter__(self) -> Iterator[Floats]:
        return iter((self.shrink, self.grow, self.deadline, self.quiet, self.level))


def words(looks: Sequence[Chances], late: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Index into WORDS for n goals, from their VOTES looks, the newest first; `late` where the deadline has passed."""
    newest, middle = looks[0], vote(*looks)
    slow = late | (middle.deadline < DEADLINE)
    most, least = np.maximum(newest.shrink, middle.shrink), np.minimum(newest.shrink, middle.shrink)
    shrinks = (most >= SHRINKS) & (least >= AGREES)
    moving = np.where(shrinks, np.where(slow, SLOW, CONVERGING), UNKNOWN)
    still = (np.max([look.shrink for look in looks], axis=0) < STANDS) | (middle.shrink < SURELY)
    stands = (still & (middle.quiet >= QUIET)) | ((middle.level > 0) & (middle.shrink < AGREES))
    return np.where(middle.grow >= GROWS, DIVERGING, np.where(stands, STALLED, moving))


def vote(newest: Chances, *before: Chances) -> Chances:
    """The middle of three looks, chance by chance; a deadline that is not ahead now is not ahead."""
    shrink, grow, deadline, quiet, level = (_middle(*looks) for looks in zip(newest, *before, strict=True))
    return Chances(shrink, grow, np.where(np.isnan(newest.deadline), np.nan, deadline), quiet, level)


def _middle(a: Floats, b: Floats, c: Floats) -> Floats:
    return np.fmax(np.fmin(a, b), np.fmin(np.fmax(a, b), c))
