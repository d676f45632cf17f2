"""From remaining work to finish dates, through the network; and who decided the date. Arrays are (rows, draws)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .draws import Floats
from .network import Network
from .program import HORIZON_DAYS

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class World:
    """One state of the program, simulated.

    work, finish: (rows, draws) days. ready: for each row the (draws,) days at which all it needs is finished, None
    where it needs nothing. total: (draws,) days until the last goal ends. decides: (rows, draws), whether the row's own
    remaining work lies on the longest path: only there can less of it change `total`.
    """

    network: Network
    work: Floats
    finish: Floats
    ready: list[Floats | None]
    total: Floats
    decides: Flags


def simulate(network: Network, work: Floats) -> World:
    """Run the network forward for the dates, then backward for who decides."""
    finish, ready = forward(network, work)
    total = np.zeros(work.shape[1])
    for i in network.ends:
        np.maximum(total, finish[i], out=total)
    return World(network, work, finish, ready, total, _decides(network, work, finish, ready, total))


def forward(network: Network, work: Floats) -> tuple[Floats, list[Floats | None]]:
    """When each row is finished, and when it could start (None: at once)."""
    finish = np.empty_like(work)
    ready: list[Floats | None] = []
    for i, waited in enumerate(network.preds):
        start = _latest(finish, waited)
        ready.append(start)
        finish[i] = _end(network.waits[i], start, work[i])
    return finish, ready


def _latest(finish: Floats, rows: tuple[int, ...]) -> Floats | None:
    if not rows:
        return None
    latest: Floats = finish[rows[0]]
    for r in rows[1:]:
        latest = np.maximum(latest, finish[r])
    return latest


def _end(waits: bool, start: Floats | None, work: Floats) -> Floats:
    if start is None:
        return work
    return start + work if waits else np.maximum(start, work)


def _decides(network: Network, work: Floats, finish: Floats, ready: list[Floats | None], total: Floats) -> Flags:
    # Equality is exact: every number compared was copied or chosen by max, never computed twice.
    decides = np.zeros(work.shape, dtype=bool)
    on_path = np.zeros(work.shape, dtype=bool)
    for i in network.ends:
        on_path[i] = finish[i] == total
    for i in range(len(network.goals) - 1, -1, -1):
        start = ready[i]
        if network.waits[i] or start is None:
            # A row whose start is never has not caused the never.
            decides[i] = on_path[i] & (work[i] > 0) & (True if start is None else np.isfinite(start))
        else:
            decides[i] = on_path[i] & (work[i] > 0) & (work[i] == finish[i])
        if start is not None:
            reached = start if network.waits[i] else finish[i]
            for p in network.preds[i]:
                on_path[p] |= on_path[i] & (finish[p] == reached)
    return decides


def without_each(world: World) -> Floats:
    """`total` with the work of each row gone, one row at a time, shape (rows, draws).

    All at once, from lengths of paths: a path that does without row i ends before i in the order, starts after it, or
    jumps over it along one edge; or it passes through i without its work. With `tail` the longest way from a row's end
    to the program's end, each of these is a maximum of sums already known.
    """
    network, work, finish = world.network, world.work, world.finish
    n = len(network.goals)
    tail = np.zeros_like(work)
    longest = np.zeros_like(work)
    after = np.zeros(work.shape[1])
    for i in range(n - 1, -1, -1):
        start = world.ready[i]
        np.maximum(longest[i], tail[i] if start is None else start + tail[i], out=longest[i])
        np.maximum(longest[i], after, out=longest[i])
        after = np.maximum(after, work[i] + tail[i])
        through = work[i] + tail[i] if network.waits[i] else tail[i]
        for p in network.preds[i]:
            np.maximum(tail[p], through, out=tail[p])
            if p + 1 < i:
                jumped = longest[p + 1 : i]
                np.maximum(jumped, finish[p] + through, out=jumped)
    before = np.zeros(work.shape[1])
    for i in range(n):
        np.maximum(longest[i], before, out=longest[i])
        before = np.maximum(before, finish[i])
    # The sums run in another order than in `forward` and may differ in the last bit: nothing may get longer by that,
    # nor change where the row does not decide.
    np.minimum(longest, world.total, out=longest)
    np.copyto(longest, world.total, where=~world.decides)
    return longest


def changed_total(world: World, changed: Mapping[int, Floats]) -> Floats:
    """`total` when the rows in `changed` have other work, of shape (draws,): runs them and those that come after."""
    network = world.network
    fresh: dict[int, Floats] = {}
    for i in sorted(set(changed).union(*(network.later[i] for i in changed))):
        start: Floats | None = None
        for p in network.preds[i]:
            end = fresh[p] if p in fresh else world.finish[p]
            start = end if start is None else np.maximum(start, end)
        fresh[i] = _end(network.waits[i], start, changed[i] if i in changed else world.work[i])
    total: Floats = world.finish[[i for i in network.ends if i not in fresh]].max(axis=0, initial=0.0)
    for i in network.ends:
        if i in fresh:
            np.maximum(total, fresh[i], out=total)
    return total


def decides_share(world: World, rows: Sequence[int]) -> float:
    """Share of the draws in which at least one of `rows` decides the date."""
    if len(rows) == 1:
        return float(np.count_nonzero(world.decides[rows[0]]) / world.decides.shape[1])
    return float(np.count_nonzero(np.logical_or.reduce(world.decides[list(rows)])) / world.decides.shape[1])


def order_statistic(days: Floats, p: float) -> Floats:
    """Along the last axis, the smallest value that at least a share `p` of the values does not exceed.

    Not interpolated, because infinity cannot be.
    """
    at = max(0, math.ceil(p * days.shape[-1] - 1e-9) - 1)
    found: Floats = np.partition(days, at, axis=-1)[..., at]
    return found


def quantile(days: Floats, p: float) -> float:
    """The `p` quantile of draws of shape (draws,); `math.inf` beyond five years."""
    value = float(order_statistic(days, p))
    return value if value <= HORIZON_DAYS else math.inf
