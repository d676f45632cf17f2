"""An entry brings its age; its time is the server's, inside the review (DESIGN: Definitions, Live)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Role
from reviews.forms import AgeField
from reviews.models import Datapoint, Review
from reviews.services.datapoints import log_datapoint
from reviews.services.moments import is_live, said_at
from tests import factories as make

NOW = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def review(*, closed: dt.timedelta | None = None) -> Review:
    return Review(opened_at=NOW - 2 * HOUR, closed_at=NOW - closed if closed is not None else None)


@pytest.mark.parametrize(
    ("age", "before_now"),
    [
        (dt.timedelta(), dt.timedelta()),
        (5 * MINUTE, 5 * MINUTE),
        (-HOUR, dt.timedelta()),  # a clock that was set back while it waited
        (24 * HOUR, 2 * HOUR),  # not before the review opened
    ],
)
def test_its_time_is_the_servers_now_minus_its_age_inside_the_review(age, before_now):
    assert said_at(review(), age, NOW) == NOW - before_now


@pytest.mark.parametrize("age", [None, dt.timedelta(days=31)])
def test_an_age_that_is_not_known_gives_no_time(age):
    assert said_at(review(), age, NOW) is None


def test_outside_a_review_it_is_only_dated():
    assert said_at(None, HOUR, NOW) == NOW - HOUR
    assert not is_live(None, NOW)


@pytest.mark.parametrize(
    ("age", "closed", "live"),
    [
        (HOUR, None, True),
        (HOUR, 30 * MINUTE, True),  # made in the room, delivered after it
        (10 * MINUTE, 30 * MINUTE, False),  # made after it closed
        (None, None, False),
    ],
)
def test_live_is_what_was_made_while_the_review_was_open(age, closed, live):
    held = review(closed=closed)
    assert is_live(held, said_at(held, age, NOW)) is live


@pytest.mark.parametrize("text", ["abc", "1.5", "1e3", "9" * 20])
def test_what_is_no_age_is_refused(text):
    with pytest.raises(Exception, match="Not an age"):
        AgeField().clean(text)


def test_ages_are_read():
    clean = AgeField().clean
    assert (clean(""), clean("unknown"), clean("1500")) == (dt.timedelta(), None, dt.timedelta(seconds=1.5))


# ---- saved with it ---------------------------------------------------------------------------------------------------


@pytest.fixture
def room(client, db):
    program = make.make_program("Engines")
    team = make.make_team(program, engineers=1)
    make.make_goal(team, "Cast vanes")
    client.force_login(make.join(program, Role.MANAGER))
    opened = make.open_review(program)
    Review.objects.filter(pk=opened.pk).update(opened_at=timezone.now() - HOUR)
    return Review.objects.get(pk=opened.pk)


def send(client, room, **changed):
    turn, goal = room.turns.get(), room.program.teams.get().goals.get()
    data = {"uuid": "5f0f7d4e-7f3c-4c2b-9a39-0c5f3f1d2a11", "engineer": turn.engineer_id, "goal": goal.pk}
    data |= {"value": "7", "level": "doer", "memo": "Another vane."} | changed
    url = reverse("review_log", args=[room.pk])
    return client.post(url, data, headers={"Accept": "application/json"})


def test_delivered_ten_minutes_later_it_has_its_true_time(client, room):
    assert send(client, room, age=str(10 * 60 * 1000)).status_code == 200
    point = Datapoint.objects.get()
    assert point.origin == "live"
    assert abs(point.recorded_at - point.said_at - 10 * MINUTE) < 5 * dt.timedelta(seconds=1)


def test_delivered_after_the_review_closed_it_is_live_and_in_its_turn(client, room):
    make.close(room)
    assert send(client, room, age=str(30 * 60 * 1000)).status_code == 200
    point = Datapoint.objects.get()
    assert (point.origin, point.turn, point.turn.state) == ("live", room.turns.get(), "heard")


@pytest.mark.parametrize("age", ["0", "unknown"])
def test_made_after_it_closed_or_of_unknown_age_it_is_late_and_not_lost(age, client, room):
    make.close(room)
    assert send(client, room, age=age).status_code == 200
    point = Datapoint.objects.get()
    assert (point.origin, point.review, point.turn) == ("late", room, None)


def test_a_day_of_age_puts_it_at_the_opening_and_not_out_of_the_review(client, room):
    send(client, room, age=str(24 * 3600 * 1000))
    point = Datapoint.objects.get()
    assert (point.said_at, point.origin) == (room.opened_at, "live")


def test_the_day_is_the_programs_own_at_that_time(db):
    program = make.make_program(zone="Pacific/Kiritimati")  # 14 hours ahead: mostly another day than UTC
    team = make.make_team(program, engineers=1)
    opened = make.open_review(program)
    entry = make.make_entry(observed_on=None, engineer=team.seats.get().engineer)
    point = log_datapoint(goal=make.make_goal(team), entry=entry, by=make.make_user(), review=opened).datapoint
    assert point.observed_on == point.said_at.astimezone(dt.timezone(14 * HOUR)).date()


def test_sent_again_with_another_age_it_is_the_same_entry(client, room):
    send(client, room, age="1000")
    assert send(client, room, age="61000").status_code == 200
    assert Datapoint.objects.count() == 1
