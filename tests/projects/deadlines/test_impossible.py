"""When a program must be decided about: what fires, what does not, and what clears it."""

import datetime as dt

import numpy as np
import pytest

from projects.deadlines import HOPELESS, OVER, REVIEWS, ReviewedOdds, asked_at, low_row, recovered

START = dt.datetime(2026, 1, 6, 10, tzinfo=dt.UTC)


def reviews(*odds: float | None, every: float = 7) -> list[ReviewedOdds]:
    return [ReviewedOdds(START + dt.timedelta(days=every * n), p) for n, p in enumerate(odds)]


def review_of(found: list[ReviewedOdds]) -> int | None:
    """The number of the review at which it fires, from 1."""
    at = asked_at(found)
    return None if at is None else [one.at for one in found].index(at) + 1


def test_years_of_hopeless_reviews_fire_at_the_third_and_not_the_first():
    many = reviews(*[0.0] * 150)
    assert [review_of(many[:n]) for n in (1, 2, 3, 150)] == [None, None, 3, 3]


def test_three_in_one_week_wait_until_two_weeks_are_over():
    assert review_of(reviews(*[0.01] * 20, every=2)) == 8  # the first fourteen days after the first
    assert dt.timedelta(days=14) == OVER


def test_one_review_at_the_line_begins_the_row_anew():
    assert review_of(reviews(0.01, 0.01, HOPELESS, 0.01, 0.01)) is None
    assert review_of(reviews(0.01, 0.01, HOPELESS, 0.01, 0.01, 0.01)) == 6


def test_a_good_point_after_it_fired_changes_nothing_of_when_it_fired():
    assert review_of(reviews(0.01, 0.01, 0.01, 0.9, 0.9)) == 3


def test_unknown_odds_are_not_zero_and_break_no_row():
    assert review_of(reviews(*[None] * 10)) is None
    assert review_of(reviews(0.01, None, 0.01, None, 0.01)) == 5
    assert low_row(reviews(0.01, None)) == tuple(reviews(0.01))


@pytest.mark.parametrize(
    ("later", "clears"),
    [
        ((), False),
        ((0.9,), False),  # one lucky point
        ((0.9, 0.04), False),
        ((0.9, 0.09), False),  # above the line, but hovering
        ((0.07, 0.07, 0.07, 0.07), False),
        ((0.04, 0.1, 0.1), True),
        ((0.9, None, 0.9), True),  # unknown says nothing
        ((None, None), False),
    ],
)
def test_what_clears_it_without_a_decision(later, clears):
    assert recovered(later) is clears


def test_worse_odds_never_fire_later():
    """Monotone: lowering any odds can only bring the ask forward."""
    chance = np.random.Generator(np.random.PCG64(7))
    for _ in range(300):
        odds = chance.uniform(0, 0.1, size=12)
        worse = odds * chance.uniform(0.2, 1.0, size=12)
        better_at, worse_at = asked_at(reviews(*odds)), asked_at(reviews(*worse))
        assert better_at is None or (worse_at is not None and worse_at <= better_at)


def test_a_program_that_is_fine_is_never_asked_for():
    assert review_of(reviews(*[HOPELESS] * 100)) is None
    assert REVIEWS == 3
