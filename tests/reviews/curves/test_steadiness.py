"""A verdict does not jump with every point."""

import random
from itertools import pairwise

from reviews.curves import Verdict, forecast_many

from .shapes import CLIMB, FALL, FLAT, weekly

SURE = {Verdict.CONVERGING, Verdict.SLOW, Verdict.STALLED, Verdict.DIVERGING}


def told(values: list[float]) -> list[Verdict]:
    """The verdict after each point from the fourth on."""
    made = forecast_many([weekly(values[:n]) for n in range(4, len(values) + 1)])
    return [f.verdict for f in made if f is not None]


def test_one_lucky_point_leaves_a_stall_a_stall() -> None:
    values = [*FLAT.values, *[40.0] * 8]
    assert told([*values, 44.0])[-2:] == [Verdict.STALLED, Verdict.STALLED]


def test_one_bad_week_does_not_turn_a_climb_into_a_stall_or_a_fall() -> None:
    values = [10.0 + 4 * k for k in range(16)]
    assert told([*values, values[-1] - 3.0])[-1] not in (Verdict.STALLED, Verdict.DIVERGING)
    assert told([*values, values[-1]])[-1] not in (Verdict.STALLED, Verdict.DIVERGING)


def test_one_good_week_does_not_end_a_fall() -> None:
    assert told([*FALL.values, FALL.values[-1] + 2.0])[-1] is not Verdict.CONVERGING


def test_noise_does_not_flip_the_word_back_and_forth() -> None:
    """Over 30 noisy climbs of 30 weeks: from one sure word straight to another at most once in 50 points."""
    jumps = points = 0
    for seed in range(30):
        rng = random.Random(seed)
        values = [5.0]
        for _ in range(29):
            values.append(values[-1] + rng.choice([0.0, 2.0, 3.0, 5.0, -1.0]))
        words = told([min(v, 99.0) for v in values])
        points += len(words)
        jumps += sum(a != b and {a, b} <= SURE for a, b in pairwise(words))
    assert jumps <= points / 50


def test_the_same_series_gives_the_same_word_whatever_was_said_before() -> None:
    first, again = forecast_many([CLIMB, CLIMB])
    assert first is not None
    assert again is not None
    assert first.verdict is again.verdict
