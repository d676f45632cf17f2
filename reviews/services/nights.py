"""The nightly refit, split over workers: each program is a row that one worker claims, does and marks.

A worker that is killed leaves its claim, which ends by itself; whoever takes it over forecasts only the goals that are
not fresh yet, because a batch's outlooks are written in one transaction. So nothing is missing, and nothing done twice.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from projects.models import Program
from reviews.models import Night, NightPart
from reviews.services.forecasting import refit_stale

log = logging.getLogger(__name__)
TOGETHER = 10  # programs in one job: together they are forecast in half the time, and still in well under a second
LEASE = dt.timedelta(minutes=2)
KEEP = dt.timedelta(days=30)
State = NightPart.State


@dataclass(frozen=True)
class Progress:
    night: Night
    parts: int
    done: int
    failed: int
    goals: int
    last_at: dt.datetime | None

    @property
    def finished(self) -> bool:
        return self.done + self.failed == self.parts

    @property
    def silent(self) -> bool:
        """Nobody has finished a part for longer than a claim lasts."""
        since = max(filter(None, [self.last_at, self.night.started_at]))
        return not self.finished and timezone.now() - since > 2 * LEASE


def begin_night(now: dt.datetime) -> Night:
    """Today's night with a part for each active program; the same one again where it was begun already."""
    with transaction.atomic():
        night, _made = Night.objects.get_or_create(on=now.date(), defaults={"started_at": now})
        ids = Program.objects.active().order_by("pk").values_list("pk", flat=True)
        NightPart.objects.bulk_create(
            [NightPart(night=night, program_id=pk) for pk in ids], ignore_conflicts=True, batch_size=500
        )
        if _to_do(night, now).exists():
            Night.objects.filter(pk=night.pk).update(finished_at=None)
    return night


def jobs_wanted(night: Night, now: dt.datetime) -> int:
    """How many jobs it takes to do what nobody is at."""
    return -(-_to_do(night, now).count() // TOGETHER)


def silent_nights(now: dt.datetime) -> list[Night]:
    """Nights with parts to do that nobody is at: the messages were lost, or the workers killed."""
    begun = Night.objects.filter(finished_at=None, on__gte=now.date() - dt.timedelta(days=1))
    alive = NightPart.objects.filter(state=State.CLAIMED, lease_until__gt=now)
    return list(begun.exclude(pk__in=alive.values("night")))


def _to_do(night: Night, now: dt.datetime) -> QuerySet[NightPart]:
    return night.parts.filter(Q(state=State.WAITING) | Q(state=State.CLAIMED, lease_until__lte=now))


def work_on_night(night_id: int) -> int:
    """Claim some programs, forecast what is not fresh, mark them; how many. Raises the first error at its end."""
    claim = uuid.uuid4()
    parts = _claim(night_id, claim)
    if not parts:
        _finish(night_id)
        return 0
    programs = [part.program for part in parts if part.program.archived_at is None]
    forecast, errors = _refit(programs)
    for part in parts:
        _mark(part, claim, forecast.get(part.program_id, 0), errors.get(part.program_id))
    _finish(night_id)
    for error in errors.values():
        raise error
    return len(parts)


def _claim(night_id: int, claim: uuid.UUID) -> list[NightPart]:
    now = timezone.now()
    night = Night.objects.filter(pk=night_id).first()
    if night is None:
        return []
    with transaction.atomic():
        waiting = _to_do(night, now).order_by("pk").select_for_update(skip_locked=True, no_key=True)
        ids = list(waiting.values_list("pk", flat=True)[:TOGETHER])
        _to_do(night, now).filter(pk__in=ids).update(
            state=State.CLAIMED, claim=claim, lease_until=now + LEASE, tries=F("tries") + 1
        )
    return list(night.parts.filter(claim=claim).select_related("program").order_by("pk"))


def _refit(programs: Sequence[Program]) -> tuple[dict[int, int], dict[int, Exception]]:
    """Goals forecast and errors, by program. Together first; where that fails each alone, so that a bad one spoils no
    other one's night."""
    try:
        return refit_stale(programs), {}
    except Exception:
        if len(programs) > 1:
            log.exception("Forecasting %d programs together failed: each is tried alone.", len(programs))
    forecast: dict[int, int] = {}
    errors: dict[int, Exception] = {}
    for program in programs:
        try:
            forecast |= refit_stale([program])
        except Exception as error:
            log.exception("Program %d cannot be forecast.", program.pk)
            errors[program.pk] = error
    return forecast, errors


def _mark(part: NightPart, claim: uuid.UUID, goals: int, error: Exception | None) -> None:
    """Only by whose claim still stands: one that was too slow leaves it to who took over."""
    mine = NightPart.objects.filter(pk=part.pk, claim=claim, state=State.CLAIMED)
    mine.update(
        state=State.FAILED if error else State.DONE,
        goals=F("goals") + goals,
        finished_at=timezone.now(),
        error=f"{type(error).__name__}: {error}"[:500] if error else "",
    )


def _finish(night_id: int) -> None:
    open_parts = NightPart.objects.filter(night=night_id, state__in=[State.WAITING, State.CLAIMED])
    if not open_parts.exists():
        Night.objects.filter(pk=night_id, finished_at=None).update(finished_at=timezone.now())


def retry_failed(*, night: Night) -> int:
    """What failed waits again; how many programs."""
    with transaction.atomic():
        again = night.parts.filter(state=State.FAILED).update(state=State.WAITING, finished_at=None, error="")
        if again:
            Night.objects.filter(pk=night.pk).update(finished_at=None)
    return again


def progress_of(night: Night) -> Progress:
    counts = night.parts.aggregate(
        parts=Count("pk"),
        done=Count("pk", filter=Q(state=State.DONE)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        goals=Sum("goals", default=0),
        last_at=Max("finished_at"),
    )
    return Progress(night=night, **counts)


def progress_of_newest() -> Progress | None:
    night = Night.objects.first()
    return progress_of(night) if night else None


def forget_old_nights(now: dt.datetime) -> None:
    Night.objects.filter(on__lt=(now - KEEP).date()).delete()
