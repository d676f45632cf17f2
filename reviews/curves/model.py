"""The fitted model: from features to the curves of a forecast."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .forests import Forest
from .parameters import Parameters
from .steady import Lines
from .tracks import Floats

FINISH_WEEKS = np.array([0, 1, 2, 4, 8, 13, 26, 52, 104, 156, 260], np.float64)
YEAR = 7  # where 52 weeks stand in FINISH_WEEKS
# Few histories reach beyond a year, and those that do are of the slowest sources. So the mean pace of the first year
# goes on half as fast, and half as fast again with each year: the cumulative hazard at 104, 156 and 260 weeks over that
# at 52. An assumption: nothing here could score it.
FADING = 1 + 0.5 * (1 - 0.5 ** (FINISH_WEEKS[YEAR + 1 :] / 52 - 1)) / np.log(2)
WEEKS = np.concatenate([np.arange(52.0), np.arange(52.0, 261.0, 4.0)])  # what a forecast carries
VALUE_WEEKS = np.array([0, 4, 8, 13, 26, 52], np.float64)
KNOTS = np.array([-1, -0.3, -0.1, -0.03, -0.01, 0, 0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1, 1], np.float64)
NO_CHANGE = 5  # first of the twin knots at 0
LEAST_P = 0.002  # a forest is never surer than this
MOST_P = 0.995


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The forests of one parameter file. Tables are features (len(NAMES), n)."""

    loose: Forest
    dated: Forest
    values: Forest
    verdict: Forest

    def hazard(self, table: Floats) -> Floats:
        """(n, len(FINISH_WEEKS)) cumulative hazard of finishing, from 0, never falling over the weeks.

        The mean of a forest that knows the deadline and one that does not.
        """
        p = np.clip((self.loose.sums(table) + self.dated.sums(table)) / 2, LEAST_P, MOST_P)
        out = np.zeros((len(p), len(FINISH_WEEKS)))
        out[:, 1 : YEAR + 1] = np.maximum.accumulate(-np.log1p(-p), axis=1)
        out[:, YEAR + 1 :] = out[:, YEAR, None] * FADING
        return out

    def below(self, table: Floats, hazard: Floats) -> Floats:
        """(n, len(VALUE_WEEKS), len(KNOTS)) probability of progress up to each knot; the last step is the finish."""
        n = table.shape[1]
        out = np.ones((n, len(VALUE_WEEKS), len(KNOTS)))
        out[:, 0, : NO_CHANGE + 1] = 0.0
        fitted = self.values.sums(table).reshape(n, len(VALUE_WEEKS) - 1, len(KNOTS) - 1)
        open_ = np.exp(-hazard[:, np.searchsorted(FINISH_WEEKS, VALUE_WEEKS[1:])])
        fitted[:, :, -1] = 1.0
        np.clip(np.maximum.accumulate(fitted, axis=2), 0.0, open_[:, :, None], out=out[:, 1:, :-1])
        return out

    def moves(self, table: Floats) -> tuple[Floats, Floats]:
        """(n,) probability that the gap shrinks, and that it grows, by 2 % of the size in 8 weeks."""
        p = np.clip(self.verdict.sums(table), 0.001, 0.999)
        return p[:, 0], np.minimum(p[:, 1], 1 - p[:, 0])


@lru_cache(maxsize=32)
def of(parameters: Parameters) -> Model:
    """The model of a parameter file. Raises KeyError or ValueError where it is not one."""
    forests = parameters.content["forests"]
    names = ("finish_loose", "finish_dated", "values", "verdict")
    return Model(*(Forest.of(forests[name]) for name in names))


def finer(hazard: Floats, line: Lines) -> Floats:
    """(n, len(WEEKS)) cumulative hazard with the lines mixed in, from that of the forests (n, len(FINISH_WEEKS))."""
    after = np.clip(np.searchsorted(FINISH_WEEKS, WEEKS), 1, len(FINISH_WEEKS) - 1)
    low, high = FINISH_WEEKS[after - 1], FINISH_WEEKS[after]
    part = (WEEKS - low) / (high - low)
    out: Floats = hazard[:, after - 1] * (1 - part) + hazard[:, after] * part
    straight = np.flatnonzero(line.trust > 0)
    if len(straight):
        some = line.rows(straight)
        trust, gap = some.trust[:, None], some.gap[:, None]
        reached = some.columns().at_least(gap, WEEKS)
        p = (1 - trust) * -np.expm1(-out[straight]) + trust * reached
        p[:, 0] = 0.0
        out[straight] = np.maximum.accumulate(-np.log1p(-p), axis=1)
    return out
