"""Personal tokens: made and shown once, used, revoked."""

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import AccessToken
from projects.models.tokens import MOST_IN_A_WINDOW, WINDOW
from projects.services.changes import record_event

PREFIX = "lf_"  # by which a scanner for lost secrets knows it


class NoSuchToken(Exception):
    """Unknown, revoked, or of an account that was deactivated."""


class TooManyRequests(Exception):
    """`seconds`: when the next one is taken."""

    def __init__(self, seconds: int):
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


def tokens_of(user: User) -> QuerySet[AccessToken]:
    """Those that work."""
    return AccessToken.objects.filter(user=user, revoked_at=None)


def make_token(*, user: User, name: str) -> tuple[AccessToken, str]:
    """A new token and its secret, which is nowhere else. Raises ValidationError where the name is taken."""
    name = " ".join(name.split())
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = AccessToken.objects.create(user=user, name=name, digest=digest_of(secret), ending=secret[-4:])
            record_event(by=user, verb="made a token", subject=token, program=None)
    except IntegrityError:
        raise ValidationError({"name": _("You have a token of this name.")}) from None
    return token, secret


@transaction.atomic
def revoke_token(*, token: AccessToken) -> None:
    """It opens nothing any more; what it wrote stays."""
    if AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record_event(by=token.user, verb="revoked a token", subject=token, program=None)


def use_token(secret: str, now: datetime) -> User:
    """Whose token it is; the request is counted. Raises NoSuchToken, TooManyRequests.

    One conditional update counts, notes the use and asks whether it was revoked since: no two requests count as one.
    """
    token = AccessToken.objects.select_related("user").filter(digest=digest_of(secret), revoked_at=None).first()
    if token is None or not token.user.is_active:
        raise NoSuchToken
    over = Q(window_from=None) | Q(window_from__lte=now - WINDOW)
    taken = (
        AccessToken.objects.filter(pk=token.pk, revoked_at=None)
        .filter(over | Q(window_requests__lt=MOST_IN_A_WINDOW))
        .update(
            last_used_at=now,
            window_from=Case(When(over, then=Value(now)), default=F("window_from")),
            window_requests=Case(When(over, then=Value(1)), default=F("window_requests") + 1),
        )
    )
    if taken:
        return token.user
    token.refresh_from_db()
    if token.revoked_at or token.window_from is None:
        raise NoSuchToken
    raise TooManyRequests(max(1, round((token.window_from + WINDOW - now).total_seconds())))


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
