"""The same program, had something gone otherwise: what a question changes before the program is ranked again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .errors import UnknownGoalError
from .program import ASSUMED_SPEEDUP, Goal, Program
from .supply import Supply, Throughput


@dataclass(frozen=True)
class Changes:
    """What a question changes of a delivery program. Days from now.

    finished: keys of goals that were finished today. moved: the day on which a goal's P50 would fall.
    forecasts: remaining days as in `Goal.finish`, where a goal's target moves. gone: keys of factors taken away.
    deadline: another deadline; None: as it is.
    """

    finished: frozenset[str] = frozenset()
    moved: Mapping[str, float] = field(default_factory=dict)
    forecasts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    deadline: float | None = None

    def goals(self) -> set[str]:
        return {*self.finished, *self.moved, *self.forecasts}


def changed(program: Program, changes: Changes) -> Program:
    """`program` as the question has it. Raises UnknownGoalError; a factor that is not there changes nothing."""
    unknown = changes.goals() - {goal.key for goal in program.goals}
    if unknown:
        raise UnknownGoalError(min(unknown), "what if")
    paces: dict[str, tuple[float, ...] | None] = {}
    for factor in program.factors:
        if factor.key in changes.gone:
            measured = dict(factor.unblocked)
            paces |= {key: measured.get(key) for key in factor.goals}
    return replace(
        program,
        goals=tuple(_goal(goal, changes, paces) for goal in program.goals),
        factors=tuple(factor for factor in program.factors if factor.key not in changes.gone),
        deadline=program.deadline if changes.deadline is None else changes.deadline,
    )


def _goal(goal: Goal, changes: Changes, paces: Mapping[str, tuple[float, ...] | None]) -> Goal:
    if goal.key in changes.finished:
        return replace(goal, done=True)
    if goal.key in changes.forecasts:
        goal = replace(goal, finish=changes.forecasts[goal.key], done=False)
    if goal.key in paces:
        goal = _unblocked(goal, paces[goal.key])
    if goal.key in changes.moved:
        goal = replace(goal, finish=moved(goal.finish, changes.moved[goal.key]), started=True, done=False)
    return goal


def _unblocked(goal: Goal, pace: tuple[float, ...] | None) -> Goal:
    """At the pace of the weeks without the factor, never slower than now; half of what remains where it is unknown."""
    pace = pace or goal.unblocked
    if goal.finish is not None:
        faster = pace or tuple(days / ASSUMED_SPEEDUP for days in goal.finish)
        goal = replace(goal, finish=min(goal.finish, faster, key=middle))
    if goal.durations is not None:
        low, high = goal.durations
        goal = replace(goal, durations=(low / ASSUMED_SPEEDUP, high / ASSUMED_SPEEDUP))
    return goal


def moved(finish: tuple[float, ...] | None, day: float) -> tuple[float, ...]:
    """Remaining days stretched so that their P50 falls on `day`.

    The chance of never stays, unless the P50 was never: then it is left out, for the question says it is finished.
    Without a forecast the day itself is taken.
    """
    known = finish or ()
    if known and math.isinf(middle(known)):
        known = tuple(days for days in known if math.isfinite(days))
    if not known or middle(known) <= 0:
        return (day,)
    by = day / middle(known)
    return tuple(days * by if math.isfinite(days) else days for days in known)


def middle(finish: tuple[float, ...]) -> float:
    """The smallest number of days that at least half of them do not exceed."""
    return sorted(finish)[math.ceil(len(finish) / 2) - 1]


@dataclass(frozen=True)
class SupplyChanges:
    """What a question changes of a throughput program.

    gone: keys of supplies that limit no more. times: what the capacity of a supply is multiplied by, above 0.
    target: another target; None: as it is.
    """

    gone: frozenset[str] = frozenset()
    times: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None


def changed_supplies(program: Throughput, changes: SupplyChanges) -> Throughput:
    """`program` as the question has it; a supply that is not there changes nothing."""
    return replace(
        program,
        supplies=tuple(_times(s, changes.times.get(s.key, 1.0)) for s in program.supplies if s.key not in changes.gone),
        target=program.target if changes.target is None else changes.target,
    )


def _times(supply: Supply, by: float) -> Supply:
    return replace(
        supply,
        stated=tuple((day, low * by, high * by) for day, low, high in supply.stated),
        points=tuple((day, value * by) for day, value in supply.points),
    )
