"""Curves: points of progress to a verdict and a distribution of when. Standard library and NumPy only."""

from .clock import Clock
from .engine import ENGINE_VERSION, forecast, forecast_many, refusals
from .explain import Judged
from .forecast import Forecast
from .parameters import Parameters
from .series import CannotForecast, Reason, Series, Verdict, inputs_hash
from .tracks import NEEDED
from .tracks import refuse as why_refused

__all__ = [
    "ENGINE_VERSION",
    "NEEDED",
    "CannotForecast",
    "Clock",
    "Forecast",
    "Judged",
    "Parameters",
    "Reason",
    "Series",
    "Verdict",
    "forecast",
    "forecast_many",
    "inputs_hash",
    "refusals",
    "why_refused",
]
