"""A review is opened once, hears everyone who does the work, and is closed once."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from projects.models import Event
from projects.services.teams import set_archived
from reviews.models import Review, Turn
from reviews.services.sessions import close_review, start_review
from reviews.services.turns import add_turn, mark_absent
from tests.factories import close, log, make_engineer, make_goal, make_program, make_team, make_user, open_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team(engineers=3)


@pytest.fixture
def program(team):
    return team.program


def names(review: Review) -> list[str]:
    return [turn.engineer.name for turn in review.turns.all()]


def test_it_is_live_with_everyone_waiting(program, team):
    user = make_user()
    review = start_review(program=program, by=user)
    assert (review.state, review.led_by, review.closed_at) == ("live", user, None)
    assert review.opened_at is not None
    assert [turn.state for turn in review.turns.all()] == ["waiting"] * 3
    assert [turn.position for turn in review.turns.all()] == [0, 1, 2]
    assert Event.objects.filter(verb="opened").count() == 1


def test_started_twice_it_is_one(program):
    first = open_review(program)
    assert open_review(program) == first
    assert (Review.objects.count(), Turn.objects.count(), Event.objects.filter(verb="opened").count()) == (1, 3, 1)


def test_of_one_team_it_hears_that_team(program, team):
    make_team(program, "Other", engineers=2)
    assert len(names(open_review(program))) == 5
    close(Review.objects.get())
    assert len(names(start_review(program=program, by=make_user(), team=team))) == 3


def test_two_programs_at_once(program):
    assert open_review(program) != open_review(make_program())


def test_a_program_without_engineers_has_an_empty_roster():
    assert names(open_review(make_program())) == []


def test_an_archived_team_is_not_heard(program, team):
    set_archived(team=team, archived=True, by=make_user())
    assert names(open_review(program)) == []


def test_a_guest_is_added_at_the_end_and_once(program, team):
    review, guest = open_review(program), make_engineer()
    first = add_turn(review=review, engineer=guest, team=team)
    assert add_turn(review=review, engineer=guest, team=team) == first
    assert first.position == 3
    assert review.turns.count() == 4


def test_absent_and_back_again(program):
    turn = open_review(program).turns.first()
    for absent, state in ((True, "absent"), (True, "absent"), (False, "waiting"), (False, "waiting")):
        mark_absent(turn=turn, absent=absent, why="Ill", by=make_user())
        turn.refresh_from_db()
        assert turn.state == state


def test_who_was_heard_is_not_made_absent(program, team):
    review = open_review(program)
    turn = review.turns.first()
    log(make_goal(team), 5, review=review, engineer=turn.engineer)
    for absent in (True, False):
        mark_absent(turn=turn, absent=absent, why="Ill", by=make_user())
        turn.refresh_from_db()
        assert turn.state == "heard"


def test_nobody_is_made_absent_once_it_is_closed(program):
    review = open_review(program)
    mark_absent(turn=review.turns.last(), absent=True, why="Ill", by=make_user())
    Review.objects.filter(pk=review.pk).update(state="closed", closed_at=timezone.now())
    mark_absent(turn=review.turns.first(), absent=True, why="Ill", by=make_user())
    mark_absent(turn=review.turns.last(), absent=False, by=make_user())
    assert list(review.turns.values_list("state", flat=True)) == ["waiting", "waiting", "absent"]


def test_closed_once_with_its_notes(program):
    review, user = open_review(program), make_user()
    review.turns.update(state="absent", absence="Ill")
    assert close_review(review=review, by=user, notes="  Vanes, again.  ")
    assert not close_review(review=review, by=make_user(), notes="Another word")
    review.refresh_from_db()
    assert (review.state, review.notes) == ("closed", "Vanes, again.")
    assert review.closed_at >= review.opened_at
    event = Event.objects.get(verb="closed")
    assert (event.by, event.memo) == (user, "Vanes, again.")


def test_the_next_one_may_start_after_it(program):
    first = open_review(program)
    close(first)
    assert open_review(program) != first


@pytest.mark.django_db(transaction=True)
def test_started_from_four_browsers_at_once_it_is_one(program):
    user = make_user()
    start = threading.Barrier(4)
    opened = []

    def go():
        try:
            start.wait()
            opened.append(start_review(program=program, by=user).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert len(set(opened)) == 1
    assert Turn.objects.count() == 3
