"""Hours to limiting factors: no plan of as many half hours gains more, and who does well gets none."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.attention import LEAST_GAIN, STEP, Need, days_gained, plan

worths = st.floats(0, 400, allow_nan=False)


def hours_of(found) -> dict[str, float]:
    return {line.key: line.hours for line in found.lines}


def test_default_is_the_stated_assumption():
    assert days_gained(40, 4) == pytest.approx(40 * (1 - math.exp(-1)))
    assert days_gained(40, 0) == 0


def test_one_need_gets_everything_that_is_worth_it():
    (line,) = plan([Need("power", 100)], 6).lines
    assert line.hours == 6
    assert line.days == pytest.approx(100 * (1 - math.exp(-1.5)))
    assert line.assumed


def test_equal_needs_share():
    assert hours_of(plan([Need("a", 50), Need("b", 50)], 6)) == {"a": 3, "b": 3}


def test_who_does_well_gets_nothing_and_is_named():
    found = plan([Need("power", 30), Need("chips", 300, no_hours="odds of 70 %")], 8)
    assert hours_of(found) == {"power": 8}
    assert found.skipped == (("chips", "odds of 70 %"),)


def test_what_a_manager_expects_goes_before_the_assumption():
    found = plan([Need("power", 5, expected_days=200), Need("chips", 100)], 1)
    assert hours_of(found)["power"] == 1
    assert not found.lines[0].assumed


def test_hours_that_nothing_is_worth_stay_free():
    found = plan([Need("power", 1)], 40)
    assert found.left > 30
    assert plan([], 5).left == 5


def test_most_days_an_hour_first():
    found = plan([Need("small", 10), Need("large", 90), Need("none", 0)], 10)
    assert [line.key for line in found.lines] == ["large", "small", "none"]


@pytest.mark.parametrize("hours", [-1, math.nan, math.inf])
def test_impossible_hours_are_refused(hours):
    with pytest.raises(ValueError):
        plan([Need("power", 1)], hours)


@pytest.mark.parametrize("days", [-1, math.nan, math.inf])
def test_impossible_days_are_refused(days):
    with pytest.raises(ValueError, match="power"):
        plan([Need("power", days)], 1)


def test_a_key_twice_is_refused():
    with pytest.raises(ValueError):
        plan([Need("power", 1), Need("power", 2)], 1)


@given(st.lists(worths, min_size=1, max_size=3), st.integers(0, 8))
def test_no_other_plan_gains_more(worth, halves):
    needs = [Need(str(n), days) for n, days in enumerate(worth)]
    found = plan(needs, halves * STEP)
    gained = sum(line.days for line in found.lines)
    ways = (way for way in itertools.product(range(halves + 1), repeat=len(needs)) if sum(way) <= halves)
    best = max(sum(days_gained(d, n * STEP) for d, n in zip(worth, way, strict=True)) for way in ways)
    assert gained >= best - halves * STEP * LEAST_GAIN - 1e-9  # what was not worth planning was left free
    if not found.left:
        assert gained == pytest.approx(best)


@given(st.lists(worths, min_size=1, max_size=6), st.floats(0, 60), st.floats(1, 100))
def test_a_factor_that_is_worth_more_never_gets_less(worth, hours, more):
    before = hours_of(plan([Need(str(n), days) for n, days in enumerate(worth)], hours))
    worse = [worth[0] + more, *worth[1:]]
    after = hours_of(plan([Need(str(n), days) for n, days in enumerate(worse)], hours))
    assert after["0"] >= before["0"]
    assert sum(after.values()) <= hours + 1e-9
