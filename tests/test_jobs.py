"""Real worker processes do real jobs: over the broker that needs no server, and over Redis."""

import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from config.celery import app
from tests.needs import missing
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parent.parent
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
# A goal with an outlook; then as if a night had passed: the outlook is gone, and the nightly job is asked for.
NIGHT = """
from django.core.management import call_command
from projects.models import Outlook
from reviews.tasks import refit_everything
call_command("migrate", verbosity=0)
call_command("import_datapoints", {series!r}, program="Night", verbosity=0)
assert Outlook.objects.all().delete()[0] == 1
refit_everything.delay()
"""


def test_the_schedule_names_jobs_that_exist():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_a_worker_refits_everything_over_the_broker_that_needs_no_server(tmp_path, clean_environment):
    with worker({**clean_environment, "DATA_DIR": str(tmp_path)}, tmp_path):
        wait_until(lambda: outlooks(tmp_path), seconds=120, what="the nightly job has refitted the goal")


def test_a_worker_refits_everything_over_redis(tmp_path, clean_environment, empty_redis):
    with worker({**clean_environment, "DATA_DIR": str(tmp_path), "BROKER_URL": empty_redis}, tmp_path):
        wait_until(lambda: outlooks(tmp_path), seconds=120, what="the nightly job has refitted the goal")
    assert not list(tmp_path.glob("broker/queue/*"))


@contextmanager
def worker(environment: dict[str, str], data: Path) -> Iterator[None]:
    """A data folder with one goal, the nightly job asked for, and a worker that runs."""

    series = data / "series.csv"
    series.write_text(a_few_weeks())
    script = NIGHT.format(series=str(series))
    subprocess.run([sys.executable, "manage.py", "shell", "-c", script], cwd=ROOT, env=environment, check=True)
    assert outlooks(data) == 0
    command = [sys.executable, "-m", "celery", "--app", "config", "worker", "--pool", "solo", "--without-mingle"]
    with (data / "worker.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0


def a_few_weeks() -> str:
    head = "series_id,date,value,target_value,direction,deadline,start,completed,note\n"
    first = timezone.now().date() - timedelta(weeks=8)
    weeks = [f"walls,{first + timedelta(weeks=week)},{week * 5},100,up,,{first},," for week in range(8)]
    return head + "\n".join(weeks) + "\n"


def outlooks(data: Path) -> int:
    with closing(sqlite3.connect(data / "limiting_factor.sqlite3", timeout=20)) as connection:
        return connection.execute("SELECT count(*) FROM projects_outlook").fetchone()[0]


@pytest.fixture
def empty_redis() -> Iterator[str]:
    """The address of a Redis database that nobody uses; emptied again afterwards."""
    for number in secrets.SystemRandom().sample(range(1, 16), 15):
        url = f"{REDIS}/{number}"
        with closing(redis.Redis.from_url(url, socket_connect_timeout=3)) as client:
            try:
                if client.dbsize():
                    continue
            except redis.ConnectionError:
                missing("No Redis for the jobs", fix=f"start one at {REDIS}, or set TEST_REDIS_URL=redis://host:port")
            yield url
            client.flushdb()
            return
    missing("No empty database in Redis", fix="empty one of 1 to 15 with: redis-cli -n NUMBER flushdb")
