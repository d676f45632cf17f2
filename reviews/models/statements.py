import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Factor, Goal
from projects.models.constraints import holds, meant
from reviews.models.reviews import Turn


class StatementQuerySet(models.QuerySet):
    def in_force(self):
        """Neither taken back, nor the row that takes one back."""
        return self.filter(withdraws__isnull=True, withdrawn_by__isnull=True)


class Statement(models.Model):
    """What an engineer said in a turn beside a number. Append-only: another row takes one back."""

    class Kind(models.TextChoices):
        NOTHING_NEW = "nothing_new", _("Nothing new")  # the text is the reason
        BLOCKED = "blocked", _("What stops them")
        FREE = "free", _("Nothing stops them")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)  # made by the client: the same statement twice is one row
    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("what was said"), max_length=200, blank=True)
    factor = models.ForeignKey(Factor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    said_at = models.DateTimeField(null=True, blank=True)  # null: its age was not known
    late = models.BooleanField(default=False)  # not said while the review was open
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    withdraws = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_by"
    )

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            holds(
                Q(kind__in=["nothing_new", "blocked", "free"]), "statement_kind_known", _("Not a kind of statement.")
            ),
            holds(Q(kind="free") | meant("text"), "statement_says_something", _("Say why, or what.")),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text}" if self.text else str(self.get_kind_display())
