import datetime as dt
import secrets
from enum import Enum

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds
from projects.models.programs import Program, Role

SALT = "projects.models.invitations"
VALID_FOR = dt.timedelta(days=14)


def new_nonce() -> str:
    return secrets.token_urlsafe(12)


def end_of_a_new_one() -> dt.datetime:
    return timezone.now() + VALID_FOR


class Invitation(models.Model):
    """An address asked into a program by mail; its link works once, for two weeks, and only the newest one sent."""

    class State(Enum):
        OPEN = "open"
        ACCEPTED = "accepted"
        REVOKED = "revoked"
        EXPIRED = "expired"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("address"))  # lower case
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    nonce = models.CharField(max_length=32, default=new_nonce)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=end_of_a_new_one)
    sent_at = models.DateTimeField(null=True)  # None: the mail server did not take it
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            holds(Q(role__in=Role.values), "invitation_role_known", _("Not a role.")),
        ]

    def __str__(self):
        return self.email

    @property
    def in_history(self) -> dict:
        return {"subject_name": ""}

    @property
    def token(self) -> str:
        """What stands in the link."""
        return signing.dumps([self.pk, self.nonce], salt=SALT)

    @property
    def state(self) -> State:
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.EXPIRED if self.expires_at <= timezone.now() else self.State.OPEN


def read_token(token: str) -> tuple[int, str] | None:
    """(id, nonce) of what `Invitation.token` wrote; None of anything else."""
    try:
        pk, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return pk, nonce
