"""Out of one database and into an empty one, of the same kind and of the other: every row, while others write."""

import gzip
import json
import threading
from collections import Counter

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.utils import timezone

from projects.models import Event, Goal, Program, Role
from reviews.backups.write import write_backup
from reviews.models import Datapoint, Delivery
from reviews.services.deliveries import plan
from tests import factories as make
from tests.bulk.conftest import database_url
from tests.reviews.backups.places import KINDS, manage, new_database, rows_in
from tests.test_access import build

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WRITERS = 6
# Written by migrations and by what runs beside: not out of the backup.
OTHER = {"django_migrations", "cache", "sqlite_sequence"}


def lines_of(path) -> list:
    """The rows, without the head (its time, its kind) and the sum."""
    with gzip.open(path) as file:
        return [json.loads(line) for line in list(file)[1:-1]]


def one_of_everything():
    world = build("Ours")
    goal = make.make_goal(world.teams, "Umlaute äöü \U0001f680 日本", values=make.STEADY)
    make.log(goal, 1e-300, memo='\'; DROP TABLE x; -- \\ "quoted"\nsecond line')
    make.refit_program(world.program)
    Goal.objects.filter(pk=goal.pk).update(need_per_unit=0.1 + 0.2)
    plan(timezone.now())
    Delivery.objects.update(state=Delivery.State.SUPERSEDED)  # what is due is held in a copy: test_refusals.py
    QuerySet(Event).filter(program=world.program).update(  # as no code of ours can
        at=timezone.now().replace(microsecond=1)
    )
    return world


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_is_there_and_the_next_one_finds_its_number(kind, tmp_path):
    one_of_everything()
    connections.close_all()
    file, again = tmp_path / "one.backup", tmp_path / "two.backup"
    rows = write_backup(file)
    assert rows > 100
    assert file.stat().st_mode & 0o077 == 0
    with new_database(kind, tmp_path) as target:
        assert f"{rows} rows" in manage(target, "restore", str(file), folder=tmp_path)
        manage(target, "backup", str(again), folder=tmp_path)
        assert lines_of(again) == lines_of(file)
        if kind == connection.vendor:
            here, there = rows_in(database_url(), tmp_path), rows_in(target, tmp_path)
            for table in OTHER:
                here.pop(table, None), there.pop(table, None)
            assert there == here
        script = "from tests import factories as make; make.make_world('Later'); print('made')"
        assert "made" in manage(target, "shell", "--no-imports", "-c", script, folder=tmp_path)
        assert "is not empty" in manage(target, "restore", str(file), folder=tmp_path, fails=True)


@pytest.mark.parametrize("kind", KINDS)
def test_one_moment_of_it_while_six_write(kind, tmp_path):
    """Who logs adds a datapoint and one to the goal's version in one transaction: never one without the other."""
    programs = [make.make_program(f"Program {n}") for n in range(WRITERS)]
    goals = [make.make_goal(make.make_team(program), values=(1, 2)) for program in programs]
    users = [make.join(program, Role.MANAGER) for program in programs]
    before = dict(Goal.objects.values_list("pk", "data_version"))
    points = Counter(Datapoint.objects.values_list("goal", flat=True))
    ends, logged, failed = threading.Event(), Counter(), []

    def write(n: int) -> None:
        try:
            while not ends.is_set():
                make.log(Goal.objects.get(pk=goals[n].pk), 10 + logged[n], by=users[n])
                logged[n] += 1
        except Exception as error:  # told below, in the thread of the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[n]) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    file = tmp_path / "busy.backup"
    try:
        while sum(logged.values()) < 2 * WRITERS and not failed:
            ends.wait(0.05)
        acknowledged = sum(logged.values())
        write_backup(file)
        at_end = sum(logged.values())
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert sum(logged.values()) > acknowledged, "nobody wrote meanwhile"
    with new_database(kind, tmp_path) as target:
        manage(target, "restore", str(file), folder=tmp_path)
        found = rows_in(target, tmp_path)
    restored = Counter(json.loads(row)["goal_id"] for row in found["reviews_datapoint"])
    versions = {json.loads(row)["id"]: json.loads(row)["data_version"] for row in found["projects_goal"]}
    more = sum(restored.values()) - sum(points.values())
    assert acknowledged <= more <= at_end + WRITERS
    for goal in goals:
        assert versions[goal.pk] - before[goal.pk] == restored[goal.pk] - points[goal.pk]
    assert Program.objects.count() == WRITERS
