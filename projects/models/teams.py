import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds
from projects.models.programs import Program
from projects.models.querysets import SeatQuerySet, TeamQuerySet


class Team(models.Model):
    """Who moves a set of goals."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(_("name"), max_length=120)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                F("program"),
                Lower("name"),
                name="team_name_unique",
                violation_error_message=_("This program has a team of this name."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("team", args=[self.pk])


class Engineer(models.Model):
    """A person who does the work; an engineer need not have a login."""

    name = models.CharField(_("name"), max_length=120)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("login"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def in_history(self) -> dict:
        return {"engineer": self, "subject_name": ""}


class Seat(models.Model):
    """An engineer on a team, from a day up to, but not on, a day."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="seats")
    engineer = models.ForeignKey(Engineer, on_delete=models.CASCADE, related_name="seats")
    joined = models.DateField(_("joined"))
    left = models.DateField(_("left"), null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["engineer__name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "engineer"], condition=Q(left__isnull=True), name="seat_open_once"),
            holds(Q(left__isnull=True) | Q(left__gte=F("joined")), "seat_left_after_joined", _("Left before joining.")),
        ]

    def __str__(self):
        return f"{self.engineer} @ {self.team}"

    @property
    def in_history(self) -> dict:
        return {"engineer": self.engineer, "subject_name": self.team.name}


class WeeksOff(models.Model):
    """Days on which a team does not work (holidays, freezes): no time, and so not a lack of progress."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="weeks_off")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        ordering = ["first_day"]
        verbose_name_plural = _("weeks off")
        constraints = [
            holds(Q(last_day__gte=F("first_day")), "weeks_off_in_order", _("The last day lies before the first."))
        ]

    def __str__(self):
        return f"{self.first_day} – {self.last_day}"

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        return self.first_day, self.last_day
