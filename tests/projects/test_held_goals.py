"""What is held between entries is what would be read: whatever changed, by whomever, and however it was written."""

import datetime as dt

import pytest
from django.db.models import F

from projects.models import Dependency, Factor, Goal, Outlook, Team
from projects.services.goals import set_gate, set_needs
from projects.services.held_goals import HeldGoals, read_goals
from projects.services.ranking import HELD
from reviews.services.forecasting import refit_goal, refit_program
from tests import factories as make

NO_COLUMN = ("_state", "_prefetched_objects_cache", "_django_version")
NOT_READ = ("id", "reasons", "blocker_votes")  # of an outlook: no ranking rests on them

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    program = make.make_program()
    team = make.make_team(program)
    for name in ("Lexer", "Parser", "Linker"):
        make.make_goal(team, name, values=make.STEADY)
    refit_program(program)
    return program


def rows(row, *without: str) -> dict:
    return {k: v for k, v in row.__dict__.items() if k not in (*NO_COLUMN, *without)}


def seen(goals) -> list:
    """All that was read of the goals."""
    return [
        (
            rows(goal),
            rows(goal.outlook, *NOT_READ) if hasattr(goal, "outlook") else None,
            [rows(one) for one in goal.dependencies.all()],
            [(rows(gate), rows(gate.factor)) for gate in goal.gates.all()],
        )
        for goal in goals
    ]


def fresh(program) -> list:
    return seen(read_goals(Goal.objects.active().filter(team__program=program)))


def test_whatever_changes_is_read_again(program):
    held = HeldGoals(most=2)
    lexer, parser, linker = Goal.objects.order_by("pk")
    factor = make.make_factor("Licence server")
    changes = [
        lambda: Goal.objects.filter(pk=lexer.pk).update(deadline=make.later(1)),
        lambda: set_needs(goal=parser, needs=[lexer], by=None),
        lambda: set_gate(goal=linker, factor=factor, by=None),
        lambda: Factor.objects.filter(pk=factor.pk).update(name="Licences"),
        lambda: Outlook.objects.filter(goal=lexer).update(basis=F("basis") + 1, finish_days=[1.0] * 50),
        lambda: Outlook.objects.filter(goal=parser).delete(),
        lambda: make.log(Goal.objects.get(pk=lexer.pk), 70),
        lambda: make.make_goal(Team.objects.get(), "Loader"),
        lambda: Dependency.objects.all().delete(),
        lambda: Goal.objects.filter(pk=linker.pk).update(archived_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    ]
    for change in changes:
        before = seen(held.read(program).goals)
        change()
        assert fresh(program) != before
        assert seen(held.read(program).goals) == fresh(program)


def test_nothing_changed_is_not_read_again(program, django_assert_num_queries):
    held = HeldGoals(most=2)
    first = held.read(program).goals
    with django_assert_num_queries(2):  # what the goals are made of, and when their outlooks were computed
        assert all(a is b for a, b in zip(held.read(program).goals, first, strict=True))


def test_an_entry_leaves_held_what_was_stored(program):
    goal = Goal.objects.order_by("pk")[0]
    make.log(goal, 66.5)
    kept = dict(HELD._programs)[program.pk].goals
    stored = Outlook.objects.get(goal=goal)
    assert rows(kept[0].outlook, *NOT_READ) == rows(stored, *NOT_READ)
    assert seen(HELD.read(program).goals)[1:] == fresh(program)[1:]


def test_what_could_not_be_stored_is_not_held(program, monkeypatch):
    goal = Goal.objects.order_by("pk")[0]
    refit_goal(goal)

    def full(*_):
        raise OSError("No space left")

    monkeypatch.setattr("projects.services.ranking._store", full)
    before = fresh(program)
    with pytest.raises(OSError, match="No space"):
        make.log(Goal.objects.get(pk=goal.pk), 66.5)
    assert fresh(program) == before
    assert seen(HELD.read(program).goals) == before


def test_the_oldest_go_first():
    held = HeldGoals(most=2)
    programs = [make.make_program() for _ in range(3)]
    for program in (*programs[:2], programs[0], programs[2]):
        held.read(program)
    assert [*held._programs] == [programs[0].pk, programs[2].pk]
