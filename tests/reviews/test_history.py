"""How a finish moved is told as it was known: no later target, no later value, nothing dropped."""

import datetime as dt

import pytest
from django.db.models import prefetch_related_objects

from projects.models import Goal, Revision
from projects.time import WEEK, monday
from reviews.history import WEEKS, Said, Slip, in_force, predictions, slip
from reviews.models import Datapoint, Forecast
from reviews.pictures import slip_words
from reviews.services.forecasting import refit_goal
from tests import factories as make

STEADY = (0, 5, 11, 15, 22, 26, 33, 37, 44, 48)


@pytest.fixture
def goal(db):
    return make.make_goal(values=STEADY)


def told(goal: Goal, today: dt.date | None = None) -> list[Said]:
    goal = Goal.objects.select_related("team__program").get(pk=goal.pk)
    prefetch_related_objects([goal], "revisions", "team__weeks_off")
    points = list(Datapoint.objects.in_force().filter(goal=goal).order_by("recorded_at", "pk"))
    return predictions(goal, points, today or make.today())


def revise(goal: Goal, on: dt.date, *, target: float | None = None, deadline: dt.date | None = None) -> None:
    Revision.objects.create(
        goal=goal,
        on=on,
        old_target=goal.target,
        new_target=goal.target if target is None else target,
        old_deadline=goal.deadline,
        new_deadline=deadline or goal.deadline,
        memo="Scope grew with the second rig.",
    )
    goal.target, goal.deadline = target or goal.target, deadline or goal.deadline
    Goal.objects.filter(pk=goal.pk).update(target=goal.target, deadline=goal.deadline)


def week_of(said: list[Said], day: dt.date) -> Said:
    (found,) = [week for week in said if monday(week.as_of) == monday(day)]
    return found


# ---- what is told ----------------------------------------------------------------------------------------------------


def test_every_week_has_its_row_and_fewer_than_three_values_no_forecast(goal):
    said = told(goal)
    assert [monday(week.as_of) for week in said] == sorted({monday(week.as_of) for week in said})
    assert len(said) == len(STEADY)
    assert [week.known for week in said[:4]] == [False, False, True, True]
    assert said[-1].as_of == make.today()
    assert all(week.p50 is None and not week.never for week in said if not week.known)


def test_at_most_a_year_of_weeks(db):
    assert len(told(make.make_goal(values=range(70), start=make.today() - 80 * WEEK))) == WEEKS


def test_later_values_change_nothing_that_was_known_before(goal):
    before = week_of(told(goal), make.today() - 3 * WEEK)
    make.make_point(goal, 99, observed_on=make.today())
    assert week_of(told(goal), make.today() - 3 * WEEK) == before


def test_a_revision_does_not_leak_into_the_weeks_before_it(goal):
    before = told(goal)
    revise(goal, make.today() - 2 * WEEK, target=400.0, deadline=make.today() + 60 * WEEK)
    after = told(goal)
    changed = [week for week in after if week.as_of >= make.today() - 2 * WEEK]
    assert after[: -len(changed)] == before[: -len(changed)]
    assert {(week.target, week.deadline) for week in changed} == {(400.0, make.today() + 60 * WEEK)}
    assert {week.target for week in after[: -len(changed)]} == {100.0}
    assert all(b.p50 is None or (a.p50 and a.p50 < b.p50) for a, b in zip(before[-1:], after[-1:], strict=True))


def test_targets_and_deadlines_in_force_are_those_that_the_next_revision_found(goal):
    first = goal.deadline
    revise(goal, make.today() - 6 * WEEK, target=150.0)
    revise(goal, make.today() - 3 * WEEK, deadline=make.today() + 20 * WEEK)
    assert in_force(goal, make.today() - 7 * WEEK) == (100.0, first)
    assert in_force(goal, make.today() - 6 * WEEK) == (150.0, first)
    assert in_force(goal, make.today() - 3 * WEEK) == (150.0, make.today() + 20 * WEEK)


def test_a_forecast_that_was_issued_stands_instead_of_the_replay_the_last_of_its_week(goal):
    refit_goal(goal)
    Forecast.objects.update(finish_days=[7.0 * (k + 0.5) for k in range(50)], p_never=0.0)
    newest = told(goal)[-1]
    assert newest.issued
    assert newest.p50 == make.today() + dt.timedelta(days=175)
    assert (newest.p10, newest.p90) == (make.today() + dt.timedelta(days=35), make.today() + dt.timedelta(days=315))
    assert not any(week.issued for week in told(goal)[:-1])


