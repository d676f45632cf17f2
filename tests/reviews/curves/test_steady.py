"""A goal that keeps its pace is believed to go on, and its ranges are as narrow as its points."""

import random
from datetime import timedelta

from reviews.curves import forecast, forecast_many

from .shapes import week, weekly


def test_the_middle_finish_of_a_steady_climb_is_where_its_line_arrives() -> None:
    for pace, weeks in ((2.0, 20), (4.0, 12), (1.0, 40)):
        climb = weekly([pace * k for k in range(weeks)])
        left = (100 - climb.values[-1]) / pace
        early, middle, late = (days / 7 for days in forecast(climb).finish_days((0.1, 0.5, 0.8)))
        assert early > 0.6 * left
        assert abs(middle - left) < 0.15 * left
        assert late < 1.5 * left


def test_a_steady_staircase_is_known_within_two_steps() -> None:
    """Eight up every fourth week: in 12 weeks it stands three steps higher."""
    stairs = weekly([8.0 * (k // 4) for k in range(40)])
    f = forecast(stairs)
    low, middle, high = (f.value(stairs.as_of + timedelta(weeks=12), q) for q in (0.2, 0.5, 0.8))
    assert low >= 80
    assert 88 <= middle <= 100
    assert high <= 100


def test_noisy_lines_cover_their_future() -> None:
    rng = random.Random(3)
    batch, truths = [], []
    for _ in range(200):
        pace, noise = rng.uniform(0.5, 2.5), rng.uniform(0, 0.6)
        values = [pace * k + rng.gauss(0, noise) for k in range(31)]
        batch.append(weekly(values[:23]))
        truths.append(values[30])
    inside = width = 0.0
    for f, truth in zip(forecast_many(batch), truths, strict=True):
        assert f is not None
        low, high = (f.value(week(30), q) for q in (0.1, 0.9))
        inside += low <= truth <= high
        width += (high - low) / 200
    assert inside / 200 >= 0.8
    assert width < 12


def test_a_line_that_breaks_off_is_believed_no_longer() -> None:
    climb = [3.0 * k for k in range(20)]
    going, stopped = weekly(climb), weekly([*climb, *[57.0] * 14])
    by = timedelta(weeks=20)
    assert forecast(going).p_done_by(going.as_of + by) > 0.8
    assert forecast(stopped).p_done_by(stopped.as_of + by) < 0.6


def test_a_line_is_not_believed_for_long_after_its_last_point() -> None:
    climb = weekly([3.0 * k for k in range(20)])
    silent = weekly([3.0 * k for k in range(20)], as_of=climb.as_of + timedelta(weeks=10))
    by = timedelta(weeks=20)
    assert forecast(silent).p_done_by(silent.as_of + by) < forecast(climb).p_done_by(climb.as_of + by) - 0.2
