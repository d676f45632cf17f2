"""A night split over real workers, all of them killed half way: it goes on, all forecasts are fresh, none made twice.

On both set-ups: SQLite with the broker made of files, and PostgreSQL with Redis. What is written is counted by triggers
of the database itself, so that the code which is tested does not count for itself.
"""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from reviews.services.nights import TOGETHER
from tests.processes import wait_until
from tests.reviews.backups.places import ROOT, new_database
from tests.test_jobs import empty_redis  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow
GOALS_A_PROGRAM = 20
WRITTEN = "CREATE TABLE written (goal bigint)"
TRIGGERS = {
    "sqlite": [
        f"CREATE TRIGGER written_{when} AFTER {when} ON projects_outlook BEGIN "
        "INSERT INTO written VALUES (new.goal_id); END"
        for when in ("INSERT", "UPDATE")
    ],
    "postgresql": [
        """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO written VALUES (new.goal_id); RETURN new; END $$""",
        "CREATE TRIGGER written AFTER INSERT OR UPDATE ON projects_outlook FOR EACH ROW EXECUTE FUNCTION note()",
    ],
}
FILL = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from bench.nightly_refit import fill
fill({goals})
"""
BEGIN = "from reviews.tasks import refit_everything; refit_everything.delay()"
GO_ON = "from reviews.tasks import take_up_nights; take_up_nights.delay()"


class Place:
    """One set-up: a database, a broker and a folder."""

    def __init__(self, database: str, broker: str, folder: Path, environment: dict[str, str]):
        self.database, self.folder = database, folder
        self.environment = environment | {"DATABASE_URL": database, "BROKER_URL": broker, "DATA_DIR": str(folder)}

    def run(self, sql: str) -> list[tuple]:
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=60)) as connection:
                found = connection.execute(sql).fetchall()
                connection.commit()
                return found
        with psycopg.connect(self.database) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str) -> int:
        return self.run(f"SELECT count(*) FROM {table}")[0][0]

    def shell(self, script: str) -> None:
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True)

    def start_worker(self, name: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--pool", "solo", "-n", f"{name}@%h"]
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                [*command, "--without-mingle", "--without-gossip"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )


@contextmanager
def workers(place: Place, *names: str) -> Iterator[list[subprocess.Popen]]:
    started = [place.start_worker(name) for name in names]
    try:
        yield started
    finally:
        for one in started:
            with suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
            one.wait()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, clean_environment) -> Iterator[Place]:
    broker = "filesystem://localhost"
    if request.param == "postgresql":
        broker = request.getfixturevalue("empty_redis")
    with new_database(request.param, tmp_path) as database:
        found = Place(database, broker, tmp_path, clean_environment | {"OMP_NUM_THREADS": "1"})
        found.kind = request.param
        yield found


def asked_again(place: Place) -> bool:
    """Whether all is done; where not, it is asked for as beat does each minute."""
    if place.count("reviews_nightpart WHERE state IN ('waiting', 'claimed')") == 0:
        return True
    place.shell(GO_ON)
    return False


def test_a_night_whose_workers_are_killed_half_way(place, size):
    goals = size(4 * TOGETHER * GOALS_A_PROGRAM, 10_000)
    place.shell(FILL.format(goals=goals))
    place.run(WRITTEN)
    for statement in TRIGGERS[place.kind]:
        place.run(statement)
    place.shell(BEGIN)
    half = size(1, goals // 2)
    with workers(place, "one", "two"):
        wait_until(lambda: place.count("written") >= half, seconds=300, what="half of the night", each=0.01)
    before = place.count("written")
    assert half <= before < goals
    # Two minutes later: the claims of the killed have ended, and beat asks for what is left.
    place.run("UPDATE reviews_nightpart SET lease_until = '2020-01-01 00:00:00+00' WHERE state = 'claimed'")
    with workers(place, "three", "four"):
        wait_until(lambda: asked_again(place), seconds=600, what="the whole night", each=5)
    written = Counter(goal for (goal,) in place.run("SELECT goal FROM written"))
    assert place.count("reviews_nightpart WHERE state = 'failed'") == 0
    assert len(written) == place.count("projects_outlook") == goals, "a forecast is missing"
    assert set(written.values()) == {1}, "a forecast was made twice"
    assert place.count("projects_ranking") == place.count("projects_program")
