"""One period for each person and week: every zone that Python knows, 2026 to 2036, any weekday and hour."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.digests.periods import DAY, WEEK, Period, Rhythm, due, morning_after, newest_ended, period

ZONES = sorted(available_timezones())
FIRST, LAST = dt.date(2025, 12, 29), dt.date(2036, 12, 29)  # Mondays
WEEKS = (LAST - FIRST).days // 7

zones = st.sampled_from(ZONES)
rhythms = st.builds(Rhythm, st.integers(0, 6), st.integers(0, 23), zones)
moments = st.integers(0, 11 * 366 * 24 * 60 - 9 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def local(at: dt.datetime, zone: str) -> dt.datetime:
    return at.astimezone(ZoneInfo(zone))


# ---- by hand ---------------------------------------------------------------------------------------------------------


def test_monday_at_seven_in_berlin_over_both_changes_of_the_clock():
    berlin = Rhythm(0, 7, "Europe/Berlin")
    spring = period(berlin, dt.date(2026, 3, 30))  # the clock went forward on Sunday, 29 March
    assert (spring.start, spring.end) == (utc("2026-03-23T06:00"), utc("2026-03-30T05:00"))
    autumn = period(berlin, dt.date(2026, 10, 26))
    assert (autumn.start, autumn.end) == (utc("2026-10-19T05:00"), utc("2026-10-26T06:00"))
    assert spring.end - spring.start == WEEK - dt.timedelta(hours=1)
    assert autumn.end - autumn.start == WEEK + dt.timedelta(hours=1)


def test_an_hour_that_is_left_out_and_one_that_comes_twice():
    sunday = Rhythm(6, 2, "Europe/Berlin")
    left_out = period(sunday, dt.date(2026, 3, 23))
    assert local(left_out.end, "Europe/Berlin").hour == 3
    twice = period(sunday, dt.date(2026, 10, 19))
    assert twice.end == utc("2026-10-25T00:00")  # the first of the two, still summer time


def test_both_sides_of_the_date_line():
    """The same Monday, 07:00: 25 hours apart."""
    east, west = (period(Rhythm(0, 7, zone), dt.date(2027, 1, 4)) for zone in ("Pacific/Kiritimati", "Pacific/Niue"))
    assert west.end - east.end == dt.timedelta(hours=25)
    assert east.week == west.week


def test_who_changes_zone_on_the_day_gets_that_week_once():
    monday = dt.date(2027, 1, 4)
    east, west = Rhythm(0, 7, "Pacific/Kiritimati"), Rhythm(0, 7, "Pacific/Niue")
    sent_at = period(east, monday).end
    assert [one.week for one in due(east, monday - WEEK, sent_at)] == [monday]
    # Having flown west, it is Sunday again, and then Monday, 07:00, a second time.
    assert list(due(west, monday, sent_at + DAY + dt.timedelta(hours=2))) == []
    assert [one.week for one in due(west, monday, period(west, monday + WEEK).end)] == [monday + WEEK]
    # The other way round, the Monday that was jumped over is due at once.
    before = period(west, monday).end - DAY
    assert [one.week for one in due(east, monday - WEEK, before)] == [monday]


def test_three_weeks_off_are_three_periods_that_join():
    rhythm = Rhythm(2, 9, "America/New_York")
    found = list(due(rhythm, dt.date(2026, 10, 12), utc("2026-11-05T00:00")))
    assert [one.week for one in found] == [dt.date(2026, 10, 19), dt.date(2026, 10, 26), dt.date(2026, 11, 2)]
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]


def test_the_morning_after_a_review_is_the_readers():
    closed = utc("2026-11-24T23:30")  # Wednesday already in Berlin
    assert morning_after(closed, 7, "Europe/Berlin") == utc("2026-11-26T06:00")
    assert morning_after(closed, 7, "America/New_York") == utc("2026-11-25T12:00")


# ---- every zone ------------------------------------------------------------------------------------------------------


def check_all_weeks(rhythm: Rhythm) -> None:
    """Eleven years without a gap or an overlap; the end is that hour on that day, or right after a jump over it."""
    before: Period | None = None
    for number in range(WEEKS):
        found = period(rhythm, FIRST + number * WEEK)
        assert found.start < found.end
        assert before is None or found.start == before.end
        ends = local(found.end, rhythm.zone)
        assert ends.date() == found.week + rhythm.weekday * DAY
        assert (
            ends.hour == rhythm.hour
            or local(found.end - dt.timedelta(hours=1, seconds=1), rhythm.zone).hour < ends.hour - 1
        )
        assert newest_ended(rhythm, found.end) == found.week
        assert newest_ended(rhythm, found.end - dt.timedelta(microseconds=1)) == found.week - WEEK
        before = found


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_on_mondays_at_seven(zone):
    check_all_weeks(Rhythm(0, 7, zone))


@given(rhythms)
@settings(max_examples=60)
def test_any_weekday_and_hour(rhythm):
    check_all_weeks(rhythm)


@pytest.mark.soak
@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_on_every_weekday_at_every_hour(zone):
    for weekday in range(7):
        for hour in range(24):
            check_all_weeks(Rhythm(weekday, hour, zone))


@given(rhythms, moments)
def test_nothing_is_due_before_its_period_ends(rhythm, now):
    for found in due(rhythm, newest_ended(rhythm, now) - 3 * WEEK, now):
        assert found.end <= now


@given(st.data())
@settings(max_examples=150)
def test_a_simulated_reader_who_moves_about_has_each_week_once(data):
    """A sweeper wakes at any times, is away for days, and the reader changes weekday, hour and zone between."""
    now = data.draw(moments)
    rhythm = data.draw(rhythms)
    first = last = newest_ended(rhythm, now)
    weeks = []
    for _ in range(data.draw(st.integers(1, 25))):
        now += dt.timedelta(minutes=data.draw(st.integers(1, 60 * 24 * 20)))
        if data.draw(st.booleans()):
            rhythm = data.draw(rhythms)
        for found in due(rhythm, last, now):
            assert found.end <= now
            weeks.append(found.week)
            last = found.week
    assert weeks == [first + (n + 1) * WEEK for n in range(len(weeks))]  # each once, in order, none left out
    # Nor does one stay away: whatever changed, the week that ended last has been had, or a later name of it.
    assert not weeks or last >= newest_ended(rhythm, now)
