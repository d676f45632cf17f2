"""The command as a process: its exit code, its last line, and what is left when it is killed."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from projects.models import Goal, Outlook, Program, Team
from reviews.models import Datapoint
from tests.factories import make_goal, make_program, make_team
from tests.reviews.files import line, rows, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def environment(tmp_path, clean_environment) -> dict[str, str]:
    """Another process on the database of this test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        host, port = database["HOST"] or "", database["PORT"] or ""
        login = database["USER"] + (f":{database['PASSWORD']}" if database["PASSWORD"] else "")
        url = f"postgres://{login}{'@' if login else ''}{host}{f':{port}' if port else ''}/{database['NAME']}"
    return {**clean_environment, "DATABASE_URL": url, "DATA_DIR": str(tmp_path / "var")}


def command(path: Path, *options: str) -> list[str]:
    manage = str(settings.BASE_DIR / "manage.py")
    return [sys.executable, manage, "import_datapoints", str(path), "--program", "Imported", *options]


def run(path: Path, environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(path, *options), env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def test_it_says_what_it_did_and_how_far_it_is(tmp_path, environment):
    lines = [line(k, k, series=f"src/team/{n}") for n in range(3) for k in range(4)]
    done = run(write(tmp_path / "f.csv", *lines), environment)
    assert done.returncode == 0
    assert done.stdout.startswith("Imported into Imported: 12 datapoints")
    assert [text for text in done.stderr.splitlines() if text] == [
        *("reading: 12 of 12", "comparing: 1 of 3", "comparing: 2 of 3", "comparing: 3 of 3", "staging: 12 of 12"),
        *("forecasting: 0 of 1", "forecasting: 1 of 1"),
    ]
    assert Outlook.objects.count() == 3


def test_a_refusal_is_the_last_line_and_the_exit_code(tmp_path, environment):
    done = run(write(tmp_path / "f.csv", line(0, 1), line(1, "x"), line(2, "y")), environment)
    assert done.returncode != 0
    assert done.stdout == ""
    first, last = done.stderr.splitlines()
    assert first == "Row 3, column value, “x”: a number is needed, with a point for decimals."
    assert last.endswith("Row 4, column value, “y”: a number is needed, with a point for decimals.")
    assert not Program.objects.exists()


def test_also_where_it_refuses_in_the_middle(tmp_path, environment):
    """The progress line before it is ended first."""
    make_goal(make_team(make_program("Imported"), "team"), "2")
    before = rows()
    lines = [line(k, k, series=f"src/team/{n}") for n in range(4) for k in range(4)]
    done = run(write(tmp_path / "f.csv", *lines), environment)
    assert done.returncode != 0
    assert "comparing: 2 of 4" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("CommandError: Row 10, column series_id, “src/team/2”: team has")
    assert rows() == before


@pytest.mark.parametrize("moment", ["comparing: 5 of 60", "staging: 2000 of 2400"])
def test_killed_in_the_middle_it_leaves_nothing_and_can_be_run_again(tmp_path, environment, moment):
    lines = [line(k, k, series=f"src/team/{n}") for n in range(60) for k in range(40)]
    path = write(tmp_path / "f.csv", *lines)
    before = rows()
    process = subprocess.Popen(command(path), env=environment, stderr=subprocess.PIPE)
    said = b""
    while moment.encode() not in said:
        byte = process.stderr.read(1)
        assert byte, f"it ended too soon: {said.decode()}"
        said += byte
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    process.stderr.close()
    assert rows() == before
    assert run(path, environment).returncode == 0
    assert (Goal.objects.count(), Datapoint.objects.count()) == (60, 2400)


def test_two_at_once_bring_each_row_once(tmp_path, environment):
    lines = [line(k, k, series=f"src/team/{n}") for n in range(5) for k in range(20)]
    path = write(tmp_path / "f.csv", *lines)
    make_program("Imported")
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: run(path, environment), range(2)))
    assert [one.returncode for one in done] == [0, 0]
    assert sorted("nothing new" in one.stdout for one in done) == [False, True]
    assert (Team.objects.count(), Goal.objects.count(), Datapoint.objects.count()) == (1, 5, 100)


def test_two_at_once_make_one_program(tmp_path, environment):
    """The slower one may be told to try again; nothing is there twice."""
    path = write(tmp_path / "f.csv", *[line(k, k) for k in range(20)])
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: run(path, environment), range(2)))
    told = [one.stderr.splitlines()[-1] for one in done if one.returncode]
    assert len(told) <= 1
    assert all(why.endswith(("Try again.", "A program of this name exists.")) for why in told), told
    assert (Program.objects.count(), Goal.objects.count(), Datapoint.objects.count()) == (1, 1, 20)
