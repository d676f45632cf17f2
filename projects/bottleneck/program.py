"""What goes in: a delivery program as plain values. Times are calendar days from now; `math.inf` is never."""

from dataclasses import dataclass

ENGINE_VERSION = "bottleneck-1"
"""Changes whenever the same input, draws and seed would give other numbers."""

HORIZON_DAYS = 1826.0
"""Five years. A finish beyond it is "not within 5 years" (never); relief is capped there."""

TEAM_SHOCK = 0.15
"""Share of a goal's uncertainty (variance, on the normal scale) that it has in common with its team alone."""

PROGRAM_SHOCK = 0.45
"""Share that it has in common with the whole program. So two goals of one team correlate 0.6 (0.15 + 0.45), two of
different teams 0.45: measured on eleven public histories by bench/fit_shocks.py, see docs/bottleneck.md."""

ASSUMED_SPEEDUP = 2.0
"""A factor taken away makes the goals it gates this much faster where their pace without it was not measured."""

EASED = 0.9
"""Eased by 10 %: the remaining time is multiplied by this."""

MIN_COVERAGE = 1 / 3
"""Where fewer than this share of the open goals have a forecast, the engine proposes nothing."""


@dataclass(frozen=True)
class Goal:
    """One goal of a program.

    finish: remaining days at the evenly spaced probabilities (k + 0.5) / n, from the goal's own forecast, `math.inf`
        where it never finishes; None where there is no forecast. Any n >= 1; negative days count as 0.
    needs: keys of the goals that must be finished before this one can start (or, once it is under way, end).
    durations: (low, high) days of work for a goal that has not started, every length between them as likely.
    unblocked: remaining days like `finish`, at the pace of the weeks without the blocker; for any factor that gates it,
        once it is under way.
    name: what sentences call it; the key where empty.
    """

    key: str
    team: str
    finish: tuple[float, ...] | None
    needs: tuple[str, ...] = ()
    started: bool = True
    done: bool = False
    durations: tuple[float, float] | None = None
    unblocked: tuple[float, ...] | None = None
    name: str = ""


@dataclass(frozen=True)
class Factor:
    """Something that can limit, and the goals it gates.

    unblocked: pairs (goal key, remaining days as in `Goal.finish`) at the pace of the weeks without this factor. Goes
        before `Goal.unblocked`; where neither is known the remaining time is divided by `ASSUMED_SPEEDUP`.
    """

    key: str
    goals: tuple[str, ...]
    unblocked: tuple[tuple[str, tuple[float, ...]], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Program:
    """A delivery program: it is finished when all its goals are.

    deadline: days from now, may be negative (past); None where none is set.
    team_shock, program_shock: shares of variance in [0, 1], together at most 1.
    """

    goals: tuple[Goal, ...]
    factors: tuple[Factor, ...] = ()
    deadline: float | None = None
    team_shock: float = TEAM_SHOCK
    program_shock: float = PROGRAM_SHOCK
