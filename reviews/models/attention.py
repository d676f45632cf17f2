import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Factor, Program
from projects.models.constraints import holds, meant

MOST_MINUTES = 7 * 24 * 60  # of a week


class AttentionPlan(models.Model):
    """One person's hours for limiting factors in one week (M18)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    minutes = models.PositiveIntegerField(_("minutes that there are"))
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-week"]
        constraints = [
            models.UniqueConstraint(fields=["user", "week"], name="attention_plan_once"),
            holds(Q(minutes__lte=MOST_MINUTES), "attention_plan_fits_a_week", _("A week has 168 hours.")),
        ]

    def __str__(self):
        return f"{self.user} {self.week}"


class AttentionLine(models.Model):
    """What a plan gives to one program: minutes for its limiting factor, or none, and why."""

    plan = models.ForeignKey(AttentionPlan, on_delete=models.CASCADE, related_name="lines")
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    factor = models.CharField(_("limiting factor"), max_length=160, blank=True)  # by its name then
    minutes = models.PositiveIntegerField(_("minutes"), default=0)
    expected_days = models.FloatField(
        _("expected days"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1826)]
    )
    why = models.CharField(_("why no hours"), max_length=300, blank=True)

    class Meta:
        ordering = ["-minutes", "program__name"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "program"], name="attention_line_once"),
            holds(
                Q(expected_days__isnull=True) | Q(expected_days__gte=0, expected_days__lte=1826),
                "attention_expected_days_possible",
                _("Expected days lie between 0 and five years."),
            ),
        ]

    def __str__(self):
        return f"{self.program} {self.minutes} min"


class AttentionEntry(models.Model):
    """Minutes spent on a program outside the turns of a review, which keep their own."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)  # made with the form: the same entry twice is one row
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    factor = models.ForeignKey(Factor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    on = models.DateField(_("on"))
    minutes = models.PositiveIntegerField(_("minutes"))
    memo = models.TextField(_("what for"))

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name_plural = _("attention entries")
        constraints = [
            holds(Q(minutes__gte=1, minutes__lte=24 * 60), "attention_entry_fits_a_day", _("A day has 1440 minutes.")),
            holds(meant("memo"), "attention_entry_memo_meant", _("Say what the time went to.")),
        ]

    def __str__(self):
        return f"{self.program} {self.on} {self.minutes} min"
