"""From when on a deadline needs a gate on the way, and the odds of a day."""

import datetime as dt

import pytest

from projects.deadlines import chance_by, far_from


def test_unknown_is_not_zero_and_never_counts_against():
    assert chance_by([], 10) is None
    assert chance_by([3.0, 10.0, 10.1, None], 10) == 0.5


@pytest.mark.parametrize(
    ("today", "edge"),
    [
        ("2026-01-31", "2027-07-31"),
        ("2026-08-31", "2028-02-29"),
        ("2025-08-31", "2027-02-28"),
        ("2026-07-01", "2028-01-01"),
    ],
)
def test_eighteen_months_by_the_calendar(today, edge):
    assert far_from(dt.date.fromisoformat(today)) == dt.date.fromisoformat(edge)
