"""The straight line through a goal that has kept its pace, and how far it is believed.

Hardly any real goal keeps its pace: of thousands looked at, none came within a tenth of its way of a straight line over
six points or more. So the forests cannot know what follows then, and are too wide. A goal that does is believed to go
on: its line is mixed into what the forests say, by a weight that falls to nothing where real goals begin.

Weight, pace and scatter are read off the points before the newest, so that a better newest value only shortens the way
that is left, and never lowers the chance to be done.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .tracks import LEAST_GAP, Floats, Ints, Tracks

STRAY = 0.2  # of the way: a history that strays this far from its line is no line
STRAIGHT = 0.07  # and up to here it is one
TRUST = 0.9  # the most a line is believed
FEW, ENOUGH = 3, 9  # points: none of it up to, and all of it from
LEAST_WAY = 0.02  # of the largest past gap: who has not come so far has no pace
CHANGE = 0.1  # relative: the pace to come may differ by so much, one standard deviation
JITTER = 1e-3  # of the way: no line is straighter than this
NORMAL = 1.702  # a logistic this steep is a normal distribution to 0.01


@dataclass(frozen=True, slots=True)
class Lines:
    """n lines. trust: weight, 0 to TRUST. way: progress up to the last point but one, a share of the goal's size, below
    0 where it was lost. span: weeks it took. scatter: variance around the line, in ways. gap: what is left, as a share.
    """

    trust: Floats
    way: Floats
    span: Floats
    scatter: Floats
    gap: Floats

    def rows(self, at: Ints) -> Self:
        """Some of the lines."""
        return type(self)(*(getattr(self, name)[at] for name in self.__slots__))

    def columns(self) -> Self:
        """The same lines as columns, to be broadcast against a row."""
        return type(self)(*(getattr(self, name)[:, None] for name in self.__slots__))

    def middle(self, weeks: Floats | float) -> Floats:
        """Progress expected in so many weeks, in ways."""
        return np.sign(self.way) * (weeks / self.span)

    def spread(self, weeks: Floats | float) -> Floats:
        """Its standard deviation: scatter now, a random walk that scatters as much over the span, and pace unknown."""
        ahead = weeks / self.span
        out: Floats = JITTER + np.sqrt(self.scatter * (1 + 6 * ahead + 6 * ahead * ahead) + (CHANGE * ahead) ** 2)
        return out

    def at_least(self, progress: Floats | float, weeks: Floats | float) -> Floats:
        """Chance of so much progress, a share of the size, in so many weeks; broadcast against the n lines."""
        z = (self.middle(weeks) - progress / np.maximum(np.abs(self.way), LEAST_GAP)) / self.spread(weeks)
        out: Floats = 1 / (1 + np.exp(-np.clip(NORMAL * z, -40.0, 40.0)))
        return out


def lines(tracks: Tracks) -> Lines:
    """The line from the first point to the last but one of each goal.

    What rests on the past alone is rounded: the size that gaps are shares of may change with the newest value.
    """
    begin, days, gaps = tracks.begin, tracks.days, tracks.gaps
    first, last = begin[:-1], begin[1:] - 1
    before = np.maximum(last - 1, first)
    count = last - first
    each = np.repeat(np.arange(len(tracks)), count + 1)
    span = np.maximum((days[before] - days[first]) / 7, 1 / 7)
    way = gaps[first] - gaps[before]
    past = np.ones(len(gaps), np.bool_)
    past[last] = False
    moved = np.abs(way) > LEAST_WAY * np.maximum.reduceat(np.where(past, gaps, 0.0), first)
    off = (gaps[first][each] - gaps) / np.where(moved, way, 1.0)[each] - (days - days[first][each]) / 7 / span[each]
    off = np.where(past & moved[each], off, 0.0)
    stray = np.round(np.maximum.reduceat(np.abs(off), first), 6)
    silent = (tracks.now - days[last]) / 7 / (span / np.maximum(count - 1, 1))
    trust = TRUST * _ramp(STRAY, STRAIGHT, stray) * _ramp(FEW, ENOUGH, count) * _ramp(3.0, 1.5, silent)
    return Lines(
        trust=np.where(moved, trust, 0.0),
        way=way,
        span=span,
        scatter=np.round(np.add.reduceat(off * off, first) / np.maximum(count - 2, 1), 6),
        gap=np.maximum(gaps[last], LEAST_GAP),
    )


def _ramp(none: float, full: float, x: NDArray[Any]) -> Floats:
    """0 at `none` and beyond, 1 at `full` and beyond, straight between."""
    out: Floats = np.clip((x - none) / (full - none), 0.0, 1.0)
    return out


def mixed(knots: Floats, below: Floats, line: Lines, weeks: float) -> tuple[Floats, Floats]:
    """A distribution of progress (see Forecast) with one line mixed in: finer knots, and the probability up to each."""
    gap = line.gap[0]
    spread = abs(line.way[0]) * (line.middle(weeks) + line.spread(weeks) * np.linspace(-3, 3, 25))
    share = np.where(spread >= 0, spread / gap, spread)
    share = share[(share > -1) & (share < 1) & (share != 0)]
    finer = np.concatenate([knots, share])
    order = np.argsort(finer, kind="stable")
    forest = np.concatenate([below, np.interp(share, knots, below)])[order]
    finer = finer[order]
    straight = 1 - line.at_least(np.where(finer >= 0, finer * gap, finer), weeks)
    straight[-1] = 1.0
    trust = line.trust[0]
    out: Floats = np.maximum.accumulate((1 - trust) * forest + trust * straight)
    return finer, out
