"""What the workers did and when each part of the installation was last seen: kept in the database, asked for again."""

import datetime as dt
from typing import Any

from celery import current_app
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from projects.derived import derived
from reviews.models import Heartbeat, JobRun

LONGEST_ERROR = 2000  # characters
LOST_AFTER = dt.timedelta(hours=1)  # Redis gives a message whose worker died to another one after as long
KEEP_DONE = dt.timedelta(days=3)
KEEP_FAILED = dt.timedelta(days=90)


def record_heartbeat(part: str) -> None:
    now = timezone.now()
    with derived():
        Heartbeat.objects.bulk_create(
            [Heartbeat(part=part, at=now)], update_conflicts=True, unique_fields=["part"], update_fields=["at"]
        )


def begin_run(*, key: str, task: str, arguments: list) -> None:
    """A worker took the message. Delivered a second time it is the same run, tried once more."""
    now = timezone.now()
    with derived():
        _run, made = JobRun.objects.get_or_create(
            key=key, defaults={"task": task, "arguments": arguments, "started_at": now}
        )
        if not made:
            again: dict[str, Any] = {"state": JobRun.State.RUNNING, "started_at": now, "finished_at": None}
            JobRun.objects.filter(key=key).update(tries=F("tries") + 1, **again)


def end_run(*, key: str, state: str, error: str = "") -> None:
    with derived():
        JobRun.objects.filter(key=key).update(state=state, finished_at=timezone.now(), error=error[:LONGEST_ERROR])


def retry_run(*, run: JobRun, by: User) -> bool:
    """Ask once more for what failed; False where somebody did already, or it did not fail."""
    with transaction.atomic():
        won = JobRun.objects.failed().filter(pk=run.pk).update(state=JobRun.State.RETRIED, retried_by=by)
        if won:
            transaction.on_commit(lambda: current_app.send_task(run.task, args=run.arguments))
    return bool(won)


def mark_lost(now: dt.datetime) -> int:
    """Runs whose worker ended before they did. Sweepers do their work again; here it is only called by its name."""
    cut_off = JobRun.objects.filter(state=JobRun.State.RUNNING, started_at__lt=now - LOST_AFTER)
    return cut_off.update(state=JobRun.State.LOST, finished_at=now)


def forget_old_runs(now: dt.datetime) -> int:
    """What was done goes after three days, what failed after ninety."""
    done = Q(state=JobRun.State.DONE, started_at__lt=now - KEEP_DONE)
    gone, _by_model = JobRun.objects.filter(done | Q(started_at__lt=now - KEEP_FAILED)).delete()
    return gone
