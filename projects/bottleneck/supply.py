"""What each supply allows, over time: capacity divided by need, in units of the program's output."""

import math
from dataclasses import dataclass

import numpy as np

from .draws import MIN_DRAWS, Floats, in_order_of, normals
from .errors import DuplicateKeyError, InvalidNumberError
from .program import PROGRAM_SHOCK

DAYS_A_YEAR = 365.25

FEWEST_POINTS = 3
"""With fewer datapoints than this a supply's growth cannot be seen."""

MOST_GROWTH = 1000

STEEPEST = math.log(10)
"""A fitted growth is not believed beyond tenfold a year, up or down: few, noisy points give any slope."""


@dataclass(frozen=True)
class Supply:
    """One factor of a throughput program: how much of it there is, and how much a unit of output takes.

    need: (low, high) units of capacity for one unit of output, every value between as likely.
    stated: (days from now, low, high): the capacity lies between low and high on that day, straight lines between days.
    points: (days from now, at most 0; capacity), used where nothing is stated: a line through the logarithms.
    growth: (low, high) a year, 0.2 is 20 % more each year; from the last stated day or the last point on. None: as the
        points show, or else none.
    beyond: the output up to which none of this is needed: a limit that appears only at scale. It allows
        `beyond` + capacity / need.
    """

    key: str
    need: tuple[float, float]
    stated: tuple[tuple[float, float, float], ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    growth: tuple[float, float] | None = None
    beyond: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Throughput:
    """A throughput program: its output is the least that any of its supplies allows.

    target: the output wanted, with a deadline in days from now; None where not set.
    unit: what sentences call a unit of output.
    shock: share of variance that the growth of all supplies has in common.
    """

    supplies: tuple[Supply, ...]
    target: float | None = None
    deadline: float | None = None
    unit: str = ""
    shock: float = PROGRAM_SHOCK


def known(supply: Supply) -> bool:
    """Whether anything is known about this supply's capacity."""
    return bool(supply.stated or supply.points)


def sees_growth(supply: Supply) -> bool:
    """Whether the growth is stated or can be seen; where not, the supply is taken to stay as it is."""
    return supply.growth is not None or len(supply.stated) > 1 or (not supply.stated and _fits(supply))


def check_throughput(program: Throughput, draws: int) -> None:
    """Raise the named error for whatever makes the program impossible to rank."""
    if draws < MIN_DRAWS:
        raise InvalidNumberError(f"At least {MIN_DRAWS} draws are needed: {draws}.")
    keys = set()
    for supply in program.supplies:
        if supply.key in keys:
            raise DuplicateKeyError(supply.key, "supply")
        keys.add(supply.key)
        _check(supply)
    if not 0 <= program.shock <= 1:
        raise InvalidNumberError(f"The shared shock must lie in 0 to 1: {program.shock}.")
    if program.target is not None and not 0 < program.target < math.inf:
        raise InvalidNumberError(f"The target must be a number above 0: {program.target}.")
    if program.deadline is not None and math.isnan(program.deadline):
        raise InvalidNumberError("The deadline is not a number.")


def _check(supply: Supply) -> None:
    name = supply.name or supply.key
    if not 0 < supply.need[0] <= supply.need[1] < math.inf:
        raise InvalidNumberError(f"The need of {name} must run from low to high above 0: {supply.need}.")
    if not 0 <= supply.beyond < math.inf:
        raise InvalidNumberError(f"The output beyond which {name} is needed must be 0 or more: {supply.beyond}.")
    if supply.growth is not None and not -1 < supply.growth[0] <= supply.growth[1] <= MOST_GROWTH:
        raise InvalidNumberError(
            f"The growth of {name} a year must run from low to high between -1 and {MOST_GROWTH}: {supply.growth}."
        )
    days = [day for day, _, _ in supply.stated]
    if any(not math.isfinite(day) for day in days) or days != sorted(set(days)):
        raise InvalidNumberError(f"The days of the stated capacity of {name} must rise: {days}.")
    for day, low, high in supply.stated:
        if not 0 <= low <= high < math.inf:
            raise InvalidNumberError(f"The capacity of {name} on day {day:g} must run from low to high: {low}, {high}.")
    for day, value in supply.points:
        if not (-math.inf < day <= 0 and 0 < value < math.inf):
            raise InvalidNumberError(f"A point of {name} must be a capacity above 0, today or before: {day}, {value}.")


def ceilings(program: Throughput, supply: Supply, days: Floats, draws: int, seed: int) -> Floats:
    """The output that this supply alone would allow, shape (days, draws). Positive or 0, finite."""
    need = _between(supply.need, _luck(program, supply, "need", draws, seed))
    level = _luck(program, supply, "level", draws, seed)
    growth = _luck(program, supply, "growth", draws, seed)
    amount = _stated(supply, days, level, growth) if supply.stated else _fitted(supply, days, draws, seed, growth)
    with np.errstate(over="ignore"):
        return supply.beyond + np.minimum(amount / need, 1e300)


def _luck(program: Throughput, supply: Supply, what: str, draws: int, seed: int) -> Floats:
    """A probability a draw, evenly spread over the draws; that of growth shares the program's shock."""
    z = normals(draws, seed, f"supply {what}", supply.key)
    if what == "growth" and program.shock > 0:
        z = math.sqrt(program.shock) * normals(draws, seed, "program", "") + math.sqrt(1 - program.shock) * z
    return in_order_of(np.argsort(z), (np.arange(draws) + 0.5) / draws)


def _between(bounds: tuple[float, float], level: Floats) -> Floats:
    return bounds[0] + (bounds[1] - bounds[0]) * level


def _stated(supply: Supply, days: Floats, level: Floats, growth: Floats) -> Floats:
    at = np.array([day for day, _, _ in supply.stated])
    low = np.interp(days, at, [low for _, low, _ in supply.stated])
    high = np.interp(days, at, [high for _, _, high in supply.stated])
    amount: Floats = low[:, None] + (high - low)[:, None] * level
    if supply.growth is not None:
        years = np.maximum(days - at[-1], 0) / DAYS_A_YEAR
        amount *= np.exp(years[:, None] * np.log1p(_between(supply.growth, growth)))
    return amount


def _fits(supply: Supply) -> bool:
    return len({day for day, _ in supply.points}) >= FEWEST_POINTS


def _fitted(supply: Supply, days: Floats, draws: int, seed: int, growth: Floats) -> Floats:
    """Exponential growth through the points: least squares on the logarithm of capacity.

    The line's level at the points' middle and its slope are independent there; each is drawn from Student's t with
    n - 2 degrees of freedom, on one common scale (Gelman et al., Bayesian Data Analysis, 14.2, flat prior).
    """
    points = sorted(supply.points)
    x = np.array([day for day, _ in points]) / DAYS_A_YEAR
    y = np.log([value for _, value in points])
    years = days / DAYS_A_YEAR
    if not _fits(supply):
        rate = np.zeros(draws) if supply.growth is None else np.log1p(_between(supply.growth, growth))
        return _grown(y[-1], years - x[-1], rate)
    middle, square = float(x.mean()), float(((x - x.mean()) ** 2).sum())
    slope = float(((x - middle) * y).sum() / square)
    freedom = len(x) - 2
    left = float(((y - y.mean() - slope * (x - middle)) ** 2).sum() / freedom)
    scale = np.full(draws, math.sqrt(left))
    # Beyond 30 degrees of freedom Student's t is the normal for our purpose.
    if freedom <= 30:
        chi = np.square(normals(draws * freedom, seed, "supply scale", supply.key)).reshape(freedom, draws).sum(axis=0)
        scale *= np.sqrt(freedom / chi)
    height = float(y.mean()) + scale / math.sqrt(len(x)) * normals(draws, seed, "supply height", supply.key)
    rate = slope + scale / math.sqrt(square) * normals(draws, seed, "supply slope", supply.key)
    rate = np.clip(rate, -STEEPEST, STEEPEST)
    if supply.growth is None:
        return _grown(height, years - middle, rate)
    return _grown(height + rate * (x[-1] - middle), years - x[-1], np.log1p(_between(supply.growth, growth)))


def _grown(log_amount: Floats | float, years: Floats, rate: Floats) -> Floats:
    """exp(log_amount + years x rate), shape (days, draws), kept from overflowing."""
    amount: Floats = np.exp(np.minimum(log_amount + years[:, None] * rate, 600.0))
    return amount
