"""The database knows what ran, what failed and why. Loaded with the tasks; it listens to Celery's signals.

Each message that a worker takes is a `JobRun`. Keeping this book must not keep a job from being done.
"""

import logging
from collections.abc import Callable

from celery import Task
from celery.signals import task_failure, task_prerun, task_retry, task_success
from django.db import Error

from reviews.models import JobRun
from reviews.services import jobs

log = logging.getLogger(__name__)
OURS = "reviews.tasks."


@task_prerun.connect
def job_begins(sender: Task, task_id: str, args: list, **_):
    _keep(sender, jobs.begin_run, key=task_id, task=sender.name, arguments=list(args))


@task_success.connect
def job_is_done(sender: Task, **_):
    _keep(sender, jobs.end_run, key=sender.request.id, state=JobRun.State.DONE)


@task_failure.connect
def job_failed(sender: Task, task_id: str, exception: BaseException, **_):
    _keep(sender, jobs.end_run, key=task_id, state=JobRun.State.FAILED, error=explain(exception))


@task_retry.connect
def job_tries_again(sender: Task, request, reason: BaseException, **_):
    _keep(sender, jobs.end_run, key=request.id, state=JobRun.State.WAITING, error=explain(reason))


def _keep(sender: Task, write: Callable[..., None], **what) -> None:
    # A task that is too frequent and too small to be listed says `recorded=False`.
    if not sender.name.startswith(OURS) or not getattr(sender, "recorded", True):
        return
    try:
        write(**what)
    except Error:
        log.exception("%s of %s could not be recorded", write.__name__, sender.name)


def explain(error: BaseException) -> str:
    """The kind of an error and what it says, without the way there: an administrator reads it."""
    return f"{type(error).__name__}: {error}"
