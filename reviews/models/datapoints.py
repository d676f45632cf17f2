import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Engineer, Factor, Goal, Import
from projects.models.constraints import finite, holds, meant
from reviews.models.reviews import Review, Turn


class DatapointQuerySet(models.QuerySet):
    def in_force(self):
        """Neither superseded, withdrawn, quarantined nor of an import that was undone.

        Of several on one day `reviews.series` takes one.
        """
        return self.filter(
            superseded_by__isnull=True,
            quarantined_at__isnull=True,
            withdrawn=False,
            source__undone_at__isnull=True,
        )


class Datapoint(models.Model):
    """One number, said by someone, with its memo. Append-only: a correction supersedes."""

    class Level(models.TextChoices):
        """Who said it, nearest the work first (M8)."""

        DOER = "doer", _("Doer")
        LEAD = "lead", _("Lead")
        MANAGER = "manager", _("Manager")
        RELAYED = "relayed", _("Relayed")
        UNKNOWN = "unknown", _("Unknown")

    class Origin(models.TextChoices):
        LIVE = "live", _("Live")
        LATE = "late", _("Late")
        IMPORT = "import", _("Import")
        API = "api", _("API")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)  # made by the client: the same entry twice is one row
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="+")
    engineer = models.ForeignKey(Engineer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, null=True, blank=True, on_delete=models.PROTECT, related_name="datapoints")
    turn = models.ForeignKey(Turn, null=True, blank=True, on_delete=models.SET_NULL, related_name="datapoints")
    level = models.CharField(_("source"), max_length=8, choices=Level.choices)
    value = models.FloatField(_("value"))
    memo = models.TextField(_("memo"), blank=True)
    blocker = models.CharField(_("blocker"), max_length=200, blank=True)
    factor = models.ForeignKey(Factor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    prepared = models.BooleanField(_("prepared material was shown"), default=False)
    observed_on = models.DateField(_("observed on"))
    said_at = models.DateTimeField(null=True, blank=True)  # before recorded_at where it waited in the browser
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    origin = models.CharField(max_length=6, choices=Origin.choices)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    withdrawn = models.BooleanField(default=False)  # a correction that says: it was never so
    surprise = models.FloatField(null=True, blank=True)  # its percentile in what was expected when it was logged
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantine_reason = models.CharField(max_length=200, blank=True)

    objects = DatapointQuerySet.as_manager()

    class Meta:
        ordering = ["observed_on", "recorded_at", "pk"]
        constraints = [
            holds(finite("value"), "datapoint_value_finite", _("The value must be a number.")),
            holds(Q(source__isnull=False) | meant("memo"), "datapoint_memo_meant", _("A datapoint needs a memo.")),
            holds(
                Q(source__isnull=False) | ~Q(level="unknown"),
                "datapoint_level_said",
                _("Say at what level it was reported."),
            ),
            holds(
                Q(level__in=["doer", "lead", "manager", "relayed", "unknown"]),
                "datapoint_level_known",
                _("Not a level."),
            ),
            holds(
                Q(origin="import", source__isnull=False) | Q(origin__in=["live", "late", "api"], source__isnull=True),
                "datapoint_origin_matches_import",
                _("Only an import's rows cite an import."),
            ),
        ]
        indexes = [models.Index(fields=["goal", "observed_on"])]

    def __str__(self):
        return f"{self.goal} {self.observed_on} {self.value}"
