"""More progress never lowers the chance to be done."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.curves import Series, forecast
from reviews.curves.features import BETTER, NAMES, features
from reviews.curves.parameters import SHIPPED
from reviews.curves.tracks import build

from .shapes import weekly
from .test_invariance import noisy

DAYS = (1, 7, 30, 56, 91, 182, 364, 1000)


def with_newest(series: Series, value: float) -> Series:
    return replace(series, values=[*series.values[:-1], value])


def never_less(low: Series, high: Series) -> None:
    f, g = forecast(low), forecast(high)
    for days in DAYS:
        day = low.as_of + timedelta(days=days)
        assert g.p_done_by(day) >= f.p_done_by(day)


@pytest.mark.parametrize("seed", range(40))
def test_a_better_newest_value_never_lowers_the_chance(seed: int) -> None:
    series = noisy(seed)
    top, rng = series.target, random.Random(seed)
    values = sorted(rng.uniform(-0.3 * top, top * 0.999) for _ in range(8))
    for low, high in pairwise(values):
        never_less(with_newest(series, low), with_newest(series, high))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-20, 99), min_size=3, max_size=12), st.integers(0, 40), st.none() | st.integers(-30, 400))
def test_nor_by_any_step_on_any_short_series(values: list[int], more: int, due: int | None) -> None:
    series = weekly([float(v) for v in values])
    if due is not None:
        series = replace(series, deadline=series.as_of + timedelta(days=due))
    never_less(series, with_newest(series, min(values[-1] + more, 99.0)))


def test_now_features_only_get_better_and_past_features_do_not_move() -> None:
    for seed in range(60):
        series = noisy(seed)
        better = with_newest(series, series.values[-1] + 0.3 * (series.target - series.values[-1]))
        table = features(build([series, better]))
        for name, (before, after) in zip(NAMES, table, strict=True):
            change = after - before
            assert change * BETTER[name] >= 0 if name in BETTER else change == 0, name


def test_every_shipped_leaf_keeps_to_it() -> None:
    forests = json.loads(SHIPPED.read_text())["forests"]
    for forest in (forests["finish_loose"], forests["finish_dated"]):
        for tree in forest["trees"]:
            depth = len(tree["ask"])
            for level, (feature, _) in enumerate(tree["ask"]):
                sign = BETTER.get(forest["features"][feature], 0)
                bit = 1 << depth - 1 - level
                for low in (leaf for leaf in range(1 << depth) if not leaf & bit):
                    twins = zip(tree["leaves"][low], tree["leaves"][low | bit], strict=True)
                    assert all(sign * (high - low_) >= 0 for low_, high in twins)
