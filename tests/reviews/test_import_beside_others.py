"""An import beside people who work: it holds the write lock for a moment, and sees what they changed meanwhile."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from projects.models import Goal, Import
from reviews.imports.mapping import places_of
from reviews.imports.reader import check_series_file
from reviews.models import Datapoint
from reviews.services.datapoints import correct_datapoint
from reviews.services.imports import apply, apply_file
from reviews.services.imports.plan import make_plan
from tests import factories as make
from tests.reviews.files import HEADER, line, week

pytestmark = [pytest.mark.django_db(transaction=True)]


def file_of(goals: int, weeks: int, *, add: float = 0):
    lines = [line(k, k + add, series=f"src/team/{n}") for n in range(goals) for k in range(weeks)]
    return check_series_file("f.csv", "\n".join([HEADER, *lines]).encode(), today=make.today())


def bring(program, file):
    return apply_file(program=program, file=file, places=places_of(file.series, "team"), memo="Brought in")


@contextmanager
def somebody_logs(goal: Goal):
    """Another thread that logs as fast as it can: the seconds that each entry took, or the error."""
    took: list[float | Exception] = []
    stop = threading.Event()
    user = make.make_user()

    def work():
        try:
            while not stop.is_set():
                began = time.monotonic()
                make.log(goal, len(took), by=user)
                took.append(time.monotonic() - began)
        except Exception as error:
            took.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_logging_goes_on_while_a_large_file_is_brought_in():
    program, goal = make.make_program(), make.make_goal(values=(1, 2, 3))
    with somebody_logs(goal) as took:
        did = bring(program, file_of(200, 42))
    assert did.datapoints == 200 * 42
    assert not [one for one in took if isinstance(one, Exception)]
    assert len(took) >= 2, "somebody logged meanwhile"


@pytest.mark.slow
def test_logging_goes_on_in_the_same_program():
    program = make.make_program()
    bring(program, file_of(40, 10))
    goal = Goal.objects.filter(team__program=program).first()
    with somebody_logs(goal) as took:
        assert bring(program, file_of(40, 42)).datapoints == 40 * 32
    assert not [one for one in took if isinstance(one, Exception)]
    assert Datapoint.objects.filter(origin="late").count() == len(took)


def test_nothing_is_read_or_parsed_while_the_lock_is_held(monkeypatch):
    """The plan is made and the rows are staged outside of any transaction."""
    program = make.make_program()
    held = []
    real_plan, real_rows = make_plan, apply._staged_rows

    def planned(**given):
        held.append(connection.in_atomic_block)
        return real_plan(**given)

    def rows(plan):
        held.append(connection.in_atomic_block)
        return real_rows(plan)

    monkeypatch.setattr(apply, "make_plan", planned)
    monkeypatch.setattr(apply, "_staged_rows", rows)
    bring(program, file_of(2, 3))
    assert held == [False, False]


def changed_between(monkeypatch, change) -> list:
    """Do `change` once, after the first plan and before it is written."""
    happened: list = []
    real = make_plan

    def planned(**given):
        found = real(**given)
        if not happened:
            happened.append(change())
        return found

    monkeypatch.setattr(apply, "make_plan", planned)
    return happened


def test_a_correction_that_comes_between_is_seen(monkeypatch):
    program = make.make_program()
    bring(program, file_of(1, 4))
    point = Datapoint.objects.get(observed_on=week(2))
    by = make.make_user()
    happened = changed_between(
        monkeypatch, lambda: correct_datapoint(datapoint=point, value=7, memo="Counted again", by=by)
    )
    bring(program, file_of(1, 4, add=1))
    now = Datapoint.objects.in_force().get(observed_on=week(2))
    assert (now.value, now.supersedes) == (3, happened[0])


def test_a_goal_of_that_name_made_between_is_refused_by_name(monkeypatch):
    program = make.make_program()
    team = make.make_team(program, "team")
    changed_between(monkeypatch, lambda: make.make_goal(team, "0"))
    with pytest.raises(apply.ImportRefused, match="team has a goal named 0"):
        bring(program, file_of(1, 4))
    assert not Import.objects.exists()


def test_who_changes_the_program_without_end_is_not_waited_for(monkeypatch):
    program = make.make_program()
    real = make_plan

    def planned(**given):
        found = real(**given)
        make.make_team(program)
        return found

    monkeypatch.setattr(apply, "make_plan", planned)
    with pytest.raises(apply.ImportRefused, match="Try again"):
        bring(program, file_of(1, 4))
    assert not Import.objects.exists()


def test_a_failure_in_the_last_step_leaves_nothing(monkeypatch):
    program = make.make_program()

    def fails(_source, _did):
        raise RuntimeError

    file = file_of(3, 4)
    with pytest.raises(RuntimeError):
        apply_file(program=program, file=file, places=places_of(file.series, "t"), memo="Brought in", settle=fails)
    assert not Goal.objects.exists()
    assert not Import.objects.exists()
    assert bring(program, file).datapoints == 12, "and the next one finds no trace of it"


def test_inside_a_callers_transaction_it_is_part_of_it():
    program = make.make_program()
    with transaction.atomic():
        bring(program, file_of(2, 3))
        transaction.set_rollback(True)
    assert not Goal.objects.exists()


def test_a_program_made_meanwhile_with_a_team_of_this_name_is_taken():
    """Planned for a program that was not there yet: it is planned again, and nothing is made twice."""
    file = file_of(1, 20)
    places = places_of(file.series, "team")
    meanwhile = make.make_program("Imported")
    made = make.make_team(meanwhile, next(iter(places.values())).team)
    did = apply_file(program=None, file=file, places=places, memo="Twice at once.", make_program=lambda: meanwhile)
    assert did.datapoints == 20
    assert Goal.objects.get().team == made
    assert meanwhile.teams.count() == 1
