"""Attention: hours go where they gain most, nothing to who does well, and the ledger says where they went."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError

from projects.models import Ranking, Role
from projects.services.goals import set_gate
from projects.services.ranking import rank_program
from projects.time import WEEK, monday
from reviews.models import AttentionEntry, AttentionPlan, Spell
from reviews.services.attention import (
    by_program,
    by_week,
    candidates,
    expectations,
    keep_plan,
    ledger,
    log_minutes,
    propose,
    remove_entry,
)
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db
SLOW = (0, 4, 9, 12, 17, 21, 25, 30)


@pytest.fixture
def user():
    return make.make_user("ada")


def late_program(user, name: str = "Engine", role: str = Role.MANAGER):
    """A program that is late, with a declared factor that gates the goal which limits it."""
    program = make.make_program(name, deadline=make.later(0.1))
    make.join(program, role, user)
    team = make.make_team(program, engineers=1)
    make.make_goal(team, "Tanks", values=make.STEADY)
    turbine = make.make_goal(team, "Turbine", values=SLOW)
    factor = make.make_factor(f"Blades of {name}")
    set_gate(goal=turbine, factor=factor, by=None)
    make.declare(program, factor)
    refit_program(program)
    return program


def test_a_late_program_gets_the_hours_of_its_limiting_factor(user):
    program = late_program(user)
    (one,) = candidates(user)
    assert (one.program, one.factor, one.no_hours) == (program, "Blades of Engine", "")
    assert one.relief_days > 1
    (line,) = propose([one], 4, {}).lines
    assert line.hours == 4


def test_who_does_well_is_skipped_with_the_reason(user):
    program = late_program(user)
    Ranking.objects.filter(program=program).update(p_deadline=0.7)
    (one,) = candidates(user)
    assert "70\u00a0%" in one.no_hours
    assert not one.decision
    assert propose([one], 4, {}).left == 4


def test_what_no_relief_helps_needs_a_decision(user):
    program = late_program(user)
    ranking = program.ranking
    declared = ranking.declared | {"line": ranking.declared["line"] | {"relief_days": 0.0}}
    Ranking.objects.filter(program=program).update(p50=None, p_deadline=0.01, declared=declared)
    (one,) = candidates(user)
    assert one.decision
    assert "decision" in one.no_hours


def test_a_converged_program_and_an_unknown_one_are_skipped(user):
    converged = late_program(user)
    make.declare(converged, None)
    rank_program(converged)
    bare = make.make_program("Bare")
    make.join(bare, Role.MANAGER, user)
    assert [one.no_hours for one in candidates(user)] == [
        "Nothing is known yet of what limits it.",
        "Nothing limits it.",
    ]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ENGINEER])
def test_hours_are_for_who_manages(role, user):
    late_program(user, role=role)
    assert candidates(user) == []


def test_a_plan_is_kept_once_a_week_and_its_expectation_stays(user):
    program = late_program(user)
    week = monday(make.today()) + WEEK
    for hours in (3, 5):
        keep_plan(
            user=user,
            week=week + dt.timedelta(days=2),
            hours=hours,
            found=candidates(user),
            given={program.pk: 2.5},
            expected={program.pk: 12.0},
        )
    kept = AttentionPlan.objects.get()
    assert (kept.week, kept.minutes) == (week, 300)
    line = kept.lines.get()
    assert (line.minutes, line.expected_days, line.factor) == (150, 12.0, "Blades of Engine")
    assert expectations(user) == {program.pk: 12.0}


# ---- the ledger ------------------------------------------------------------------------------------------------------


def spent(user, program, minutes: int = 30, **fields) -> AttentionEntry:
    fields = {"on": make.today(), "memo": "Called the foundry.", "uuid": uuid.uuid4()} | fields
    return log_minutes(user=user, program=program, minutes=minutes, **fields)


def rows_of(user):
    since = monday(make.today()) - 7 * WEEK
    return ledger(user, since, monday(make.today()) + WEEK)


def test_minutes_are_on_what_limited_that_day(user):
    program = late_program(user)
    spent(user, program)
    (row,) = rows_of(user)
    assert (row.minutes, row.factor) == (30, "Blades of Engine")


def test_minutes_before_anything_limited_are_elsewhere(user):
    program = late_program(user)
    spent(user, program, on=make.today() - WEEK)
    (row,) = rows_of(user)
    assert row.factor == ""
    ((_, share),) = by_program([row])
    assert share.part_elsewhere == 1


def test_a_turn_counts_where_its_team_works_on_the_factor(user):
    program = late_program(user)
    idle = make.make_team(program, "Paint", engineers=1)
    review = make.open_review(program, by=user)
    for turn in review.turns.select_related("team"):
        Spell.objects.create(uuid=uuid.uuid4(), turn=turn, by=user, seconds=600 if turn.team == idle else 1200)
    found = {row.team: (row.minutes, row.factor) for row in rows_of(user)}
    assert found == {"Paint": (10, ""), review.turns.exclude(team=idle).get().team.name: (20, "Blades of Engine")}
    this_week, *before = by_week(user, rows_of(user), make.today())
    assert this_week.spent.minutes == 30
    assert this_week.spent.part_elsewhere == pytest.approx(1 / 3)
    assert all(week.spent.part_elsewhere is None for week in before)


def test_another_ones_minutes_are_not_mine(user):
    program = late_program(user)
    spent(make.join(program, Role.MANAGER), program)
    assert rows_of(user) == []


def test_the_same_entry_twice_is_one(user):
    program = late_program(user)
    key = uuid.uuid4()
    assert spent(user, program, uuid=key) == spent(user, program, uuid=key)
    assert AttentionEntry.objects.count() == 1


def test_the_key_of_another_is_refused(user):
    program = late_program(user)
    key = spent(make.join(program, Role.MANAGER), program).uuid
    with pytest.raises(ValidationError):
        spent(user, program, uuid=key)


def test_memo_gate(user):
    with pytest.raises(ValidationError):
        spent(user, late_program(user), memo="n/a")


def test_removed_minutes_leave_an_event(user):
    program = late_program(user)
    remove_entry(entry=spent(user, program), by=user)
    assert not AttentionEntry.objects.exists()
    assert program.events.filter(verb="removed").get().changes == {"minutes": [30, None]}
