"""A person's calendar: read without signing in by who knows the address; right across a change of the clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from icalendar import Calendar

from projects.models import Role
from projects.services.teams import add_weeks_off
from reviews.feed import feed
from reviews.models import CalendarFeed, SlotChange
from reviews.services.feeds import reset_feed
from reviews.slots import starts_at
from tests import factories as make

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 10, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def user(program):
    return make.join(program, Role.VIEWER)


def events(user, now=NOW) -> list:
    return list(Calendar.from_ical(feed(user, now, lambda path: f"https://lf.example{path}")).walk("VEVENT"))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_across_a_change_of_the_clocks_it_stays_at_nine(program, user, zone):
    make.make_cadence(program, zone=zone, first_day=dt.date(2026, 9, 29))
    found = events(user)
    starts = [event.decoded("dtstart") for event in found]
    assert len(starts) == 53
    assert {start.astimezone(ZoneInfo(zone)).strftime("%a %H:%M") for start in starts} == {"Tue 09:00", "Sat 09:00"}
    assert len({start.astimezone(dt.UTC).hour for start in starts}) == 2  # before and after the change
    assert {event.decoded("dtend") - event.decoded("dtstart") for event in found} == {dt.timedelta(minutes=150)}


def test_the_limiting_factor_is_in_the_title(program, user):
    make.make_cadence(program, first_day=dt.date(2026, 10, 3))
    assert str(events(user)[0]["summary"]) == "Engines: Not known yet"
    make.declare(program, "Foundries; two of three, \\ sold out")
    event = events(user)[0]
    assert str(event["summary"]) == "Engines: Foundries; two of three, \\ sold out"
    assert str(event["url"]).startswith("https://lf.example/cadences/")
    assert str(event["status"]) == "CONFIRMED"


def test_moved_and_cancelled_ones_say_why_and_keep_their_name(program, user):
    rhythm = make.make_cadence(program, first_day=dt.date(2026, 10, 3))
    names = [str(event["uid"]) for event in events(user)]
    to = dt.datetime(2026, 10, 5, 15, tzinfo=dt.UTC)
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 10, 3), moved_to=to, memo="The hall is taken.")
    SlotChange.objects.create(cadence=rhythm, day=dt.date(2026, 10, 6), memo="All at the fair.")
    moved, cancelled, *rest = events(user)
    assert (moved.decoded("dtstart"), str(moved["description"])) == (to, "Moved: The hall is taken.")
    assert cancelled.decoded("dtstart") == starts_at(rhythm, dt.date(2026, 10, 6))
    assert (str(cancelled["status"]), str(cancelled["description"])) == ("CANCELLED", "Cancelled: All at the fair.")
    assert str(cancelled["summary"]).startswith("Cancelled: Engines")
    assert sorted(names) == sorted(str(event["uid"]) for event in (moved, cancelled, *rest))


def test_weeks_off_and_other_programs_are_not_in_it(program, user):
    team = make.make_team(program)
    make.make_cadence(program, first_day=dt.date(2026, 10, 3))
    make.make_cadence(make.make_program("Theirs"), first_day=dt.date(2026, 10, 3))
    before = len(events(user))
    add_weeks_off(team=team, first_day=dt.date(2026, 12, 21), last_day=dt.date(2027, 1, 3), reason="Christmas", by=None)
    assert len(events(user)) == before - 4
    assert not [event for event in events(user) if "Theirs" in str(event["summary"])]


def test_who_knows_the_address_reads_it_without_signing_in(client, program, user):
    make.make_cadence(program)
    known = reset_feed(user=user)
    answer = client.get(known.get_absolute_url())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert Calendar.from_ical(answer.content).walk("VEVENT")


def test_a_new_address_kills_the_old_one(client, user):
    client.force_login(user)
    client.post(reverse("feed_reset"))
    old = CalendarFeed.objects.get().get_absolute_url()
    assert old in client.get(reverse("reviews")).content.decode()
    client.post(reverse("feed_reset"))
    assert client.get(old).status_code == 404
    assert client.get(CalendarFeed.objects.get().get_absolute_url()).status_code == 200


def test_of_who_left_nothing_is_read(client, user):
    known = reset_feed(user=user)
    user.is_active = False
    user.save()
    assert client.get(known.get_absolute_url()).status_code == 404


def test_an_engineer_who_is_no_member_reads_no_limiting_factor(program):
    make.make_cadence(program, first_day=dt.date(2026, 10, 3))
    assert events(make.join(program, Role.ENGINEER)) == []


@pytest.mark.parametrize("token", ["x", "0" * 64, "..%2f", "%00"])
def test_a_guessed_address_is_not_found(client, token):
    assert client.get(f"/calendar/{token}.ics").status_code == 404
