"""A change of target or deadline from row to row becomes a Revision, and the last one is in force."""

import pytest

from projects.models import Goal, Outlook, Revision
from projects.services.goals import revise_goal
from reviews.models import Datapoint
from tests.factories import make_user
from tests.reviews.files import MONDAY, import_file, line, rows, week, write

pytestmark = pytest.mark.django_db


def revisions() -> list[tuple]:
    """(week, old target, new target, old deadline's week, new deadline's week) of each."""

    def at(day):
        return None if day is None else (day - MONDAY).days // 7

    return [
        (at(r.on), r.old_target, r.new_target, at(r.old_deadline), at(r.new_deadline)) for r in Revision.objects.all()
    ]


def promise() -> tuple:
    goal = Goal.objects.get()
    return goal.target, goal.deadline


def unchanged(path) -> bool:
    before = rows()
    return "nothing new in this file" in import_file(path).said and rows() == before


def test_none_where_nothing_moves(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, 9, deadline=week(40)) for k in range(4)]))
    assert revisions() == []
    assert promise() == (9, week(40))


def test_a_target_that_moves(tmp_path):
    path = write(tmp_path / "f.csv", *[line(k, k, target) for k, target in enumerate([100, 100, 120, 120, 90])])
    import_file(path)
    assert revisions() == [(2, 100, 120, None, None), (4, 120, 90, None, None)]
    assert promise() == (90, None)
    assert unchanged(path)


def test_a_deadline_that_appears_moves_and_goes(tmp_path):
    deadlines = ["", week(20), week(30), week(30), ""]
    path = write(tmp_path / "f.csv", *[line(k, k, deadline=day) for k, day in enumerate(deadlines)])
    import_file(path)
    assert revisions() == [(1, 100, 100, None, 20), (2, 100, 100, 20, 30), (4, 100, 100, 30, None)]
    assert promise() == (100, None)
    assert unchanged(path)


def test_both_at_once_are_one_revision(tmp_path):
    import_file(write(tmp_path / "f.csv", line(0, 1), line(1, 2, 110, deadline=week(20))))
    assert revisions() == [(1, 100, 110, None, 20)]


def test_they_cite_the_import_and_name_nobody(tmp_path):
    import_file(write(tmp_path / "f.csv", line(0, 1), line(1, 2, 110)))
    revision = Revision.objects.get()
    assert (revision.source, revision.by, revision.memo) == (Datapoint.objects.first().source, None, "")


def test_a_grown_file_whose_target_moves(tmp_path):
    old = [line(k, k) for k in range(3)]
    path = write(tmp_path / "f.csv", *old)
    import_file(path)
    import_file(write(path, *old, line(3, 3, 130), line(4, 4, 130)))
    assert revisions() == [(3, 100, 130, None, None)]
    assert promise() == (130, None)
    assert unchanged(path)


def test_new_rows_only_with_another_target(tmp_path):
    """The rows before are on record: what changed since is a Revision too."""
    import_file(write(tmp_path / "f.csv", *[line(k, k) for k in range(3)]))
    path = write(tmp_path / "g.csv", line(3, 3, 130, deadline=week(50)))
    import_file(path)
    assert revisions() == [(3, 100, 130, None, 50)]
    assert promise() == (130, week(50))
    assert unchanged(path)


def test_a_past_target_told_otherwise(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, target) for k, target in enumerate([100, 100, 120])]))
    path = write(tmp_path / "g.csv", *[line(k, k, target) for k, target in enumerate([100, 100, 130])])
    import_file(path)
    assert revisions() == [(2, 100, 120, None, None), (2, 120, 130, None, None)]
    assert promise() == (130, None)
    assert unchanged(path)


def test_all_rows_with_another_target(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, 100) for k in range(3)]))
    path = write(tmp_path / "g.csv", *[line(k, k, 80) for k in range(3)])
    import_file(path)
    assert promise() == (80, None)
    assert unchanged(path)


def test_a_change_told_a_week_later_than_before(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, target) for k, target in enumerate([100, 100, 120, 120])]))
    path = write(tmp_path / "g.csv", *[line(k, k, target) for k, target in enumerate([100, 100, 100, 120])])
    import_file(path)
    assert revisions()[-1] == (3, 100, 120, None, None)
    assert promise() == (120, None)
    assert unchanged(path)


def test_a_row_of_the_past_alone_leaves_the_present(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, 100) for k in range(4)]))
    path = write(tmp_path / "g.csv", line(1, 1, 70))
    import_file(path)
    assert revisions() == [(1, 100, 70, None, None), (2, 70, 100, None, None)]
    assert promise() == (100, None)
    assert unchanged(path)


def test_rows_before_the_first_leave_the_present(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, k, 100) for k in range(3, 6)]))
    path = write(tmp_path / "g.csv", *[line(k, k, 60) for k in range(3)])
    import_file(path)
    assert promise() == (100, None)
    assert unchanged(path)


def test_what_a_person_changed_later_stays(tmp_path):
    path = write(tmp_path / "f.csv", *[line(k, k, 100) for k in range(3)])
    import_file(path)
    goal = Goal.objects.get()
    revise_goal(
        goal=goal,
        version=goal.version,
        target=150,
        deadline=week(90),
        on=week(10),
        memo="The scope grew by half",
        by=make_user(),
    )
    import_file(write(path, *[line(k, k, 100) for k in range(4)]))
    assert promise() == (150, week(90)), "the file says what it said before"
    import_file(write(path, *[line(k, k, 100) for k in range(4)], line(4, 4, 110)))
    assert promise() == (150, week(90)), "the file speaks of a day before the person's"
    import_file(write(path, *[line(k, k, 100) for k in range(4)], line(4, 4, 110), line(11, 5, 115)))
    assert promise() == (115, None)


def test_a_target_that_moves_onto_the_baseline(tmp_path):
    lines = [line(k, value) for k, value in enumerate([50, 60, 70])]
    path = write(tmp_path / "f.csv", *lines)
    import_file(path)
    assert not import_file(write(path, *lines, line(3, 75, 50))).reasons
    goal = Goal.objects.get()
    assert (goal.target, Outlook.objects.get().verdict) == (50, "done")
    assert goal.baseline != 50
    assert unchanged(path)


def test_a_deadline_that_moves_before_the_start(tmp_path):
    """As real reports do: the work began later than the date it was once promised for."""
    lines = [line(0, 0, start=week(1), deadline=week(20)), line(1, 10, start=week(30), deadline=week(40))]
    path = write(tmp_path / "f.csv", *lines)
    import_file(path)
    path = write(path, line(2, 20, deadline=week(25)))
    import_file(path)
    goal = Goal.objects.get()
    assert goal.deadline == week(25)
    assert goal.start < goal.deadline
    assert unchanged(path)


def test_they_reach_the_forecast(tmp_path):
    lines = [line(k, 10 * k, 60) for k in range(6)]
    import_file(write(tmp_path / "f.csv", *lines, line(6, 60, 60)))
    assert Outlook.objects.get().verdict == "done"
    import_file(write(tmp_path / "f.csv", *lines, line(6, 60, 60), line(7, 60, 200)))
    outlook = Outlook.objects.get()
    assert outlook.verdict != "done"
    assert outlook.basis == Goal.objects.get().data_version
