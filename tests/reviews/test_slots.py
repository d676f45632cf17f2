"""The slots of a rhythm: on which days, at which instant, and what became of each."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from projects.services.teams import add_weeks_off
from projects.services.teams import set_archived as archive_team
from reviews.models import Cadence, Review, SlotChange
from reviews.slots import State, next_slot, rule_days, slot_due, slots_between, starts_at
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)  # a Tuesday
DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def rhythm(program):
    """Tuesday and Saturday at nine in Berlin, for two and a half hours."""
    return make.make_cadence(program, first_day=dt.date(2026, 11, 1))


def found(program, first=NOW - 14 * DAY, last=NOW + 14 * DAY, now=NOW):
    return slots_between([program], first, last, now)


def state_on(program, day: str) -> State:
    return next(slot.state for slot in found(program) if slot.day == dt.date.fromisoformat(day))


def review_in(rhythm, day: str, state="closed") -> Review:
    on = dt.date.fromisoformat(day)
    starts = starts_at(rhythm, on)
    times = {"scheduled": (None, None), "live": (starts, None), "closed": (starts, starts + dt.timedelta(hours=1))}
    opened, closed = times[state]
    return Review.objects.create(
        program=rhythm.program,
        cadence=rhythm,
        slot_on=on,
        state=state,
        scheduled_for=starts,
        opened_at=opened,
        closed_at=closed,
    )


# ---- days and instants -----------------------------------------------------------------------------------------------


def test_tuesday_and_saturday(program, rhythm):
    days = [f"{slot.day:%a %d}" for slot in found(program)]
    assert days == ["Sat 14", "Tue 17", "Sat 21", "Tue 24", "Sat 28", "Tue 01", "Sat 05", "Tue 08"]
    assert {slot.ends - slot.starts for slot in found(program)} == {dt.timedelta(minutes=150)}


def test_the_rule_is_the_calendars_own(rhythm):
    assert rhythm.rrule == "FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY=TU,SA"
    assert rhythm.words == "Tuesday and Saturday, 09:00, 150 minutes"


def test_every_second_week_counts_from_its_first(program):
    rhythm = make.make_cadence(program, weekdays="MO,WE", every_weeks=2, first_day=dt.date(2026, 11, 4))  # a Wednesday
    days = rule_days(rhythm, dt.date(2026, 11, 1), dt.date(2026, 12, 6))
    assert [f"{day:%a %d}" for day in days] == ["Wed 04", "Mon 16", "Wed 18", "Mon 30", "Wed 02"]


@pytest.mark.parametrize(
    ("zone", "before", "after", "hours"),
    [
        ("Europe/Berlin", dt.date(2026, 10, 24), dt.date(2026, 10, 27), (7, 8)),
        ("Europe/Berlin", dt.date(2027, 3, 27), dt.date(2027, 3, 30), (8, 7)),
        ("America/New_York", dt.date(2026, 10, 31), dt.date(2026, 11, 3), (13, 14)),
        ("America/New_York", dt.date(2027, 3, 13), dt.date(2027, 3, 16), (14, 13)),
    ],
)
def test_it_keeps_the_wall_clock_when_the_clocks_change(program, zone, before, after, hours):
    rhythm = make.make_cadence(program, zone=zone, first_day=dt.date(2026, 10, 1))
    instants = [starts_at(rhythm, day) for day in (before, after)]
    assert tuple(instant.hour for instant in instants) == hours
    assert {instant.astimezone(ZoneInfo(zone)).time() for instant in instants} == {dt.time(9)}


def test_a_time_that_the_clock_jumps_over_is_an_hour_later(program):
    rhythm = make.make_cadence(program, at=dt.time(2, 30), weekdays="SU")
    local = starts_at(rhythm, dt.date(2027, 3, 28)).astimezone(ZoneInfo("Europe/Berlin"))
    assert local.time() == dt.time(3, 30)


def test_it_begins_and_ends(program, rhythm):
    Cadence.objects.update(first_day=dt.date(2026, 11, 17), last_day=dt.date(2026, 11, 28))
    assert [f"{slot.day:%d}" for slot in found(program)] == ["17", "21", "24", "28"]


# ---- what became of them ---------------------------------------------------------------------------------------------


def test_held_missed_cancelled_live_and_upcoming(program, rhythm):
    review_in(rhythm, "2026-11-14")
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 11, 21), memo="All at the fair.")
    review_in(rhythm, "2026-11-24", "live")
    assert [slot.state for slot in found(program)] == [
        State.HELD,
        State.MISSED,
        State.CANCELLED,
        State.LIVE,
        *[State.UPCOMING] * 4,
    ]


def test_it_is_missed_only_once_it_would_be_over(program, rhythm):
    starts = starts_at(rhythm, dt.date(2026, 11, 24))
    states = {
        minutes: next(s.state for s in found(program, now=starts + dt.timedelta(minutes=minutes)) if s.starts == starts)
        for minutes in (0, 149, 151)
    }
    assert states == {0: State.UPCOMING, 149: State.UPCOMING, 151: State.MISSED}


def test_a_moved_one_is_at_its_new_time_only(program, rhythm):
    to = dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 11, 28), moved_to=to, memo="The hall is taken.")
    (moved,) = [slot for slot in found(program) if slot.moved]
    assert (moved.starts, moved.day, moved.state) == (to, dt.date(2026, 11, 28), State.UPCOMING)
    assert len(found(program)) == 8


def test_one_moved_into_the_span_from_outside_is_seen(program, rhythm):
    to = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 12, 29), moved_to=to, memo="Before the holidays.")
    assert to in [slot.starts for slot in found(program)]
    assert to in [slot.starts for slot in found(program, NOW, NOW + DAY)]


def test_weeks_off_are_no_missed_reviews(program, rhythm):
    teams = [make.make_team(program) for _ in range(2)]
    off = {"first_day": dt.date(2026, 11, 16), "last_day": dt.date(2026, 11, 22), "reason": "Freeze", "by": None}
    add_weeks_off(team=teams[0], **off)
    assert state_on(program, "2026-11-17") == State.MISSED  # the other team works
    add_weeks_off(team=teams[1], **off)
    assert state_on(program, "2026-11-17") == state_on(program, "2026-11-21") == State.OFF
    assert state_on(program, "2026-11-14") == State.MISSED
    archived = make.make_team(program)
    archive_team(team=archived, archived=True, by=make.make_user())
    assert state_on(program, "2026-11-17") == State.OFF


def test_of_a_team_only_its_own_weeks_off_count(program):
    mine, other = make.make_team(program), make.make_team(program)
    make.make_cadence(program, team=mine, first_day=dt.date(2026, 11, 1))
    off = {"first_day": dt.date(2026, 11, 16), "last_day": dt.date(2026, 11, 22), "reason": "Freeze", "by": None}
    add_weeks_off(team=other, **off)
    assert state_on(program, "2026-11-17") == State.MISSED
    add_weeks_off(team=mine, **off)
    assert state_on(program, "2026-11-17") == State.OFF


def test_a_review_without_a_rhythm_is_seen_too(program):
    review = Review.objects.create(
        program=program, state="closed", scheduled_for=NOW - DAY, opened_at=NOW - DAY, closed_at=NOW - DAY
    )
    (slot,) = found(program)
    assert (slot.state, slot.review, slot.cadence) == (State.HELD, review, None)


def test_what_is_planned_is_seen_once(program, rhythm):
    review_in(rhythm, "2026-11-28", "scheduled")
    assert len(found(program)) == 8
    assert state_on(program, "2026-11-28") == State.UPCOMING


def test_a_held_one_stays_seen_after_its_rhythm_was_deleted(program, rhythm):
    review_in(rhythm, "2026-11-14")
    Cadence.objects.all().delete()
    assert [slot.state for slot in found(program)] == [State.HELD]


# ---- which one is due ------------------------------------------------------------------------------------------------


def test_a_review_that_starts_belongs_to_the_nearest_open_slot(program, rhythm):
    starts = starts_at(rhythm, dt.date(2026, 11, 24))
    for minutes in (-300, -10, 0, 100, 600):
        due = slot_due(program, None, starts + dt.timedelta(minutes=minutes))
        assert due is not None
        assert due.day == dt.date(2026, 11, 24)
    assert slot_due(program, None, starts + 1.5 * DAY) is None
    assert slot_due(program, make.make_team(program), starts) is None
    review_in(rhythm, "2026-11-24")
    assert slot_due(program, None, starts) is None


def test_a_cancelled_one_is_not_due(program, rhythm):
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 11, 24), memo="All at the fair.")
    assert slot_due(program, None, starts_at(rhythm, dt.date(2026, 11, 24))) is None


def test_the_next_one(program, rhythm):
    assert next_slot(program, NOW).day == dt.date(2026, 11, 28)
    assert next_slot(make.make_program(), NOW) is None


def test_more_programs_are_no_more_queries(django_assert_num_queries):
    programs = []
    for rows in (2, 12):
        while len(programs) < rows:
            made = make.make_program()
            make.make_team(made)
            rhythm = make.make_cadence(made, first_day=dt.date(2026, 11, 1))
            review_in(rhythm, "2026-11-14")
            programs.append(made)
        with django_assert_num_queries(5):
            assert len(slots_between(programs, NOW - 14 * DAY, NOW + 14 * DAY, NOW)) == 8 * rows
