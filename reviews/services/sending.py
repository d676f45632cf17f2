"""A worker's way through what is due: claim, build, write, hand over, mark. Each step may be its last."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Program
from reviews.digests import words
from reviews.digests.build import Weeks, build_digest
from reviews.digests.channel import harmless, post
from reviews.digests.post import Fate, Outcome, Post
from reviews.digests.render import absolute, alert_mail, digest_mail, report_mail
from reviews.digests.value import Alert, Digest, from_json, to_json
from reviews.models import Delivery
from reviews.services import deliveries

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError, InternalError)  # the last: PostgreSQL that became read-only
INSIST = (1, 2, 4, 8, 15, 30, 60)  # seconds between tries to write down what became of a mail that is gone


class Nobody(Exception):
    """There is nobody to tell any more, or nothing to tell of."""


def send_due(seconds: float = 20, *, most: int | None = None) -> int:
    """Send what is due until nothing is, or the time is over; how many were taken on."""
    until, taken, weeks = time.monotonic() + seconds, 0, Weeks()
    with Post() as mail:
        while time.monotonic() < until and (most is None or taken < most):
            row = deliveries.claim_next(timezone.now())
            if row is None:
                break
            taken += 1
            deliver(row, mail, weeks)
    return taken


def deliver(row: Delivery, mail: Post, weeks: Weeks) -> None:
    """One row, which this worker has claimed."""
    now = timezone.now()
    try:
        send = compose(row, now, mail, weeks)
    except Nobody as reason:
        deliveries.drop(row, str(reason))
        return
    except AWAY:
        connection.close()  # the row stays claimed, and is due again when its lease ends
        log.exception("The database left while delivery %s was written", row.pk)
        return
    except Exception as error:
        log.exception("Delivery %s could not be written", row.pk)
        deliveries.put_back(row, type(error).__name__, now)
        return
    settle(row, send())


def settle(row: Delivery, outcome: Outcome) -> None:
    """Write down what became of it. The mail is gone: a database that is away is waited for."""
    for seconds in (*INSIST, None):
        try:
            _settle(row, outcome, timezone.now())
            return
        except AWAY:
            connection.close()
            if seconds is None:
                log.exception("Nobody could write down that delivery %s is %s", row.pk, outcome.fate.value)
                return
            time.sleep(seconds)


def _settle(row: Delivery, outcome: Outcome, now: dt.datetime) -> None:
    if outcome.fate == Fate.SENT:
        deliveries.mark_sent(row, now)
    elif outcome.fate == Fate.LATER:
        deliveries.put_back(row, outcome.why, now)
    elif outcome.fate == Fate.UNKNOWN:
        deliveries.mark_unknown(row, outcome.why)
    elif outcome.fate == Fate.REFUSED:
        deliveries.refuse(row, outcome.why, now)


# ---- what is said ----------------------------------------------------------------------------------------------------


def compose(row: Delivery, now: dt.datetime, mail: Post, weeks: Weeks) -> Callable[[], Outcome]:
    """Everything that can be done before anybody is asked to take it. Raises Nobody."""
    if row.hook:
        text, value = channel_text(row, now, weeks)
        url = row.hook.url
        return lambda: post(url, text, lambda: deliveries.hand_over(row, value, timezone.now()))
    message, told = letter(row, now, weeks)
    return lambda: mail.send(message, lambda: deliveries.hand_over(row, told, timezone.now()))


def letter(row: Delivery, now: dt.datetime, weeks: Weeks) -> tuple[EmailMessage, dict[str, Any] | None]:
    """The mail of a row, and its value as it is kept."""
    if row.user is None or not row.user.is_active or not row.user.email:
        raise Nobody(_("There is no address to send it to."))
    if row.kind == Delivery.Kind.REPORT:
        refused = deliveries.refused_for(row.user, row.due_at - dt.timedelta(days=2))
        if not refused:
            raise Nobody(_("All of it has been sent meanwhile."))
        return report_mail(row, refused), None
    if row.kind == Delivery.Kind.ALERT:
        if not _may_be_told(row):
            raise Nobody(_("The program is no longer theirs to read, or alerts are off."))
        return alert_mail(row, alert_of(row)), row.value
    digest = digest_of(row, now, weeks)
    return digest_mail(row, digest), to_json(digest)


def _may_be_told(row: Delivery) -> bool:
    mine = row.subscription
    wanted = mine is not None and mine.on and mine.alerts
    return bool(wanted and deliveries.programs_followed(mine).filter(pk=row.program_id).exists())  # type: ignore[arg-type]


def digest_of(row: Delivery, now: dt.datetime, weeks: Weeks) -> Digest:
    """The digest of a row, built now of what its reader may see now. Raises Nobody."""
    subscription = row.subscription
    if subscription is None or not (subscription.on or row.key.startswith("now ")):
        raise Nobody(_("It was unsubscribed from."))
    programs = deliveries.programs_followed(subscription)
    if row.program:
        programs = programs.filter(pk=row.program.pk)
        if not programs.exists():
            raise Nobody(_("The program is no longer theirs to read."))
    return build_digest(
        user=row.user,
        programs=programs,
        zone=subscription.zone,
        since=row.since or now,
        until=row.until or now,
        due_at=row.due_at,
        now=now,
        late=now - row.due_at > deliveries.LATE,
        weeks=weeks,
    )


def channel_text(row: Delivery, now: dt.datetime, weeks: Weeks) -> tuple[str, dict[str, Any] | None]:
    hook = row.hook
    if hook is None or not hook.on or hook.program.archived_at:
        raise Nobody(_("It was switched off."))
    address = absolute(reverse("program", args=[hook.program.slug]))
    with timezone.override(hook.zone):
        if row.kind == Delivery.Kind.ALERT:
            return words.channel_alert(alert_of(row), address, harmless), row.value
        digest = build_digest(
            user=None,
            programs=Program.objects.filter(pk=hook.program_id),
            zone=hook.zone,
            since=row.since or now,
            until=row.until or now,
            due_at=row.due_at,
            now=now,
            late=now - row.due_at > deliveries.LATE,
            weeks=weeks,
        )
        return words.channel(digest, address, harmless), to_json(digest)


def alert_of(row: Delivery) -> Alert:
    return from_json(Alert, row.value or {})
