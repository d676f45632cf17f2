"""Who is heard and in which order: nearest the limiting factor first, then who was not heard for longest."""

import datetime as dt

import pytest
from django.utils import timezone

from projects.models import Seat
from projects.services.goals import set_gate
from projects.services.teams import end_seat
from projects.time import WEEK
from reviews.models import Review, Turn
from reviews.services.roster import Nearness, roster
from reviews.services.sessions import start_review
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program()


def names(program, team=None) -> list[str]:
    people = dict(Seat.objects.values_list("engineer", "engineer__name"))
    return [people[place.engineer_id] for place in roster(program, team, make.today())]


def heard(program, engineer, team, weeks_ago: int) -> None:
    """A closed review of that week in which the engineer had their say."""
    then = timezone.now() - weeks_ago * WEEK
    review = Review.objects.create(
        program=program, state="closed", scheduled_for=then, opened_at=then, closed_at=then + dt.timedelta(hours=1)
    )
    Turn.objects.create(review=review, engineer=engineer, team=team, state=Turn.State.HEARD)


def test_who_was_not_heard_for_longest_comes_first_and_who_never_was_before_them(program):
    team = make.make_team(program)
    ann, ben, _cid = (make.make_engineer(team, name) for name in ("Ann", "Ben", "Cid"))
    heard(program, ann, team, 1)
    heard(program, ben, team, 3)
    heard(program, ben, team, 9)
    assert names(program) == ["Cid", "Ben", "Ann"]


def test_absent_is_not_heard(program):
    team = make.make_team(program)
    ann, ben = make.make_engineer(team, "Ann"), make.make_engineer(team, "Ben")
    heard(program, ann, team, 2)
    heard(program, ben, team, 2)
    Turn.objects.filter(engineer=ben).update(state=Turn.State.ABSENT)
    assert names(program) == ["Ben", "Ann"]


def test_nearest_the_limiting_factor_comes_before_who_was_not_heard_for_longest(program):
    vanes, paint = make.make_team(program, "Vanes"), make.make_team(program, "Paint")
    doer, mate, far = make.make_engineer(vanes, "Doer"), make.make_engineer(vanes, "Mate"), make.make_engineer(paint)
    heard(program, doer, vanes, 1)
    heard(program, mate, vanes, 2)
    goal = make.make_goal(vanes)
    make.make_point(goal, 5, engineer=doer)
    factor = make.make_factor("Foundries")
    set_gate(goal=goal, factor=factor, by=None)
    assert names(program) == [far.name, "Mate", "Doer"]
    make.declare(program, factor)
    assert names(program) == ["Doer", "Mate", far.name]
    assert [place.nearness for place in roster(program, None, make.today())] == [
        Nearness.REPORTS,
        Nearness.TEAM,
        Nearness.OTHER,
    ]


def test_who_reported_long_ago_or_in_error_no_longer_stands_for_the_goal(program):
    team = make.make_team(program)
    goal = make.make_goal(team)
    old, wrong = make.make_engineer(team, "Old"), make.make_engineer(team, "Wrong")
    make.make_point(goal, 5, engineer=old, observed_on=make.today() - 14 * WEEK)
    make.make_point(goal, 5, engineer=wrong, withdrawn=True)
    factor = make.make_factor("Foundries")
    set_gate(goal=goal, factor=factor, by=None)
    make.declare(program, factor)
    assert {place.nearness for place in roster(program, None, make.today())} == {Nearness.TEAM}


def test_where_no_factor_is_declared_the_model_s_proposal_counts(program):
    make.make_engineer(make.make_team(program, "A idle"), "Idle")
    team = make.make_team(program, "B busy")
    make.make_engineer(team, "Busy")
    make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    program.refresh_from_db()
    assert program.ranking.proposal
    assert names(program) == ["Busy", "Idle"]


def test_a_converged_program_has_no_nearest(program):
    team = make.make_team(program)
    make.make_engineer(team)
    make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    make.declare(program, None)
    program.refresh_from_db()
    assert [place.nearness for place in roster(program, None, make.today())] == [Nearness.OTHER]


def test_it_is_of_the_day(program):
    team = make.make_team(program)
    leaver, joiner = make.make_engineer(team, "Leaver"), make.make_engineer(team, "Joiner")
    end_seat(seat=make.seat_of(leaver), left=make.today(), by=make.make_user())
    Seat.objects.filter(engineer=joiner).update(joined=make.today() + WEEK)
    now, before, later = (
        {place.engineer_id for place in roster(program, None, make.today() + k * WEEK)} for k in (0, -1, 1)
    )
    assert (now, before, later) == (set(), {leaver.pk}, {joiner.pk})


def test_who_sits_on_two_teams_is_heard_once_with_the_one_nearer_the_limit(program):
    first, second = make.make_team(program, "A first"), make.make_team(program, "B second")
    ann = make.make_engineer(second, "Ann")
    Seat.objects.create(team=first, engineer=ann, joined=make.today() - WEEK)
    assert [place.team_id for place in roster(program, None, make.today())] == [first.pk]
    factor = make.make_factor("Foundries")
    set_gate(goal=make.make_goal(second), factor=factor, by=None)
    make.declare(program, factor)
    assert [place.team_id for place in roster(program, None, make.today())] == [second.pk]


def test_a_review_opens_in_this_order(program):
    team = make.make_team(program)
    ann, _ben = make.make_engineer(team, "Ann"), make.make_engineer(team, "Ben")
    heard(program, ann, team, 1)
    review = start_review(program=program, by=make.make_user())
    assert [(turn.position, turn.engineer.name) for turn in review.turns.all()] == [(0, "Ben"), (1, "Ann")]


def test_it_asks_the_same_few_queries_however_many(program, django_assert_num_queries):
    team = make.make_team(program)
    for _ in range(20):
        make.make_engineer(team)
    program.ranking = None
    with django_assert_num_queries(4):
        assert len(roster(program, None, make.today())) == 20
