"""A value as a mail: a text part, an HTML part with its pictures inside, and the headers that mail programs act on."""

import datetime as dt
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reviews.digests import words
from reviews.digests.pictures import finish_spec, palette, png
from reviews.digests.value import Alert, Digest, ProgramWeek
from reviews.models import Delivery, Subscription

MOST_PICTURES = 4  # of the worst programs: a mail of a hundred pictures is not read
SALT = "digests.unsubscribe"
# A long address in a header is not one to break, nor to encode: mail programs would not find it.
AS_WRITTEN = SMTP.clone(refold_source="none")


# ---- addresses -------------------------------------------------------------------------------------------------------


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def unsubscribe_token(subscription: Subscription) -> str:
    return signing.dumps(subscription.pk, salt=SALT)


def subscription_of(token: str) -> int | None:
    """The id that a token names; None where nobody here signed it. It does not age: mail is kept for years."""
    try:
        found = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


def unsubscribe_address(subscription: Subscription) -> str:
    return absolute(reverse("digest_unsubscribe", args=[unsubscribe_token(subscription)]))


# ---- the mail --------------------------------------------------------------------------------------------------------


def digest_mail(row: Delivery, digest: Digest) -> EmailMessage:
    """The mail of a delivery, in the words and the zone of its reader."""
    with timezone.override(ZoneInfo(digest.zone)):
        pictures = pictures_of(digest)
        context: dict[str, Any] = {
            "digest": digest,
            "programs": [shown(week, pictures.get(week.program)) for week in digest.loud],
            "subject": words.subject(digest),
            "address": absolute(row.get_absolute_url()),
            "settings_address": absolute(reverse("subscription")),
            "unsubscribe": unsubscribe_address(row.subscription) if row.subscription else "",
            "site": settings.SITE_URL,
            "colours": palette(),
        }
        mail = _mail(row, context["subject"], "digest", context)
        for number, (_program, picture) in enumerate(pictures.items()):
            html = mail.get_payload()[1]  # type: ignore[index]  # multipart/alternative: text, HTML
            name = f"chart-{number + 1}.png"
            html.add_related(  # type: ignore[union-attr]
                picture["png"], "image", "png", cid=f"<{picture['cid']}>", disposition="inline", filename=name
            )
    return mail


def alert_mail(row: Delivery, alert: Alert) -> EmailMessage:
    zone = row.subscription.zone if row.subscription else settings.TIME_ZONE
    with timezone.override(ZoneInfo(zone)):
        context: dict[str, Any] = {
            "alert": alert,
            "subject": words.alert_subject(alert),
            "address": absolute(row.get_absolute_url()),
            "program_address": absolute(reverse("program", args=[alert.slug])),
            "settings_address": absolute(reverse("subscription")),
            "unsubscribe": unsubscribe_address(row.subscription) if row.subscription else "",
            "colours": palette(),
        }
        return _mail(row, context["subject"], "alert", context)


def report_mail(row: Delivery, refused: list[Delivery]) -> EmailMessage:
    subject = _("Mail was refused")
    context = {"refused": refused, "subject": subject, "address": absolute(reverse("subscription"))}
    return _mail(row, subject, "report", context | {"colours": palette()})


def shown(week: ProgramWeek, picture: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"week": week, "picture": picture, "address": absolute(reverse("program", args=[week.slug]))}


def pictures_of(digest: Digest) -> dict[int, dict[str, Any]]:
    """{program: its chart}, of the first loud ones that have one."""
    found: dict[int, dict[str, Any]] = {}
    for week in digest.loud:
        spec = finish_spec(week) if len(found) < MOST_PICTURES else None
        if spec:
            found[week.program] = {
                "png": png(spec),
                "alt": spec["description"],
                "cid": f"finish-{week.program}@limiting-factor",
            }
    return found


def _mail(row: Delivery, subject: str, name: str, context: dict[str, Any]) -> EmailMessage:
    mail = EmailMessage(policy=AS_WRITTEN)
    mail["Subject"] = words.one_line(subject)
    mail["From"] = settings.DEFAULT_FROM_EMAIL
    mail["To"] = row.user.email if row.user else ""
    mail["Date"] = format_datetime(timezone.now().astimezone(dt.UTC))
    mail.set_raw("Message-ID", row.message_id)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # what absence notes of Exchange ask for
    if context.get("unsubscribe"):
        mail.set_raw("List-Unsubscribe", f"<{context['unsubscribe']}>")
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    text = render_to_string(f"reviews/mail/{name}.txt", context)
    mail.set_content(text.strip() + "\n", cte="quoted-printable")
    mail.add_alternative(render_to_string(f"reviews/mail/{name}.html", context), subtype="html", cte="quoted-printable")
    return mail
