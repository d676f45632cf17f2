"""What a person is mailed, and where a program posts its week."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from projects.models import Program
from projects.services.changes import record_event
from reviews.digests.channel import check_address
from reviews.digests.periods import Period, Rhythm, newest_ended, period
from reviews.models import Delivery, Hook, Subscription, Watch
from reviews.models.digests import Weekly

WEEK = dt.timedelta(days=7)


def subscription_for(user: User) -> Subscription | None:
    return Subscription.objects.filter(user=user).first()


@transaction.atomic
def subscribe(
    *, user: User, now: dt.datetime, programs: Iterable[Program] = (), on: bool = True, **fields: Any
) -> Subscription:
    """Make or change what `user` is mailed. What is switched on begins with the week that ends next."""
    before = Subscription.objects.select_for_update(no_key=True).filter(user=user).first()
    rhythm = Rhythm(*(fields.get(name, getattr(before, name, default)) for name, default in _defaults()))
    fields["on"] = on
    begins = on and (before is None or not before.on or before.pace != fields.get("pace", before.pace))
    if before is None or begins:
        fields["planned_to"] = newest_ended(rhythm, now)
    weekly = fields.get("pace", before.pace if before else Subscription.Pace.WEEKLY) == Subscription.Pace.WEEKLY
    if before is None or begins or (weekly and before.rhythm != rhythm):  # a review that closed before is told still
        fields["changed_at"] = now
    if before and before.bound != fields.get("bound", before.bound):
        Watch.objects.filter(subscription=before).delete()  # what lies below the new bound already is no news
    made, _new = Subscription.objects.update_or_create(user=user, defaults=fields)
    made.programs.set(programs)
    return made


def _defaults() -> list[tuple[str, Any]]:
    return [("weekday", 0), ("hour", 7), ("zone", "UTC")]


def unsubscribe(*, pk: int) -> bool:
    """No mail any more, neither digests nor alerts. False where there was none, or it was off."""
    return bool(Subscription.objects.filter(pk=pk, on=True).update(on=False))


def next_period(owner: Weekly, now: dt.datetime) -> Period:
    """The week that is told next; where that has ended already, a worker is about to."""
    return period(owner.rhythm, max(newest_ended(owner.rhythm, now), owner.planned_to) + WEEK)


def so_far(subscription: Subscription, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """From when to when a digest would tell that was sent now."""
    told = subscription.deliveries.filter(kind=Delivery.Kind.DIGEST, state__in=Delivery.TOLD, key__startswith="week ")
    last = told.order_by("-until").values_list("until", flat=True).first()
    coming = next_period(subscription, now).start
    return min(last or coming, coming, now), now


# ---- channels --------------------------------------------------------------------------------------------------------


def add_hook(
    *, program: Program, name: str, url: str, by: User, now: dt.datetime, weekday: int, hour: int, alerts: bool
) -> Hook:
    """Post a program's week to a channel. Raises ValidationError where the address is none, or is there already."""
    try:
        check_address(url)
    except ValidationError as error:
        raise ValidationError({"url": error.messages}) from None
    rhythm = Rhythm(weekday, hour, program.zone)
    try:
        with transaction.atomic():
            hook = Hook.objects.create(
                program=program,
                name=name,
                url=url,
                by=by,
                weekday=weekday,
                hour=hour,
                zone=program.zone,
                alerts=alerts,
                planned_to=newest_ended(rhythm, now),
                changed_at=now,
            )
            record_event(by=by, verb="added", subject=hook, program=program, changes={"channel": [None, name]})
    except IntegrityError:
        raise ValidationError({"url": _("The program posts there already.")}) from None
    return hook


@transaction.atomic
def remove_hook(*, hook: Hook, by: User) -> None:
    """Nothing is posted there any more; what is on its way goes with it."""
    changes = {"channel": [hook.name, None]}
    record_event(by=by, verb="removed", subject=hook, program=hook.program, changes=changes)
    hook.delete()


# ---- alerts ----------------------------------------------------------------------------------------------------------


def acknowledge(*, row: Delivery, now: dt.datetime) -> bool:
    """Its reader has seen it; the same cause is told again only after it was over."""
    return bool(Delivery.objects.filter(pk=row.pk, acknowledged_at__isnull=True).update(acknowledged_at=now))
