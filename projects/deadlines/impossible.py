"""Success not in the set of possible outcomes: when a program must be decided about (METHOD, M16).

A decision is asked for when P(done by the last acceptable date) was under 5 % in three closed reviews in a row, the
last of them two weeks or more after the first. A review whose odds are unknown says nothing: it neither goes on with a
row nor breaks one.

It clears with a decision. Without one it clears only when the odds stood at 10 % or above on the data of two later
reviews in a row: twice the line and twice in a row, so that one lucky point does not clear it, nor does a forecast that
hovers at 5 %. After either, reviews are counted anew.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HOPELESS = 0.05  # P(done by the last acceptable date) below which only a decision helps
REVIEWS = 3  # closed reviews in a row
OVER = dt.timedelta(days=14)  # from the first of them to the last, at least
CLEARS_AT = 0.10  # without a decision
CLEARS_AFTER = 2  # reviews in a row at or above it


@dataclass(frozen=True)
class ReviewedOdds:
    """What a review closed with: `p` within 0..1, None where nothing is known or no date is stated."""

    at: dt.datetime
    p: float | None


def low_row(odds: Iterable[ReviewedOdds]) -> tuple[ReviewedOdds, ...]:
    """The newest reviews in a row that were under the line, oldest first; `odds` in the order of time."""
    row: tuple[ReviewedOdds, ...] = ()
    for one in odds:
        if one.p is not None:
            row = (*row, one) if one.p < HOPELESS else ()
    return row


def asked_at(odds: Sequence[ReviewedOdds]) -> dt.datetime | None:
    """At which of these reviews a decision is asked for, counted from the first of them; None: at none so far."""
    for n in range(REVIEWS, len(odds) + 1):
        row = low_row(odds[:n])
        if len(row) >= REVIEWS and row[-1].at - row[0].at >= OVER:
            return odds[n - 1].at
    return None


def recovered(later: Sequence[float | None]) -> bool:
    """Whether an ask clears without a decision: `later` are the odds on the data of each review since, oldest first."""
    known = [p for p in later if p is not None]
    return len(known) >= CLEARS_AFTER and min(known[-CLEARS_AFTER:]) >= CLEARS_AT
