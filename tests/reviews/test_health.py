"""/healthz: which part is at work and which is not, without a login and without a secret."""

import datetime as dt
from contextlib import suppress

import psycopg
import pytest
from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from django.utils import timezone

from reviews import health, heartbeats, recorded, tasks
from reviews.models import Heartbeat
from reviews.services.jobs import record_heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_well():
    for part in Heartbeat.Part.values:
        record_heartbeat(part)


def seen(part: str, ago: float) -> None:
    Heartbeat.objects.filter(part=part).update(at=timezone.now() - dt.timedelta(seconds=ago))


def ask(client) -> tuple[int, list[str]]:
    response = client.get("/healthz")
    return response.status_code, response.json()["failing"]


def test_all_is_well(client, all_well):
    assert ask(client) == (200, [])


def test_nothing_ever_ran(client):
    assert ask(client) == (503, ["worker", "beat"])


@pytest.mark.parametrize(("ago", "stale"), [(0, False), (80, False), (120, True), (-120, True), (86_400, True)])
def test_a_stale_beat_is_seen_within_two_minutes(client, all_well, ago, stale):
    """Also one that the clock has left in the future."""
    seen("beat", ago)
    assert ask(client) == ((503, ["beat"]) if stale else (200, []))


def test_a_dead_worker(client, all_well):
    seen("worker", 120)
    assert ask(client) == (503, ["worker"])


def test_a_worker_that_lives_and_does_nothing(client, all_well):
    seen("answer", 301)
    assert ask(client) == (503, ["worker"])


def test_a_worker_is_not_blamed_for_what_beat_did_not_ask(client, all_well):
    seen("answer", 1000)
    seen("beat", 990)
    assert ask(client) == (503, ["beat"])


def test_a_dead_broker(client, all_well, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert ask(client) == (503, ["broker"])


def test_a_broker_of_files_whose_folder_is_gone(client, all_well, settings, tmp_path):
    settings.CELERY_BROKER_URL = "filesystem://localhost"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert ask(client) == (200, [])
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert ask(client) == (503, ["broker"])


def test_a_dead_database(client, all_well):
    """What it says names the parts and nothing of the error."""

    def refuse(execute, sql, params, many, context):
        raise OperationalError("connection to factor:hunter2@db.internal failed")

    with connection.execute_wrapper(refuse):
        response = client.get("/healthz")
    assert (response.status_code, response.json()["failing"]) == (503, ["database", "worker", "beat"])
    assert b"hunter2" not in response.content
    assert b"internal" not in response.content


def test_no_session_and_one_query(client, all_well, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")
    assert not response.cookies
    assert "no-store" in response.headers["Cache-Control"]


def test_beat_tells_of_itself_often_enough():
    pulse = settings.CELERY_BEAT_SCHEDULE["pulse"]
    assert pulse["schedule"] == health.EVERY
    assert dt.timedelta(seconds=3 * health.EVERY) <= health.STALE_AFTER <= dt.timedelta(minutes=2)


@pytest.fixture
def cut(transactional_db):
    """The database has thrown us out; SQLite, which cannot, is played."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        where = {key: connection.settings_dict[key.upper()] or None for key in ("host", "port", "user", "password")}
        with psycopg.connect(dbname=connection.settings_dict["NAME"], autocommit=True, **where) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        yield
    else:

        def closed(execute, sql, params, many, context):
            raise InterfaceError("connection already closed")

        with connection.execute_wrapper(closed):
            yield
    connection.close()


def test_health_over_a_connection_that_was_cut(cut):
    """The first question meets the cut, the second a connection that is closed: an error of another kind."""
    for _ in range(2):
        assert [part.name for part in health.check_health() if not part.ok] == ["database", "worker", "beat"]


def test_a_job_is_done_over_a_connection_that_was_cut(cut):
    for _ in range(2):
        recorded.job_begins(tasks.take_up_uploads, "1", [])


def test_a_heartbeat_over_a_connection_that_was_cut(cut):
    heartbeats.beat_once(Heartbeat.Part.BEAT)
    assert connection.connection is None, "the next one makes a connection of its own"


def test_a_heartbeat_over_a_connection_that_is_closed(cut):
    with suppress(Error):
        Heartbeat.objects.count()
    heartbeats.beat_once(Heartbeat.Part.BEAT)
    assert connection.connection is None
