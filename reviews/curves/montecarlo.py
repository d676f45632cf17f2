"""Past weekly changes drawn again: the plain peer that every team can compute, with 'never' as an outcome."""

import numpy as np
from numpy.typing import NDArray

from .tracks import Tracks

Floats = NDArray[np.float64]

DRAWS, WEEKS, PAST = 256, 52, 104
FINISH_WEEKS = np.array([0, 1, 2, 4, 8, 13, 26, 52, 104, 261], np.float64)
VALUE_WEEKS = np.array([0, 1, 2, 4, 8, 13, 26, 52], np.float64)
_LOSS = [-2.0, -1.0, -0.5, -0.2, -0.1, -0.05, -0.02, -0.01, -0.001]
_GAIN = [0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.999]
KNOTS = np.array([*_LOSS, 0.0, 0.0, *_GAIN, 1.0, 1.0])
_PICK = np.random.Generator(np.random.PCG64(20)).random((DRAWS, WEEKS))


def simulate(tracks: Tracks) -> tuple[Floats, Floats]:
    """Cumulative hazard (n, len(FINISH_WEEKS)) and the share of draws at or below each knot (n, weeks, knots)."""
    n = len(tracks)
    hazard = np.zeros((n, len(FINISH_WEEKS)))
    below = np.zeros((n, len(VALUE_WEEKS), len(KNOTS)))
    at_zero = int(np.flatnonzero(KNOTS == 0)[1])
    below[:, 0, at_zero:] = 1.0
    for i in range(n):
        days = tracks.days[tracks.begin[i] : tracks.begin[i + 1]]
        gaps = tracks.gaps[tracks.begin[i] : tracks.begin[i + 1]]
        gap = max(float(gaps[-1]), 1e-12)
        weeks = min(max(int(tracks.now[i] - days[0]) // 7, 1), PAST)
        ends = tracks.now[i] - 7 * np.arange(weeks, -1, -1)
        steps = -np.diff(gaps[np.maximum(np.searchsorted(days, ends, "right") - 1, 0)])
        # Two quiet weeks and one of a tenth of what is left: what a goal with little history may do as well.
        steps = np.concatenate([steps, [0.0, 0.0, gap / 10]])
        paths = steps[(_PICK * len(steps)).astype(np.int64)].cumsum(axis=1)
        best = np.maximum.accumulate(paths, axis=1)
        done = ((best >= gap).sum(axis=0) + 0.2) / (DRAWS + 1.0)
        hazard[i, 1:-2] = -np.log1p(-done[FINISH_WEEKS[1:-2].astype(int) - 1])
        for v, w in enumerate(VALUE_WEEKS[1:].astype(int), start=1):
            finished = best[:, w - 1] >= gap
            moved = paths[:, w - 1]
            progress = np.where(
                finished, 1.0, np.where(moved >= 0, np.minimum(moved / gap, 0.9999), np.maximum(moved, -2.0))
            )
            ranked = np.sort(progress)
            below[i, v] = np.searchsorted(ranked, KNOTS, "right") / DRAWS
            below[i, v, at_zero - 1] = np.searchsorted(ranked, 0.0, "left") / DRAWS
            below[i, v, -2:] = np.searchsorted(ranked, 1.0, "left") / DRAWS, 1.0
    last = np.maximum(hazard[:, -3] - hazard[:, -4], 1e-3)
    hazard[:, -2] = hazard[:, -3] + last
    hazard[:, -1] = hazard[:, -2] + last
    return hazard, below
