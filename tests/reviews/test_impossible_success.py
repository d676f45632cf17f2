"""A program whose success is no longer possible is decided about before its next review closes (M16)."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from projects.models import Decision, Event, Program, Ranking, ReviewOdds, Role
from projects.services.decisions import clear_if_recovered, record_decision
from projects.services.ranking import rank_program
from projects.time import WEEK
from reviews.models import Review, Turn
from reviews.services.forecasting import refit_program
from reviews.services.sessions import close_review
from tests import factories as make

pytestmark = pytest.mark.django_db

YEARS_OF_SLOW = [0.05 * n for n in range(120)]  # of 100, in 120 weeks


@pytest.fixture
def program():
    """A goal that has crept for more than two years, whose last acceptable date is near."""
    made = make.make_program("Engines", deadline=make.today() + 4 * WEEK, last_acceptable=make.today() + 8 * WEEK)
    Program.objects.filter(pk=made.pk).update(start=make.today() - 130 * WEEK)
    made.refresh_from_db()
    team = make.make_team(made, "Blades", engineers=1)
    make.make_goal(team, "Cast vanes", start=make.today() - 125 * WEEK, values=YEARS_OF_SLOW)
    refit_program(made)
    return made


def hold(program: Program, weeks: float = 0) -> Review:
    """A review that closes so many weeks from now, with everyone absent."""
    review = make.open_review(program)
    review.turns.update(state=Turn.State.ABSENT, absence="On holiday")
    close_review(review=review, by=make.make_user(), now=timezone.now() + weeks * WEEK)
    program.refresh_from_db()
    return review


def decide(program: Program, choice: str = "scope", memo: str = "Half of the vanes ship.") -> Decision:
    made = record_decision(program=program, uuid=uuid.uuid4(), choice=choice, memo=memo, by=make.make_user())
    program.refresh_from_db()
    return made


def due_program(program: Program) -> Program:
    for weeks in (-3, -2, -1):
        review = make.open_review(program)
        Review.objects.filter(pk=review.pk).update(opened_at=timezone.now() - 4 * WEEK)
        review.turns.update(state=Turn.State.ABSENT, absence="On holiday")
        close_review(review=review, by=make.make_user(), now=timezone.now() + weeks * WEEK)
    program.refresh_from_db()
    return program


def test_a_replay_of_years_of_slow_points_asks_at_the_third_review(program):
    """Each review closes on what was known on its day, the last three of more than two years."""
    asked = []
    for weeks in range(5, 0, -1):
        day = make.today() - weeks * WEEK
        refit_program(program, day)
        review = make.open_review(program)
        Review.objects.filter(pk=review.pk).update(opened_at=timezone.now() - (weeks + 1) * WEEK)
        review.turns.update(state=Turn.State.ABSENT, absence="On holiday")
        if program.decision_due_since:
            with pytest.raises(ValidationError, match="Decide first"):
                close_review(review=review, by=make.make_user())
            break
        close_review(review=review, by=make.make_user(), now=timezone.now() - weeks * WEEK)
        program.refresh_from_db()
        asked.append(program.decision_due_since is not None)
    assert asked == [False, False, True]
    assert [row.p for row in ReviewOdds.objects.all()] == pytest.approx([0.0, 0.0, 0.0], abs=0.05)
    assert Event.objects.filter(verb="needs a decision", program=program).count() == 1


def test_closing_works_again_once_it_is_decided_and_counts_anew(program):
    due_program(program)
    review = make.open_review(program)
    review.turns.update(state=Turn.State.ABSENT, absence="On holiday")
    with pytest.raises(ValidationError, match="Decide first"):
        close_review(review=review, by=make.make_user())
    made = decide(program)
    assert (made.due_since is not None, made.p is not None) == (True, True)
    close_review(review=review, by=make.make_user())
    for weeks in (1, 2):  # the third of them and two weeks after the first
        program.refresh_from_db()
        assert program.decision_due_since is None
        hold(program, weeks)
    assert program.decision_due_since is not None


def test_one_good_point_does_not_clear_it_and_two_reviews_do(program):
    due_program(program)
    Program.objects.filter(pk=program.pk).update(decision_due_since=timezone.now() - 3 * WEEK)
    program.ranking_days.all().delete()
    for weeks, clears in ((2, False), (1, True)):
        day = make.today() - weeks * WEEK
        program.ranking_days.create(day=day, newest_data=day, p_last_acceptable=0.4)
        program.ranking_days.create(day=day + dt.timedelta(days=1), newest_data=day, p_last_acceptable=0.4)
        assert clear_if_recovered(program) is clears
    program.refresh_from_db()
    assert program.decision_due_since is None
    assert Event.objects.filter(verb="no longer needs a decision").count() == 1


def test_ranking_again_is_what_looks_whether_it_clears(program):
    due_program(program)
    Program.objects.filter(pk=program.pk).update(decision_due_since=timezone.now() - 3 * WEEK)
    program.refresh_from_db()
    for weeks in (2, 1):
        day = make.today() - weeks * WEEK
        program.ranking_days.create(day=day, newest_data=day, p_last_acceptable=0.4)
    program.ranking_days.filter(day__gte=make.today() - dt.timedelta(days=1)).delete()
    rank_program(program, make.today() - dt.timedelta(days=1))  # its own data are years of slow points
    program.refresh_from_db()
    assert program.decision_due_since is not None, "the newest data are bad again"


def test_without_a_last_acceptable_date_nothing_is_asked(program, client):
    Program.objects.filter(pk=program.pk).update(last_acceptable=None)
    due_program(program)
    assert program.decision_due_since is None
    assert set(ReviewOdds.objects.values_list("p", flat=True)) == {None}
    client.force_login(make.join(program))
    page = client.get(program.get_absolute_url()).content.decode()
    assert "No last acceptable date is stated" in page


def test_unknown_odds_are_kept_as_unknown(program):
    Ranking.objects.filter(program=program).update(p_last_acceptable=None)
    hold(program)
    assert ReviewOdds.objects.get().p is None


def test_it_stands_first_on_the_board_and_on_its_page(program, client):
    worse = make.make_world("A worse one")
    Ranking.objects.filter(program=worse).update(severity=2.0)
    due_program(program)
    user = make.join(program)
    make.join(worse, Role.MANAGER, user)
    client.force_login(user)
    board = client.get("/").content.decode()
    assert board.index("Engines") < board.index("A worse one")
    assert "Decide: people, scope, path, or stop" in board
    page = client.get(program.get_absolute_url()).content.decode()
    assert "Success is no longer among the possible outcomes" in page


def test_the_form_makes_one_decision_however_often_it_is_sent(program, client):
    due_program(program)
    client.force_login(make.join(program))
    url = reverse("decision_create", args=[program.slug])
    data = {"uuid": str(uuid.uuid4()), "choice": "people", "memo": "Another lead takes the foundry from Monday."}
    for _ in range(2):
        response = client.post(url, data)
        assert response.status_code == 302
    made = Decision.objects.get()
    assert (made.choice, made.memo) == ("people", data["memo"])
    assert client.post(url, data | {"choice": "stop"}).status_code == 422
    assert Decision.objects.count() == 1
    page = client.get(program.get_absolute_url()).content.decode()
    assert "Another lead takes the foundry" in page
    assert "Success is no longer among the possible outcomes" not in page
    history = client.get(reverse("history", args=[program.slug])).content.decode()
    assert "Another lead takes the foundry" in history


@pytest.mark.parametrize("memo", ["", "  ", "n/a", "-"])
def test_a_decision_needs_a_memo(program, client, memo):
    client.force_login(make.join(program))
    data = {"uuid": str(uuid.uuid4()), "choice": "keep", "memo": memo}
    assert client.post(reverse("decision_create", args=[program.slug]), data).status_code == 422
    assert not Decision.objects.exists()


def test_a_decision_that_repeats_the_last_memo_is_refused(program):
    decide(program, "keep", "The order of August is on the water.")
    with pytest.raises(ValidationError, match="repeats"):
        decide(program, "keep", "The order of August is on the water.")
