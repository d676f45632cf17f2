"""/healthz: which part is at work and which is not, without a login and without a secret."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone

from reviews import health
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
