"""The engine of dates: the earliest that is still 50 % (M13), and whether success is still among the outcomes (M16).

Pure: frozen dataclasses in and out, the standard library alone, no clock and no table.
"""

from projects.deadlines.earliest import FAR, OddsWhenSet, Offer, chance_by, far_from
from projects.deadlines.impossible import (
    CLEARS_AFTER,
    CLEARS_AT,
    HOPELESS,
    OVER,
    REVIEWS,
    ReviewedOdds,
    asked_at,
    low_row,
    recovered,
)

__all__ = [
    "CLEARS_AFTER",
    "CLEARS_AT",
    "FAR",
    "HOPELESS",
    "OVER",
    "REVIEWS",
    "OddsWhenSet",
    "Offer",
    "ReviewedOdds",
    "asked_at",
    "chance_by",
    "far_from",
    "low_row",
    "recovered",
]
