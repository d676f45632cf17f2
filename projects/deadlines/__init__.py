"""The engine of dates: whether success is still among the outcomes (M16).

Pure: frozen dataclasses in and out, the standard library alone, no clock and no table.
"""

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
    "HOPELESS",
    "OVER",
    "REVIEWS",
    "ReviewedOdds",
    "asked_at",
    "low_row",
    "recovered",
]
