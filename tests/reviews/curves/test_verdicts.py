"""Shapes that a newcomer must see judged right, and the words that go with them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from reviews.curves import Series, Verdict, forecast

from .shapes import ALL, CLIMB, FALL, FLAT, RUNAWAY, week, weekly

SEEN = {
    "from 10 to 90": (CLIMB, Verdict.CONVERGING),
    "flat at 40": (FLAT, Verdict.STALLED),
    "from 60 down to 35": (FALL, Verdict.DIVERGING),
    "a target that runs away": (RUNAWAY, Verdict.DIVERGING),
    "bugs from 90 to 10": (weekly([float(v) for v in range(90, 9, -8)], 0.0, "down"), Verdict.CONVERGING),
    "bugs piling up": (weekly([10.0, 12, 15, 17, 20, 24, 26, 30, 33], 0.0, "down"), Verdict.DIVERGING),
}


@pytest.mark.parametrize("shape", SEEN)
def test_plain_shapes_are_judged_as_anyone_would(shape: str) -> None:
    series, verdict = SEEN[shape]
    assert forecast(series).verdict is verdict


def test_a_climb_that_comes_too_late_is_slow() -> None:
    climb = weekly([10.0 + 3 * k for k in range(12)])
    assert forecast(replace(climb, deadline=climb.as_of + timedelta(days=4))).verdict is Verdict.SLOW
    assert forecast(replace(climb, deadline=climb.as_of - timedelta(days=4))).verdict is Verdict.SLOW


@pytest.mark.parametrize("series", ALL.values(), ids=ALL.keys())
def test_every_verdict_gives_reasons_with_numbers_and_points(series: Series) -> None:
    reasons = forecast(series).reasons
    assert len({r.code for r in reasons}) == len(reasons) >= 2
    assert all(re.search(r"\d", r.text) for r in reasons)
    assert any(r.points for r in reasons)
    assert all(0 <= k < len(series.dates) for r in reasons for k in r.points)


@pytest.mark.parametrize("series", [CLIMB, FLAT, FALL], ids=["climb", "flat", "fall"])
def test_without_a_deciding_point_the_words_change(series: Series) -> None:
    said = forecast(series).reasons
    for k in said[0].points:
        dates, values = list(series.dates), list(series.values)
        del dates[k], values[k]
        fewer = Series(dates, values, series.target, series.as_of, series.direction)
        assert [r.text for r in forecast(fewer).reasons] != [r.text for r in said]


def test_the_words_are_plain() -> None:
    texts = [r.text for r in forecast(replace(CLIMB, deadline=week(20))).reasons]
    assert "no change in 0 of 10 weeks (10 points)" in texts
    assert "at the pace of 10 weeks, 1.25 weeks for the 10 left" in texts
    assert any(re.fullmatch(r"\d+ % chance of meeting 25 May 2026", t) or "99 %" in t for t in texts)
    texts = [r.text for r in forecast(FALL).reasons]
    assert texts[0] == "the gap grew from 40 to 65 in 10 weeks (10 points)"
    assert "the target itself moved by 100" in forecast(RUNAWAY).reasons[0].text
