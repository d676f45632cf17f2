"""Days off are no time at all."""

from dataclasses import replace
from datetime import date, timedelta

from reviews.curves import Series, forecast
from reviews.curves.clock import Clock

from .shapes import CLIMB, week


def test_the_clock_stands_still_on_days_off() -> None:
    clock = Clock.without([(date(2026, 1, 5), date(2026, 1, 11)), (date(2026, 1, 9), date(2026, 1, 12))])
    first = date(2026, 1, 5).toordinal()
    assert clock.off == ((first, first + 7),)
    assert clock.at(first + 7) == clock.at(first - 1) == first - 1
    assert clock.at(first + 8) == first


def test_working_days_become_calendar_days_again() -> None:
    first = date(2026, 1, 5).toordinal()
    clock = Clock(((first, first + 6), (first + 20, first + 20)))
    since = first - 3
    assert clock.calendar(since, [0.0, 1.5, 2.0, 2.5, 15.0, 16.0]) == [0.0, 1.5, 2.0, 9.5, 22.0, 24.0]
    for days in range(1, 40):
        (back,) = clock.calendar(since, [float(days)])
        assert clock.at(since + int(back)) - clock.at(since) == days


def test_a_past_holiday_is_no_standstill() -> None:
    """Ten points with three weeks off in the middle are the same goal as ten points in a row."""
    gap = timedelta(weeks=3)
    dates = [d if k < 6 else d + gap for k, d in enumerate(CLIMB.dates)]
    off = [(CLIMB.dates[5] + timedelta(days=1), CLIMB.dates[5] + gap)]
    paused = Series(dates, CLIMB.values, 100.0, CLIMB.as_of + gap, "up", off=off)
    for days in (7, 30, 90):
        p = forecast(paused).p_done_by(paused.as_of + timedelta(days=days))
        assert p == forecast(CLIMB).p_done_by(CLIMB.as_of + timedelta(days=days))


def test_a_coming_holiday_moves_the_finish_by_its_length() -> None:
    away = [(CLIMB.as_of + timedelta(days=1), CLIMB.as_of + timedelta(days=14))]
    plain, paused = forecast(CLIMB), forecast(replace(CLIMB, off=away))
    for q in (0.3, 0.6):
        day = plain.finish(q)
        assert day is not None
        assert paused.finish(q) == day + timedelta(days=14)
    assert paused.p_done_by(week(16)) == plain.p_done_by(week(14))
