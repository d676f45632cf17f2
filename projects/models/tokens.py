import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant

WINDOW = dt.timedelta(minutes=1)
MOST_IN_A_WINDOW = 300


class AccessToken(models.Model):
    """What a program signs in with over the API, as the person who made it. The token itself is never stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80, help_text=_("What uses it: “nightly test run”."))
    # SHA-256. A password's slow hash is against guessing; nobody guesses 256 random bits.
    digest = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)  # its last characters, by which its owner knows it again
    made_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    window_from = models.DateTimeField(null=True)  # when the requests that are counted now began
    window_requests = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            holds(meant("name"), "accesstoken_name_meant", _("A token needs a name.")),
            models.UniqueConstraint(
                "user",
                Lower("name"),
                condition=Q(revoked_at=None),
                name="accesstoken_name_once",
                violation_error_message=_("You have a token of this name."),
            ),
        ]

    def __str__(self):
        return self.name
