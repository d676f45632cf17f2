"""The engine of dates: odds and far deadlines (M13), work that grows to fill the time it is given (M15), and whether
success is still among the outcomes (M16).

Pure: frozen dataclasses in and out, the standard library alone, no clock and no table.
"""

from projects.deadlines.earliest import FAR, OddsWhenSet, Offer, chance_by, far_from
from projects.deadlines.expansion import Course, Expansion, Following, Growth, find_expansion
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
    "Course",
    "Expansion",
    "Following",
    "Growth",
    "OddsWhenSet",
    "Offer",
    "ReviewedOdds",
    "asked_at",
    "chance_by",
    "far_from",
    "find_expansion",
    "low_row",
    "recovered",
]
