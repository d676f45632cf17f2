"""The futures of all supplies, drawn, and what can be read off them. Arrays are (supplies, days, draws)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .draws import Floats
from .finish import order_statistic
from .program import EASED, HORIZON_DAYS
from .supply import Supply, Throughput

STEP_DAYS = HORIZON_DAYS / 60
"""About a month. Dates between are read off straight lines between the logarithms, exact for steady growth."""


MOST = 1e300
"""Logarithms are taken of outputs between 1 / MOST and MOST, so that no difference of two is NaN."""


@dataclass(frozen=True)
class Band:
    """Three quantiles over `ThroughputRanking.days`, in units of output."""

    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]


@dataclass(frozen=True)
class SupplyLine:
    """One supply in the ranking.

    binds: chance that nothing allows less, over `ThroughputRanking.days` (ties bind together); binds_now: today.
    allows: the output that it alone would allow.
    relief_output: what the P50 of today's output gains if it is gone, `math.inf` where nothing else limits.
    eased_output: the same with its need 10 % lower.
    relief_days: days the P50 of reaching the target moves if it is gone, capped at five years; None without a target.
    gain_in_p_deadline: what gone adds to the chance of the target by the deadline; None where either is not set.
    """

    key: str
    binds_now: float
    binds: tuple[float, ...]
    allows: Band
    relief_output: float
    eased_output: float
    relief_days: float | None
    gain_in_p_deadline: float | None
    name: str = ""


@dataclass(frozen=True)
class Crossing:
    """From a date on, `then` allows less than `first`, which allows less today (by their P50).

    chance: that it happens within five years. p10, p50, p90: days from now over all runs, 0 where it is so already,
    `math.inf` where not within five years.
    """

    first: str
    then: str
    chance: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Successor:
    """What takes over from the supply that binds today, as supplies grow.

    chance: share of the runs in which the one binds today and this is the first to take over within five years, among
    those in which it binds today. p10, p50, p90: days from now, over the runs in which this takes over.
    """

    key: str
    chance: float
    p10: float
    p50: float
    p90: float
    name: str = ""


@dataclass(frozen=True)
class Era:
    """From the day `start` to the day `end` this supply is the likeliest to bind; `chance`: at the least likely."""

    key: str
    start: float
    end: float
    chance: float
    name: str = ""


@dataclass(frozen=True, eq=False)
class Flow:
    """supplies: those with a known capacity. days: (days,), from 0. allowed: (supplies, days, draws), the output that
    each alone would allow; logs: their logarithms, finite. output: (days, draws), the least of them. reached: (draws,),
    days until the target, None without one."""

    program: Throughput
    supplies: tuple[Supply, ...]
    days: Floats
    allowed: Floats
    logs: Floats
    output: Floats
    reached: Floats | None


def flow(program: Throughput, supplies: Sequence[Supply], days: Floats, allowed: Floats) -> Flow:
    logs = np.log(np.clip(allowed, 1 / MOST, MOST))
    reached = None
    if program.target is not None:
        reached = first_day(days, math.log(program.target) - logs.min(axis=0))
    return Flow(program, tuple(supplies), days, allowed, logs, allowed.min(axis=0), reached)


def less(made: Flow, at: int) -> Flow:
    """The same draws were the supply at this place no limit; there must be another."""
    rest = [i for i in range(len(made.supplies)) if i != at]
    return flow(made.program, [made.supplies[i] for i in rest], made.days, made.allowed[rest])


def most_worth(made: Flow) -> int:
    """The place of the supply whose going adds most to the P50 of today's output; where equal the likeliest to bind."""
    today = made.allowed[:, 0]
    worth = []
    for i in range(len(today)):
        gone = _median(np.delete(today, i, axis=0).min(axis=0, initial=np.inf))
        worth.append((float(f"{gone:.9g}"), np.count_nonzero(today[i] <= made.output[0]), -i))
    return -max(worth)[2]


def first_day(days: Floats, gap: Floats) -> Floats:
    """The first day on which `gap`, shape (days, draws), is 0 or less; infinity where never. Shape (draws,)."""
    closed = gap <= 0
    at = closed.argmax(axis=0)
    before = np.maximum(at - 1, 0)
    draw = np.arange(gap.shape[1])
    high, low = gap[before, draw], gap[at, draw]
    crossed = (at > 0) & closed[at, draw]
    part = np.divide(high, high - low, out=np.zeros_like(high), where=crossed)
    day = days[before] + (days[at] - days[before]) * part
    return np.where(closed[at, draw], day, np.inf)


def band(values: Floats) -> Band:
    """P10, P50 and P90 along the draws of (days, draws)."""
    return Band(*(tuple(order_statistic(values, p).tolist()) for p in (0.1, 0.5, 0.9)))


