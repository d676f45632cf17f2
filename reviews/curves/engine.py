"""The doors: one forecast, many forecasts, refusals."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import model
from .explain import Judged, reached_at
from .features import NAMES, features
from .forecast import Forecast
from .model import KNOTS, VALUE_WEEKS, WEEKS, Model, finer
from .parameters import Parameters, load
from .series import CannotForecast, Series
from .steady import Lines, lines
from .tracks import Floats, Tracks, build, earlier, refuse
from .verdicts import AHEAD, DONE, LEVEL, POINTS, STEP, VOTES, WORDS, Chances, vote, words

ENGINE_VERSION = "curves-3"
CHUNK = 512  # series worked on at a time: bounds the memory


def forecast(series: Series, parameters: Parameters | str | Path | None = None) -> Forecast:
    """The forecast of one goal. Raises CannotForecast with the reason and what is needed."""
    made = forecast_many([series], parameters)[0]
    if made is None:
        raise refuse(series) or CannotForecast("no track", "another look at the points")
    return made


def refusals(series: Sequence[Series]) -> list[CannotForecast | None]:
    """For each series why it is refused, or None where a forecast can be made."""
    return [refuse(s) for s in series]


def forecast_many(series: Sequence[Series], parameters: Parameters | str | Path | None = None) -> list[Forecast | None]:
    """A forecast for each series, or None where it is refused. Each is the same, to the bit, as if made alone."""
    loaded = load(parameters)
    fitted = model.of(loaded)
    out: list[Forecast | None] = [None] * len(series)
    for first in range(0, len(series), CHUNK):
        chunk = series[first : first + CHUNK]
        tracks = build(chunk)
        if not len(tracks):
            continue
        for i, made in zip(tracks.index.tolist(), _forecasts(chunk, tracks, fitted, loaded.hash), strict=True):
            out[first + i] = made
    return out


def _chances(tracks: Tracks, table: Floats, line: Lines, hazard: Floats, fitted: Model) -> Chances:
    shrink, grow = fitted.moves(table)
    made, lost = line.at_least(np.minimum(STEP, line.gap), AHEAD), 1 - line.at_least(-STEP, AHEAD)
    ahead = np.flatnonzero(tracks.deadline > 0)
    deadline = np.full(len(tracks), np.nan)
    if len(ahead):
        deadline[ahead] = -np.expm1(-_interpolate(tracks.deadline[ahead] / 7, finer(hazard[ahead], line.rows(ahead))))
    return Chances(
        shrink * (1 - line.trust) + made * line.trust,
        grow * (1 - line.trust) + lost * line.trust,
        deadline,
        table[NAMES.index("quiet")],
        _level(tracks),
    )


def _level(tracks: Tracks) -> Floats:
    """(n,) 1 where all of a goal's points lie within LEVEL of each other, and there are POINTS of them, else 0."""
    first = tracks.begin[:-1]
    if not len(first):
        return np.zeros(0)
    apart = np.maximum.reduceat(tracks.gaps, first) - np.minimum.reduceat(tracks.gaps, first)
    level: Floats = ((apart <= LEVEL) & (np.diff(tracks.begin) >= POINTS)).astype(np.float64)
    return level


def _interpolate(weeks: Floats, hazard: Floats) -> Floats:
    """(n,) cumulative hazard at so many weeks, each in its own row."""
    after = np.clip(np.searchsorted(WEEKS, weeks), 1, len(WEEKS) - 1)
    rows = np.arange(len(weeks))
    low, high = WEEKS[after - 1], WEEKS[after]
    part = np.minimum((weeks - low) / (high - low), 1.0)
    mixed: Floats = hazard[rows, after - 1] * (1 - part) + hazard[rows, after] * part
    return mixed


def _looks(tracks: Tracks, newest: Chances, fitted: Model) -> tuple[Chances, ...]:
    """The chances as each of the newest points sees them, each after as long a silence as now."""
    looks = [newest]
    for points in range(1, VOTES):
        before = earlier(tracks, points)
        table = features(before)
        looks.append(_chances(before, table, lines(before), fitted.hazard(table), fitted))
    return tuple(looks)


def _forecasts(chunk: Sequence[Series], tracks: Tracks, fitted: Model, parameters: str) -> list[Forecast]:
    table = features(tracks)
    hazard = fitted.hazard(table)
    below = fitted.below(table, hazard)
    line = lines(tracks)
    curves = finer(hazard, line)
    newest = _chances(tracks, table, line, hazard, fitted)
    looks = _looks(tracks, newest, fitted)
    voted = vote(*looks)
    late = tracks.deadline <= 0
    said = np.where(tracks.done, DONE, words(looks, late))
    latest = np.where(tracks.done, DONE, words((newest,) * VOTES, late))
    columns = (tracks.index, said, latest, voted.shrink, voted.grow, newest.deadline, tracks.done)
    out = []
    for row, (i, word, alone, shrink, grow, deadline, done) in enumerate(
        zip(*(c.tolist() for c in columns), strict=True)
    ):
        s = chunk[i]
        here = below[row], line.rows(np.array([row])) if line.trust[row] > 0 else None
        below_here, line_here = _at_this_target(s, fitted) if s.revisions and not done else here
        out.append(
            Forecast(
                verdict=WORDS[word],
                engine=ENGINE_VERSION,
                parameters=parameters,
                as_of=s.as_of,
                _series=s,
                _judged=Judged(shrink, grow, None if deadline != deadline else deadline, WORDS[alone]),
                _clock=tracks.clocks[row],
                _last=float(tracks.last[row]),
                _target=float(tracks.target[row]),
                _size=float(tracks.size[row]),
                _weeks=WEEKS,
                _hazard=curves[row],
                _value_weeks=VALUE_WEEKS,
                _knots=KNOTS,
                _below=below_here,
                _line=line_here,
                _done_on=s.dates[reached_at(s)] if done else None,
            )
        )
    return out


def _at_this_target(series: Series, fitted: Model) -> tuple[Floats, Lines | None]:
    """Where the value goes does not depend on what the target was before: (weeks, knots) of a revised goal's value."""
    tracks = build([replace(series, revisions=())])
    table, line = features(tracks), lines(tracks)
    rows: Floats = fitted.below(table, fitted.hazard(table))[0]
    return rows, line if line.trust[0] > 0 else None
