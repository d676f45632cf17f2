"""Calibration: whether what was said came as often as was said. Standard library and NumPy only."""

from .bias import Bias, Lateness, bias
from .binomial import FEWEST, Verdict, band, judge
from .effect import CannotTell, Effect, effect
from .reliability import Bin, Score, chance_by, score

__all__ = [
    "FEWEST",
    "Bias",
    "Bin",
    "CannotTell",
    "Effect",
    "Lateness",
    "Score",
    "Verdict",
    "band",
    "bias",
    "chance_by",
    "effect",
    "judge",
    "score",
]
