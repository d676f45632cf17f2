"""Jobs: each takes ids, calls a service, ends. One that runs twice changes nothing twice."""

from celery import shared_task
from django.utils import timezone

from projects.models import Program
from reviews.services import archives, forecasting


@shared_task
def refit_everything() -> None:
    """Time passes without data too: every night each active program is forecast and ranked again, one job each."""
    for pk in Program.objects.active().values_list("pk", flat=True):
        refit_program.delay(pk)


@shared_task
def refit_what_is_behind() -> None:
    """What a writer that was cut off left without a forecast, minutes later instead of in the night."""
    for pk in forecasting.behind().values_list("pk", flat=True):
        refit_program.delay(pk)


@shared_task
def refit_program(program_id: int) -> None:
    program = Program.objects.active().filter(pk=program_id).first()
    if program:
        forecasting.refit_program(program)


@shared_task
def remove_abandoned_archives() -> None:
    """What a killed process left of a program that it was bringing in."""
    archives.remove_abandoned(timezone.now())
