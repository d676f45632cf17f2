"""Units, dates, order of the batch: what must change nothing."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from reviews.curves import Series, forecast, forecast_many

from .shapes import ALL, CLIMB, STAIRS, weekly

goals = pytest.mark.parametrize("series", ALL.values(), ids=ALL.keys())
DAYS = (3, 7, 28, 56, 91, 200, 365, 1500)
EXACT = (0.05, 0.3, 0.5, 0.8, 0.97)


def times(series: Series, k: float) -> Series:
    revisions = [(day, old * k, new * k) for day, old, new in series.revisions]
    return replace(series, values=[v * k for v in series.values], target=series.target * k, revisions=revisions)


@goals
@pytest.mark.parametrize("k", [3.0, 0.1, 1e-9, 7e11, 1e-300, 1e300])
def test_the_unit_changes_nothing_but_the_scale(series: Series, k: float) -> None:
    f, g = forecast(series), forecast(times(series, k))
    assert g.verdict is f.verdict
    for days in DAYS:
        day = series.as_of + timedelta(days=days)
        assert g.p_done_by(day) == pytest.approx(f.p_done_by(day), abs=1e-9)
        for q in EXACT:
            assert g.value(day, q) / k == pytest.approx(f.value(day, q), rel=1e-9, abs=1e-9)


@goals
@pytest.mark.parametrize("shift", [1, 7, 3653, -20000])
def test_the_calendar_changes_nothing_but_the_dates(series: Series, shift: int) -> None:
    by = timedelta(days=shift)
    moved = replace(
        series,
        dates=[d + by for d in series.dates],
        as_of=series.as_of + by,
        revisions=[(d + by, a, b) for d, a, b in series.revisions],
    )
    f, g = forecast(series), forecast(moved)
    assert g.verdict is f.verdict
    for days in DAYS:
        day = series.as_of + timedelta(days=days)
        assert g.p_done_by(day + by) == f.p_done_by(day)
        assert [g.value(day + by, q) for q in EXACT] == [f.value(day, q) for q in EXACT]


def noisy(seed: int) -> Series:
    """A bursty series of 3 to 160 weeks, sometimes with a deadline, a start, weeks off."""
    rng = random.Random(seed)
    n, values = rng.randint(3, 160), [0.0]
    for _ in range(n - 1):
        step = rng.expovariate(0.3) if rng.random() < 0.2 else 0.0
        values.append(values[-1] + (-step if rng.random() < 0.1 else step))
    series = weekly(values, target=max(values) + rng.uniform(1, 80))
    if rng.random() < 0.5:
        series = replace(series, deadline=series.as_of + timedelta(days=rng.randint(-50, 400)))
    if rng.random() < 0.5:
        series = replace(series, start=series.dates[0] - timedelta(days=rng.randint(0, 100)))
    if rng.random() < 0.2:
        first = series.dates[0] + timedelta(days=rng.randint(0, 7 * n))
        series = replace(series, off=[(first, first + timedelta(days=rng.randint(0, 30)))])
    return series


def test_alone_or_in_any_batch_the_answer_is_the_same_to_the_bit() -> None:
    batch = [noisy(seed) for seed in range(700)]
    together = forecast_many(batch)
    order = list(range(len(batch)))
    random.Random(3).shuffle(order)
    shuffled = dict(zip(order, forecast_many([batch[i] for i in order]), strict=True))
    for i in random.Random(4).sample(order, 60):
        alone = forecast(batch[i])
        for other in (together[i], shuffled[i]):
            assert other is not None
            assert (other.verdict, other.reasons) == (alone.verdict, alone.reasons)
            for days in DAYS:
                day = alone.as_of + timedelta(days=days)
                assert other.p_done_by(day) == alone.p_done_by(day)
                assert other.value(day, 0.3) == alone.value(day, 0.3)
            assert other.finish_days(EXACT) == alone.finish_days(EXACT)


def test_a_second_value_on_a_day_replaces_the_first() -> None:
    doubled = replace(STAIRS, dates=[STAIRS.dates[0], *STAIRS.dates], values=[77.0, *STAIRS.values])
    f, g = forecast(STAIRS), forecast(doubled)
    assert [g.p_done_by(STAIRS.as_of + timedelta(days=d)) for d in DAYS] == [
        f.p_done_by(STAIRS.as_of + timedelta(days=d)) for d in DAYS
    ]


def test_tuples_and_whole_numbers_are_as_good_as_lists_of_floats() -> None:
    other = replace(CLIMB, dates=tuple(CLIMB.dates), values=tuple(int(v) for v in CLIMB.values), target=100)
    day = CLIMB.as_of + timedelta(days=20)
    assert forecast(other).p_done_by(day) == forecast(CLIMB).p_done_by(day)
