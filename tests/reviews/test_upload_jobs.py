"""A real worker is killed while it brings a file in: nothing of it is there, and another worker brings all of it in."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.processes import wait_until
from tests.reviews.files import HEADER

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WEEKS, GOALS = 300, 100
PREPARE = """
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from pathlib import Path
from projects.services.programs import create_program
from reviews.imports.columns import own_reading
from reviews.models import Upload
from reviews.services import uploads
from reviews.tasks import work_on_upload
import datetime as dt
call_command("migrate", verbosity=0)
user = User.objects.create_user("ada")
program = create_program(by=user, name="Engines", start=dt.date(2020, 1, 1))
file = SimpleUploadedFile("weeks.csv", Path({path!r}).read_bytes())
upload = uploads.store_upload(file=file, by=user, program=program)
uploads.check_upload(upload=upload, reading=own_reading(uploads.head_of(upload).header))
work_on_upload.delay(upload.pk)
"""
YES = """
from reviews.models import Upload
from reviews.services import uploads
from reviews.tasks import work_on_upload
upload = Upload.objects.get()
assert uploads.bring_in(upload=upload, memo="From their spreadsheet")
work_on_upload.delay(upload.pk)
"""
# What the schedule does each minute, as if the minute in which a dead worker may still be alive were over.
A_MINUTE_LATER = """
from reviews.models import Upload
from reviews.tasks import take_up_uploads
Upload.objects.update(told_at="2020-01-01T00:00Z")
take_up_uploads.delay()
"""


def test_killed_in_the_middle_nothing_is_visible_and_another_worker_ends_it(tmp_path, clean_environment):
    environment = {**clean_environment, "DATA_DIR": str(tmp_path)}
    path = tmp_path / "weeks.csv"
    first = date.today() - timedelta(weeks=WEEKS)  # noqa: DTZ011
    lines = [f"s/t/{g},{first + timedelta(weeks=k)},{k},400,up,,,," for g in range(GOALS) for k in range(WEEKS)]
    path.write_text("\n".join([HEADER, *lines]))
    shell(PREPARE.format(path=str(path)), environment)
    with worker(environment, tmp_path) as process:
        wait_until(lambda: state(tmp_path) == "checked", seconds=180, what="the file is checked")
        assert count(tmp_path, "projects_goal") == 0, "a check changes nothing"
        with subprocess.Popen(command(YES), cwd=ROOT, env=environment) as asking:
            # Watched closely from the start: on a fast machine it is over before the shell that asked for it has ended.
            wait_until(
                lambda: step(tmp_path) in ("comparing", "staging"),
                seconds=180,
                what="a job is bringing it in",
                each=0.002,
            )
            os.kill(process.pid, signal.SIGKILL)
            process.wait(timeout=20)
            assert asking.wait(timeout=60) == 0
    assert state(tmp_path) == "applying"
    assert [count(tmp_path, table) for table in ("projects_goal", "projects_import", "reviews_datapoint")] == [0, 0, 0]
    with worker(environment, tmp_path):
        shell(A_MINUTE_LATER, environment)
        wait_until(lambda: state(tmp_path) == "applied", seconds=180, what="another worker has brought it in")
        wait_until(lambda: count(tmp_path, "projects_outlook") == GOALS, seconds=180, what="it is forecast")
    assert count(tmp_path, "reviews_datapoint") == GOALS * WEEKS
    assert count(tmp_path, "projects_import") == 1
    assert count(tmp_path, "reviews_uploadpiece") == 0


@contextmanager
def worker(environment: dict[str, str], data: Path):
    celery = [sys.executable, "-m", "celery", "--app", "config", "worker", "--pool", "solo", "--without-mingle"]
    with (data / "worker.log").open("a") as log:
        process = subprocess.Popen(celery, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)


def shell(script: str, environment: dict[str, str]) -> None:
    subprocess.run(command(script), cwd=ROOT, env=environment, check=True)


def command(script: str) -> list[str]:
    return [sys.executable, "manage.py", "shell", "-c", script]


def ask(data: Path, question: str):
    with closing(sqlite3.connect(data / "limiting_factor.sqlite3", timeout=20)) as connection:
        return connection.execute(question).fetchone()[0]


def state(data: Path) -> str:
    return ask(data, "SELECT state FROM reviews_upload")


def step(data: Path) -> str:
    return ask(data, "SELECT step FROM reviews_upload")


def count(data: Path, table: str) -> int:
    return ask(data, f"SELECT count(*) FROM {table}")
