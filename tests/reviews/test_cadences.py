"""A rhythm is set, changed from a day on and ended; one of its reviews is moved, cancelled, prepared and started."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from projects.models import Engineer, Event, Role
from projects.services.changes import Conflict
from reviews.models import Cadence, Datapoint, Review, SlotChange, Turn
from reviews.models.cadences import WEEKDAYS
from reviews.services.cadences import add_guest, cancel_slot, end_cadence, move_slot, plan_review, set_cadence
from reviews.services.sessions import start_review
from reviews.slots import State, slot_of
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    return make.make_program("Engines", zone="Europe/Berlin")


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def rhythm(program):
    return make.make_cadence(program)


@pytest.fixture
def slot(rhythm):
    return make.make_slot(rhythm)


def sent(**changed) -> dict:
    """What the form sends: Tuesday and Saturday, as easy as weekly."""
    data = {"weekdays": ["SA", "TU"], "at": "09:00", "minutes": "150", "every_weeks": "1", "zone": "Europe/Berlin"}
    return data | {"first_day": make.today().isoformat(), "version": "0"} | changed


def at(name: str, slot) -> str:
    return reverse(name, args=[slot.cadence.pk, slot.number])


# ---- the rhythm ------------------------------------------------------------------------------------------------------


def test_tuesday_and_saturday_for_two_and_a_half_hours(client, program, manager):
    url = reverse("cadence_edit", args=[program.slug])
    assert client.post(url, sent()).status_code == 302
    made = Cadence.objects.get()
    assert (made.weekdays, made.at, made.minutes, made.zone) == ("TU,SA", dt.time(9), 150, "Europe/Berlin")
    event = Event.objects.get(verb="set cadence")
    assert event.changes["cadence"] == [None, "Tuesday and Saturday, 09:00, 150 minutes"]
    assert "Tuesday and Saturday, 09:00, 150 minutes" in client.get(reverse("reviews")).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weekdays": []}, "required"),
        ({"weekdays": ["XX"]}, "not one of the available choices"),
        ({"at": "25:00"}, "valid time"),
        ({"minutes": "0"}, "greater than or equal to 5"),
        ({"minutes": "9999"}, "less than or equal to 720"),
        ({"zone": "Mars/Base"}, "not a time zone"),
        ({"first_day": "2020-01-01"}, "begins today or later"),
        ({"every_weeks": "7"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused(client, program, manager, changed, said):
    answer = client.post(reverse("cadence_edit", args=[program.slug]), sent(**changed))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Cadence.objects.exists()


def test_a_change_begins_a_new_one_and_what_was_missed_stays(client, program, manager, rhythm):
    today = make.today()
    other = [*WEEKDAYS][(today + DAY).weekday()]  # today's may be over
    url = reverse("cadence_edit", args=[program.slug])
    assert client.post(url, sent(weekdays=[other], version="1")).status_code == 302
    old, new = Cadence.objects.order_by("first_day")
    assert (old.pk, old.last_day) == (rhythm.pk, today - DAY)
    assert (new.weekdays, new.first_day, new.last_day) == (other, today, None)
    event = Event.objects.filter(verb="set cadence").latest("pk")
    assert event.changes["cadence"][1] == f"{WEEKDAYS[other]}, 09:00, 150 minutes"


@pytest.mark.parametrize(("hour", "first"), [(11, 25), (12, 24), (16, 24)])  # over, under way, to come
def test_what_nobody_could_hold_was_not_missed(hour, first, program):
    """Set on a Tuesday at half past two: a review of that morning is none."""
    now = dt.datetime(2026, 11, 24, 13, 30, tzinfo=dt.UTC)
    made = make.make_cadence(program, at=dt.time(hour), first_day=dt.date(2026, 11, 24), now=now)
    assert made.first_day == dt.date(2026, 11, first)


def test_the_same_again_changes_nothing(client, program, manager, rhythm):
    url = reverse("cadence_edit", args=[program.slug])
    for _click in range(2):
        assert client.post(url, sent(version="1")).status_code == 302
    assert Cadence.objects.get() == rhythm


def test_of_two_who_change_it_the_second_sees_both(client, program, manager, rhythm):
    make.set_cadence(
        program=program,
        team=None,
        version=1,
        by=None,
        first_day=make.today(),
        weekdays="FR",
        every_weeks=1,
        at=dt.time(8),
        minutes=30,
        zone="Europe/Berlin",
    )
    answer = client.post(reverse("cadence_edit", args=[program.slug]), sent(weekdays=["WE"], version="1"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "08:00" in html
    with pytest.raises(Conflict):
        set_cadence(program=program, team=None, version=0, by=manager, first_day=make.today(), weekdays="MO")


def test_a_team_may_have_one_of_its_own_beside_the_programs(client, program, manager, rhythm):
    team = make.make_team(program, "Blades")
    url = reverse("cadence_edit", args=[program.slug])
    assert client.post(f"{url}?team={team.pk}", sent(weekdays=["MO"])).status_code == 302
    assert Cadence.objects.filter(last_day=None).count() == 2
    for nonsense in (make.make_team().pk, "x", 10**30):
        assert client.get(f"{url}?team={nonsense}").status_code == 404


def test_ended_it_asks_for_nothing_more(client, program, manager, rhythm):
    slot = make.make_slot(rhythm)
    plan_review(slot=slot, by=manager)
    for _click in range(2):
        assert client.post(reverse("cadence_end", args=[rhythm.pk])).status_code == 302
    assert not end_cadence(cadence=rhythm, today=make.today(), by=manager)
    assert slot_of(Cadence.objects.get(), slot.day, timezone.now()) is None
    assert client.get(at("slot", slot)).status_code == 404
    assert not Review.objects.exists()
    assert Event.objects.filter(verb="ended cadence").count() == 1


# ---- one of them moved or cancelled ----------------------------------------------------------------------------------


def test_moved_with_a_memo_in_the_zone_of_the_rhythm(client, program, manager, slot):
    to = slot.day + 2 * DAY
    data = {"move-day": to.isoformat(), "move-at": "16:30", "move-memo": "The hall is taken."}
    assert client.post(at("slot_move", slot), data).status_code == 302
    change = SlotChange.objects.get()
    assert change.moved_to.astimezone(dt.UTC).hour in (14, 15)  # 16:30 in Berlin
    assert (change.memo, change.by) == ("The hall is taken.", manager)
    html = client.get(at("slot", slot)).content.decode()
    assert "The hall is taken." in html
    assert Event.objects.get(verb="moved review").memo == "The hall is taken."
    client.post(at("slot_restore", slot))
    assert not SlotChange.objects.exists()
    assert Event.objects.filter(verb="restored review").count() == 1


def test_cancelled_with_a_memo_and_held_after_all(client, program, manager, slot):
    for _click in range(2):
        assert client.post(at("slot_cancel", slot), {"cancel-memo": "All at the fair."}).status_code == 302
    assert slot_of(slot.cadence, slot.day, timezone.now()).state == State.CANCELLED
    assert Event.objects.filter(verb="cancelled review").count() == 1
    assert "All at the fair." in client.get(at("slot", slot)).content.decode()
    client.post(at("slot_restore", slot))
    assert slot_of(slot.cadence, slot.day, timezone.now()).state == State.UPCOMING


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("slot_cancel", {"cancel-memo": "n/a"}, "says nothing"),
        ("slot_cancel", {}, "required"),
        ("slot_move", {"move-day": "2099-01-01", "move-at": "09:00", "move-memo": "Later."}, "another review"),
        ("slot_move", {"move-day": "2020-01-01", "move-at": "09:00", "move-memo": "Sooner."}, "has passed"),
        ("slot_move", {"move-day": "soon", "move-at": "09:00", "move-memo": "Sooner."}, "valid date"),
        ("slot_guest", {"name": "", "team": ""}, "required"),
    ],
)
def test_refused_with_the_words_that_were_typed(client, program, manager, slot, name, data, said):
    make.make_team(program)
    answer = client.post(at(name, slot), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SlotChange.objects.exists()


def test_the_second_to_change_one_sees_both_and_decides(client, program, manager, slot):
    """Two people saw it unchanged: the first moves it, the second cancels it."""
    to = slot.day + 2 * DAY
    first = {"move-day": to.isoformat(), "move-at": "16:30", "move-memo": "The hall is taken.", "move-seen": ""}
    assert client.post(at("slot_move", slot), first).status_code == 302
    second = {"cancel-memo": "All at the fair.", "cancel-seen": ""}
    answer = client.post(at("slot_cancel", slot), second)
    assert answer.status_code == 409
    html = answer.content.decode()
    for said in ("The hall is taken.", "All at the fair.", str(manager), "Stands now"):
        assert said in html
    assert SlotChange.objects.get().moved_to, "the first one stands"
    seen = answer.context["cancel_form"]["seen"].value()
    assert seen
    assert client.post(at("slot_cancel", slot), second | {"cancel-seen": seen}).status_code == 302
    assert (SlotChange.objects.get().moved_to, SlotChange.objects.get().memo) == (None, "All at the fair.")
    answer = client.post(at("slot_move", slot), first | {"move-memo": "It is free again.", "move-seen": seen})
    assert answer.status_code == 409
    assert "All at the fair." in answer.content.decode()


@pytest.mark.parametrize("day", [0, 20261301, 99999999, 20201231])
def test_a_day_that_is_none_is_not_found(client, manager, rhythm, day):
    assert client.get(reverse("slot", args=[rhythm.pk, day])).status_code == 404


def test_one_that_was_started_is_neither_moved_nor_cancelled(manager, slot):
    start_review(program=slot.program, by=manager, slot=slot)
    fresh = slot_of(slot.cadence, slot.day, timezone.now())
    with pytest.raises(ValidationError, match="started already"):
        cancel_slot(slot=fresh, memo="Too late.", by=manager)
    with pytest.raises(ValidationError, match="started already"):
        move_slot(slot=fresh, to=timezone.now() + DAY, memo="Too late.", by=manager)


# ---- started from its slot -------------------------------------------------------------------------------------------


def test_started_from_its_slot_it_is_that_slots(client, program, manager, slot):
    make.make_team(program, engineers=2)
    first = client.post(at("slot_start", slot)).headers["Location"]
    review = Review.objects.get()
    assert (review.cadence, review.slot_on, review.live) == (slot.cadence, slot.day, True)
    assert (first, client.post(at("slot_start", slot)).headers["Location"]) == (review.get_absolute_url(),) * 2
    assert slot_of(slot.cadence, slot.day, timezone.now()).state == State.LIVE
    assert Review.objects.count() == 1


def test_started_from_elsewhere_it_takes_the_slot_that_is_due(program, manager):
    now = timezone.now()
    local = now.astimezone(dt.UTC)
    rhythm = make.make_cadence(program, zone="UTC", weekdays="MO,TU,WE,TH,FR,SA,SU", at=local.time(), minutes=60)
    review = start_review(program=program, by=manager)
    assert (review.cadence, review.slot_on) == (rhythm, local.date())


@pytest.mark.django_db(transaction=True)
def test_started_by_four_at_once_it_is_one(slot):
    user, start, opened = make.make_user(), threading.Barrier(4), []

    def go():
        try:
            start.wait()
            opened.append(start_review(program=slot.program, by=user, slot=slot).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(opened), len(set(opened)), Review.objects.count()) == (4, 1, 1)


# ---- guests ----------------------------------------------------------------------------------------------------------


def test_a_guest_is_asked_before_and_speaks_last(client, program, manager, slot):
    team = make.make_team(program, "Blades", engineers=2)
    for _click in range(2):
        assert client.post(at("slot_guest", slot), {"name": " Mae  Foundry ", "team": team.pk}).status_code == 302
    turn = Turn.objects.get()
    assert (turn.engineer.name, turn.team, turn.guest) == ("Mae Foundry", team, True)
    assert "Mae Foundry" in client.get(at("slot", slot)).content.decode()
    review = start_review(program=program, by=manager, slot=slot)
    assert [t.engineer.name for t in review.turns.all()][-1] == "Mae Foundry"
    assert [t.position for t in review.turns.all()] == [0, 1, 2]
    assert not Engineer.objects.get(name="Mae Foundry").seats.exists()


def test_a_guest_of_a_review_under_way_and_of_none_that_is_over(client, program, manager):
    team = make.make_team(program, engineers=1)
    review = make.open_review(program)
    client.post(reverse("guest_add", args=[review.pk]), {"name": "Mae Foundry", "team": team.pk})
    guest = review.turns.get(guest=True)
    assert client.post(reverse("guest_remove", args=[review.pk, guest.pk])).status_code == 302
    assert not review.turns.filter(guest=True).exists()
    Review.objects.update(state="closed", closed_at=timezone.now() + DAY)
    with pytest.raises(ValidationError, match="is over"):
        add_guest(review=review, team=team, name="Mae Foundry", by=manager)


def test_a_guest_says_a_number(client, program, manager):
    team = make.make_team(program, engineers=1)
    goal = make.make_goal(team)
    review = make.open_review(program)
    guest = add_guest(review=review, team=team, name="Mae Foundry", by=manager)
    data = {"uuid": uuid.uuid4(), "engineer": guest.engineer_id, "goal": goal.pk, "value": "5", "level": "relayed"}
    said = client.post(reverse("review_log", args=[review.pk]), data | {"memo": "Five vanes are on their way."})
    assert said.status_code == 302
    assert Datapoint.objects.get(goal=goal).turn == guest


def test_who_joined_the_team_meanwhile_is_asked_by_name_and_is_no_guest(program, manager):
    team = make.make_team(program, engineers=1)
    review = make.open_review(program)
    new = make.make_engineer(team, "Newcomer")
    turn = add_guest(review=review, team=team, name="newcomer", by=manager)
    assert (turn.engineer, turn.guest) == (new, False)


def test_the_live_page_swaps_the_form_alone(client, program, manager):
    team = make.make_team(program, engineers=1)
    review = make.open_review(program)
    url, htmx = reverse("guest_add", args=[review.pk]), {"HX-Request": "true"}
    asked = client.post(url, {"name": "Mae Foundry", "team": team.pk}, headers=htmx)
    assert asked.status_code == 200
    assert "Mae Foundry is on the roster." in asked.content.decode()
    assert "<html" not in asked.content.decode()
    refused = client.post(url, {"name": " ", "team": team.pk}, headers=htmx)
    assert refused.status_code == 422
    assert 'id="guest-form"' in refused.content.decode()


def test_who_has_said_something_stays(client, program, manager):
    team = make.make_team(program)
    review = make.open_review(program)
    guest = add_guest(review=review, team=team, name="Mae Foundry", by=manager)
    make.make_point(make.make_goal(team), 5, review=review, turn=guest, engineer=guest.engineer)
    client.post(reverse("guest_remove", args=[review.pk, guest.pk]))
    assert review.turns.filter(guest=True).exists()


def test_who_was_asked_before_is_the_same_person(program, manager):
    team = make.make_team(program)
    first = add_guest(review=make.open_review(program), team=team, name="Mae Foundry", by=manager)
    Review.objects.update(state="closed", closed_at=timezone.now() + DAY)
    again = add_guest(review=make.open_review(program), team=team, name="mae foundry", by=manager)
    elsewhere = make.make_team()
    other = add_guest(review=make.open_review(elsewhere.program), team=elsewhere, name="Mae Foundry", by=manager)
    assert first.engineer == again.engineer != other.engineer


# ---- the calendar ----------------------------------------------------------------------------------------------------


def test_the_calendar_shows_a_month_and_a_week(client, manager, slot):
    for view in ("month", "week"):
        html = client.get(reverse("reviews"), {"view": view, "day": slot.day.isoformat()}).content.decode()
        assert at("slot", slot) in html
        assert "Upcoming" in html


@pytest.mark.parametrize(
    "query", ["view=year", "day=never", "day=0001-01-01", "day=9999-12-31", "view=week&day=2026-02-30"]
)
def test_nonsense_in_its_address_shows_today(client, manager, query):
    answer = client.get(f"{reverse('reviews')}?{query}")
    assert answer.status_code == 200
    assert "is-today" in answer.content.decode()


def test_a_viewer_reads_and_is_offered_no_change(client, program, slot):
    client.force_login(make.join(program, Role.VIEWER))
    assert reverse("cadence_edit", args=[program.slug]) not in client.get(reverse("reviews")).content.decode()
    html = client.get(at("slot", slot)).content.decode()
    for name in ("slot_move", "slot_cancel", "slot_start", "slot_guest"):
        assert at(name, slot) not in html
