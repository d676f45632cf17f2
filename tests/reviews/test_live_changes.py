"""Following a review: what is new since a cursor, once, and in the order in which it was written."""

import uuid

import pytest
from django.urls import reverse

from projects.models import Role
from reviews.live import read_cursor
from reviews.services.cadences import add_guest, remove_guest
from reviews.services.datapoints import correct_datapoint
from reviews.services.statements import Said, make_statement, withdraw_statement
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(client):
    made = make.make_program("Engines")
    client.force_login(make.join(made, Role.VIEWER))
    return made


@pytest.fixture
def goal(program):
    return make.make_goal(make.make_team(program, engineers=2), "Cast vanes")


@pytest.fixture
def review(program, goal):
    return make.open_review(program)


@pytest.fixture
def follow(client, review):
    """What is new since the last call."""
    cursor = {"after": ""}

    def ask() -> dict:
        answer = client.get(reverse("review_changes", args=[review.pk]), cursor)
        assert answer.status_code == 200
        cursor["after"] = answer.json()["cursor"]
        return answer.json()

    return ask


def test_nothing_new_is_nothing(follow):
    assert "roster" in follow()
    again = follow()
    assert (again["rows"], again["gone"], "roster" in again, again["live"]) == ([], [], False, True)


def test_a_new_row_comes_once_with_the_roster_it_changed(follow, review, goal):
    follow()
    point = make.log(goal, 5, review=review, engineer=review.turns.first().engineer)
    found = follow()
    assert [row["uuid"] for row in found["rows"]] == [str(point.uuid)]
    assert "is-heard" in found["roster"]
    assert found["goals"][0] | {"memo": ""} == {
        "id": goal.pk,
        "memo": "",
        "said": True,
        "value": 5,
        "on": make.today().isoformat(),
    }
    assert follow()["rows"] == []


def test_what_was_taken_back_or_corrected_is_gone(follow, review, goal):
    turn = review.turns.first()
    point = make.log(goal, 5, review=review, engineer=turn.engineer)
    said = make_statement(turn=turn, said=Said(uuid.uuid4(), "nothing_new", "Ovens are cold"), by=make.make_user())
    follow()
    corrected = correct_datapoint(datapoint=point, value=6, memo="Counted again.", by=make.make_user())
    withdraw_statement(statement=said, uuid=uuid.uuid4(), by=make.make_user())
    found = follow()
    assert set(found["gone"]) == {str(point.uuid), str(said.uuid)}
    assert [row["uuid"] for row in found["rows"]] == [str(corrected.uuid)]


def test_what_came_and_went_between_two_calls_is_never_shown(follow, review, goal):
    follow()
    point = make.log(goal, 5, review=review, engineer=review.turns.first().engineer)
    correct_datapoint(datapoint=point, value=5, memo="By mistake.", by=make.make_user(), withdraw=True)
    found = follow()
    assert (found["rows"], found["gone"]) == ([], [str(point.uuid)])


def test_whoever_joins_the_roster_is_told_to_those_who_log(client, follow, review, program):
    manager = make.join(program, Role.MANAGER)
    client.force_login(manager)
    follow()
    make.log(make.make_goal(program.teams.get()), 5, review=review, engineer=review.turns.first().engineer)
    assert "engineers" not in follow()  # somebody was heard: the same people
    guest = add_guest(review=review, team=program.teams.get(), name="Mae Foundry", by=manager)
    found = follow()
    assert [one["name"] for one in found["engineers"]][-1] == "Mae Foundry"
    assert found["engineers"][-1]["goals"] == list(program.teams.get().goals.values_list("pk", flat=True))
    assert "guest" in found["roster"]
    remove_guest(turn=guest, by=manager)
    assert "Mae Foundry" not in [one["name"] for one in follow()["engineers"]]


def test_a_reader_follows_the_roster_and_is_told_no_more(follow, review, program):
    follow()
    add_guest(review=review, team=program.teams.get(), name="Mae Foundry", by=make.make_user())
    found = follow()
    assert "Mae Foundry" in found["roster"]
    assert "engineers" not in found


@pytest.mark.parametrize("cursor", ["1.2", "1.2.abc", "1.2.abc.def", "9" * 200, "1.2." + "x" * 200, "-1.2.a.b", "\x00"])
def test_any_cursor_is_read(client, review, cursor):
    assert client.get(reverse("review_changes", args=[review.pk]), {"after": cursor}).status_code == 200
    assert len(str(read_cursor(cursor))) <= 90


def test_closing_is_told(follow, review):
    follow()
    make.close(review)
    assert follow()["live"] is False


@pytest.mark.parametrize("text", ["", "x", "1", "1.x.y", "-1.-1.z", "9" * 30 + ".1.a", "1." + "9" * 30, "\x00.\x00"])
def test_a_cursor_that_is_none_begins_again(text):
    assert (read_cursor(text).point, read_cursor(text).said) == (0, 0)


@pytest.mark.parametrize("rows", [3, 30])
def test_the_questions_asked_do_not_grow(rows, client, review, goal, django_assert_num_queries):
    for n in range(rows):
        make.make_point(make.make_goal(goal.team), n, review=review, engineer=review.turns.first().engineer)
    with django_assert_num_queries(8):
        client.get(reverse("review_changes", args=[review.pk]))
