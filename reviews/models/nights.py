from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Program
from projects.models.constraints import holds


class Night(models.Model):
    """One nightly refit of everything, split over workers. A day has one, however often it is asked for."""

    on = models.DateField(unique=True)  # in UTC
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-on"]

    def __str__(self):
        return str(self.on)


class NightPart(models.Model):
    """One program of a night: claimed by one worker for a while, and marked with what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("at it")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    night = models.ForeignKey(Night, on_delete=models.CASCADE, related_name="parts")
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    claim = models.UUIDField(null=True, blank=True, db_index=True)  # of the worker that has or had it
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    goals = models.PositiveIntegerField(default=0)  # forecast; those that were fresh already do not count
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["night", "program"], name="night_part_once"),
            holds(
                Q(state="waiting")
                | Q(state="claimed", claim__isnull=False, lease_until__isnull=False)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                "night_part_state_matches",
                _("State and times of the part disagree."),
            ),
        ]
        indexes = [models.Index(fields=["night", "state"], name="night_part_by_state")]

    def __str__(self):
        return f"{self.night} {self.program}"
