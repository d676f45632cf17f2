"""What taking one thing away is worth: the same draws, once with it and once without."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .draws import Floats, Ranks, in_order_of, sorted_days
from .finish import World, changed_total, decides_share, order_statistic, quantile, without_each
from .network import gated_rows
from .program import ASSUMED_SPEEDUP, EASED, HORIZON_DAYS, Factor


@dataclass(frozen=True)
class Line:
    """One goal or factor in the ranking.

    criticality: share of runs in which it decides the date (a goal: its own remaining work is on the longest path; a
        factor: that of any goal it gates).
    relief_days: days the program's P50 moves if it is gone: a difference of medians, each capped at five years.
    eased_days: the same where the remaining time is 10 % shorter.
    gain_in_p_deadline: what gone adds to the chance of the deadline; None where there is no deadline.
    gain_in_p_done: what gone adds to the chance to finish within five years.
    urgency: days of the program's P50 gained per day that it falls earlier: eased_days over the days that 10 % are of
        its own P50. About 1 where it alone holds the date. Of a factor the days are those of the slowest goal it
        gates, so one that gates several in a row may exceed 1.
    p50: days until a goal is done, its waits included, `math.inf` beyond five years; None for a factor.
    """

    key: str
    kind: str
    criticality: float
    relief_days: float
    eased_days: float
    gain_in_p_deadline: float | None
    gain_in_p_done: float
    urgency: float = 0.0
    p50: float | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A goal or a factor, and the work of the rows it touches when it is gone: row -> (draws,) days.

    assumed, measured: how many of a factor's rows use the stated speed-up, and how many a measured pace.
    """

    key: str
    kind: str
    name: str
    gone: Mapping[int, Floats]
    assumed: int = 0
    measured: int = 0


def goal_candidates(world: World) -> list[Candidate]:
    """A goal that is gone is finished today: its own remaining work is 0.

    What it needs, it still needs: otherwise a day's work in the middle of a chain would be worth the whole chain
    before it, and relief would not add up along a series.
    """
    nothing = np.zeros(world.work.shape[1])
    return [
        Candidate(goal.key, "goal", goal.name, {i: nothing})
        for i, goal in enumerate(world.network.goals)
        if i not in world.network.silent
    ]


def factor_candidates(world: World, factors: Sequence[Factor], order: Ranks) -> list[Candidate]:
    """A factor that is gone lets the goals it gates run at their pace without it, never slower than they do."""
    out = []
    for factor in factors:
        gone: dict[int, Floats] = {}
        measured = 0
        paces = dict(factor.unblocked)
        for i in gated_rows(world.network, factor):
            goal = world.network.goals[i]
            pace = paces.get(goal.key, goal.unblocked)
            if pace is not None and not world.network.waits[i]:
                free = in_order_of(order[i : i + 1], sorted_days([pace], order.shape[1]))[0]
                gone[i] = np.minimum(world.work[i], free)
                measured += 1
            else:
                gone[i] = world.work[i] / ASSUMED_SPEEDUP
        out.append(Candidate(factor.key, "factor", factor.name, gone, len(gone) - measured, measured))
    return out


@dataclass(frozen=True)
class Standing:
    """How a simulated program stands: its P50, capped at five years, and its chances."""

    median: float
    p_deadline: float | None
    p_done: float


def standings(totals: Floats, deadline: float | None) -> list[Standing]:
    """How the program stands in each of several simulations, shape (simulations, draws)."""
    draws = totals.shape[1]
    medians = np.minimum(order_statistic(totals, 0.5), HORIZON_DAYS).tolist()
    done = (np.count_nonzero(totals <= HORIZON_DAYS, axis=1) / draws).tolist()
    if deadline is None:
        return [Standing(m, None, d) for m, d in zip(medians, done, strict=True)]
    by = (np.count_nonzero(totals <= min(deadline, HORIZON_DAYS), axis=1) / draws).tolist()
    return [Standing(m, p, d) for m, p, d in zip(medians, by, done, strict=True)]


@dataclass(frozen=True, eq=False)
class Trial:
    """The program without one candidate. total: (draws,) days."""

    candidate: Candidate
    criticality: float
    total: Floats
    then: Standing


def trials(world: World, candidates: Sequence[Candidate], deadline: float | None) -> tuple[Standing, list[Trial]]:
    """How the program stands, and each candidate taken away once, the one worth most first."""
    criticality = [decides_share(world, list(c.gone)) for c in candidates]
    each = without_each(world)
    totals = np.empty((len(candidates) + 1, len(world.total)))
    totals[-1] = world.total
    for i, candidate in enumerate(candidates):
        if not criticality[i]:
            totals[i] = world.total
        elif candidate.kind == "goal":
            totals[i] = each[next(iter(candidate.gone))]
        else:
            totals[i] = changed_total(world, candidate.gone)
    *then, now = standings(totals, deadline)
    made = [Trial(*parts) for parts in zip(candidates, criticality, totals, then, strict=False)]
    return now, sorted(made, key=by_worth)


