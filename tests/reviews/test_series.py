"""The value in force of a goal on a day: who says it, when it was recorded, and what no longer counts."""

import datetime as dt
from itertools import pairwise

import pytest
from django.utils import timezone

from projects.models import Goal
from projects.services.goals import revise_goal
from projects.services.teams import add_weeks_off
from projects.time import WEEK
from reviews.models import Datapoint
from reviews.series import read_series, small_curve
from reviews.services.datapoints import correct_datapoint
from tests.factories import make_goal, make_point, make_user, today

pytestmark = pytest.mark.django_db


def read(goal: Goal, day: dt.date | None = None):
    (found,) = read_series([goal], day or today())
    return found


def values(goal: Goal) -> list[float]:
    return [point.value for point in read(goal).points]


@pytest.fixture
def goal() -> Goal:
    return make_goal()


LEVELS = ["doer", "lead", "manager", "relayed"]


@pytest.mark.parametrize(("nearer", "farther"), list(pairwise(LEVELS)))
@pytest.mark.parametrize("nearer_first", [True, False])
def test_the_one_nearer_the_work_counts_whoever_spoke_last(goal, nearer, farther, nearer_first):
    said = {nearer: 10.0, farther: 90.0}
    for level in (nearer, farther) if nearer_first else (farther, nearer):
        make_point(goal, said[level], level=level)
    assert values(goal) == [10]


def test_of_two_at_one_level_the_latest_recorded_counts(goal):
    for value in (10.0, 30.0, 20.0):
        make_point(goal, value)
    assert values(goal) == [20]


def test_recorded_later_goes_before_written_later(goal):
    """Two rows may reach the table in the other order than they were recorded in."""
    first, _second = make_point(goal, 10), make_point(goal, 20)
    Datapoint.objects.filter(pk=first.pk).update(recorded_at=timezone.now() + dt.timedelta(seconds=5))
    assert values(goal) == [10]


def test_days_are_apart_and_in_order(goal):
    for age, value in ((1, 20.0), (2, 10.0), (0, 30.0)):
        make_point(goal, value, observed_on=today() - age * WEEK)
    found = read(goal)
    assert [point.value for point in found.points] == [10, 20, 30]
    assert list(found.series.dates) == sorted(found.series.dates)


def test_a_corrected_value_is_replaced_by_its_correction(goal):
    point = make_point(goal, 10)
    correct_datapoint(datapoint=point, value=15, memo="Counted twice", by=make_user())
    assert values(goal) == [15]


def test_the_correction_of_a_doers_value_still_is_a_doers(goal):
    make_point(goal, 50, level="manager")
    point = make_point(goal, 10, level="doer")
    correct_datapoint(datapoint=point, value=15, memo="Counted twice", by=make_user())
    assert values(goal) == [15]


def test_a_withdrawn_value_lets_the_one_behind_it_through(goal):
    make_point(goal, 50, level="manager")
    point = make_point(goal, 10, level="doer")
    correct_datapoint(datapoint=point, value=10, memo="Another goal's", by=make_user(), withdraw=True)
    assert values(goal) == [50]


def test_a_quarantined_value_never_enters(goal):
    make_point(goal, 50, level="manager")
    make_point(goal, 10, level="doer", quarantined_at=timezone.now(), quarantine_reason="Twenty million over 115")
    assert values(goal) == [50]


def test_nothing_left_is_no_series(goal):
    make_point(goal, 10, quarantined_at=timezone.now(), quarantine_reason="Impossible")
    found = read(goal)
    assert (found.points, found.series) == ((), None)


def test_a_day_ahead_is_not_known_yet(goal):
    make_point(goal, 10)
    make_point(goal, 90, observed_on=today() + WEEK)
    assert values(goal) == [10]


def test_a_past_day_sees_no_later_point(goal):
    make_point(goal, 10, observed_on=today() - 2 * WEEK)
    make_point(goal, 20)
    found = read(goal, today() - WEEK)
    assert ([point.value for point in found.points], found.series.as_of) == ([10], today() - WEEK)


def revise(goal: Goal, target: float, on: dt.date, deadline: dt.date | None = None) -> None:
    revise_goal(
        goal=goal,
        version=goal.version,
        target=target,
        deadline=deadline,
        on=on,
        memo=f"Now {target} are wanted",
        by=make_user(),
    )
    goal.refresh_from_db()


def test_a_change_of_target_is_told_to_the_curve(goal):
    make_point(goal, 10, observed_on=today() - 2 * WEEK)
    revise(goal, 150, today() - WEEK, deadline=goal.deadline)
    series = read(goal).series
    assert series.target == 150
    assert series.revisions == ((today() - WEEK, 100, 150),)


def test_a_change_of_deadline_alone_is_none_of_the_target(goal):
    make_point(goal, 10)
    revise(goal, 100, today(), deadline=goal.deadline + WEEK)
    series = read(goal).series
    assert (series.deadline, series.revisions) == (goal.deadline, ())


def test_a_change_ahead_is_not_in_force_yet(goal):
    make_point(goal, 10)
    deadline = goal.deadline
    revise(goal, 150, today() + WEEK, deadline=deadline + WEEK)
    series = read(goal).series
    assert (series.target, series.deadline, series.revisions) == (100, deadline, ())
    later = read(goal, today() + WEEK).series
    assert (later.target, later.deadline) == (150, deadline + WEEK)


def test_a_start_ahead_is_unknown(goal):
    make_point(goal, 10)
    Goal.objects.filter(pk=goal.pk).update(start=today() + WEEK)
    assert read(goal).series.start is None


def test_weeks_off_of_the_team_are_told(goal):
    make_point(goal, 10)
    off = add_weeks_off(team=goal.team, first_day=today() - WEEK, last_day=today(), reason="Holidays", by=None)
    assert read(goal).series.off == (off.days,)


def test_the_basis_is_what_the_goal_had_when_it_was_read(goal):
    make_point(goal, 10)
    stale = Goal.objects.get(pk=goal.pk)
    make_point(goal, 20)
    assert read(stale).basis == goal.data_version == stale.data_version + 1


def test_many_goals_take_as_many_queries_as_two(django_assert_num_queries):
    few = [make_goal(values=(1, 2)) for _ in range(2)]
    many = few + [make_goal(few[0].team, values=(1, 2, 3)) for _ in range(8)]
    with django_assert_num_queries(5):
        read_series(few, today())
    with django_assert_num_queries(5):
        assert len(read_series(many, today())) == 10


@pytest.mark.parametrize("n", [0, 1, 2, 59, 60, 61, 119, 1000])
def test_a_small_curve_keeps_both_ends(n):
    points = [Datapoint(observed_on=dt.date(2020, 1, 1) + dt.timedelta(days=k), value=k) for k in range(n)]
    curve = small_curve(points)
    assert len(curve) == min(n, 60)
    assert [value for _day, value in curve] == sorted({value for _day, value in curve})
    if n:
        assert (curve[0], curve[-1][1]) == (["2020-01-01", 0], n - 1)
