"""Before a review: what changed since the last one, what is due, and who has not had their say."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Outlook, RankingDay, SuccessorPrediction
from projects.services.goals import revise_goal
from projects.time import WEEK
from reviews.models import Datapoint, Review, Turn
from reviews.services.preparation import prepare
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def team(program):
    return make.make_team(program, "Blades")


@pytest.fixture
def last(program):
    then = timezone.now() - WEEK
    return Review.objects.create(
        program=program, state="closed", scheduled_for=then, opened_at=then, closed_at=then + dt.timedelta(hours=1)
    )


def ready(program, team=None):
    return prepare(program, team, make.today())


def test_before_the_first_review_nothing_is_new(program, team):
    make.make_goal(team, values=make.STEADY)
    make.make_engineer(team, "Ann")
    found = ready(program)
    assert (found.last, found.flips, found.logged, found.revisions, found.blockers) == (None, [], [], [], [])
    assert [seat.engineer.name for seat in found.unheard] == ["Ann"]


def test_verdicts_that_flipped_since(program, team, last):
    goal, same = (
        make.make_goal(team, "Cast vanes", values=make.STEADY),
        make.make_goal(team, "Same", values=make.STEADY),
    )
    make.refit_program(program)
    now = Outlook.objects.get(goal=goal)
    said = {"name": goal.name, "verdict": "stalled", "p50": "2026-01-01", "value": 1.0}
    kept = {str(goal.pk): said, str(same.pk): said | {"verdict": Outlook.objects.get(goal=same).verdict}}
    RankingDay.objects.create(program=program, day=last.closed_at.date(), goals=kept)
    (flip,) = ready(program).flips
    assert (flip.goal, flip.before, flip.now, flip.p50_before) == (goal, "stalled", now.verdict, "2026-01-01")


def test_what_was_logged_outside_the_room_and_what_was_revised(program, team, last):
    goal = make.make_goal(team, values=(1, 2))
    Datapoint.objects.update(recorded_at=last.closed_at - dt.timedelta(hours=2))
    late = make.make_point(goal, 5)
    make.make_point(goal, 6, origin="live", observed_on=make.today() - WEEK)
    revise_goal(
        goal=goal,
        version=goal.version,
        target=120,
        deadline=goal.deadline,
        on=make.today(),
        memo="Scope grew.",
        by=make.make_user(),
    )
    found = ready(program)
    assert (found.logged, found.logged_in_all) == ([late], 1)
    assert [revision.memo for revision in found.revisions] == ["Scope grew."]


def test_blockers_that_were_named_the_last_time(program, team, last):
    ann = make.make_engineer(team, "Ann")
    goal = make.make_goal(team, "Cast vanes")
    make.make_point(goal, 1, review=last, engineer=ann, blocker="No foundry")
    make.make_point(goal, 2, review=last, engineer=ann, blocker="Taken back", withdrawn=True)
    turn = Turn.objects.create(review=last, engineer=ann, team=team, state="heard")
    turn.statements.create(kind="blocked", text="No licence")
    assert ready(program).blockers == [("No foundry", "Ann", "Cast vanes"), ("No licence", "Ann", "")]


def test_who_had_no_say_the_last_time(program, team, last):
    ann, ben = make.make_engineer(team, "Ann"), make.make_engineer(team, "Ben")
    Turn.objects.create(review=last, engineer=ann, team=team, state="heard")
    Turn.objects.create(review=last, engineer=ben, team=team, state="absent", absence="Ill")
    found = ready(program)
    assert [seat.engineer.name for seat in found.seats] == ["Ben", "Ann"]
    assert [(seat.engineer.name, seat.last.absence) for seat in found.unheard] == [("Ben", "Ill")]


def test_predictions_and_interventions_that_are_due(program, team):
    goal = make.make_goal(team)
    limit = make.declare(program, "Foundries")
    fields = {"limit": limit, "goal": goal, "probability": 0.6, "memo": "As last time.", "window_from": make.today()}
    due = SuccessorPrediction.objects.create(window_to=make.today() + dt.timedelta(days=3), **fields)
    SuccessorPrediction.objects.create(window_to=make.today() + 30 * WEEK, **fields)
    SuccessorPrediction.objects.create(window_to=make.today(), outcome="came", **fields)
    done = make.make_intervention(program, goal=goal, review_on=make.today())
    make.make_intervention(program, goal=goal, review_on=make.today() + 9 * WEEK)
    found = ready(program)
    assert (found.predictions, found.interventions) == ([due], [done])


def test_for_a_team_it_is_about_that_team(program, team, last):
    other = make.make_team(program, "Paint")
    make.make_point(make.make_goal(other), 5)
    make.make_engineer(other, "Cid")
    found = ready(program, team)
    assert (found.logged, found.seats) == ([], [])
    assert len(ready(program, other).logged) == 1
    Review.objects.update(team=other)
    assert ready(program, team).last is None


def test_the_page_says_it_and_is_about_the_next_slot(client, program, team, last):
    client.force_login(make.join(program))
    url = reverse("review_prepare", args=[program.slug])
    ann = make.make_engineer(team, "Ann")
    make.make_point(make.make_goal(team, "Cast vanes"), 1, review=last, engineer=ann, blocker="No foundry")
    make.declare(program, "Foundries", since=make.today() - 3 * WEEK)
    html = client.get(url).content.decode()
    for text in ("No foundry", "Foundries", "3 weeks ago", "never heard", "No review is scheduled."):
        assert text in html
    rhythm = make.make_cadence(program)
    page = client.get(url)
    assert page.context["slot"].cadence == rhythm
    assert "No foundry" in page.content.decode()
