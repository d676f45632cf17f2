"""Whether each part of the installation is at work: cheap enough to be asked every few seconds, and without secrets."""

import datetime as dt
import os
from dataclasses import dataclass

from django.conf import settings
from django.db import Error
from django.utils import timezone

from config.celery import app
from reviews.models import Heartbeat

EVERY = 30  # seconds between two heartbeats
STALE_AFTER = dt.timedelta(seconds=90)  # three missed: well within two minutes
SILENT_AFTER = dt.timedelta(minutes=5)  # a worker may be at one long job, or have a night's jobs before it
PATIENCE = 2  # seconds for a broker to answer


@dataclass(frozen=True)
class PartHealth:
    """`says`: a fixed phrase, never the words of an error (they may hold an address or a password)."""

    name: str
    ok: bool
    says: str
    age: float | None = None  # seconds since it was last seen


def check_health() -> list[PartHealth]:
    """web, database, broker, worker, beat. Never raises."""
    web = PartHealth("web", True, "answers")
    try:
        seen = dict(Heartbeat.objects.values_list("part", "at"))
    except Error:
        unknown = "cannot be known without the database"
        return [
            web,
            PartHealth("database", False, "does not answer"),
            check_broker(),
            PartHealth("worker", False, unknown),
            PartHealth("beat", False, unknown),
        ]
    now = timezone.now()
    return [
        web,
        PartHealth("database", True, "answers"),
        check_broker(),
        worker_health(seen, now),
        beat_health(seen, now),
    ]


def beat_health(seen: dict[str, dt.datetime], now: dt.datetime) -> PartHealth:
    at = seen.get(Heartbeat.Part.BEAT)
    if at is None:
        return PartHealth("beat", False, "was never seen")
    return PartHealth("beat", is_fresh(at, now), "asks for jobs" if is_fresh(at, now) else "is silent", _age(at, now))


def worker_health(seen: dict[str, dt.datetime], now: dt.datetime) -> PartHealth:
    """Alive, and doing what beat asks for. What beat did not ask for cannot be answered, so beat's silence is not held
    against the worker."""
    at, asked = seen.get(Heartbeat.Part.WORKER), seen.get(Heartbeat.Part.BEAT)
    if at is None:
        return PartHealth("worker", False, "was never seen")
    if not is_fresh(at, now):
        return PartHealth("worker", False, "is silent", _age(at, now))
    answered = seen.get(Heartbeat.Part.ANSWER)
    if asked and is_fresh(asked, now) and (answered is None or asked - answered > SILENT_AFTER):
        return PartHealth("worker", False, "lives but does none of its jobs", _age(at, now))
    return PartHealth("worker", True, "does its jobs", _age(at, now))


def is_fresh(at: dt.datetime, now: dt.datetime) -> bool:
    """Seen lately. One seen in the future was seen before the clock was set back: that says nothing of now."""
    return abs(now - at) <= STALE_AFTER


def _age(at: dt.datetime, now: dt.datetime) -> float:
    return round((now - at).total_seconds(), 1)


def check_broker() -> PartHealth:
    reached = broker_answers(settings.CELERY_BROKER_URL)
    return PartHealth("broker", reached, "answers" if reached else "does not answer")


def broker_answers(url: str) -> bool:
    """Whether messages can be left at the broker: writable folders, a Redis that answers, a connection."""
    import redis  # noqa: PLC0415

    try:
        if url.startswith("filesystem://"):
            return os.access(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]), os.W_OK | os.X_OK)
        if url.startswith(("redis://", "rediss://")):
            with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
                return bool(client.ping())
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=PATIENCE)
    except (OSError, redis.RedisError, *app.connection_for_read().recoverable_connection_errors):
        return False
    return True
