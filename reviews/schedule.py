"""What the clock asks for: each job of the schedule, when it last ran and when it is due."""

import datetime as dt
from dataclasses import dataclass

from celery import current_app
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from reviews.models import JobRun

GRACE = dt.timedelta(minutes=2)  # a job that is due is asked for, waits for a worker, and is recorded

# The jobs in words; one that is missing here is shown by its own name.
UNLISTED = {"reviews.tasks.pulse"}
TITLES = {
    "refit_everything": _("Forecast and rank every program (each night)"),
    "work_on_night": _("Forecast and rank some programs of the night"),
    "take_up_nights": _("Go on with a night that was cut off"),
    "refit_what_is_behind": _("Forecast what a writer that was cut off left behind"),
    "refit_programs": _("Forecast and rank some programs"),
    "judge_everything": _("Judge what fell due (each night)"),
    "judge_program": _("Judge what fell due of one program"),
    "fall_back_cadences": _("Back to one review a week where the limit is relieved"),
    "remove_abandoned_archives": _("Clear away programs whose import was cut off"),
    "work_on_upload": _("Check or bring in an uploaded file"),
    "take_up_uploads": _("Take up files whose job was cut off"),
    "tidy_job_runs": _("Tidy this list"),
    "seal_history": _("Seal the history"),
    "verify_history": _("Check the seals of the history"),
    "audit_everything": _("Look for records that cannot be true (each night)"),
    "watch_programs": _("See what an alert is due for"),
    "sweep_deliveries": _("See which digests and alerts are due"),
    "send_deliveries": _("Send digests and alerts"),
}


@dataclass(frozen=True)
class DueJob:
    task: str
    last: dt.datetime | None
    due: dt.datetime | None  # None: at the next turn of the schedule, as it never ran
    overdue: bool


def due_jobs(now: dt.datetime) -> list[DueJob]:
    """Those of the schedule that are recorded, the most overdue first; `now` is aware."""
    runs = JobRun.objects.order_by().values_list("task")
    last = dict(runs.annotate(Max("started_at")))
    found = []
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        if entry["task"] in UNLISTED:
            continue
        at = last.get(entry["task"])
        due = next_after(entry["schedule"], at) if at else None
        found.append(DueJob(entry["task"], at, due, bool(due and due + GRACE < now)))
    return sorted(found, key=lambda job: (not job.overdue, job.due or now))


def next_after(schedule, last: dt.datetime) -> dt.datetime:
    """The first turn of a Celery schedule after `last`."""
    turns = maybe_schedule(schedule, app=current_app)
    return turns.now() + turns.remaining_estimate(last)
