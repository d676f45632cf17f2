"""Programs for the tests: forecasts with a known distribution, and a slow, plain simulation to compare with."""

import math
from collections.abc import Callable
from statistics import NormalDist

from projects.bottleneck import Factor, Goal, Program


def points(quantile: Callable[[float], float], n: int = 400) -> tuple[float, ...]:
    return tuple(quantile((k + 0.5) / n) for k in range(n))


def exactly(days: float) -> tuple[float, ...]:
    return (days,)


def exponential(mean: float, n: int = 1000) -> tuple[float, ...]:
    return points(lambda p: -mean * math.log(1 - p), n)


def uniform(low: float, high: float, n: int = 400) -> tuple[float, ...]:
    return points(lambda p: low + (high - low) * p, n)


def normal(mean: float, sd: float, n: int = 400) -> tuple[float, ...]:
    return points(NormalDist(mean, sd).inv_cdf, n)


def lognormal(median: float, sigma: float = 0.5, never: float = 0.0, n: int = 100) -> tuple[float, ...]:
    """A finish with a chance of never."""

    def at(p: float) -> float:
        if p > 1 - never:
            return math.inf
        return median * math.exp(sigma * NormalDist().inv_cdf(p / (1 - never)))

    return points(at, n)


def running(key: str, finish: tuple[float, ...] | None, *needs: str, team: str = "") -> Goal:
    return Goal(key, team, finish, needs)


def waiting(key: str, low: float, high: float, *needs: str, team: str = "") -> Goal:
    return Goal(key, team, None, needs, started=False, durations=(low, high))


def apart(*goals: Goal, factors: tuple[Factor, ...] = (), deadline: float | None = None) -> Program:
    """A program whose goals share nothing: what closed forms are about."""
    return Program(goals, factors, deadline, team_shock=0.0, program_shock=0.0)
