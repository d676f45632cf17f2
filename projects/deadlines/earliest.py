"""A deadline is the most aggressive date with a 50 % chance (METHOD, M13); a far one has a gate on the way (M15).

Finish days count from the day of the forecast; None, and infinity, is "not within 5 years".
"""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

FAR = 18  # months: "five years is infinity"


@dataclass(frozen=True)
class Offer:
    """What the present forecast says of a deadline that is to be set.

    p10, p50, p90: None is "not within 5 years", unless `why` says that nothing can be said. earliest: the first date
    that is still 50 % when it is the deadline; None where no date within five years is. p: its odds.
    """

    p10: dt.date | None = None
    p50: dt.date | None = None
    p90: dt.date | None = None
    earliest: dt.date | None = None
    p: float | None = None
    why: str = ""


@dataclass(frozen=True)
class OddsWhenSet:
    """The odds of a deadline as it was set, with the receipt of the forecast: its inputs' hash and its engine."""

    p: float | None = None
    inputs_hash: str = ""
    engine: str = ""


def chance_by(finish: Sequence[float | None], days: float) -> float | None:
    """Share of equally likely finishes that lie within `days`; None where there are none."""
    if not finish:
        return None
    return sum(day is not None and day <= days for day in finish) / len(finish)


def far_from(today: dt.date) -> dt.date:
    """The last day that needs no gate on the way."""
    months = today.year * 12 + today.month - 1 + FAR
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))
