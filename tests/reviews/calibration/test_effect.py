"""What an intervention brought: the old curve carried on against what happened."""

import math
import random

import pytest

from reviews.calibration import CannotTell, Effect, effect

NEVER = math.inf


def spread(middle: float, width: float, never: int = 0) -> list[float]:
    days = [middle + width * (k - 24.5) / 50 for k in range(50)]
    return [*days[: 50 - never], *[NEVER] * never]


def test_the_same_curve_as_before_is_no_effect():
    found = effect(spread(100, 60), spread(100, 60))
    assert found.days == pytest.approx(0, abs=2)
    assert found.low < 0 < found.high


def test_a_finish_that_is_known_leaves_only_the_doubt_about_the_old_curve():
    found = effect(spread(100, 50), [60.0])
    assert (found.days, found.low, found.high) == (
        pytest.approx(40, abs=1),
        pytest.approx(20, abs=2),
        pytest.approx(60, abs=2),
    )


def test_later_is_below_nothing():
    found = effect(spread(100, 30), spread(200, 30))
    assert found.days == pytest.approx(-100, abs=2)
    assert found.high < 0


def test_an_old_curve_that_may_never_finish_leaves_the_high_end_open():
    found = effect(spread(100, 50, never=20), [40.0])
    assert found.high is None
    assert found.low > 0


def test_what_came_out_of_never_is_earlier_by_more_than_can_be_counted():
    assert effect([NEVER] * 50, [30.0]) == Effect(None, 1796, None)
    found = effect(spread(100, 50, never=30), [40.0])
    assert found.days is None
    assert found.low > 0


def test_a_new_curve_that_may_never_finish_leaves_the_low_end_open():
    found = effect(spread(100, 50), spread(150, 50, never=20))
    assert found.low is None
    assert found.high is not None


def test_where_both_may_never_finish_nothing_can_be_told():
    with pytest.raises(CannotTell, match="five years"):
        effect(spread(100, 50, never=25), spread(100, 50, never=25))
    with pytest.raises(CannotTell, match="five years"):
        effect([NEVER] * 50, [NEVER] * 50)


def test_units_of_time_do_not_matter_and_a_shift_shifts():
    old, new = spread(100, 60), spread(80, 40)
    found = effect(old, new)
    twice = effect([2 * day for day in old], [2 * day for day in new])
    later = effect([day + 30 for day in old], new)
    for name in ("days", "low", "high"):
        assert getattr(twice, name) == pytest.approx(2 * getattr(found, name))
        assert getattr(later, name) == pytest.approx(getattr(found, name) + 30)


def test_a_better_finish_never_lowers_the_effect():
    rng = random.Random(4)
    for _ in range(40):
        old = sorted(rng.expovariate(1 / 100) for _ in range(50))
        new = sorted(rng.expovariate(1 / 80) for _ in range(50))
        better = [day * rng.uniform(0.5, 1) for day in new]
        before, after = effect(old, new), effect(old, sorted(better))
        assert (after.low, after.days, after.high) >= (before.low, before.days, before.high)
        assert after.low >= before.low
        assert after.high >= before.high


def test_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        effect([], [1.0])
