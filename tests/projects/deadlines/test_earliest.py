"""The earliest date that is still 50 %, and from when on a deadline needs a gate on the way."""

import datetime as dt
import math

import pytest

from projects.deadlines import chance_by, earliest_even, far_from


def test_the_earliest_even_date_is_even_and_the_day_before_is_not():
    for finish in ([3.2, 9.0, 20.5, 40.1], [1.0] * 9 + [None] * 9, [5.0, 6.0, 7.0], [12.4]):
        days = earliest_even(finish)
        assert chance_by(finish, days) >= 0.5
        assert days == 1 or chance_by(finish, days - 1) < 0.5


@pytest.mark.parametrize("finish", [[], [None], [3.0, None, None], [3.0, math.inf, math.inf]])
def test_where_half_of_the_outcomes_never_come_there_is_none(finish):
    assert earliest_even(finish) is None


def test_what_is_due_within_the_hour_is_promised_for_tomorrow():
    assert earliest_even([0.0, 0.0]) == 1


def test_worse_outcomes_never_bring_the_date_forward():
    finish = [4.0, 8.0, 15.0, 16.0, 23.0, 42.0]
    days = earliest_even(finish)
    for n in range(len(finish)):
        assert (earliest_even([*finish[:n], finish[n] * 3, *finish[n + 1 :]]) or math.inf) >= days


def test_unknown_is_not_zero():
    assert chance_by([], 10) is None


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
