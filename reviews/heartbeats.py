"""Beat and each worker say that they live. Loaded with the tasks; it listens to Celery's signals.

Beat: with every job that it asks for. A worker: by a thread of its own, whatever job it is at. That jobs are done, and
not only taken, is told by the job `pulse`.
"""

import logging
import threading

from celery.signals import beat_init, before_task_publish, worker_ready, worker_shutting_down
from django.db import Error, connection

from reviews.health import EVERY
from reviews.models import Heartbeat
from reviews.services.jobs import record_heartbeat

log = logging.getLogger(__name__)
_is_beat = threading.Event()
_ends = threading.Event()


def beat_once(part: str) -> None:
    """A heartbeat that cannot be kept is missed by whoever looks; it must not stop what it tells of."""
    try:
        record_heartbeat(part)
    except Error:
        log.exception("The heartbeat of %s could not be kept", part)
    finally:
        connection.close()  # nothing open is carried into children that the pool makes meanwhile


@beat_init.connect
def beat_begins(**_):
    _is_beat.set()
    beat_once(Heartbeat.Part.BEAT)


@before_task_publish.connect
def beat_asks(**_):
    if _is_beat.is_set():
        beat_once(Heartbeat.Part.BEAT)


@worker_ready.connect
def worker_begins(**_):
    _ends.clear()
    threading.Thread(target=_worker_lives, daemon=True, name="heartbeat").start()


@worker_shutting_down.connect
def worker_ends(**_):
    _ends.set()


def _worker_lives() -> None:
    while True:
        beat_once(Heartbeat.Part.WORKER)
        if _ends.wait(EVERY):
            return
