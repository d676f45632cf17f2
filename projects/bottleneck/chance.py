"""The chance that goals are all done in time: the one function for a team as for a program."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from .draws import Drawn, Floats, draw
from .errors import InvalidNumberError, NoForecastError, UnknownGoalError
from .finish import forward
from .miracles import Chain, Lever, chain_of
from .network import Network
from .program import HORIZON_DAYS, PROGRAM_SHOCK, TEAM_SHOCK, Goal, Program

ByDays = float | Mapping[str, float]


def joint_chance(
    goals: Sequence[Goal],
    by_days: ByDays,
    *,
    of: Collection[str] | None = None,
    team_shock: float = TEAM_SHOCK,
    program_shock: float = PROGRAM_SHOCK,
    draws: int = 2000,
    seed: int = 0,
) -> float:
    """The chance that the goals `of` (all where None) are all done by `by_days`.

    goals: all goals of the program, so that waits across teams count; `of` picks those of a team.
    by_days: days from now, one number for all or one for each key asked about.

    Drawn with the shared shocks, through the network: never a product of the goals' own chances. On the same draws
    and seed it equals the `p_deadline` of `rank`. Goals without a forecast are left out: an upper bound then.

    Raises NoForecastError where none of the open goals asked about has a forecast, and the errors of `lay_out`.
    """
    program = Program(goals=tuple(goals), team_shock=team_shock, program_shock=program_shock)
    return chance_drawn(draw(program, draws=draws, seed=seed), by_days, of=of)


def chance_drawn(drawn: Drawn, by_days: ByDays, *, of: Collection[str] | None = None) -> float:
    """`joint_chance` of goals that are drawn already."""
    rows, limits = _asked(drawn, by_days, of)
    return _share_in_time(drawn.network, drawn.work, rows, limits)


def joint_chain(
    goals: Sequence[Goal],
    by_days: ByDays,
    *,
    of: Collection[str] | None = None,
    team_shock: float = TEAM_SHOCK,
    program_shock: float = PROGRAM_SHOCK,
    draws: int = 2000,
    seed: int = 0,
) -> Chain:
    """`joint_chance` as a chain of miracles: what it would be with each goal finished today, best lever first."""
    program = Program(goals=tuple(goals), team_shock=team_shock, program_shock=program_shock)
    return chain_drawn(draw(program, draws=draws, seed=seed), by_days, of=of)


def chain_drawn(drawn: Drawn, by_days: ByDays, *, of: Collection[str] | None = None) -> Chain:
    """`joint_chain` of goals that are drawn already."""
    network, work = drawn.network, drawn.work
    rows, limits = _asked(drawn, by_days, of)
    joint = _share_in_time(network, work, rows, limits)
    finish = forward(network, work)[0]
    levers = []
    for i in rows:
        without = work.copy()
        without[i] = 0.0
        own = float(np.mean(finish[i] <= limits[i]))
        goal = network.goals[i]
        levers.append(Lever(goal.key, own, _share_in_time(network, without, rows, limits), goal.name))
    return chain_of(joint, levers)


def _asked(drawn: Drawn, by_days: ByDays, of: Collection[str] | None) -> tuple[list[int], dict[int, float]]:
    """The rows asked about that have a forecast, and the day by which each must end."""
    network = drawn.network
    keys = {goal.key for goal in drawn.program.goals}
    wanted = keys if of is None else set(of)
    for key in sorted(wanted - keys):
        raise UnknownGoalError(key, "The question")
    rows = sorted(network.row[key] for key in wanted if key in network.row)
    known = [i for i in rows if i not in network.silent]
    if rows and not known:
        names = ", ".join(sorted(network.goals[i].name or network.goals[i].key for i in rows))
        raise NoForecastError(f"None of these goals has a forecast: {names}.")
    return known, {i: _limit(by_days, network.goals[i].key) for i in known}


def _limit(by_days: ByDays, key: str) -> float:
    if isinstance(by_days, Mapping):
        if key not in by_days:
            raise InvalidNumberError(f"No date is given for {key}.")
        by_days = by_days[key]
    if math.isnan(by_days):
        raise InvalidNumberError("The date asked about is not a number.")
    return min(by_days, HORIZON_DAYS)


def _share_in_time(network: Network, work: Floats, rows: list[int], limits: dict[int, float]) -> float:
    finish = forward(network, work)[0]
    in_time = np.ones(work.shape[1], dtype=bool)
    for i in rows:
        in_time &= finish[i] <= limits[i]
    return float(np.count_nonzero(in_time) / len(in_time))
