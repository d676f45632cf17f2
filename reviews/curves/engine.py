"""The doors: one forecast, many forecasts, refusals."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import model
from .explain import Judged, reached_at
from .features import NAMES, features
from .forecast import Forecast
from .model import FINISH_WEEKS, KNOTS, VALUE_WEEKS, Model
from .parameters import Parameters, load
from .series import CannotForecast, Series
from .tracks import Floats, Tracks, build, earlier, refuse
from .verdicts import DONE, VOTES, WORDS, Chances, vote, words

ENGINE_VERSION = "curves-2"
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


def _chances(tracks: Tracks, table: Floats, hazard: Floats, fitted: Model) -> Chances:
    shrink, grow = fitted.moves(table)
    ahead = tracks.deadline > 0
    deadline = np.full(len(tracks), np.nan)
    if ahead.any():
        deadline[ahead] = -np.expm1(-_interpolate(tracks.deadline[ahead] / 7, hazard[ahead]))
    return Chances(shrink, grow, deadline, table[NAMES.index("quiet")])


def _interpolate(weeks: Floats, hazard: Floats) -> Floats:
    """(n,) cumulative hazard at so many weeks, each in its own row."""
    after = np.clip(np.searchsorted(FINISH_WEEKS, weeks), 1, len(FINISH_WEEKS) - 1)
    rows = np.arange(len(weeks))
    low, high = FINISH_WEEKS[after - 1], FINISH_WEEKS[after]
    part = np.minimum((weeks - low) / (high - low), 1.0)
    mixed: Floats = hazard[rows, after - 1] * (1 - part) + hazard[rows, after] * part
    return mixed


def _voted(tracks: Tracks, newest: Chances, fitted: Model) -> Chances:
    """What the newest points say together, each after as long a silence as now."""
    looks = []
    for points in range(1, VOTES):
        before = earlier(tracks, points)
        table = features(before)
        looks.append(_chances(before, table, fitted.hazard(table), fitted))
    return vote(newest, *looks)


def _forecasts(chunk: Sequence[Series], tracks: Tracks, fitted: Model, parameters: str) -> list[Forecast]:
    table = features(tracks)
    hazard = fitted.hazard(table)
    below = fitted.below(table, hazard)
    newest = _chances(tracks, table, hazard, fitted)
    voted = _voted(tracks, newest, fitted)
    late = tracks.deadline <= 0
    said = np.where(tracks.done, DONE, words(newest, voted, late))
    latest = np.where(tracks.done, DONE, words(newest, newest, late))
    columns = (tracks.index, said, latest, voted.shrink, voted.grow, newest.deadline, tracks.done)
    out = []
    for row, (i, word, alone, shrink, grow, deadline, done) in enumerate(
        zip(*(c.tolist() for c in columns), strict=True)
    ):
        s = chunk[i]
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
                _weeks=FINISH_WEEKS,
                _hazard=hazard[row],
                _value_weeks=VALUE_WEEKS,
                _knots=KNOTS,
                _below=_at_this_target(s, fitted) if s.revisions and not done else below[row],
                _done_on=s.dates[reached_at(s)] if done else None,
            )
        )
    return out


def _at_this_target(series: Series, fitted: Model) -> Floats:
    """Where the value goes does not depend on what the target was before: (weeks, knots) of a revised goal's value."""
    table = features(build([replace(series, revisions=())]))
    rows: Floats = fitted.below(table, fitted.hazard(table))[0]
    return rows
