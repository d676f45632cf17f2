"""The doors: one forecast, many forecasts, refusals."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import montecarlo
from .explain import Judged, reached_at
from .forecast import Forecast
from .parameters import Parameters, load
from .series import CannotForecast, Series, Verdict
from .tracks import Tracks, build, refuse
from .verdicts import DONE, STEP, WEEKS, WORDS, words

ENGINE_VERSION = "curves-1"
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
    out: list[Forecast | None] = [None] * len(series)
    for first in range(0, len(series), CHUNK):
        chunk = series[first : first + CHUNK]
        tracks = build(chunk)
        for i, made in zip(tracks.index.tolist(), _forecasts(chunk, tracks, loaded), strict=True):
            out[first + i] = made
    return out


def _forecasts(chunk: Sequence[Series], tracks: Tracks, parameters: Parameters) -> list[Forecast]:
    hazard, below = montecarlo.simulate(tracks)
    gap = np.maximum(tracks.gaps[tracks.begin[1:] - 1], 1e-12)
    knots, weeks = montecarlo.KNOTS, montecarlo.FINISH_WEEKS
    at = int(np.flatnonzero(montecarlo.VALUE_WEEKS == WEEKS)[0])
    p_grow = np.array([np.interp(-STEP, knots, b[at]) for b in below])
    p_shrink = np.array([1 - np.interp(min(STEP / g, 0.999), knots, b[at]) for g, b in zip(gap, below, strict=True)])
    ahead = np.array([np.interp(d / 7, weeks, h) for d, h in zip(tracks.deadline, hazard, strict=True)])
    p_deadline = np.where(tracks.deadline > 0, -np.expm1(-ahead), np.nan)
    word = words(p_shrink, p_grow, p_deadline, tracks.deadline <= 0)
    word[tracks.done] = DONE
    out = []
    for row, i in enumerate(tracks.index.tolist()):
        s, done = chunk[i], bool(tracks.done[row])
        verdict = WORDS[word[row]]
        p = None if np.isnan(p_deadline[row]) else float(p_deadline[row])
        value_below = below[row]
        if s.revisions and not done:
            value_below = montecarlo.simulate(build([replace(s, revisions=())]))[1][0]
        out.append(
            Forecast(
                verdict=verdict,
                engine=ENGINE_VERSION,
                parameters=parameters.hash,
                as_of=s.as_of,
                _series=s,
                _judged=Judged(float(p_shrink[row]), float(p_grow[row]), p, Verdict.DONE if done else verdict),
                _clock=tracks.clocks[row],
                _last=float(tracks.last[row]),
                _target=float(tracks.target[row]),
                _size=float(tracks.size[row]),
                _weeks=weeks,
                _hazard=hazard[row],
                _value_weeks=montecarlo.VALUE_WEEKS,
                _knots=knots,
                _below=value_below,
                _done_on=s.dates[reached_at(s)] if done else None,
            )
        )
    return out
