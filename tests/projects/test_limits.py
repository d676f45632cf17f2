"""One limiting factor at a time; closing it opens its successor in the same step (M1, M2)."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from projects.models import Event, Evidence, Factor, Gate, Limit, Program
from projects.services.changes import Conflict
from projects.services.limits import confirm_limit, declare_limit, find_or_make_factor, record_evidence
from projects.services.programs import create_program
from tests.factories import declare, make_factor, make_goal, make_program, make_user, today

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program() -> Program:
    return make_program()


@pytest.fixture
def user():
    return make_user()


def open_limit(program: Program) -> Limit:
    return program.limits.get(until__isnull=True)


def state() -> tuple:
    return list(Limit.objects.order_by("pk").values()), Gate.objects.count(), Event.objects.count()


# ---- declared ------------------------------------------------------------------------------------------------------


def test_a_new_program_begins_with_not_known_yet(program):
    limit = open_limit(program)
    assert (limit.state, limit.factor, limit.since) == ("unknown", None, program.start)


def test_a_program_that_starts_later_has_its_limit_from_today():
    program = create_program(by=None, name="Later", start=today() + 30 * DAY)
    assert open_limit(program).since == today()


def test_a_successor_closes_the_one_before_it_the_same_day(program, user):
    before = open_limit(program)
    factor = make_factor("Vanes")
    limit = declare(program, factor, by=user, memo="No vanes until May")
    before.refresh_from_db()
    assert before.until == limit.since == today()
    assert (limit.state, limit.factor, limit.memo, limit.by) == ("factor", factor, "No vanes until May", user)
    event = Event.objects.get(verb="declared")
    assert event.changes == {"limit": ["Not known yet", "Vanes"]}


def test_the_history_has_no_hole(program):
    for age, name in ((20, "Power"), (15, "Turbines"), (15, "Vanes"), (3, None)):
        declare(program, name, since=today() - age * DAY)
    course = list(program.limits.order_by("since", "pk"))
    assert [limit.label for limit in course] == ["Not known yet", "Power", "Turbines", "Vanes", "None: converged"]
    assert [limit.until for limit in course] == [*[limit.since for limit in course[1:]], None]


def test_the_goals_that_it_gates(program, user):
    goals = [make_goal() for _ in range(2)]
    factor = make_factor()
    declare(program, factor, gates=tuple(goals), by=user)
    assert {gate.goal for gate in factor.gates.all()} == set(goals)


def test_a_shared_factor_limits_many_programs(program):
    other = make_program()
    factor = make_factor()
    declare(program, factor)
    declare(other, factor)
    assert factor.limits.filter(until=None).count() == 2


def test_a_factor_may_come_back(program):
    for name in ("Power", "Vanes", "Power"):
        declare(program, name)
    assert program.limits.filter(factor__name="Power").count() == 2


# ---- refused -------------------------------------------------------------------------------------------------------


def refused(error, program, factor, **fields):
    before = state()
    with pytest.raises(error) as why:
        declare(program, factor, **fields)
    assert state() == before
    return why.value


@pytest.mark.parametrize("memo", ["", " ", "-", "n/a"])
def test_no_reason(program, memo):
    refused(ValidationError, program, make_factor(), memo=memo)


def test_the_reason_of_the_last(program):
    declare(program, "Power", memo="The grid is full")
    refused(ValidationError, program, make_factor(), memo="the grid is FULL")


def test_the_same_factor_again(program):
    factor = make_factor()
    declare(program, factor)
    assert refused(ValidationError, program, factor).code == "same_limit"


def test_nothing_again(program):
    declare(program, None)
    assert refused(ValidationError, program, None).code == "same_limit"


def test_a_day_before_the_open_one(program):
    declare(program, "Power")
    error = refused(ValidationError, program, make_factor(), since=today() - DAY)
    assert list(error.message_dict) == ["since"]


def test_it_replaces_what_was_seen_open(program):
    seen = open_limit(program)
    declare(program, "Power", replaces=seen.pk)
    assert open_limit(program).label == "Power"
    conflict = refused(Conflict, program, make_factor(), replaces=seen.pk)
    assert conflict.current.label == "Power"


def test_a_factor_that_gates_nothing_because_the_limit_was_refused(program):
    declare(program, "Power", memo="The grid is full")
    refused(ValidationError, program, make_factor(), memo="The grid is full", gates=(make_goal(),))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told(program, user):
    seen = open_limit(program)
    factors = [make_factor(), make_factor()]
    outcomes = []
    start = threading.Barrier(2)

    def go(factor):
        try:
            start.wait()
            declare_limit(
                program=program,
                state="factor",
                factor=factor,
                memo=f"Because of {factor}",
                since=today(),
                by=user,
                replaces=seen.pk,
            )
            outcomes.append("declared")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(factor,)) for factor in factors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["declared", "told"]
    assert program.limits.count() == 2
    assert open_limit(program).factor in factors


# ---- confirmed -----------------------------------------------------------------------------------------------------


def test_confirmed_once_a_day(program, user):
    limit = open_limit(program)
    for _ in range(2):
        assert confirm_limit(program=program, limit_id=str(limit.pk), today=today(), by=user)
    assert confirm_limit(program=program, limit_id=str(limit.pk), today=today() + DAY, by=user)
    assert open_limit(program).confirmed_on == today() + DAY
    assert Event.objects.filter(verb="confirmed").count() == 2


@pytest.mark.parametrize("seen", ["0", "", "x", "None"])
def test_what_is_not_open_is_not_confirmed(program, user, seen):
    before = state()
    assert not confirm_limit(program=program, limit_id=seen, today=today(), by=user)
    assert state() == before


def test_one_that_was_closed_meanwhile_is_not_confirmed(program, user):
    seen = open_limit(program)
    declare(program, "Power")
    before = state()
    assert not confirm_limit(program=program, limit_id=str(seen.pk), today=today(), by=user)
    assert state() == before


def test_one_of_another_program_is_not_confirmed(program, user):
    other = open_limit(make_program())
    assert not confirm_limit(program=program, limit_id=str(other.pk), today=today(), by=user)


# ---- factors and evidence ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cast vanes", "CAST VANES", "  Cast   vanes ", "Cast\tvanes"])
def test_a_factor_is_found_whatever_its_case_and_space(name):
    factor = find_or_make_factor(name="Cast vanes", kind="supply")
    assert find_or_make_factor(name=name) == factor
    assert Factor.objects.get().kind == "supply"


def test_evidence_of_one_reference_is_one_row(program, user):
    factor = make_factor()
    said = {"program": program, "factor": factor, "kind": "blocker", "on": today(), "by": user, "text": "No vanes"}
    first = record_evidence(**said, reference="datapoint:1")
    assert record_evidence(**said, reference="datapoint:1") == first
    assert record_evidence(**said, reference="datapoint:2") != first
    assert Evidence.objects.count() == 2


def test_evidence_without_a_reference_is_a_row_each_time(program, user):
    for _ in range(2):
        record_evidence(program=program, factor=make_factor("V"), kind="note", on=today(), by=user, text="Seen")
    assert Evidence.objects.count() == 2
