from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models import Program, Team
from projects.models.constraints import holds, meant
from projects.time import validate_zone

WEEKDAYS = {
    "MO": _("Monday"),
    "TU": _("Tuesday"),
    "WE": _("Wednesday"),
    "TH": _("Thursday"),
    "FR": _("Friday"),
    "SA": _("Saturday"),
    "SU": _("Sunday"),
}


def validate_weekdays(value: str) -> None:
    days = value.split(",")
    if not set(days) <= WEEKDAYS.keys() or len(set(days)) != len(days):
        raise ValidationError(gettext("Not a list of weekdays: %(value)s."), params={"value": value})


class Cadence(models.Model):
    """When a program, or one of its teams, holds its reviews: weekdays, a time and a length in a zone (M9).

    A changed rhythm ends one cadence and begins the next, so that what was missed before stays missed.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    weekdays = models.CharField(_("weekdays"), max_length=20, validators=[validate_weekdays])  # "TU,SA"
    every_weeks = models.PositiveSmallIntegerField(_("every … weeks"), default=1)
    at = models.TimeField(_("at"))
    minutes = models.PositiveSmallIntegerField(_("length, minutes"))
    zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    doubled_for = models.CharField(max_length=160, blank=True)  # the limiting factor for which a day was added
    note = models.TextField(_("note to the team"), blank=True)
    first_day = models.DateField(_("from"))
    last_day = models.DateField(null=True, blank=True)  # none: it goes on
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["program__name", "team__name", "first_day"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(team__isnull=True, last_day__isnull=True),
                name="cadence_one_open_per_program",
                violation_error_message=_("This program has a cadence already."),
            ),
            models.UniqueConstraint(
                fields=["team"],
                condition=Q(last_day__isnull=True),
                name="cadence_one_open_per_team",
                violation_error_message=_("This team has a cadence already."),
            ),
            holds(Q(minutes__gte=5, minutes__lte=720), "cadence_minutes", _("A review takes 5 minutes to 12 hours.")),
            holds(Q(every_weeks__gte=1, every_weeks__lte=8), "cadence_weeks", _("Every week to every eighth week.")),
            holds(meant("weekdays"), "cadence_weekdays", _("Choose a weekday.")),
        ]

    def __str__(self):
        return f"{self.team or self.program}: {self.words}"

    @property
    def days(self) -> list[str]:
        return self.weekdays.split(",")

    @property
    def rrule(self) -> str:
        """The rhythm as iCalendar has it."""
        return f"FREQ=WEEKLY;INTERVAL={self.every_weeks};WKST=MO;BYDAY={self.weekdays}"

    @property
    def words(self) -> str:
        """ "Tuesday and Saturday, 09:00, 150 minutes" """
        days = [str(WEEKDAYS[day]) for day in self.days]
        named = (
            days[0]
            if len(days) == 1
            else gettext("%(days)s and %(last)s") % {"days": ", ".join(days[:-1]), "last": days[-1]}
        )
        rhythm = gettext("%(days)s, %(at)s, %(minutes)s minutes") % {
            "days": named,
            "at": f"{self.at:%H:%M}",
            "minutes": self.minutes,
        }
        if self.every_weeks > 1:
            rhythm = gettext("%(rhythm)s, every %(n)s weeks") % {"rhythm": rhythm, "n": self.every_weeks}
        return rhythm


class SlotChange(models.Model):
    """One slot of a cadence that is moved, or cancelled, and why."""

    cadence = models.ForeignKey(Cadence, on_delete=models.CASCADE, related_name="changes")
    day = models.DateField()  # on which the cadence has the slot
    moved_to = models.DateTimeField(_("moved to"), null=True, blank=True)  # none: cancelled
    memo = models.TextField(_("memo"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cadence", "day"], name="slot_changed_once"),
            holds(meant("memo"), "slot_change_memo_meant", _("Moving or cancelling a review needs a memo.")),
        ]

    def __str__(self):
        return f"{self.cadence} {self.day}"


class CalendarFeed(models.Model):
    """The secret address at which a person's own calendar reads their reviews."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return str(self.user)

    def get_absolute_url(self):
        return reverse("feed", args=[self.token])
