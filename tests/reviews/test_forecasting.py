"""Refit: from points to the outlook that the board reads, whatever order writers come in."""

import datetime as dt

import pytest
from django.utils import timezone

from projects.models import Goal, Outlook, Program, Ranking
from projects.services.goals import edit_goal, revise_goal, set_archived
from projects.services.outlooks import OutlookValue, record_outlooks
from projects.services.teams import add_weeks_off, remove_weeks_off
from projects.time import WEEK
from reviews.models import Datapoint, Forecast
from reviews.services.forecasting import blocker_votes, refit_goal, refit_goals, refit_program
from tests.factories import (
    STEADY,
    log,
    make_engineer,
    make_factor,
    make_goal,
    make_point,
    make_program,
    make_team,
    make_user,
    outlook,
    today,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def goal() -> Goal:
    return make_goal(values=STEADY)


def refitted(goal: Goal) -> Outlook:
    refit_goal(Goal.objects.get(pk=goal.pk))
    return outlook(goal)


# ---- what is said --------------------------------------------------------------------------------------------------


def test_a_steady_climb_converges(goal):
    found = refitted(goal)
    assert found.verdict == "converging"
    assert today() < found.p10 <= found.p50 <= found.p90
    assert 0 <= found.p_never < 0.5
    assert 0 < found.p_deadline <= 1
    assert (found.value, found.value_on, found.points) == (STEADY[-1], today(), len(STEADY))
    assert found.known
    assert all(reason.strip() for reason in found.reasons)
    assert found.curve[-1] == [today().isoformat(), STEADY[-1]]


def test_down_is_as_good_as_up():
    up = refitted(make_goal(values=STEADY))
    down = refitted(make_goal(values=[100 - v for v in STEADY], baseline=100.0, target=0.0))
    assert (up.verdict, up.p50, up.p_deadline) == (down.verdict, down.p50, down.p_deadline)


def test_one_that_stands_still_may_never_arrive():
    found = refitted(make_goal(values=[40] * 60, deadline=None))
    assert found.verdict == "stalled"
    assert found.p_never > 0.5
    assert found.p50 is None, "not within five years"
    assert found.known


def test_one_that_gets_worse_diverges():
    assert refitted(make_goal(values=[60 - 3 * k for k in range(12)])).verdict == "diverging"


def test_a_passed_deadline_is_slow(goal):
    found = refitted(make_goal(values=STEADY, deadline=today() - WEEK))
    assert (found.verdict, found.p_deadline) == ("slow", 0)


def test_one_without_a_deadline_has_no_chance_of_it():
    found = refitted(make_goal(values=STEADY, deadline=None))
    assert (found.verdict, found.p_deadline) == ("converging", None)


def test_done_the_day_it_meets_its_target(goal):
    log(goal, 100)
    assert (outlook(goal).verdict, outlook(goal).p_never) == ("done", 0)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_values_are_unknown(n):
    found = refitted(make_goal(values=STEADY[:n]))
    assert (found.verdict, found.known, found.points) == ("unknown", False, n)
    assert (found.p50, found.p_never, found.p_deadline) == (None, None, None), "unknown is never shown as 0"
    assert len(found.reasons) == 2
    assert not Forecast.objects.exists()


def test_three_values_on_one_day_are_one():
    goal = make_goal()
    for value in (1, 2, 3):
        make_point(goal, value)
    assert refitted(goal).verdict == "unknown"


# ---- forecasts issued ----------------------------------------------------------------------------------------------


def test_the_forecast_is_kept_with_its_receipt(goal):
    found = refitted(goal)
    kept = Forecast.objects.get()
    assert (kept.goal, kept.as_of, kept.verdict, kept.p_deadline) == (goal, today(), found.verdict, found.p_deadline)
    assert (kept.inputs_hash, kept.engine) == (found.inputs_hash, found.engine)
    assert kept.newest_datapoint == Datapoint.objects.latest("pk").pk
    assert kept.deadline == goal.deadline


def test_the_same_inputs_on_the_same_day_are_one_forecast(goal):
    first = refitted(goal)
    again = refitted(goal)
    assert Forecast.objects.count() == 1
    assert (first.verdict, first.finish_days) == (again.verdict, again.finish_days)


def test_alone_as_in_a_batch(goal):
    others = [make_goal(goal.team, values=[k * v / 9 for v in STEADY]) for k in range(1, 8)]
    refit_program(goal.team.program)
    together = outlook(goal)
    Outlook.objects.all().delete()
    refit_goals([others[3]], today())
    alone = refitted(goal)
    kept = ("verdict", "finish_days", "p_never", "p_deadline", "inputs_hash", "reasons", "curve")
    assert [getattr(alone, name) for name in kept] == [getattr(together, name) for name in kept]


def test_time_passes_without_data(goal):
    refit_program(goal.team.program, today())
    near = outlook(goal)
    refit_program(goal.team.program, today() + 7 * WEEK)
    far = outlook(goal)
    assert far.as_of == today() + 7 * WEEK
    assert far.p_deadline < near.p_deadline
    assert Forecast.objects.count() == 2


def test_archived_goals_are_left_alone(goal):
    other = make_goal(goal.team, values=STEADY)
    set_archived(goal=other, archived=True, by=None)
    assert refit_program(goal.team.program) == 1
    assert not Outlook.objects.filter(goal=other).exists()


def test_a_program_without_goals_is_ranked_too():
    program = make_program()
    assert refit_program(program) == 0
    assert not Ranking.objects.get(program=program).known


# ---- what it rests on ----------------------------------------------------------------------------------------------


def test_a_revision_reaches_the_forecast(goal):
    before = refitted(goal)
    revise_goal(
        goal=goal,
        version=goal.version,
        target=100,
        deadline=today() + dt.timedelta(days=1),
        on=today(),
        memo="The slot moved up",
        by=make_user(),
    )
    after = refitted(goal)
    assert after.p_deadline < before.p_deadline
    assert after.basis > before.basis


def test_a_lower_target_may_be_met_already(goal):
    revise_goal(
        goal=goal, version=goal.version, target=50, deadline=None, on=today(), memo="Half will do", by=make_user()
    )
    assert refitted(goal).verdict == "done"


def test_an_edited_start_moves_the_basis(goal):
    before = refitted(goal)
    edit_goal(goal=goal, version=goal.version, by=make_user(), start=goal.start - WEEK)
    assert refitted(goal).basis > before.basis


def test_weeks_off_are_no_lack_of_progress():
    """The same numbers, four weeks of them standing still: a holiday is not a stall."""
    values = [*STEADY, *[STEADY[-1]] * 4]
    idle, off = make_goal(values=values), make_goal(values=values)
    add_weeks_off(
        team=off.team, first_day=today() - 4 * WEEK + dt.timedelta(1), last_day=today(), reason="Ice", by=None
    )
    stood, rested = refitted(idle), refitted(off)
    assert rested.p_never < stood.p_never or rested.p50 < stood.p50
    assert rested.inputs_hash != stood.inputs_hash


def test_weeks_off_taken_back_are_as_if_never_said(goal):
    before = refitted(goal)
    off = add_weeks_off(team=goal.team, first_day=today() - WEEK, last_day=today(), reason="Ice", by=None)
    during = refitted(goal)
    remove_weeks_off(off=off, by=make_user())
    after = refitted(goal)
    assert after.inputs_hash == before.inputs_hash != during.inputs_hash
    assert before.basis < during.basis < after.basis


# ---- writers at once -----------------------------------------------------------------------------------------------


def value_of(goal: Goal, basis: int, day: dt.date, points: int) -> OutlookValue:
    return OutlookValue(
        goal_id=goal.pk, basis=basis, as_of=day, verdict="unknown", reasons=["One", "Two"], points=points
    )


@pytest.mark.parametrize(
    ("basis", "days", "stands"),
    [(5, 0, 2), (6, 0, 2), (6, -3, 2), (5, 1, 2), (4, 0, 1), (4, 9, 1), (5, -1, 1)],
    ids=["the same", "newer data", "newer data, older day", "a later day", "older data", "both", "an earlier day"],
)
def test_of_two_writers_the_one_with_the_newer_data_stays(goal, basis, days, stands):
    record_outlooks([value_of(goal, 5, today(), 1)])
    record_outlooks([value_of(goal, basis, today() + dt.timedelta(days), 2)])
    assert outlook(goal).points == stands


def test_a_fit_that_began_before_a_datapoint_does_not_undo_it(goal, monkeypatch):
    """The slow writer reads, another logs and refits, the slow one writes: the datapoint stays on the board."""
    slow = Goal.objects.get(pk=goal.pk)
    before = refitted(goal)
    stale = value_of(slow, before.basis, today(), points=1)
    log(goal, 77)
    record_outlooks([stale])
    assert (outlook(goal).value, outlook(goal).points) == (77, len(STEADY))


def test_all_goals_in_one_write(goal):
    other = make_goal(goal.team)
    record_outlooks([value_of(goal, 1, today(), 3), value_of(other, 1, today(), 4)])
    assert dict(Outlook.objects.values_list("goal", "points")) == {goal.pk: 3, other.pk: 4}


# ---- what stops them -----------------------------------------------------------------------------------------------


def votes(goal: Goal) -> list[dict]:
    return blocker_votes([goal], today()).get(goal.pk, [])


def test_each_engineers_latest_word_is_one_vote():
    goal = make_goal(make_team())
    ann, ben = make_engineer(goal.team), make_engineer(goal.team)
    factor = make_factor("Cast vanes")
    make_point(goal, 1, engineer=ann, blocker="Money", observed_on=today() - WEEK)
    make_point(goal, 2, engineer=ann, blocker="No vanes", factor=factor)
    make_point(goal, 3, engineer=ben, blocker="Vanes again", factor=factor)
    assert votes(goal) == [{"text": "Cast vanes", "factor": factor.pk, "votes": 2}]


def test_who_says_that_nothing_stops_them_takes_their_vote_back():
    goal = make_goal()
    ann = make_engineer(goal.team)
    make_point(goal, 1, engineer=ann, blocker="Money", observed_on=today() - WEEK)
    make_point(goal, 2, engineer=ann)
    assert votes(goal) == []


def test_the_most_named_comes_first():
    goal = make_goal()
    for blocker in ("Money", "Parts", "Parts"):
        make_point(goal, 1, engineer=make_engineer(goal.team), blocker=blocker)
    assert [(vote["text"], vote["votes"]) for vote in votes(goal)] == [("Parts", 2), ("Money", 1)]


@pytest.mark.parametrize(
    "gone",
    [
        {"observed_on": today() - 8 * WEEK},
        {"observed_on": today() + WEEK},
        {"quarantined_at": timezone.now()},
        {"withdrawn": True},
        {"engineer": None},
    ],
    ids=["eight weeks ago", "ahead", "quarantined", "withdrawn", "by nobody"],
)
def test_what_has_no_vote(gone):
    goal = make_goal()
    make_point(goal, 1, **{"engineer": make_engineer(goal.team), "blocker": "Money"} | gone)
    assert votes(goal) == []


def test_a_vote_is_of_its_goal_alone_and_reaches_the_outlook():
    goal, other = make_goal(values=STEADY), make_goal()
    log(goal, 60, engineer=make_engineer(goal.team), blocker="Money")
    assert outlook(goal).blocker_votes == [{"text": "Money", "factor": None, "votes": 1}]
    assert votes(other) == []


# ---- how much it asks ----------------------------------------------------------------------------------------------


def test_a_program_of_many_goals_takes_few_queries(django_assert_max_num_queries):
    program = Program.objects.get(pk=make_goal(values=STEADY).team.program_id)
    team = make_team(program)
    for _ in range(11):
        make_goal(team, values=STEADY)
    with django_assert_max_num_queries(60):
        refit_program(program)
    assert Outlook.objects.count() == 12
