"""Every chart of the product, as Vega-Lite specs: plain values in, a dict out. Nothing here imports Django.

A spec names its colours by token ("token:accent"); static/charts.js looks them up in app.css when it draws, so that
one spec serves light, dark and paper. Words come in through `Words`, translated by the caller. Days travel as ISO dates
on a UTC scale: a date is a day, and must not move with the reader's zone.
"""

from projects.charts.calibration import ReliableBin, deadlines_met, reliability
from projects.charts.effects import EffectRow, effect_intervals
from projects.charts.finish import finish_distribution
from projects.charts.goal import goal_fan
from projects.charts.odds import OddsOfReview, review_odds
from projects.charts.ribbon import Expected, Period, limit_ribbon
from projects.charts.slip import slip_chart
from projects.charts.spans import Span, Spans, spans
from projects.charts.supply import SupplyCurve, Takeover, binding_chances, supply_curves
from projects.charts.values import (
    LEVELS,
    SCHEMA,
    SHAPES,
    Band,
    Deadline,
    Mark,
    Point,
    SlipWeek,
    SmallFan,
    Target,
    Words,
    share_in_words,
)

__all__ = [
    "LEVELS",
    "SCHEMA",
    "SHAPES",
    "Band",
    "Deadline",
    "EffectRow",
    "Expected",
    "Mark",
    "OddsOfReview",
    "Period",
    "Point",
    "ReliableBin",
    "SlipWeek",
    "SmallFan",
    "Span",
    "Spans",
    "SupplyCurve",
    "Takeover",
    "Target",
    "Words",
    "binding_chances",
    "deadlines_met",
    "effect_intervals",
    "finish_distribution",
    "goal_fan",
    "limit_ribbon",
    "reliability",
    "review_odds",
    "share_in_words",
    "slip_chart",
    "spans",
    "supply_curves",
]
