"""Reliability, Brier score and sharpness of what was stated."""

import random

import pytest

from reviews.calibration import Bin, chance_by, score


def scored(pairs, goals=None):
    rows = [[] for _ in range(10)]
    for p, came in pairs:
        rows[min(int(p * 10), 9)].append((p, came))
    bins = [Bin(len(r), len(r), sum(p for p, _ in r) / len(r), sum(c for _, c in r)) for r in rows if r]
    return score(
        bins,
        goals=goals or len(pairs),
        squares=sum((p - c) ** 2 for p, c in pairs),
        squared=sum(p * p for p, _ in pairs),
    )


def test_nothing_judged_is_unknown_and_not_0():
    assert score([], goals=0, squares=0, squared=0) is None


def test_by_hand():
    found = scored([(0.8, True), (0.8, False), (0.2, False), (0.2, False)])
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.04 + 0.04) / 4)
    assert (found.n, found.base, found.base_brier) == (4, 0.25, pytest.approx(0.1875))
    assert found.sharpness == pytest.approx(0.3)
    assert [(one.n, one.said, one.share) for one in found.bins] == [(2, 0.2, 0.0), (2, pytest.approx(0.8), 0.5)]


def test_who_says_the_same_to_all_has_no_sharpness_and_the_score_of_the_base_rate():
    found = scored([(0.25, k == 0) for k in range(4)])
    assert found.sharpness == 0
    assert found.brier == pytest.approx(found.base_brier)


def test_reliable_forecasts_stay_in_their_band_and_sure_ones_that_fail_do_not():
    rng, outside = random.Random(3), 0
    for _ in range(100):
        said = [rng.random() for _ in range(200)]
        found = scored([(p, rng.random() < p) for p in said])
        outside += sum(not one.band[0] <= one.share <= one.band[1] for one in found.bins)
    assert outside < 70  # of 1,000, where one in twenty lies outside by chance
    (wrong,) = scored([(0.95, k % 2 == 0) for k in range(40)]).bins
    assert wrong.share < wrong.band[0]


def test_forecasts_of_one_goal_are_no_more_evidence_than_the_goal():
    many, one = Bin(n=100, goals=100, said=0.5, came=80), Bin(n=100, goals=4, said=0.5, came=80)
    assert many.band[1] < 0.8
    assert one.band == (0, 1)


def test_the_chance_is_read_off_the_forecast_as_it_was_stored():
    days = [10.0 * (k + 1) for k in range(40)] + [None] * 10
    assert chance_by(days, 0.2, 10) == pytest.approx(0.01)
    assert chance_by(days, 0.2, 15) == pytest.approx(0.02)
    assert chance_by(days, 0.2, 400) == pytest.approx(0.79)
    assert chance_by(days, 0.2, 5000) == pytest.approx(0.8)
    assert chance_by(days, None, 1826) == pytest.approx(0.8)
    assert chance_by([], None, 30) is None
    assert chance_by([None] * 50, 0.995, 28) == pytest.approx(28 / 1826 * 0.005)
    at = [chance_by(days, 0.2, day) for day in range(0, 1900, 7)]
    assert at == sorted(at)
