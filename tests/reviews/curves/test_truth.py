"""Worlds whose truth is known: what is forecast happens as often as forecast."""

import random
from datetime import timedelta

from reviews.curves import forecast_many

from .shapes import weekly

WEEKS = 13


def staircase(rng: random.Random, weeks: int) -> list[float]:
    """A goal as they are: nothing in three weeks of four, then a step of uneven size."""
    values = [0.0]
    for _ in range(weeks - 1):
        values.append(values[-1] + (rng.expovariate(1 / 6) if rng.random() < 0.25 else 0.0))
    return values


def test_staircases_finish_about_as_often_as_said() -> None:
    rng = random.Random(1)
    said, happened = [], []
    batch, futures = [], []
    for _ in range(400):
        values = staircase(rng, 110)
        now = rng.randint(6, 50)
        if values[now - 1] < 100:
            batch.append(weekly(values[:now]))
            futures.append(values[now - 1 : now + 26])
    for f, future in zip(forecast_many(batch), futures, strict=True):
        assert f is not None
        said.append(f.p_done_by(f.as_of + timedelta(weeks=26)))
        happened.append(future[-1] >= 100)
    assert len(said) > 200
    assert abs(sum(said) / len(said) - sum(happened) / len(said)) < 0.2
    brier = sum((p - o) ** 2 for p, o in zip(said, happened, strict=True)) / len(said)
    rate = sum(happened) / len(said)
    assert brier < rate * (1 - rate)  # better than one who knows how many finish, and not which


def test_at_least_four_of_five_values_fall_between_the_10_and_90_percent_quantiles() -> None:
    """More than that here: these staircases keep their pace for ever, the real goals it is fitted on do not."""
    rng = random.Random(2)
    inside = 0.0
    batch, truths = [], []
    for _ in range(300):
        values = staircase(rng, 60)
        now = rng.randint(8, 40)
        if values[now - 1] < 90:
            batch.append(weekly(values[:now]))
            truths.append(min(values[now - 1 + WEEKS], 100.0))
    for f, truth in zip(forecast_many(batch), truths, strict=True):
        assert f is not None
        inside += 0.1 <= f.percentile(f.as_of + timedelta(weeks=WEEKS), truth) <= 0.9
    assert inside / len(truths) >= 0.8


def test_the_pace_is_recovered() -> None:
    """Of two steady climbs the faster finishes first, at every probability."""
    slow, fast = forecast_many([weekly([2.0 * k for k in range(15)]), weekly([5.0 * k for k in range(15)])])
    assert slow is not None
    assert fast is not None
    pairs = zip(fast.finish_days((0.1, 0.25, 0.4)), slow.finish_days((0.1, 0.25, 0.4)), strict=True)
    assert all(a < b for a, b in pairs)
