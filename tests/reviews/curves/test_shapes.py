"""The plain shapes a newcomer tries first, with a little noise, of many lengths and in both directions."""

import random
from dataclasses import replace

import pytest

from reviews.curves import Series, Verdict, forecast_many

from .shapes import week, weekly

SEEDS = range(12)
LENGTHS = (6, 8, 11, 16, 26)


def line(begin: float, end: float, length: int, noise: float, seed: int) -> list[float]:
    """From `begin` to `end`, both exact, with some noise between."""
    rng, last = random.Random(seed), length - 1
    inside = [begin + (end - begin) * k / last + rng.gauss(0, noise) for k in range(1, last)]
    return [begin, *inside, end]


def upside_down(series: Series) -> Series:
    return replace(series, values=[100 - v for v in series.values], target=0.0, direction="down")


def told(many: list[Series]) -> set[Verdict]:
    made = forecast_many([*many, *map(upside_down, many)])
    return {f.verdict for f in made if f is not None}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(
    ("begin", "end", "noise", "verdict"),
    [(10, 90, 0.5, Verdict.CONVERGING), (60, 35, 0.5, Verdict.DIVERGING), (40, 40, 0.3, Verdict.STALLED)],
)
def test_a_shape_has_its_word(begin: float, end: float, noise: float, verdict: Verdict, length: int) -> None:
    exact = [weekly(line(begin, end, length, 0.0, 0))]
    assert told(exact) == {verdict}
    assert told([weekly(line(begin, end, length, noise, seed)) for seed in SEEDS]) == {verdict}


@pytest.mark.parametrize("length", LENGTHS)
def test_more_noise_may_silence_it_but_never_turns_it_round(length: int) -> None:
    climbs = told([weekly(line(10, 90, length, 3.0, seed)) for seed in SEEDS])
    assert climbs <= {Verdict.CONVERGING, Verdict.UNKNOWN}
    falls = told([weekly(line(60, 35, length, 2.0, seed)) for seed in SEEDS])
    assert not falls & {Verdict.CONVERGING, Verdict.SLOW}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("climbs", "runs"), [(2.0, 10.0), (8.0, 20.0)])
def test_a_target_that_runs_away_faster_than_the_value_climbs(climbs: float, runs: float, length: int) -> None:
    many = []
    for seed in SEEDS:
        rng = random.Random(seed)
        values = [10 + climbs * k + rng.gauss(0, 1.0) for k in range(length)]
        moves = [(week(k), 100 + runs * (k - 1), 100 + runs * k) for k in range(1, length)]
        many.append(weekly(values, 100 + runs * (length - 1), revisions=moves))
    assert {f.verdict for f in forecast_many(many) if f is not None} == {Verdict.DIVERGING}
