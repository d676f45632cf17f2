"""A few finishes under each other on one scale, plain enough to be drawn again at every key stroke."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

ACROSS = 1000  # the width of the drawing
ROOM = 1.08  # of the last date, so that a dot on it is whole


@dataclass(frozen=True)
class Span:
    """P10, P50 and P90 of a finish within 0..ACROSS; None lies beyond five years: the line runs to the edge."""

    p10: int | None
    p50: int | None
    p90: int | None

    @property
    def end(self) -> int:
        return ACROSS if self.p90 is None else self.p90


@dataclass(frozen=True)
class Spans:
    rows: tuple[Span, ...]
    deadline: int | None


Dates = tuple[dt.date | None, dt.date | None, dt.date | None]


def spans(finishes: Sequence[Dates], deadline: dt.date | None, today: dt.date) -> Spans | None:
    """`finishes` are (P10, P50, P90) each; None where there is no date to draw."""
    dates = [day for finish in finishes for day in finish if day]
    if not dates:
        return None
    wide = ROOM * max((max([*dates, deadline or today]) - today).days, 1)

    def across(day: dt.date | None) -> int | None:
        return None if day is None else round(min(max((day - today).days / wide, 0), 1) * ACROSS)

    return Spans(tuple(Span(*map(across, finish)) for finish in finishes), across(deadline))
