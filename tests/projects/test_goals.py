"""Goals: made, revised with a reason, never silently; what waits for what, without a ring."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction

from projects.models import Dependency, Event, Gate, Goal, Revision
from projects.services.changes import Conflict
from projects.services.goals import (
    create_goal,
    cycle_with,
    edit_goal,
    remove_gate,
    revise_goal,
    set_archived,
    set_gate,
    set_needs,
)
from tests.factories import make_factor, make_goal, make_team, make_user, today

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def goal() -> Goal:
    return make_goal()


@pytest.fixture
def user():
    return make_user()


def revise(goal: Goal, user, **fields) -> Revision | None:
    fields = {
        "version": goal.version,
        "target": goal.target,
        "deadline": goal.deadline,
        "on": today(),
        "memo": "What was promised cannot be held",
    } | fields
    return revise_goal(goal=goal, by=user, **fields)


def state() -> tuple:
    return list(Goal.objects.order_by("pk").values()), Revision.objects.count(), Event.objects.count()


# ---- made ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("baseline", "target", "direction"), [(0, 9, "up"), (9, 0, "down"), (-3, -2, "up")])
def test_the_direction_is_that_of_the_target(baseline, target, direction):
    goal = create_goal(team=make_team(), by=None, name="Goal", baseline=baseline, target=target, start=today())
    assert goal.direction == direction
    assert Event.objects.filter(verb="created", subject="goal", subject_id=goal.pk).count() == 1


def test_a_goal_that_cannot_be_leaves_no_event():
    team = make_team()
    before = state()
    with pytest.raises(Error), transaction.atomic():
        create_goal(team=team, by=None, name="Goal", baseline=5, target=5, start=today())
    assert state() == before


# ---- revised -------------------------------------------------------------------------------------------------------


def test_old_new_when_who_and_why_are_kept(goal, user):
    deadline = goal.deadline
    revision = revise(goal, user, target=120, deadline=deadline + 7 * DAY)
    assert (revision.old_target, revision.new_target) == (100, 120)
    assert (revision.old_deadline, revision.new_deadline) == (deadline, deadline + 7 * DAY)
    assert (revision.on, revision.by, revision.memo) == (today(), user, "What was promised cannot be held")
    assert (revision.target_changed, revision.deadline_changed, revision.deadline_slip) == (True, True, 7 * DAY)
    assert (goal.target, goal.deadline, goal.version) == (120, deadline + 7 * DAY, 2)
    event = Event.objects.get(verb="revised")
    assert (event.by, event.changes["target"]) == (user, [100, 120])


def test_the_basis_of_its_forecast_moved(goal, user):
    before = goal.data_version
    revise(goal, user, target=120)
    assert goal.data_version == before + 1


def test_nothing_changed_is_no_revision(goal, user):
    before = state()
    assert revise(goal, user, memo="") is None
    assert state() == before


def test_a_deadline_taken_away_has_no_slip(goal, user):
    revision = revise(goal, user, deadline=None)
    assert (goal.deadline, revision.deadline_slip, revision.target_changed) == (None, None, False)


def test_a_target_past_the_baseline_turns_the_goal_round(goal, user):
    revise(goal, user, target=-10)
    assert goal.direction == "down"
    assert goal.meets(-10)
    assert not goal.meets(0)


def refused(error, goal, user, **fields):
    before = state()
    with pytest.raises(error) as why, transaction.atomic():
        revise(goal, user, **fields)
    assert state() == before
    return why.value


def test_somebody_was_faster(goal, user):
    stale = Goal.objects.get(pk=goal.pk)
    revise(goal, user, target=120)
    conflict = refused(Conflict, stale, user, target=130, memo="Another reason altogether")
    assert (conflict.current.target, conflict.current.version) == (120, 2)


@pytest.mark.parametrize("memo", ["", "  ", "-", "n/a", None])
def test_no_reason(goal, user, memo):
    refused(ValidationError, goal, user, target=120, memo=memo)


def test_the_reason_of_the_last_one(goal, user):
    revise(goal, user, target=120)
    refused(ValidationError, goal, user, target=130)


def test_a_day_before_the_last_change(goal, user):
    revise(goal, user, target=120)
    error = refused(ValidationError, goal, user, target=130, on=today() - DAY, memo="It was known before")
    assert list(error.message_dict) == ["on"]


def test_two_on_one_day_stand_in_order(goal, user):
    revise(goal, user, target=120)
    revise(goal, user, target=130, memo="And ten more")
    assert list(goal.revisions.values_list("old_target", "new_target")) == [(100, 120), (120, 130)]


@pytest.mark.parametrize(
    "fields",
    [{"target": 0.0}, {"target": float("nan")}, {"target": float("inf")}, {"deadline": dt.date(2001, 1, 1)}],
    ids=["the baseline", "NaN", "infinity", "before the start"],
)
def test_what_the_database_cannot_hold(goal, user, fields):
    refused((Error, ValidationError), goal, user, **fields)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told(goal, user):
    outcomes = []
    start = threading.Barrier(2)

    def go(target):
        mine = Goal.objects.get(pk=goal.pk)
        try:
            start.wait()
            revise(mine, user, target=target, memo=f"Now it is {target}")
            outcomes.append("revised")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(target,)) for target in (120, 130)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["revised", "told"]
    assert Revision.objects.get().new_target == Goal.objects.get().target


# ---- edited --------------------------------------------------------------------------------------------------------


def test_an_edit_tells_what_changed_and_moves_the_basis(goal, user):
    before = goal.data_version
    edited = edit_goal(goal=goal, version=goal.version, by=user, name="Renamed", start=goal.start - DAY)
    edited.refresh_from_db()
    assert (edited.name, edited.version, edited.data_version) == ("Renamed", 2, before + 1)
    changes = Event.objects.get(verb="changed").changes
    assert changes["name"][1] == "Renamed"
    assert set(changes) == {"name", "start"}


def test_an_edit_of_an_old_version(goal, user):
    edit_goal(goal=Goal.objects.get(pk=goal.pk), version=1, by=user, name="Renamed")
    with pytest.raises(Conflict):
        edit_goal(goal=goal, version=1, by=user, name="Otherwise")
    assert Goal.objects.get().name == "Renamed"


def test_archived_once_and_back(goal, user):
    for archived in (True, True, False, False):
        set_archived(goal=goal, archived=archived, by=user)
        assert Goal.objects.active().exists() is not archived
    events = Event.objects.filter(verb__in=["archived", "restored"]).order_by("pk")
    assert list(events.values_list("verb", flat=True)) == ["archived", "restored"]


# ---- what waits for what -------------------------------------------------------------------------------------------


@pytest.fixture
def chain() -> list[Goal]:
    """A waits for B, B for C."""
    team = make_team()
    a, b, c = (make_goal(team, name) for name in "ABC")
    set_needs(goal=a, needs=[b], by=None)
    set_needs(goal=b, needs=[c], by=None)
    return [a, b, c]


def edges() -> set[tuple[str, str]]:
    return set(Dependency.objects.values_list("goal__name", "needs__name"))


def test_needs_are_set_and_taken_away(chain):
    a, _b, c = chain
    assert edges() == {("A", "B"), ("B", "C")}
    set_needs(goal=a, needs=[c], by=None)
    assert edges() == {("A", "C"), ("B", "C")}
    set_needs(goal=a, needs=[], by=None)
    assert edges() == {("B", "C")}


def test_the_same_needs_again_are_no_event(chain):
    before = Event.objects.count()
    set_needs(goal=chain[0], needs=[chain[1]], by=None)
    assert Event.objects.count() == before


def test_a_ring_is_refused_by_name(chain):
    a, _b, c = chain
    before = edges()
    with pytest.raises(ValidationError) as refused:
        set_needs(goal=c, needs=[a], by=None)
    said = refused.value.message_dict["needs"][0]
    assert all(name in said for name in "ABC")
    assert edges() == before


def test_one_that_needs_itself_is_a_ring(chain):
    with pytest.raises(ValidationError):
        set_needs(goal=chain[0], needs=[chain[0]], by=None)


def test_a_diamond_is_no_ring(chain):
    a, b, c = chain
    d = make_goal(a.team, "D")
    set_needs(goal=a, needs=[b, d], by=None)
    set_needs(goal=d, needs=[c], by=None)
    assert cycle_with(program=a.team.program, goal=None, needs=()) == []


def test_a_ring_is_not_closed_by_an_edit_that_then_changes_nothing(chain, user):
    a, _b, c = chain
    before = state()
    with pytest.raises(ValidationError), transaction.atomic():
        edit_goal(goal=c, version=c.version, by=user, needs=[a], name="Renamed")
    assert state() == before


# ---- gates ---------------------------------------------------------------------------------------------------------


def test_a_gate_is_set_once_and_removed(goal, user):
    factor = make_factor("Vanes")
    gate = set_gate(goal=goal, factor=factor, by=user)
    assert set_gate(goal=goal, factor=factor, by=user) == gate
    assert Event.objects.filter(verb="gated").count() == 1
    remove_gate(gate=gate, by=user)
    assert not Gate.objects.exists()
    assert Event.objects.get(verb="gate removed").changes == {"factor": ["Vanes", None]}


# ---- how far -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("baseline", "target", "value", "share"),
    [(0, 100, 25, 0.25), (0, 100, -5, 0), (0, 100, 100, 1), (0, 100, 140, 1), (80, 0, 60, 0.25), (80, 0, 90, 0)],
)
def test_the_share_that_is_done(baseline, target, value, share):
    goal = Goal(baseline=baseline, target=target, direction="up" if target > baseline else "down")
    assert goal.share_done(value) == share


def test_almost_done_is_not_done():
    assert Goal(baseline=0, target=100, direction="up").share_done(99.9999) == 0.99
