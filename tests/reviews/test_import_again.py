"""The same file again changes nothing; one that grew or tells the past otherwise adds what is new, and no more."""

import pytest

from projects.models import Goal, Import, Outlook
from projects.services.goals import revise_goal
from reviews.models import Datapoint
from reviews.services.datapoints import correct_datapoint
from reviews.services.forecasting import refit_goal
from tests.factories import log, make_user, today
from tests.reviews.files import import_file, line, rows, week, write

pytestmark = pytest.mark.django_db

GOOD = [line(k, 10 * k) for k in range(4)]


@pytest.fixture
def path(tmp_path):
    path = write(tmp_path / "f.csv", *GOOD)
    import_file(path)
    return path


def in_force() -> list[tuple]:
    return list(Datapoint.objects.in_force().values_list("observed_on", "value"))


def point_of(k: int) -> Datapoint:
    return Datapoint.objects.in_force().get(observed_on=week(k))


def unchanged(path) -> bool:
    before = rows()
    return "nothing new in this file" in import_file(path).said and rows() == before


def test_the_same_file(path):
    assert unchanged(path)
    assert Import.objects.count() == 1


def test_the_same_rows_in_another_file_and_order(path):
    assert unchanged(write(path.with_name("other.csv"), *reversed(GOOD)))


def test_after_a_person_corrected_a_row(path):
    correct_datapoint(datapoint=point_of(2), value=21, memo="Two were counted twice", by=make_user())
    assert unchanged(path)
    assert point_of(2).value == 21


def test_after_a_person_corrected_it_twice(path):
    for value in (21, 22):
        correct_datapoint(datapoint=point_of(2), value=value, memo=f"It was {value}", by=make_user())
    assert unchanged(path)
    assert point_of(2).value == 22


def test_after_a_person_withdrew_a_row(path):
    correct_datapoint(datapoint=point_of(2), value=20, memo="It was another goal's", by=make_user(), withdraw=True)
    assert unchanged(path)
    assert [day for day, _value in in_force()] == [week(0), week(1), week(3)]


def test_after_a_person_logged_more(path):
    log(Goal.objects.get(), 50)
    assert unchanged(path)
    assert len(in_force()) == 5


def test_after_a_person_revised_the_goal(path):
    goal = Goal.objects.get()
    revise_goal(
        goal=goal,
        version=goal.version,
        target=150,
        deadline=None,
        on=today(),
        memo="Half as much again is needed",
        by=make_user(),
    )
    refit_goal(goal)
    assert unchanged(path)
    assert Goal.objects.get().target == 150


def test_after_a_person_turned_the_goal_round(path):
    goal = Goal.objects.get()
    revise_goal(
        goal=goal, version=goal.version, target=-5, deadline=None, on=today(), memo="Less is better", by=make_user()
    )
    assert Goal.objects.get().direction == "down"
    refit_goal(goal)
    assert unchanged(path)


def test_a_file_that_grew(path):
    ran = import_file(write(path, *GOOD, line(4, 40), line(5, 50)))
    assert "2 datapoints (0 of them corrections), 0 revisions, 0 new goals, 0 new teams" in ran.said
    assert in_force() == [(week(k), 10.0 * k) for k in range(6)]
    assert Outlook.objects.get().value == 50
    assert unchanged(path)


def test_a_file_with_the_new_rows_only(path):
    import_file(write(path, line(4, 40)))
    assert in_force() == [(week(k), 10.0 * k) for k in range(5)]


def test_a_file_with_a_new_series(path):
    import_file(write(path, *GOOD, line(0, 7, series="src/other/goal")))
    assert set(Goal.objects.values_list("team__name", "name")) == {("team", "goal"), ("other", "goal")}
    assert unchanged(path)


def test_a_file_that_lost_rows_takes_none_away(path):
    assert unchanged(write(path, GOOD[3]))
    assert len(in_force()) == 4


def test_a_past_value_told_otherwise_is_a_correction(path):
    first = point_of(2)
    ran = import_file(write(path, *GOOD[:2], line(2, 25), GOOD[3]))
    assert "1 datapoints (1 of them corrections)" in ran.said
    assert in_force() == [(week(0), 0), (week(1), 10), (week(2), 25), (week(3), 30)]
    assert point_of(2).supersedes == first, "the old value stays visible"
    assert Outlook.objects.get().points == 4
    assert unchanged(path)


def test_told_otherwise_and_back_again(path):
    other = write(path.with_name("other.csv"), *GOOD[:2], line(2, 25), GOOD[3])
    import_file(other)
    import_file(path)
    assert point_of(2).value == 20
    assert Datapoint.objects.filter(observed_on=week(2)).count() == 3
    assert unchanged(path)


def test_told_otherwise_after_a_person_corrected_it(path):
    """The file says something new, so it stands; what the person said stays in the chain."""
    corrected = correct_datapoint(datapoint=point_of(2), value=21, memo="Two were counted twice", by=make_user())
    grown = write(path, *GOOD[:2], line(2, 25), GOOD[3])
    import_file(grown)
    assert point_of(2).value == 25
    assert point_of(2).supersedes == corrected
    assert unchanged(grown)


def test_a_goal_stated_as_complete_later(path):
    assert Goal.objects.get().completed_on is None
    grown = write(path, *[line(k, 10 * k, completed=week(4)) for k in range(4)])
    import_file(grown)
    assert Goal.objects.get().completed_on == week(4)
    assert unchanged(grown)


def test_the_same_file_into_another_program(path):
    import_file(path, program="Second")
    assert Goal.objects.count() == 2
    assert Datapoint.objects.count() == 8


def test_cut_off_before_its_forecast_it_is_forecast_when_sent_again(path):
    Outlook.objects.all().delete()
    assert "nothing new in this file" in import_file(path).said
    assert Outlook.objects.get().value == point_of(3).value
