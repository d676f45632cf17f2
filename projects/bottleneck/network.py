"""A program checked and laid out in rows: only what is still open, in an order in which each row follows its needs."""

import math
from dataclasses import dataclass

from .errors import CycleError, DuplicateKeyError, InvalidNumberError, UnknownGoalError
from .graph import find_cycle, in_order, without_shortcuts
from .program import Factor, Goal, Program


@dataclass(frozen=True, eq=False)
class Network:
    """The open goals of a program as rows 0..n-1 in topological order. Finished goals are gone, edges to them too.

    waits[i]: row i starts when all `preds[i]` are finished, and then takes its work. Otherwise it is under way, its
    forecast stands as it is, and it only cannot end before they do: between the "retained logic" and the "progress
    override" of schedulers (GAO Schedule Assessment Guide, out-of-sequence logic), because a measured pace already
    holds the waiting done so far.
    """

    goals: tuple[Goal, ...]
    row: dict[str, int]
    preds: tuple[tuple[int, ...], ...]
    succs: tuple[tuple[int, ...], ...]
    waits: tuple[bool, ...]
    ends: tuple[int, ...]
    """Rows that no other waits for: the program ends with the last of them."""
    later: tuple[tuple[int, ...], ...]
    """For each row all rows that come after it, in order."""
    silent: frozenset[int]
    """Rows without a forecast: they take no time, but whoever waits for them still waits for what they need."""
    covered: float
    """Share of the open goals with a forecast; 1 where none is open."""


def has_forecast(goal: Goal) -> bool:
    """Whether anything is known about the time this goal still takes."""
    return goal.finish is not None or (not goal.started and goal.durations is not None)


def check(program: Program) -> None:
    """Raise the named error for whatever makes the program impossible to rank."""
    keys = set()
    for goal in program.goals:
        if goal.key in keys:
            raise DuplicateKeyError(goal.key, "goal")
        keys.add(goal.key)
    factor_keys = set()
    for factor in program.factors:
        if factor.key in factor_keys:
            raise DuplicateKeyError(factor.key, "factor")
        factor_keys.add(factor.key)
        for key in (*factor.goals, *(key for key, _ in factor.unblocked)):
            if key not in keys:
                raise UnknownGoalError(key, factor.name or factor.key)
    for goal in program.goals:
        for need in goal.needs:
            if need not in keys:
                raise UnknownGoalError(need, goal.name or goal.key)
    cycle = find_cycle((goal.key, need) for goal in program.goals for need in goal.needs)
    if cycle:
        names = {goal.key: goal.name or goal.key for goal in program.goals}
        raise CycleError([names[key] for key in cycle])
    _check_numbers(program)


def _check_numbers(program: Program) -> None:
    for goal in program.goals:
        name = goal.name or goal.key
        _check_days(goal.finish, f"The forecast of {name}")
        _check_days(goal.unblocked, f"The pace of {name} without its blocker")
        if goal.durations is not None:
            low, high = goal.durations
            if not (0 <= low <= high < math.inf):
                raise InvalidNumberError(
                    f"The range of durations of {name} must run from low to high days: {low}, {high}."
                )
    for factor in program.factors:
        for key, days in factor.unblocked:
            _check_days(days, f"The pace of {key} without {factor.name or factor.key}")
    if program.deadline is not None and math.isnan(program.deadline):
        raise InvalidNumberError("The deadline is not a number.")
    team, whole = program.team_shock, program.program_shock
    if not (team >= 0 and whole >= 0 and team + whole <= 1 + 1e-12):
        raise InvalidNumberError(
            f"The shares of the team and program shock must lie in 0 to 1 together: {team}, {whole}."
        )


def _check_days(days: tuple[float, ...] | None, what: str) -> None:
    if days is None:
        return
    if len(days) == 0:
        raise InvalidNumberError(f"{what} is empty.")
    if any(map(math.isnan, days)):
        raise InvalidNumberError(f"{what} holds a value that is not a number.")


def lay_out(program: Program) -> Network:
    """Check `program` and lay it out. Raises the errors of `errors.py`."""
    check(program)
    open_goals = {goal.key: goal for goal in program.goals if not goal.done}
    needs = {key: [n for n in goal.needs if n in open_goals] for key, goal in open_goals.items()}
    order = in_order(needs)
    row = {key: i for i, key in enumerate(order)}
    preds, before = without_shortcuts(tuple(tuple(row[n] for n in needs[key]) for key in order))
    n = len(order)
    succs: list[list[int]] = [[] for _ in range(n)]
    for i, waited in enumerate(preds):
        for p in waited:
            succs[p].append(i)
    goals = tuple(open_goals[key] for key in order)
    silent = frozenset(i for i, goal in enumerate(goals) if not has_forecast(goal))
    return Network(
        goals=goals,
        row=row,
        preds=preds,
        succs=tuple(tuple(s) for s in succs),
        waits=tuple(i in silent or (not g.started and g.durations is not None) for i, g in enumerate(goals)),
        ends=tuple(i for i in range(n) if not succs[i]),
        later=_later(before),
        silent=silent,
        covered=1 - len(silent) / n if n else 1.0,
    )


def _later(before: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    later: list[list[int]] = [[] for _ in before]
    for j, bits in enumerate(before):
        while bits:
            lowest = bits & -bits
            later[lowest.bit_length() - 1].append(j)
            bits ^= lowest
    return tuple(tuple(rows) for rows in later)


def gated_rows(network: Network, factor: Factor) -> tuple[int, ...]:
    """The rows that `factor` gates and that still have time to lose, in order."""
    rows = {network.row[key] for key in factor.goals if key in network.row}
    return tuple(sorted(rows - network.silent))
