"""A database of the first version that landed, with its own data, becomes one of today: nothing lost, every page opens.

`first-landed.sql.gz` was written by the code of 23 November 2026 (39d4dc6): the demo of that day, and a program with a
team, a goal, a factor, a limit and a live review, made through its services. It is SQL of SQLite; never made again.
"""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.reviews.backups.places import ROOT, manage, new_database, rows_in

pytestmark = pytest.mark.slow
DUMP = Path(__file__).parent / "first-landed.sql.gz"
# Tables in which a row of then is a row of now.
KEPT = (
    *("auth_user", "projects_program", "projects_team", "projects_engineer", "projects_seat", "projects_goal"),
    *("projects_membership", "projects_factor", "projects_limit", "projects_revision", "projects_import"),
    *("projects_event", "projects_evidence", "reviews_review", "reviews_turn", "reviews_datapoint"),
)
# Every page of the new version that can be opened for what the old one held.
PAGES = """
import json
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from projects.models import Engineer, Factor, Goal, Program, Team
from reviews.models import Review
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="ada"))
urls = [reverse(n) for n in ("board", "factors", "reviews", "attention", "calibration", "archive", "mine", "people",
                             "account", "jobs")]
for model in (Program, Team, Goal, Factor, Review):
    urls += [one.get_absolute_url() for one in model.objects.all()]
urls += [reverse(n, args=[p.slug]) for p in Program.objects.all()
         for n in ("history", "members", "program_edit", "what_if", "program_export", "review_prepare", "imports")]
print("PAGES", json.dumps({url: client.get(url).status_code for url in urls}))
kept = Goal.objects.get(name__startswith="Kept")
print("MEMO", b"Kept memo: two vanes cast" in client.get(kept.get_absolute_url()).content)
"""
GOES_ON = """
from tests import factories as make
from projects.models import Goal, Outlook, Program, Ranking
from reviews.models import Datapoint, Forecast
from reviews.services.forecasting import behind
from reviews.tasks import refit_everything, work_on_night
work_on_night.delay = lambda pk: work_on_night(pk)
goal = Goal.objects.get(name__startswith="Kept")
make.log(goal, 70, memo="The first number after the upgrade")
refit_everything()
fresh = Outlook.objects.filter(goal__archived_at=None)
print("ENGINES", set(fresh.values_list("engine", flat=True)), Ranking.objects.count(), Program.objects.active().count())
"""


def rows_of(path: Path) -> dict[str, dict]:
    with closing(sqlite3.connect(path)) as old:
        old.row_factory = sqlite3.Row
        return {table: {row["id"]: dict(row) for row in old.execute(f'SELECT * FROM "{table}"')} for table in KEPT}


@pytest.fixture
def first(tmp_path) -> Path:
    path = tmp_path / "first.sqlite3"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(gzip.decompress(DUMP.read_bytes()).decode())
        old.commit()
    return path


def shell(database: str, folder: Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database, "DATA_DIR": str(folder), "DEBUG": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_becomes_one_of_today_and_goes_on(first, tmp_path):
    before, database = rows_of(first), f"sqlite:///{first}"
    assert {table: len(rows) for table, rows in before.items()}["reviews_datapoint"] > 500
    manage(database, "migrate", "--no-input", folder=tmp_path)
    after = rows_of(first)
    for table, rows in before.items():
        lost = {
            key: value
            for pk, row in rows.items()
            for key, value in row.items()
            if key in after[table][pk] and after[table][pk][key] != value
        }
        assert rows.keys() <= after[table].keys(), table
        assert lost == {}, table
    said = shell(database, tmp_path, PAGES)
    (pages,) = [json.loads(line[6:]) for line in said.splitlines() if line.startswith("PAGES")]
    assert len(pages) > 100
    assert {url: status for url, status in pages.items() if status != 200} == {}
    assert "MEMO True" in said
    assert "ENGINES" in shell(database, tmp_path, GOES_ON)
    file = tmp_path / "upgraded.backup"
    manage(database, "backup", str(file), folder=tmp_path)
    with new_database("postgresql", tmp_path) as other:
        assert "is held" in manage(other, "restore", str(file), folder=tmp_path)
        assert "MEMO True" in shell(other, tmp_path, PAGES)


# A backup as the code of that version wrote it: the same lines, of the tables and columns that there were then.
OLD_BACKUP = """
from pathlib import Path
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from reviews.backups import write
executor = MigrationExecutor(connection)
there = executor.loader.applied_migrations
nodes = executor.loader.graph.node_map
is_last = lambda node: not any(child in there and child[0] == node[0] for child in nodes[node].children)
write.heads_of = lambda connection: sorted(node for node in there if node in nodes and is_last(node))
MigrationExecutor.migration_plan = lambda *a: []
print("HEADS", [head for head in write.heads_of(connection) if head[0] in ("projects", "reviews")])
write.write_backup(Path({file!r}))
"""


@pytest.mark.parametrize(("kind", "state"), [("sqlite", ("0012", "0009")), ("postgresql", ())])
def test_a_backup_of_an_older_version_is_restored_and_migrated(first, tmp_path, kind, state):
    """As it was then, and becomes one of today: no row is lost, whichever database it comes into."""
    database, file = f"sqlite:///{first}", tmp_path / "old.backup"
    for app, number in zip(("projects", "reviews"), state, strict=False):
        manage(database, "migrate", app, number, folder=tmp_path)
    before = rows_of(first)
    said = shell(database, tmp_path, OLD_BACKUP.format(file=str(file)))
    assert "HEADS" in said
    with new_database(kind, tmp_path) as target:
        assert "is held" in manage(target, "restore", str(file), folder=tmp_path)
        after = rows_in(target, tmp_path)
        assert {table: len(rows) for table, rows in before.items()} == {
            table: len(after.get(table, [])) for table in before
        }
        manage(target, "migrate", "--check", folder=tmp_path)
        assert any("Kept memo: two vanes cast" in row for row in after["reviews_datapoint"])
        assert "is not empty" in manage(target, "restore", str(file), folder=tmp_path, fails=True)
