"""Anything that looks like a series gives a forecast that keeps to the rules, or a named refusal; never a warning."""

import math
import re
import warnings
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.curves import CannotForecast, Series, forecast, why_refused

from .shapes import MONDAY

LARGE = 1.7e308
numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1e300, 5e-324, LARGE, -LARGE, 40.0, 100.0, 0.1, 1 / 3]),
    st.integers(-5, 105).map(float),
)
days = st.integers(-3000, 3000).map(lambda k: MONDAY + timedelta(days=k))


@st.composite
def anything(draw: st.DrawFn) -> Series:
    n = draw(st.integers(0, 14))
    dates = sorted(draw(st.lists(days, min_size=n, max_size=n)))
    values = draw(st.one_of(st.lists(numbers, min_size=n, max_size=n), numbers.map(lambda v: [v] * n)))
    last = dates[-1] if dates else MONDAY
    return Series(
        dates,
        values,
        draw(numbers),
        last + timedelta(days=draw(st.integers(-1, 4000))),
        draw(st.sampled_from(["up", "down"])),
        start=draw(st.none() | days),
        deadline=draw(st.none() | days),
        off=draw(st.lists(st.tuples(days, days), max_size=3)),
        revisions=sorted(draw(st.lists(st.tuples(days, numbers, numbers), max_size=2)), key=lambda r: r[0]),
    )


@settings(max_examples=300, deadline=None)
@given(anything(), st.floats(0, 1), st.integers(-50, 9000), numbers)
def test_a_result_or_a_named_refusal(series: Series, q: float, ahead: int, value: float) -> None:
    day = series.as_of + timedelta(days=ahead)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        refused = why_refused(series)
        if refused is not None:
            with pytest.raises(CannotForecast, match=re.escape(refused.reason)):
                forecast(series)
            return
        f = forecast(series)
        p = f.p_done_by(day)
        assert 0 <= p <= 1
        assert f.verdict == "done" or (p < 1 and (p > 0) is (ahead > 0))
        assert f.p_done_by(day + timedelta(days=30)) >= p
        assert math.isfinite(f.value(day, q))
        assert f.value(day, q / 2) <= f.value(day, q)
        assert math.isnan(value) or 0 < f.percentile(day, value) < 1
        finish = f.finish(q)
        assert finish is None or isinstance(finish, date)
        assert all(r.text and "nan" not in r.text for r in f.reasons)
