"""Jobs: each takes ids, calls a service, ends. One that runs twice changes nothing twice."""

import datetime as dt
import logging
import math

from celery import shared_task
from celery.signals import task_postrun
from django.utils import timezone

from projects.models import Program
from projects.services import refusals, sealing
from reviews import heartbeats, recorded  # noqa: F401  (they listen to Celery)
from reviews.models import Heartbeat, Night
from reviews.services import (
    alerts,
    archives,
    audit,
    deliveries,
    double_cadence,
    effects,
    forecasting,
    jobs,
    nights,
    scores,
    sending,
    uploads,
)
from reviews.services.nights import TOGETHER

log = logging.getLogger(__name__)
A_LANE, MOST_LANES = 25, 4  # deliveries for which one more worker is woken, and how many at most


@task_postrun.connect
def count_refusals(**_) -> None:
    refusals.flush()


@shared_task
def refit_everything() -> None:
    """Time passes without data too: every night each active program is forecast and ranked again."""
    now = timezone.now()
    _queue_night(nights.begin_night(now), now)


def _queue_night(night: Night, now: dt.datetime) -> None:
    for _ in range(nights.jobs_wanted(night, now)):
        work_on_night.delay(night.pk)


@shared_task
def work_on_night(night_id: int) -> None:
    nights.work_on_night(night_id)


@shared_task
def take_up_nights() -> None:
    """A night that was cut off goes on."""
    now = timezone.now()
    for night in nights.silent_nights(now):
        _queue_night(night, now)


@shared_task
def refit_what_is_behind() -> None:
    """What a writer that was cut off left without a forecast, minutes later instead of in the night."""
    _queue(forecasting.behind())


def _queue(programs) -> None:
    ids = list(programs.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), TOGETHER):
        refit_programs.delay(ids[first : first + TOGETHER])


@shared_task
def judge_everything() -> None:
    """Every night what fell due is judged: interventions, stated deadlines, forecasts at their horizons."""
    for pk in Program.objects.order_by("pk").values_list("pk", flat=True):
        judge_program.delay(pk)


@shared_task
def judge_program(program_id: int) -> None:
    program = Program.objects.filter(pk=program_id).first()
    if program:
        effects.judge_due(program)
        scores.judge_program(program)


@shared_task
def refit_programs(program_ids: list[int]) -> None:
    """Programs together; where that fails, one job each, so that a bad one spoils nobody else's night."""
    programs = list(Program.objects.active().filter(pk__in=program_ids).order_by("pk"))
    try:
        forecasting.refit_programs(programs)
    except Exception:
        if len(programs) == 1:
            raise
        log.exception("Forecasting %d programs together failed: each is tried alone.", len(programs))
        for program in programs:
            refit_programs.delay([program.pk])


@shared_task
def seal_history() -> None:
    """What was written since: a chained hash over each event, so that a later change of it shows."""
    sealing.seal_events()


@shared_task
def verify_history() -> None:
    """Every night: what never got its seal gets it, and every chain is held against its events."""
    sealing.seal_events(everything=True)
    for program in [*Program.objects.order_by("pk"), None]:
        for fault in sealing.check_history(program):
            log.error("The history of %s: %s", program or "no program", fault)


@shared_task
def audit_everything() -> None:
    """Every night, after the forecasts and the seals: what cannot be true, is stale or was never challenged."""
    audit.run_audit(Program.objects.active(), deep=True)


@shared_task
def fall_back_cadences() -> None:
    """A program whose worst limiting factor is relieved is reviewed once a week again."""
    for cadence in double_cadence.relieved():
        double_cadence.fall_back(cadence=cadence, by=None)


@shared_task
def remove_abandoned_archives() -> None:
    """What a killed process left of a program that it was bringing in."""
    archives.remove_abandoned(timezone.now())


@shared_task
def work_on_upload(upload_id: int) -> None:
    uploads.work_on(upload_id)


@shared_task
def take_up_uploads() -> None:
    """Files whose job was cut off or lost begin again, and those that nobody goes on with are forgotten."""
    uploads.sweep()
    for pk in uploads.waiting_for_a_job():
        work_on_upload.delay(pk)


@shared_task(recorded=False)
def pulse() -> None:
    """A worker does what it is asked: see `reviews.health`."""
    jobs.record_heartbeat(Heartbeat.Part.ANSWER)


@shared_task
def tidy_job_runs() -> None:
    """Runs whose worker ended are called cut off, and old ones forgotten."""
    jobs.mark_lost(timezone.now())
    jobs.forget_old_runs(timezone.now())
    nights.forget_old_nights(timezone.now())


@shared_task
def sweep_deliveries() -> None:
    """What is due is planned, what was left is due again, and as many workers are woken as there is work for."""
    now = timezone.now()
    deliveries.sweep(now)
    deliveries.plan(now)
    waiting = deliveries.how_many_due(now)
    for _lane in range(min(math.ceil(waiting / A_LANE), MOST_LANES)):
        send_deliveries.delay()


@shared_task
def send_deliveries() -> None:
    """Whatever is due: the database says what. Another one at the same time takes other rows."""
    sending.send_due()


@shared_task
def watch_programs() -> None:
    """What cannot wait for the next digest becomes an alert; the next sweep sends it."""
    alerts.watch(timezone.now())
