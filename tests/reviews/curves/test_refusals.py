"""What is refused, and with which words."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reviews.curves import CannotForecast, Series, forecast, forecast_many, refusals, why_refused

from .shapes import CLIMB, week, weekly

REFUSED = {
    "no value yet": weekly([]),
    "only 1 of 3": weekly([5.0]),
    "only 2 of 3": Series([week(0), week(0), week(1)], [1.0, 2.0, 3.0], 9.0, week(1), "up"),
    "not a finite number": weekly([1.0, math.nan, 3.0]),
    "a value or target is not": weekly([1.0, 2.0, 3.0], target=math.inf),
    "not in order": replace(CLIMB, dates=[*CLIMB.dates[1:], CLIMB.dates[0]]),
    "after the day of the forecast": replace(CLIMB, as_of=CLIMB.as_of - timedelta(days=1)),
    "neither up nor down": replace(CLIMB, direction="sideways"),
    "11 dates but 10 values": replace(CLIMB, values=CLIMB.values[1:]),
    "missing or not of its kind": replace(CLIMB, values=[*CLIMB.values[:-1], None]),  # type: ignore[list-item]
    "a value or date is missing": replace(CLIMB, dates=[None, *CLIMB.dates[1:]]),  # type: ignore[list-item]
    "is a date and time": replace(CLIMB, as_of=datetime(2027, 1, 1)),  # noqa: DTZ001
}


@pytest.mark.parametrize("words", REFUSED)
def test_a_refusal_says_why_and_what_is_needed(words: str) -> None:
    series = REFUSED[words]
    with pytest.raises(CannotForecast) as caught:
        forecast(series)
    assert words in caught.value.reason
    assert caught.value.need
    assert why_refused(series) == caught.value


def test_refusals_in_a_batch_touch_no_other_goal() -> None:
    batch = [CLIMB, *REFUSED.values(), CLIMB]
    made = forecast_many(batch)
    assert [f is None for f in made] == [r is not None for r in refusals(batch)]
    assert [f is None for f in made] == [False, *[True] * len(REFUSED), False]
    day = CLIMB.as_of + timedelta(days=30)
    assert made[0] is not None
    assert made[0].p_done_by(day) == forecast(CLIMB).p_done_by(day)


def test_what_is_missing_is_counted() -> None:
    refused = why_refused(weekly([5.0]))
    assert refused is not None
    assert refused.need == "2 more days with a value"
    assert forecast_many([]) == []
