"""What comes out: the distribution of the finish date and of future values, a verdict, and what replays it."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .clock import FIVE_YEARS, Clock
from .explain import Judged, explain
from .series import Reason, Series, Verdict
from .steady import Lines, mixed

Floats = NDArray[np.float64]

LEAST = 1e-4  # nothing that is not over is ever surer than this
LARGEST = 1.7976931348623157e308
TINIEST = 5e-324


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast of one goal. Days are `datetime.date`; a probability by a day counts that whole day.

    Time runs on the goal's working clock: days off change nothing. The hidden fields are the curves themselves:
    _weeks: (H,) working weeks ahead, from 0. _hazard: (H,) cumulative hazard of finishing, from 0, never falling.
    _value_weeks: (V,) working weeks ahead, from 0. _knots: (K,) progress, as a share of the gap (or, where negative, of
    the largest gap), with 0 and 1 standing twice. _below: (V, K) probability of progress at most that (at the first of
    the twins: less than that). _line: the straight line to mix in, None where there is none.
    """

    verdict: Verdict
    engine: str
    parameters: str
    as_of: date
    _series: Series = field(repr=False)
    _judged: Judged = field(repr=False)
    _clock: Clock = field(repr=False)
    _last: float = field(repr=False)
    _target: float = field(repr=False)
    _size: float = field(repr=False)
    _weeks: Floats = field(repr=False)
    _hazard: Floats = field(repr=False)
    _value_weeks: Floats = field(repr=False)
    _knots: Floats = field(repr=False)
    _below: Floats = field(repr=False)
    _line: Lines | None = field(default=None, repr=False)
    _done_on: date | None = field(default=None, repr=False)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why this verdict, in plain words with the numbers and the points that decided it."""
        return explain(self.verdict, self._judged, self._series)

    @property
    def p_never(self) -> float:
        """Probability that the goal is not reached within five years of `as_of`."""
        return 1.0 - self.p_done_by(self.as_of + timedelta(days=FIVE_YEARS))

    def p_done_by(self, day: date) -> float:
        """Probability that the target is reached on or before `day`: 0 up to `as_of`, then within (0, 1); 1 if done."""
        if self._done_on is not None:
            return 1.0 if day >= self._done_on else 0.0
        if day <= self.as_of:
            return 0.0
        p = -math.expm1(-float(np.interp(self._ahead(day), self._weeks, self._hazard)))
        return min(max(p, LEAST), 1.0 - LEAST)

    def finish(self, q: float) -> date | None:
        """First day by which the goal is done with probability q; None: not within five years. Raises ValueError."""
        (days,) = self.finish_days((q,))
        if self._done_on is not None:
            return self._done_on
        if math.isinf(days):
            return None
        day = self.as_of + timedelta(days=max(math.ceil(days), 1))
        while day > self.as_of + timedelta(days=1) and self.p_done_by(day - timedelta(days=1)) >= q:
            day -= timedelta(days=1)
        while self.p_done_by(day) < q:
            day += timedelta(days=1)
        return day if day <= self.as_of + timedelta(days=FIVE_YEARS) else None

    def finish_days(self, probabilities: Iterable[float]) -> tuple[float, ...]:
        """Calendar days left at each probability: 0 if done, inf where not within five years. Raises ValueError."""
        wanted = np.array(tuple(probabilities), np.float64)
        if not bool(((wanted >= 0) & (wanted <= 1)).all()):
            raise ValueError("a probability lies outside 0 to 1")
        if self._done_on is not None:
            return (0.0,) * len(wanted)
        most = self.p_done_by(self.as_of + timedelta(days=FIVE_YEARS))
        possible = wanted <= most
        hazard = -np.log1p(-np.where(possible, wanted, 0.0))
        working = 7.0 * np.interp(hazard, self._hazard, self._weeks)
        days = self._clock.calendar(self.as_of.toordinal(), working.tolist())
        return tuple(min(d, float(FIVE_YEARS)) if ok else math.inf for d, ok in zip(days, possible, strict=True))

    def value(self, day: date, q: float) -> float:
        """The q-quantile of the value on `day`, in the goal's unit; a goal that gets there stays. Raises ValueError."""
        if not 0 <= q <= 1:
            raise ValueError("a probability lies outside 0 to 1")
        if self._done_on is not None or day <= self.as_of:
            return self._last
        rises = self._target > self._last
        progress = _quantile(*self._distribution(day), q if rises else 1.0 - q)
        if progress >= 0:
            return self._last * (1.0 - progress) + self._target * progress
        moved = self._size * -progress
        return min(max(self._last - moved if rises else self._last + moved, -LARGEST), LARGEST)

    def percentile(self, day: date, value: float) -> float:
        """How good `value` on `day` is under this forecast: 0 worse than all expected, 1 better; ties in the middle."""
        if self._done_on is not None or day <= self.as_of:
            better = (value > self._last) == (self._series.direction == "up")
            return 0.5 if value == self._last else 0.999 if better else 0.001
        up = self._target > self._last
        ahead = (value >= self._last) if up else (value <= self._last)
        scale = abs(self._target / 2 - self._last / 2) if ahead else self._size / 2
        progress = abs(value / 2 - self._last / 2) / max(scale, TINIEST) * (1.0 if ahead else -1.0)
        low, high = _share_below(*self._distribution(day), min(progress, 1.0))
        return min(max((low + high) / 2, 0.001), 0.999)

    def _ahead(self, day: date) -> float:
        """Working weeks from `as_of` to the end of `day`."""
        today, then = self.as_of.toordinal(), day.toordinal()
        return (self._clock.at(then) - self._clock.at(today)) / 7 if self._clock.off else (then - today) / 7

    def _distribution(self, day: date) -> tuple[Floats, list[float]]:
        """Knots of progress, and the probability of progress up to each on `day`, never falling."""
        weeks = min(max(self._ahead(day), 0.0), float(self._value_weeks[-1]))
        at = min(max(bisect_left(self._value_weeks.tolist(), weeks), 1), len(self._value_weeks) - 1)
        before, after = float(self._value_weeks[at - 1]), float(self._value_weeks[at])
        part = (weeks - before) / (after - before)
        below = self._below[at - 1] * (1 - part) + self._below[at] * part
        knots, below = (self._knots, below) if self._line is None else mixed(self._knots, below, self._line, weeks)
        return knots, below.tolist()


def _quantile(knots: Floats, below: Sequence[float], q: float) -> float:
    """Smallest progress with at least q of the probability at or below it; masses stand at twin knots."""
    at = bisect_left(below, q)
    if at >= len(below):
        return float(knots[-1])
    if at == 0 or below[at] <= below[at - 1]:
        return float(knots[at])
    low, high = float(knots[at - 1]), float(knots[at])
    return low + (q - below[at - 1]) / (below[at] - below[at - 1]) * (high - low)


def _share_below(knots: Floats, below: Sequence[float], progress: float) -> tuple[float, float]:
    """Probability of less than, and of at most, this progress."""
    if progress < knots[0]:
        return 0.0, 0.0
    twins = np.flatnonzero(knots == progress)
    if len(twins):
        return below[int(twins[0])], below[int(twins[-1])]
    p = float(np.interp(progress, knots, below))
    return p, p
