"""How late one person's dates turned out: from six on, with what is not finished yet counted as late (M20)."""

import random
from statistics import median

import pytest

from reviews.calibration import Lateness, bias


def late(*days: int) -> list[Lateness]:
    return [Lateness(day) for day in days]


def test_below_six_nothing_is_said():
    assert bias(late(9, 9, 9, 9, 9)) is None
    assert bias([]) is None
    assert bias(late(9, 9, 9, 9, 9, 9)).n == 6


def test_the_middle_one_and_how_many_were_met():
    found = bias(late(-10, 0, 4, 20, 30, 80, 90))
    assert (found.n, found.met, found.median, found.at_least) == (7, 2, 20, False)
    assert found.low <= found.median <= found.high


def test_what_is_not_finished_is_at_least_as_late_as_it_is_by_now():
    two_open = [*late(1, 2, 3, 4, 40), Lateness(2, open=True), Lateness(9, open=True)]
    found = bias(two_open)
    assert (found.median, found.at_least, found.high) == (3, True, None)
    # Five that fell due yesterday may be finished tomorrow: they say little yet, and nothing late.
    found = bias([*late(10, 20, 30, 40, 50, 60), *[Lateness(1, open=True)] * 5])
    assert (found.median, found.at_least, found.low, found.high) == (10, True, 1, None)
    found = bias([*late(1, 2), *[Lateness(7, open=True)] * 5])
    assert (found.median, found.at_least, found.met) == (7, True, 0)


def test_the_order_says_nothing():
    dates = [*late(5, -3, 12, 40, 0), Lateness(4, open=True), Lateness(30, open=True)]
    assert bias(dates) == bias(dates[::-1])


@pytest.mark.parametrize("n", [6, 9, 20])
def test_the_interval_holds_the_true_median_in_at_least_eight_of_ten(n):
    rng, held, wide = random.Random(n), 0, 0
    truth = 14.0
    for _ in range(2000):
        found = bias(late(*(round(truth + rng.expovariate(1 / 30) - 30 * 0.6931) for _ in range(n))))
        held += found.low <= truth + 0.5 and found.high >= truth - 0.5
        wide += found.high - found.low
    assert 0.78 < held / 2000 < 0.97
    assert wide / 2000 < 120


def test_the_median_is_the_median():
    rng = random.Random(1)
    for _ in range(50):
        days = [rng.randint(-50, 200) for _ in range(rng.randint(6, 30))]
        assert bias(late(*days)).median == median(days)