def by_worth(trial: Trial) -> tuple[float, float, float, float, str, str]:
    """Sort key, worth most first: earliest P50 without it; where equal P(deadline), P(five years), criticality.

    Rounded, so that sums that differ in the last bit only are a tie and the key decides the same way each time.
    """
    return (
        round(trial.then.median, 6),
        -round(trial.then.p_deadline or 0.0, 9),
        -round(trial.then.p_done, 9),
        -round(trial.criticality, 9),
        trial.candidate.kind,
        trial.candidate.key,
    )


def as_lines(world: World, now: Standing, tried: Sequence[Trial]) -> tuple[Line, ...]:
    """What is said about the candidate of each trial; eases each as well."""
    rows = sorted({i for trial in tried for i in trial.candidate.gone})
    done = dict(zip(rows, order_statistic(world.finish[rows], 0.5).tolist(), strict=True))
    own = dict(zip(rows, order_statistic(world.work[rows], 0.5).tolist(), strict=True))
    eased = _eased_medians(world, now, tried)
    out = []
    for trial, median in zip(tried, eased, strict=True):
        then, gone, is_goal = trial.then, trial.candidate.gone, trial.candidate.kind == "goal"
        earlier = (1 - EASED) * min(max((own[i] for i in gone), default=0.0), HORIZON_DAYS)
        p50 = max((done[i] for i in gone), default=0.0)
        line = Line(
            key=trial.candidate.key,
            kind=trial.candidate.kind,
            criticality=trial.criticality,
            relief_days=now.median - then.median,
            eased_days=now.median - median,
            gain_in_p_deadline=None if then.p_deadline is None else then.p_deadline - (now.p_deadline or 0.0),
            gain_in_p_done=then.p_done - now.p_done,
            urgency=(now.median - median) / earlier if earlier > 0 else 0.0,
            p50=None if not is_goal else p50 if p50 <= HORIZON_DAYS else math.inf,
            name=trial.candidate.name,
        )
        out.append(line)
    return tuple(out)


def _eased_medians(world: World, now: Standing, tried: Sequence[Trial]) -> list[float]:
    # Eased lies between with and without: where those are equal there is nothing to compute.
    worth = [i for i, trial in enumerate(tried) if trial.then.median < now.median]
    medians = [now.median] * len(tried)
    totals = np.empty((len(worth), len(world.total)))
    for at, i in enumerate(worth):
        totals[at] = _eased(world, tried[i])
    for i, eased in zip(worth, order_statistic(totals, 0.5).tolist(), strict=True):
        medians[i] = min(eased, HORIZON_DAYS)
    return medians


def _eased(world: World, trial: Trial) -> Floats:
    gone = trial.candidate.gone
    if trial.candidate.kind != "goal":
        # Easing a factor is worth no more than taking it away, also where its measured pace is less than 10 % better.
        return changed_total(world, {i: np.maximum(world.work[i] * EASED, days) for i, days in gone.items()})
    # Where a goal decides, the longest path holds its work once and shrinks with it, until a path without it is
    # longer; that one is no longer than `trial.total`. Elsewhere `trial.total` is `world.total`. A tenth of never
    # saves nothing.
    (row,) = gone
    saved: Floats = (1 - EASED) * world.work[row]
    saved[saved == np.inf] = 0.0
    return np.maximum(trial.total, world.total - saved)


def share_to_lose(world: World, leading: Trial, rival: Candidate) -> float | None:
    """The share of the leader's remaining time that must go before the rival is worth more, to a 64th; None if never.

    The leader's lead over a goal only shrinks as its work does, so bisection finds the one place where it ends.
    """

    leader = leading.candidate

    def rival_leads(kept: float) -> bool:
        mine = leading.then.median
        if leader.kind != "goal":
            mine = _median(changed_total(world, {i: kept * days for i, days in leader.gone.items()}))
        left = {i: kept * world.work[i] for i in leader.gone}
        return _median(changed_total(world, left | dict(rival.gone))) < mine - 1e-6

    below, above = 1 / 64, 1.0
    if not rival_leads(below):
        return None
    for _ in range(6):
        middle = (below + above) / 2
        below, above = (middle, above) if rival_leads(middle) else (below, middle)
    return 1 - below


def _median(total: Floats) -> float:
    return min(quantile(total, 0.5), HORIZON_DAYS)
