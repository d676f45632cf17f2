"""From remaining work to finish dates, through the network; and who decided the date. Arrays are (rows, draws)."""

from collections.abc import Mapping
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

    work, finish: (rows, draws) days; total: (draws,) days until the last goal ends; decides: (rows, draws), whether
    the row's own remaining work lies on the longest path. Shortening the work of a row changes `total` only in draws
    where it decides (where it does not, some longest path does without it): this is what makes relief cheap.
    """

    network: Network
    work: Floats
    finish: Floats
    total: Floats
    decides: Flags


def simulate(network: Network, work: Floats) -> World:
    """Run the network forward for the dates, then backward for who decides."""
    finish, ready = forward(network, work)
    total = _latest(finish, network.ends)
    if total is None:
        total = np.zeros(work.shape[1])
    return World(network, work, finish, total, _decides(network, work, finish, ready, total))


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


def changed_total(world: World, changed: Mapping[int, Floats], cols: NDArray[np.intp]) -> Floats:
    """`total` in the draws `cols` when the rows in `changed` have other work (each of shape (draws,)).

    Runs only the rows that come after a changed one.
    """
    network = world.network
    affected = sorted(set(changed).union(*(network.later[i] for i in changed)))
    fresh: dict[int, Floats] = {}
    for i in affected:
        work = (changed[i] if i in changed else world.work[i])[cols]
        start: Floats | None = None
        for p in network.preds[i]:
            f = fresh[p] if p in fresh else world.finish[p][cols]
            start = f if start is None else np.maximum(start, f)
        fresh[i] = _end(network.waits[i], start, work)
    total: Floats | None = None
    untouched = [i for i in network.ends if i not in fresh]
    if untouched:
        total = world.finish[np.array(untouched)[:, None], cols].max(axis=0)
    for i in network.ends:
        if i in fresh:
            total = fresh[i] if total is None else np.maximum(total, fresh[i])
    return np.zeros(len(cols)) if total is None else total


def quantile(days: Floats, p: float) -> float:
    """The smallest draw that at least a share `p` of the draws does not exceed; `math.inf` beyond five years.

    An order statistic, not interpolated, because infinity cannot be.
    """
    at = max(0, int(np.ceil(p * len(days) - 1e-9)) - 1)
    value = float(np.partition(days, at)[at])
    return value if value <= HORIZON_DAYS else float("inf")


def chance_by(days: Floats, by: float) -> float:
    """Share of draws that end by `by` days from now, and within five years."""
    return float(np.count_nonzero(days <= min(by, HORIZON_DAYS)) / len(days))
