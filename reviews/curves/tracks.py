"""From series to arrays: every goal as the history of its gap to the target, as a share of the largest gap so far."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from .clock import Clock
from .series import CannotForecast, Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEEDED = 3  # distinct days with a value
LEAST_GAP = 1e-12  # of the size; a smaller gap counts as this much
LARGEST_OVERSHOOT = 2.0  # of the size; past values further beyond the target count as this far
EVERY_DAY = Clock()


@dataclass(frozen=True, slots=True)
class Tracks:
    """n goals that can be forecast or are done, as flat arrays; row i owns begin[i]:begin[i + 1] of days and gaps.

    index: (n,) position in the batch. days: working day of each event. gaps: gap after it over the size (<= 1).
    now: (n,) working day of the forecast. sign: (n,) +1 up, -1 down. last, target, size: (n,) in the goal's unit.
    start, deadline: (n,) working days since the start and to the deadline, NaN where there is none.
    done: (n,) the last value meets the target.
    """

    index: Ints
    begin: Ints
    days: Ints
    gaps: Floats
    now: Ints
    sign: Floats
    last: Floats
    target: Floats
    size: Floats
    start: Floats
    deadline: Floats
    done: NDArray[np.bool_]
    clocks: tuple[Clock, ...]

    def __len__(self) -> int:
        return len(self.index)


def _events(series: Series) -> tuple[Sequence[date], Sequence[float], Sequence[float]]:
    """Days, values and targets in force, a change of target being an event of its own."""
    if not series.revisions:
        return series.dates, series.values, (series.target,) * len(series.dates)
    changes = [r for r in sorted(series.revisions, key=lambda r: r[0]) if r[0] <= series.as_of]
    days = sorted({*series.dates, *(d for d, _, _ in changes if d >= series.dates[0])})
    value_of = dict(zip(series.dates, series.values, strict=True))
    values: list[float] = []
    targets: list[float] = []
    for day in days:
        values.append(value_of.get(day, values[-1] if values else 0.0))
        targets.append(_target_on(day, changes, series.target))
    if changes and targets[-1] != series.target:
        targets[-1] = series.target  # the target stated on the day of the forecast wins
    return days, values, targets


def _target_on(day: date, changes: Sequence[tuple[date, float, float]], now: float) -> float:
    past = [new for when, _, new in changes if when <= day]
    return past[-1] if past else changes[0][1] if changes else now


def refuse(series: Series) -> CannotForecast | None:
    """Why this series cannot be turned into a track, or None where it can."""
    n = len(series.dates)
    if n != len(series.values):
        return CannotForecast(f"{n} dates but {len(series.values)} values", "give one value for each date")
    if series.direction not in ("up", "down"):
        return CannotForecast(f"direction {series.direction!r} is neither up nor down", "say up or down")
    try:
        numbers = [*series.values, series.target, *(x for _, a, b in series.revisions for x in (a, b))]
        if not all(map(math.isfinite, numbers)):
            return CannotForecast("a value or target is not a finite number", "correct or quarantine it")
        days = [d.toordinal() for d in series.dates]
        if isinstance(series.as_of, datetime):
            return CannotForecast("the day of the forecast is a date and time", "give a date")
        if any(a > b for a, b in pairwise(days)):
            return CannotForecast("dates are not in order", "sort the points by date")
        if n and days[-1] > series.as_of.toordinal():
            return CannotForecast("the last point lies after the day of the forecast", "leave out later points")
        Clock.without(series.off)
    except (TypeError, AttributeError, OverflowError):
        return CannotForecast("a value or date is missing or not of its kind", "correct or quarantine it")
    if n and (series.values[-1] >= series.target if series.direction == "up" else series.values[-1] <= series.target):
        return None
    distinct = len(set(days))
    if distinct < NEEDED:
        short = NEEDED - distinct
        have = f"only {distinct} of {NEEDED} days with a value" if distinct else "no value yet"
        return CannotForecast(have, f"{short} more {'day' if short == 1 else 'days'} with a value")
    return None


def build(batch: Sequence[Series]) -> Tracks:
    """Tracks of a batch; a series that `refuse` names is left out."""
    try:
        return _build(batch, range(len(batch)), checked=False)
    except (_Suspect, TypeError, ValueError, AttributeError, OverflowError, IndexError):
        rows = [i for i, s in enumerate(batch) if refuse(s) is None]
        return _build([batch[i] for i in rows], rows, checked=True)


class _Suspect(Exception):
    """Something in the batch must be refused: look at each series."""


def _build(batch: Sequence[Series], rows: Iterable[int], checked: bool) -> Tracks:
    n = len(batch)
    events = [_events(s) if s.revisions else (s.dates, s.values, None) for s in batch]
    count = np.fromiter((len(e[0]) for e in events), np.int64, n)
    if not checked and n and (count.min() < NEEDED or any(len(s.dates) != len(s.values) for s in batch)):
        raise _Suspect
    total = int(count.sum())
    begin = np.zeros(n + 1, np.int64)
    np.cumsum(count, out=begin[1:])
    days = np.fromiter(map(date.toordinal, chain.from_iterable(e[0] for e in events)), np.int64, total)
    values = np.fromiter(chain.from_iterable(e[1] for e in events), np.float64, total)
    last_target = np.fromiter((s.target for s in batch), np.float64, n)
    targets = np.repeat(last_target, count)
    for i, (_, _, own) in enumerate(events):
        if own is not None:
            targets[begin[i] : begin[i + 1]] = own
    today = np.fromiter((s.as_of.toordinal() for s in batch), np.int64, n)
    up = np.fromiter((s.direction == "up" for s in batch), np.bool_, n)

    follows = np.ones(total, np.bool_)  # the next event belongs to the same goal
    follows[begin[1:] - 1] = False
    same_day = np.zeros(total, np.bool_)
    same_day[:-1] = follows[:-1] & (days[1:] == days[:-1])
    sign = np.where(up, 1.0, -1.0)
    done = np.where(up, values[begin[1:] - 1] >= last_target, values[begin[1:] - 1] <= last_target)
    distinct = np.add.reduceat((~same_day).astype(np.int64), begin[:-1]) if n else count
    if not checked and n:
        bad = (
            not (np.isfinite(values).all() and np.isfinite(targets).all() and np.isfinite(last_target).all())
            or bool((follows[:-1] & (days[1:] < days[:-1])).any())
            or bool((days[begin[1:] - 1] > today).any())
            or bool((~done & (distinct < NEEDED)).any())
            or not all(s.direction in ("up", "down") for s in batch)
            or any(s.revisions or isinstance(s.as_of, datetime) for s in batch)
        )
        if bad:
            raise _Suspect

    keep = ~same_day
    days, values, targets = days[keep], values[keep], targets[keep]
    begin = np.concatenate([np.zeros(1, np.int64), np.cumsum(distinct)])
    gaps, size = _gaps(values, targets, sign, begin, distinct)
    clocks = tuple(Clock.without(s.off) if s.off else EVERY_DAY for s in batch)
    start = np.fromiter((math.nan if s.start is None else s.start.toordinal() for s in batch), np.float64, n)
    deadline = np.fromiter((math.nan if s.deadline is None else s.deadline.toordinal() for s in batch), np.float64, n)
    now = today.copy()
    for i, clock in enumerate(clocks):
        if clock.off:
            days[begin[i] : begin[i + 1]] = clock.at_each(days[begin[i] : begin[i + 1]])
            now[i] = clock.at(int(today[i]))
            if not math.isnan(start[i]):
                start[i] = clock.at(int(start[i]))
            if not math.isnan(deadline[i]):
                deadline[i] = clock.at(int(deadline[i]))
    return Tracks(
        index=np.fromiter(rows, np.int64, n),
        begin=begin,
        days=days,
        gaps=gaps,
        now=now,
        sign=sign,
        last=values[begin[1:] - 1],
        target=last_target,
        size=size,
        start=now - start,
        deadline=deadline - now,
        done=done,
        clocks=clocks,
    )


def _gaps(values: Floats, targets: Floats, sign: Floats, begin: Ints, count: Ints) -> tuple[Floats, Floats]:
    """Gaps over the size, and the size. Scaled by a power of two first, which is exact, so that 1e300 does no harm."""
    if not len(count):
        return values, np.zeros(0)
    largest = np.maximum.reduceat(np.maximum(np.abs(values), np.abs(targets)), begin[:-1])
    exponent = np.frexp(largest)[1]
    each = np.repeat(-exponent, count)
    with np.errstate(under="ignore", over="ignore"):
        raw = np.repeat(sign, count) * (np.ldexp(targets, each) - np.ldexp(values, each))
        size = np.maximum.reduceat(raw, begin[:-1])
        size = np.where(size > 0, size, 1.0)
        # Rounding makes what follows the same to the bit in any unit: 3 x 0.1 is not 0.3.
        gaps = np.round(np.clip(raw / np.repeat(size, count), -LARGEST_OVERSHOOT, 1.0), 12) + 0.0
        return gaps, np.minimum(np.ldexp(size, exponent), np.finfo(np.float64).max)


def earlier(tracks: Tracks, points: int) -> Tracks:
    """The same goals without their newest `points` events, after as long a silence as now.

    A goal that would have fewer than NEEDED events keeps all of them.
    """
    first, last = tracks.begin[:-1], tracks.begin[1:] - 1
    dropped = np.where(last - first + 1 >= NEEDED + points, points, 0)
    ends = last - dropped
    count = ends - first + 1
    begin = np.zeros_like(tracks.begin)
    np.cumsum(count, out=begin[1:])
    at = np.arange(begin[-1]) + np.repeat(first - begin[:-1], count)
    days, gaps = tracks.days[at], tracks.gaps[at]
    if len(count):
        largest = np.maximum.reduceat(gaps, begin[:-1])
        largest = np.where(largest > 0, largest, 1.0)
        gaps = np.round(np.clip(gaps / np.repeat(largest, count), -LARGEST_OVERSHOOT, 1.0), 12) + 0.0
    back = tracks.days[last] - tracks.days[ends]
    return replace(
        tracks,
        begin=begin,
        days=days,
        gaps=gaps,
        now=tracks.now - back,
        start=tracks.start - back,
        deadline=tracks.deadline + back,
    )
