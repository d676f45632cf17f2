"""What every forecast keeps to, whatever the model behind it."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from reviews.curves import Series, Verdict, forecast

from .shapes import ALL, CLIMB, FLAT, STAIRS, week, weekly

QS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
open_goals = pytest.mark.parametrize("series", ALL.values(), ids=ALL.keys())


@open_goals
def test_a_later_day_is_never_less_likely_and_nothing_is_certain(series: Series) -> None:
    f = forecast(series)
    ps = [f.p_done_by(series.as_of + timedelta(days=d)) for d in (*range(1, 400), 800, 1500, 1826, 3000, 9000)]
    assert ps == sorted(ps)
    assert ps[0] > 0
    assert ps[-1] < 1
    assert 0 < f.p_never < 1


@open_goals
def test_the_past_holds_no_finish(series: Series) -> None:
    f = forecast(series)
    assert f.p_done_by(series.as_of) == 0
    assert f.p_done_by(series.dates[0]) == 0


@open_goals
def test_finish_is_the_first_day_that_is_likely_enough(series: Series) -> None:
    f = forecast(series)
    finishes = [f.finish(q) for q in QS]
    known = [day for day in finishes if day is not None]
    assert known == sorted(known)
    assert finishes[: len(known)] == known  # never, once said, stays said
    for q, day in zip(QS, finishes, strict=True):
        if day is None:
            assert f.p_done_by(series.as_of + timedelta(days=1826)) < q
        else:
            assert f.p_done_by(day) >= q
            before = day - timedelta(days=1)
            assert before <= series.as_of or f.p_done_by(before) < q


@open_goals
def test_remaining_days_agree_with_the_chance_by_a_day(series: Series) -> None:
    f = forecast(series)
    for q, days in zip(QS, f.finish_days(QS), strict=True):
        if math.isinf(days):
            assert f.finish(q) is None
        else:
            assert f.p_done_by(series.as_of + timedelta(days=math.ceil(days) + 1)) >= q


@open_goals
def test_quantiles_of_the_value_are_ordered_and_stop_at_the_target(series: Series) -> None:
    f = forecast(series)
    for days in (1, 7, 20, 56, 91, 364, 2000):
        values = [f.value(series.as_of + timedelta(days=days), q) for q in (0.0, *QS, 1.0)]
        assert values == sorted(values)
        assert values[-1] <= series.target


@open_goals
def test_surprise_is_the_percentile_of_the_value(series: Series) -> None:
    f = forecast(series)
    day = series.as_of + timedelta(days=28)
    ps = [f.percentile(day, v) for v in (-50, 20, 34, 35, 40, 40.5, 44, 45, 60, 82, 90, 95, 99.9, 100, 120)]
    assert ps == sorted(ps)
    assert ps[0] > 0
    assert ps[-1] < 1


def test_an_expected_value_is_no_surprise_ties_in_the_middle() -> None:
    f = forecast(FLAT)
    assert 0.2 < f.percentile(FLAT.as_of + timedelta(days=7), 40.0) < 0.6


def test_the_other_direction_is_the_same_goal_in_a_mirror() -> None:
    down = weekly([100 - v for v in STAIRS.values], target=0.0, direction="down")
    f, g = forecast(STAIRS), forecast(down)
    day = STAIRS.as_of + timedelta(days=60)
    assert g.p_done_by(day) == f.p_done_by(day)
    assert g.value(day, 0.2) == pytest.approx(100 - f.value(day, 0.8), abs=1e-9)
    assert g.percentile(day, 30.0) == pytest.approx(f.percentile(day, 70.0), abs=1e-9)


def test_a_goal_at_its_target_is_done() -> None:
    done = weekly([10.0, 50.0, 100.0, 101.0])
    f = forecast(done)
    assert f.verdict is Verdict.DONE
    assert f.p_done_by(done.as_of) == 1.0
    assert f.p_never == 0.0
    assert f.finish(0.5) == week(2)
    assert f.finish_days((0.1, 0.9)) == (0.0, 0.0)
    assert f.value(week(30), 0.3) == 101.0
    assert forecast(weekly([100.0])).verdict is Verdict.DONE  # fewer than three points, and over all the same


def test_a_forecast_names_what_replays_it() -> None:
    f = forecast(CLIMB)
    assert f.engine.startswith("curves-")
    assert len(f.parameters) == 16
    assert f.as_of == CLIMB.as_of


def test_a_longer_wait_after_the_last_point_does_not_help() -> None:
    later = replace(CLIMB, as_of=CLIMB.as_of + timedelta(weeks=30))
    assert forecast(later).p_done_by(later.as_of + timedelta(weeks=4)) < forecast(CLIMB).p_done_by(
        CLIMB.as_of + timedelta(weeks=4)
    )


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_probability_outside_0_to_1_is_refused(q: float) -> None:
    f = forecast(CLIMB)
    with pytest.raises(ValueError, match="probability"):
        f.finish(q)
    with pytest.raises(ValueError, match="probability"):
        f.value(week(20), q)
