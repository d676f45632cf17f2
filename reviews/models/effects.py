from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models import Goal, Intervention
from projects.models.constraints import holds
from reviews.models.forecasts import Forecast


class InterventionEffect(models.Model):
    """What an intervention brought by the day it was judged (M17): days earlier, with 80 % from `low` to `high`.

    Or why that cannot be told. An end of None is beyond counting: not within five years.
    """

    class Cannot(models.TextChoices):
        TOLD = "", _("It can be told")
        NO_GOAL = "no goal", _("Its factor gates no goal, so there is no curve to hold it against.")
        NO_CURVE = "no curve", _("There was no curve yet: fewer than three values had been reported when it began.")
        DONE = "done", _("The goal was done before it began.")
        SILENT = "silent", _("Too little has been reported since it began: two values are needed.")
        NEVER = "never", _("Too many of the outcomes, before and since, do not finish within five years.")

    intervention = models.OneToOneField(Intervention, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    forecast = models.ForeignKey(
        Forecast, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # the old curve as it was issued; null: made again from what had been observed before the start
    cannot = models.CharField(max_length=8, choices=Cannot.choices, blank=True, default=Cannot.TOLD)
    days = models.IntegerField(null=True, blank=True)
    low = models.IntegerField(null=True, blank=True)
    high = models.IntegerField(null=True, blank=True)
    old_p50 = models.DateField(null=True, blank=True)  # null: not within five years, or unknown
    new_p50 = models.DateField(null=True, blank=True)  # the day it was finished, where it is
    finished = models.BooleanField(default=False)
    as_of = models.DateField()
    judged_at = models.DateTimeField()
    engine = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            holds(
                Q(cannot="", goal__isnull=False) & (Q(low__isnull=False) | Q(high__isnull=False))
                | Q(
                    cannot__in=["no goal", "no curve", "done", "silent", "never"],
                    days__isnull=True,
                    low__isnull=True,
                    high__isnull=True,
                ),
                "effect_told_or_not",
                _("An effect has an interval, or a reason why it has none."),
            ),
            holds(
                Q(low__isnull=True) | Q(high__isnull=True) | Q(high__gte=F("low")),
                "effect_in_order",
                _("The interval ends before it begins."),
            ),
        ]

    def __str__(self):
        return f"{self.intervention}: {self.cannot or self.days}"

    @property
    def told(self) -> bool:
        return not self.cannot

    @property
    def days_later(self) -> int | None:
        return None if self.days is None else -self.days

    @property
    def helped(self) -> bool:
        """Even the low end is earlier."""
        return self.low is not None and self.low > 0

    @property
    def cost(self) -> bool:
        """Even the high end is later."""
        return self.high is not None and self.high < 0

    @property
    def as_expected(self) -> bool:
        """What was expected lies within the interval."""
        expected = self.intervention.expected_days
        return (self.low is None or self.low <= expected) and (self.high is None or expected <= self.high)
