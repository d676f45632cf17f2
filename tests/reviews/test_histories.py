"""Who changed what, when, from what: on the page of each thing, and no name of a person inside an event."""

import datetime as dt
import json

import pytest
from django.urls import reverse

from projects.models import Event, Role
from projects.services.changes import HIDDEN
from projects.services.deadlines import revise_program
from projects.services.goals import edit_goal, revise_goal
from projects.services.invitations import invite
from projects.services.programs import edit_program, remove_member, set_member
from projects.services.teams import edit_engineer, end_seat
from projects.time import WEEK
from reviews.histories import KINDS
from reviews.services.cadences import add_guest, remove_guest
from reviews.services.datapoints import correct_datapoint
from tests import factories as make
from tests.test_access import address, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(ada):
    return make.make_program("Engines", by=ada)


def read(client, kind: str, row) -> str:
    return client.get(reverse(f"history_of_{kind}", args=[row.pk])).content.decode()


def test_a_goal_says_what_it_was_before(client, program, ada):
    goal = make.make_goal(make.make_team(program, engineers=1), "Walls")
    edit_goal(goal=goal, version=goal.version, by=ada, name="Floors")
    revise_goal(
        goal=goal, version=goal.version, target=90.0, deadline=goal.deadline, on=make.today(), memo="Less.", by=ada
    )
    point = make.log(goal, 3.5, by=ada, memo="Three and a half are up.")
    correct_datapoint(datapoint=point, value=4.0, memo="The fourth was behind the door.", by=ada)
    page = read(client, "goal", goal)
    for words in ("name: Walls → Floors", "target: 100 → 90", "value: 3.5 → 4", "“Less.”", "ada"):
        assert words in page, words
    assert "value: 3.5 → 4" in read(client, "datapoint", point)
    assert "Walls" not in read(client, "datapoint", point).split("<table")[1]


def test_a_seat_that_ended_and_a_guest_who_was_not_asked_after_all_still_stand_there(client, program, ada):
    team = make.make_team(program)
    grace = make.make_engineer(team, "Grace")
    review = make.open_review(program, ada)
    guest = add_guest(review=review, team=team, name="Mae Foundry", by=ada)
    remove_guest(turn=guest, by=ada)
    end_seat(seat=make.seat_of(grace), left=make.today(), by=ada)
    assert "ended the seat of Grace" in read(client, "team", team)
    assert "ended the seat of Grace" in read(client, "engineer", grace)
    page = client.get(reverse("history", args=[program.slug])).content.decode()
    assert "took off the roster Mae Foundry" in page


def test_days_are_read_as_days_and_what_is_new_had_nothing_before(client, program, ada):
    goal = make.make_goal(make.make_team(program))
    make.make_intervention(program, goal=goal, by=ada, started_on=dt.date(2026, 9, 1), expected_days=20)
    revise_program(program=program, version=program.version, deadline=dt.date(2031, 3, 12), last_acceptable=None,
                   memo="The pad is booked until then.", by=ada)  # fmt: skip
    page = client.get(reverse("history", args=[program.slug])).content.decode()
    assert "started on: 1\xa0Sep\xa02026" in page
    assert "expected days: 20" in page
    assert "→ 12\xa0Mar\xa02031" in page


def test_ids_are_read_as_names_and_a_later_name_is_the_one_that_stands_there(client, program, ada):
    bob = make.make_user("bob")
    edit_program(program=program, version=program.version, by=ada, owner=bob)
    edit_engineer(
        engineer=make.make_engineer(make.make_team(program), "Jun"), name="June", user=bob, by=ada, program=program
    )
    page = client.get(reverse("history", args=[program.slug])).content.decode()
    assert "owner: — → bob" in page
    assert f"name: {HIDDEN} → {HIDDEN}" in page
    assert "gave a seat to June" in page
    assert "Jun ·" not in page


def test_no_event_holds_the_name_of_a_person(program, ada):
    """Names are by reference: each service that is about a person leaves only ids in the row."""
    team = make.make_team(program)
    engineer = make.make_engineer(team, "Zebedee Quill")
    user = make.make_user("zebedee")
    member = set_member(program=program, username="zebedee", role=Role.VIEWER, by=ada)
    edit_engineer(engineer=engineer, name="Zebedee Quill-Marsh", user=user, by=ada, program=program)
    edit_program(program=program, version=program.version, by=ada, owner=user)
    review = make.open_review(program, ada)
    make.log(make.make_goal(team), 1.0, by=user, engineer=engineer, review=review)
    remove_guest(turn=add_guest(review=review, team=team, name="Zebedee Guest", by=ada), by=ada)
    invite(program=program, email="zebedee@example.org", role=Role.VIEWER, by=ada)
    remove_member(member=member, by=ada)
    rows = json.dumps(list(Event.objects.values()), default=str)
    assert "zebedee" not in rows.lower()


def test_of_a_shared_factor_only_what_happened_in_my_programs_is_told(client, program, ada):
    factor = make.make_factor("Foundries")
    make.declare(program, factor, memo="Ours is waiting.")
    theirs = make.make_program("Wings")
    make.declare(theirs, factor, memo="Theirs is waiting.")
    page = read(client, "factor", factor)
    assert "Ours is waiting." in page
    assert "Theirs is waiting." not in page


def test_every_kind_has_its_page_and_the_pages_of_things_lead_there(client, ada):
    world = build("Ours")
    make.join(world.program, Role.ADMIN, ada)
    for kind in KINDS:
        url = address(f"history_of_{kind}", world)
        assert "history-rows" in client.get(url).content.decode(), kind
    for name in ("team", "goal", "factor", "review", "import", "engineer_edit", "supply_edit", "intervention_edit"):
        assert "history-panel" in client.get(address(name, world)).content.decode(), name
    for name in ("cadence_edit", "datapoint_correct"):
        assert "history-panel" in client.get(address(name, world)).content.decode(), name


def test_rhythms_that_took_each_others_place_are_one_history(client, program, ada):
    old = make.make_cadence(program)
    type(old).objects.filter(pk=old.pk).update(last_day=make.today() - WEEK)
    new = make.make_cadence(program, weekdays="WE", first_day=make.today())
    assert read(client, "cadence", new).count("set the rhythm of") == 2