def line(made: Flow, at: int) -> SupplyLine:
    """All that is said about the supply at this place."""
    program, supply = made.program, made.supplies[at]
    mine = made.allowed[at]
    rest = np.delete(made.allowed[:, 0], at, axis=0).min(axis=0, initial=np.inf)
    binds = np.count_nonzero(mine <= made.output, axis=1) / mine.shape[1]
    now = _median(made.output[0])
    relief_days = gain = None
    if made.reached is not None and program.target is not None:
        others = np.delete(made.logs, at, axis=0).min(axis=0, initial=math.log(MOST))
        sooner = first_day(made.days, math.log(program.target) - others)
        relief_days = min(_median(made.reached), HORIZON_DAYS) - min(_median(sooner), HORIZON_DAYS)
        if program.deadline is not None:
            gain = _share_by(sooner, program.deadline) - _share_by(made.reached, program.deadline)
    eased = np.minimum(supply.beyond + (mine[0] - supply.beyond) / EASED, rest)
    return SupplyLine(
        key=supply.key,
        binds_now=float(binds[0]),
        binds=tuple(binds.tolist()),
        allows=band(mine),
        relief_output=_median(rest) - now,
        eased_output=_median(eased) - now,
        relief_days=relief_days,
        gain_in_p_deadline=gain,
        name=supply.name,
    )


def p_target(made: Flow) -> float | None:
    """The chance to reach the target by the deadline."""
    if made.reached is None or made.program.deadline is None:
        return None
    return _share_by(made.reached, made.program.deadline)


def crossings(made: Flow) -> tuple[Crossing, ...]:
    """Every pair of supplies whose order can change within five years, the likeliest first."""
    logs = made.logs
    today = [(_median(made.allowed[i, 0]), s.key, i) for i, s in enumerate(made.supplies)]
    out = []
    for n, (_, first, i) in enumerate(sorted(today)):
        for _, then, j in sorted(today)[n + 1 :]:
            day = first_day(made.days, logs[j] - logs[i])
            chance = _share_by(day, HORIZON_DAYS)
            if chance > 0:
                out.append(Crossing(first, then, chance, *(float(order_statistic(day, p)) for p in (0.1, 0.5, 0.9))))
    return tuple(sorted(out, key=lambda c: (-c.chance, c.p50, c.first, c.then)))


def successors(made: Flow, at: int) -> tuple[Successor, ...]:
    """What takes over from the supply at this place, likeliest first."""
    mine = made.allowed[at]
    binding = mine[0] <= made.output[0]
    if len(made.supplies) < 2 or not binding.any():
        return ()
    others = np.delete(made.logs, at, axis=0)[:, :, binding]
    names = [s for i, s in enumerate(made.supplies) if i != at]
    gap = others.min(axis=0) - made.logs[at][:, binding]
    # At a tie today both bind; the other takes over where it falls below.
    gap[0] = np.where(gap[0] == 0, np.finfo(float).tiny, gap[0])
    day = first_day(made.days, gap)
    after = np.searchsorted(made.days, np.where(np.isfinite(day), day, 0.0))
    who = others.argmin(axis=0)[np.minimum(after, len(made.days) - 1), np.arange(len(day))]
    out = []
    for i, supply in enumerate(names):
        when = day[(who == i) & np.isfinite(day)]
        if len(when):
            p10, p50, p90 = (float(order_statistic(when, p)) for p in (0.1, 0.5, 0.9))
            out.append(Successor(supply.key, len(when) / len(day), p10, p50, p90, supply.name))
    return tuple(sorted(out, key=lambda s: (-s.chance, s.key)))


def eras(made: Flow) -> tuple[Era, ...]:
    """Who is likeliest to bind, from today to five years on."""
    binds = np.count_nonzero(made.allowed <= made.output, axis=2) / made.allowed.shape[2]
    likeliest = binds.argmax(axis=0)
    out: list[Era] = []
    start = 0
    for t in range(1, len(made.days) + 1):
        if t == len(made.days) or likeliest[t] != likeliest[start]:
            supply = made.supplies[likeliest[start]]
            chance = float(binds[likeliest[start], start:t].min())
            begin = float(made.days[start] + made.days[max(start - 1, 0)]) / 2
            end = float(made.days[t - 1] + made.days[min(t, len(made.days) - 1)]) / 2
            out.append(Era(supply.key, begin, end, chance, supply.name))
            start = t
    return tuple(out)


def _median(values: Floats) -> float:
    return float(order_statistic(values, 0.5))


def _share_by(days: Floats, by: float) -> float:
    return float(np.count_nonzero(days <= min(by, HORIZON_DAYS)) / len(days))
