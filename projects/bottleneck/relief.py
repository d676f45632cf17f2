"""What taking one thing away is worth: the same draws, once with it and once without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .draws import Floats, Ranks, in_order_of, sorted_days
from .finish import World, chance_by, changed_total, quantile
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
    """

    key: str
    kind: str
    criticality: float
    relief_days: float
    eased_days: float
    gain_in_p_deadline: float | None
    gain_in_p_done: float
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


def without(world: World, candidate: Candidate) -> Floats:
    """`total` with the candidate gone, shape (draws,)."""
    return _replayed(world, candidate.gone)


def _replayed(world: World, changed: Mapping[int, Floats]) -> Floats:
    cols = _draws_touched(world, changed)
    if not len(cols):
        return world.total
    total = world.total.copy()
    total[cols] = changed_total(world, changed, cols)
    return total


def _draws_touched(world: World, changed: Mapping[int, Floats]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    if not changed:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(world.decides[list(changed)].any(axis=0))


def capped_median(days: Floats) -> float:
    """The P50, five years where it is later or never."""
    return min(quantile(days, 0.5), HORIZON_DAYS)


def weigh(world: World, candidate: Candidate, deadline: float | None) -> tuple[Line, Floats]:
    """The candidate's line, and `total` with it gone, shape (draws,)."""
    gone = without(world, candidate)
    eased = _replayed(world, {i: world.work[i] * EASED for i in candidate.gone})
    now = capped_median(world.total)
    gain = None
    if deadline is not None:
        gain = chance_by(gone, deadline) - chance_by(world.total, deadline)
    touched = len(_draws_touched(world, candidate.gone))
    line = Line(
        key=candidate.key,
        kind=candidate.kind,
        criticality=touched / len(world.total),
        relief_days=max(0.0, now - capped_median(gone)),
        eased_days=max(0.0, now - capped_median(eased)),
        gain_in_p_deadline=gain,
        gain_in_p_done=chance_by(gone, HORIZON_DAYS) - chance_by(world.total, HORIZON_DAYS),
        name=candidate.name,
    )
    return line, gone


def by_worth(line: Line) -> tuple[float, float, float, float, str, str]:
    """Sort key, most worth first: relief; where equal what it adds to P(deadline), to P(five years); criticality.

    Rounded, so that sums that differ in the last bit only are a tie and the key decides the same way each time.
    """
    return (
        -round(line.relief_days, 6),
        -round(line.gain_in_p_deadline or 0.0, 9),
        -round(line.gain_in_p_done, 9),
        -round(line.criticality, 9),
        line.kind,
        line.key,
    )


def worth_anything(line: Line) -> bool:
    """Whether taking it away changes the program in any run."""
    return line.criticality > 0
