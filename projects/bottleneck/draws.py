"""Draws of how long each goal still takes, tied together by shared shocks.

A Gaussian copula with one factor per team and one for the program (Vasicek's one-factor model with a second level):
z = sqrt(p) P + sqrt(t) T[team] + sqrt(1 - p - t) E[goal]. A goal's draws are its own forecast's quantiles put in the
order of its z, so that its simulated distribution *is* its forecast, without sampling noise, whatever the seed (the
rank construction of Iman and Conover, Commun. Statist. B11(3), 1982).

Each shock has a stream of its own, seeded by its name: neither the order of the goals nor the presence of others
changes a goal's draws, so two versions of a program are compared on common random numbers.
"""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidNumberError
from .network import Network, lay_out
from .program import Goal, Program

Floats = NDArray[np.float64]
Ranks = NDArray[np.intp]

MIN_DRAWS = 100


def normals(draws: int, seed: int, kind: str, name: str) -> Floats:
    """`draws` standard normals from the stream of this name, shape (draws,)."""
    digest = hashlib.blake2b(f"{seed}\0{kind}\0{name}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(digest, "little"))).standard_normal(draws)


class Luck:
    """Orders that were drawn before, held by whoever simulates the same goals again and again.

    An order depends on names, shocks, draws and seed only, so what is held changes no number: it saves the drawing and
    the sorting, a third of the time of a ranking. most: rows held, the oldest go first; one of 2,000 draws takes 4 KB.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._rows: dict[tuple[Hashable, ...], NDArray[np.unsignedinteger]] = {}

    def recall(self, key: tuple[Hashable, ...]) -> NDArray[np.unsignedinteger] | None:
        return self._rows.get(key)

    def keep(self, key: tuple[Hashable, ...], row: Ranks) -> None:
        # Each step is one operation of the dict: threads may share it, and lose no more than a row each drew.
        self._rows[key] = row.astype(np.min_scalar_type(len(row)))
        while len(self._rows) > self.most:
            self._rows.pop(next(iter(self._rows)), None)

    def __len__(self) -> int:
        return len(self._rows)


def orders(network: Network, program: Program, draws: int, seed: int, luck: Luck | None = None) -> Ranks:
    """For each row the draws from its luckiest to its unluckiest, shape (rows, draws)."""
    if draws < MIN_DRAWS:
        raise InvalidNumberError(f"At least {MIN_DRAWS} draws are needed: {draws}.")
    if luck is None:
        return _fresh_orders(network.goals, program, draws, seed)
    out = np.empty((len(network.goals), draws), dtype=np.intp)
    shocks = (program.program_shock, program.team_shock, draws, seed)
    unknown = []
    for i, goal in enumerate(network.goals):
        row = luck.recall((*shocks, goal.team, goal.key))
        if row is None:
            unknown.append(i)
        else:
            out[i] = row
    if unknown:
        fresh = _fresh_orders([network.goals[i] for i in unknown], program, draws, seed)
        for i, row in zip(unknown, fresh, strict=True):
            out[i] = row
            luck.keep((*shocks, network.goals[i].team, network.goals[i].key), row)
    return out


def _fresh_orders(goals: Sequence[Goal], program: Program, draws: int, seed: int) -> Ranks:
    p, t = program.program_shock, program.team_shock
    own = np.sqrt(max(0.0, 1 - p - t))
    whole = np.sqrt(p) * normals(draws, seed, "program", "")
    teams: dict[str, Floats] = {}
    # Asked for in a piece six times the size, never touched: after it is freed, glibc keeps memory of that size for the
    # next program instead of giving it back page by page. Measured: 2,000 page faults and a fifth of the time less.
    z = np.empty((6, len(goals), draws))[0]
    for i, goal in enumerate(goals):
        # A goal of no team shares with nobody: its team is itself.
        team = f"team\0{goal.team}" if goal.team else f"alone\0{goal.key}"
        if team not in teams:
            teams[team] = whole + np.sqrt(t) * normals(draws, seed, "team", team)
        z[i] = teams[team]
        if own > 0:
            z[i] += own * normals(draws, seed, "goal", goal.key)
    return np.argsort(z, axis=1)


def spread(points: Floats, draws: int) -> Floats:
    """Quantiles at (k + 0.5) / n, shape (..., n), read at (r + 0.5) / draws, shape (..., draws).

    Linear between neighbours, flat beyond the outer ones. Infinity is never mixed with a number: each probability
    takes the side it is nearer to, so the chance of never is kept.
    """
    n = points.shape[-1]
    place = np.clip((np.arange(draws) + 0.5) / draws * n - 0.5, 0, n - 1)
    low = place.astype(np.intp)
    high = np.minimum(low + 1, n - 1)
    weight = place - low
    finite = np.isfinite(points)
    value = np.where(finite, points, 0.0)
    below = value[..., low]
    mixed: Floats = value[..., high]
    mixed -= below
    mixed *= weight
    mixed += below
    if finite.all():
        return mixed
    mixed = np.where(finite[..., low] & ~finite[..., high], below, mixed)
    return np.where(finite[..., np.where(weight < 0.5, low, high)], mixed, np.inf)


def sorted_days(finishes: Sequence[tuple[float, ...]], draws: int) -> Floats:
    """Each forecast as `draws` days in rising order, shape (len(finishes), draws). Negative days count as 0."""
    out = np.empty((len(finishes), draws))
    by_length: dict[int, list[int]] = {}
    for i, finish in enumerate(finishes):
        by_length.setdefault(len(finish), []).append(i)
    for rows in by_length.values():
        points = np.sort(np.maximum(np.array([finishes[i] for i in rows], dtype=float), 0.0), axis=1)
        out[rows] = spread(points, draws)
    return out


def in_order_of(order: Ranks, rising: Floats) -> Floats:
    """Put rising values into the draws that `order` names: both and the result of shape (rows, draws)."""
    out = np.empty_like(rising)
    np.put_along_axis(out, order, rising, axis=-1)
    return out


def work_days(network: Network, order: Ranks) -> Floats:
    """Remaining days of each row in each draw, shape (rows, draws); of a row that waits, the days after its wait."""
    draws = order.shape[1]
    rising = np.zeros(order.shape)
    level = (np.arange(draws) + 0.5) / draws
    forecast = [i for i in range(len(network.goals)) if i not in network.silent and not network.waits[i]]
    if forecast:
        finishes = [network.goals[i].finish for i in forecast]
        rising[forecast] = sorted_days([f for f in finishes if f is not None], draws)
    for i, goal in enumerate(network.goals):
        if network.waits[i] and i not in network.silent and goal.durations is not None:
            low, high = goal.durations
            rising[i] = low + (high - low) * level
    return in_order_of(order, rising)


@dataclass(frozen=True, eq=False)
class Drawn:
    """The goals of a program drawn once, for all that is asked about them. Arrays are (rows, draws)."""

    program: Program
    network: Network
    order: Ranks
    work: Floats
    seed: int

    @property
    def draws(self) -> int:
        return int(self.order.shape[1])


def draw(program: Program, *, draws: int = 2000, seed: int = 0, luck: Luck | None = None) -> Drawn:
    """Lay out and draw; `rank`, `joint_chance` and `joint_chain` take what it gives. Raises the errors of `lay_out`."""
    network = lay_out(program)
    order = orders(network, program, draws, seed, luck)
    return Drawn(program, network, order, work_days(network, order), seed)