def test_an_issued_never_is_told_as_never(goal):
    refit_goal(goal)
    Forecast.objects.update(finish_days=[30.0] * 20 + [None] * 30, p_never=0.6)
    newest = told(goal)[-1]
    assert newest.never
    assert newest.p10 == make.today() + dt.timedelta(days=30)


def test_one_query_however_many_weeks(goal, django_assert_num_queries):
    goal = Goal.objects.select_related("team__program").get(pk=goal.pk)
    prefetch_related_objects([goal], "revisions", "team__weeks_off")
    points = list(Datapoint.objects.in_force().filter(goal=goal))
    with django_assert_num_queries(1):
        predictions(goal, points, make.today())


def test_a_goal_without_values_has_no_history(db):
    assert told(make.make_goal()) == []
    assert slip([]) == Slip()


def test_what_is_done_is_told_until_some_weeks_after(db):
    goal = make.make_goal(values=(0, 20, 45, 70, 100), start=make.today() - 60 * WEEK)
    for point in Datapoint.objects.filter(goal=goal):
        Datapoint.objects.filter(pk=point.pk).update(observed_on=point.observed_on - 36 * WEEK)
    said = told(goal)
    assert said[-1].done
    assert said[-1].p50 == make.today() - 36 * WEEK
    assert said[-1].as_of <= make.today() - 32 * WEEK
    assert slip(said).done
    assert slip(said).arrives


# ---- how fast it moves -----------------------------------------------------------------------------------------------


def weeks(*finishes: float | None) -> list[Said]:
    """One week each; a finish in weeks from the first week, None never."""
    day = dt.date(2026, 1, 4)
    return [
        Said(day + k * WEEK, known=True, p50=None if at is None else day + dt.timedelta(days=round(7 * at)))
        for k, at in enumerate(finishes)
    ]


@pytest.mark.parametrize(
    ("finishes", "pace", "arrives"),
    [
        ((20, 20, 20, 20), 0.0, True),
        ((20, 21, 22, 23), 1.0, False),
        ((20, 22, 24, 26), 2.0, False),
        ((20, 19, 18, 17), -1.0, True),
        ((90, 9, 20, 20, 20, 20, 20, 20, 20, 20), 0.0, True),  # the last eight only
        ((20, None, 24, None, 28), 2.0, False),
    ],
)
def test_a_week_a_week_never_arrives(finishes, pace, arrives):
    found = slip(weeks(*finishes))
    assert found.pace == pytest.approx(pace)
    assert found.arrives is arrives
    assert ("Never arrives" in slip_words(found)) is not arrives


def test_a_newest_that_is_never_does_not_arrive_however_slow_it_moved():
    assert slip(weeks(None, 20, 20, 20, None)).never == 1
    assert not slip(weeks(20, 20, 20, None)).arrives
    assert slip_words(slip(weeks(20, None))) == "Never arrives: the finish is not within 5 years now."
    found = slip(weeks(20, 20, 20, None, None, None))
    assert slip_words(found) == "Never arrives: the finish was not within 5 years in each of the last 3 weeks."
    assert slip(weeks(None, None)).never == 2


def test_too_few_dated_weeks_say_no_pace():
    found = slip(weeks(20, 25))
    assert found.pace is None
    assert found.arrives
    assert slip_words(found) == "Too few weeks with a dated finish to say how fast it moves."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Slip(pace=0.3, over=8), "The finish moved 0.3 weeks a week over the last 8 weeks with a date."),
        (Slip(pace=0.998, over=8), "The finish moved 0.99 weeks a week over the last 8 weeks with a date."),
        (Slip(pace=1.0, over=8), "Never arrives: the finish moves 1 week a week, over the last 8 weeks with a date."),
        (Slip(pace=2.04, over=6), "Never arrives: the finish moves 2 weeks a week, over the last 6 weeks with a date."),
        (Slip(pace=0.0, over=8), "The finish held still over the last 8 weeks with a date."),
        (
            Slip(pace=-0.5, over=8),
            "The finish came nearer: moved 0.5 weeks a week earlier over the last 8 weeks with a date.",
        ),
        (Slip(done=True), "Done: the finish moves no more."),
    ],
)
def test_the_pace_in_words(found, words):
    assert slip_words(found) == words
