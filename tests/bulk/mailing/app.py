"""The product's own Celery application, hurried and mortal: `celery -A tests.bulk.mailing.app`.

Times are seconds instead of minutes, and a file in `BULLETS` named after a step kills the process there with SIGKILL.
Only what surrounds the steps is changed; the steps are the product's.
"""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import django

from config.celery import app

django.setup()

from reviews.digests.post import Post  # noqa: E402  (after setup)
from reviews.services import deliveries, sending  # noqa: E402
from tests.bulk.mailing.stage import STEPS  # noqa: E402

BULLETS = Path(os.environ["BULLETS"])
EACH = float(os.environ.get("SWEEP_SECONDS", "1"))

deliveries.LEASE = timedelta(seconds=float(os.environ.get("LEASE_SECONDS", "4")))
deliveries.BACKOFF = (0.02,)  # type: ignore[assignment]  # minutes
sending.INSIST = (1,) * 30  # type: ignore[assignment]
app.conf.beat_schedule = {"sweep": {"task": "reviews.tasks.sweep_deliveries", "schedule": EACH}}
HOLDERS: tuple[tuple[Any, str, str], ...] = (  # of each of STEPS
    (deliveries, "claim", "before"),
    (deliveries, "claim", "after"),
    (sending, "digest_of", "after"),
    (sending, "digest_mail", "after"),
    (Post, "_up_to_the_text", "before"),
    (deliveries, "hand_over", "before"),
    (deliveries, "hand_over", "after"),
    (deliveries, "mark_sent", "before"),
    (deliveries, "mark_sent", "after"),
)


def shoot(step: str) -> None:
    try:
        (BULLETS / step).unlink()  # whoever takes it away is hit: one bullet, one death
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def mortal(function: Callable, step: str, when: str) -> Callable:
    @wraps(function)
    def wrapped(*args, **kwargs):
        if when == "before":
            shoot(step)
        found = function(*args, **kwargs)
        if when == "after":
            shoot(step)
        return found

    return wrapped


for name, (holder, attribute, moment) in zip(STEPS, HOLDERS, strict=True):
    setattr(holder, attribute, mortal(getattr(holder, attribute), name, moment))
