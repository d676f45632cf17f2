from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models import Goal, Program
from projects.models.constraints import holds
from reviews.models.forecasts import Forecast


class StatedDate(models.Model):
    """A deadline that was stated and fell due: a claim, judged on its own day, whatever replaced it (M14).

    goal: whose deadline it was; null: the program's own. Derived from goals, revisions and datapoints, and judged
    again where those change.
    """

    class Outcome(models.TextChoices):
        MET = "met", _("Met")
        MISSED = "missed", _("Missed")
        UNKNOWN = "unknown", _("Unknown: nothing was reported by then")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    stated_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    imported = models.BooleanField(default=False)  # stated elsewhere, and brought in with a file
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    finished_on = models.DateField(null=True, blank=True)  # null: not yet, or nobody knows

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "day"], name="stated_date_once"),
            models.UniqueConstraint(
                fields=["program", "day"], condition=Q(goal__isnull=True), name="stated_date_of_program_once"
            ),
            holds(Q(outcome__in=["met", "missed", "unknown"]), "stated_date_outcome_known", _("Not an outcome.")),
            holds(Q(stated_on__lt=F("day")), "stated_date_before_its_day", _("It was stated on or after its day.")),
        ]

    def __str__(self):
        return f"{self.goal or self.program} {self.day}: {self.outcome}"


class ForecastScore(models.Model):
    """What a forecast said of one horizon, and whether it came. Derived, like the above.

    horizon: weeks from `as_of` to `due`; 0: the deadline that the forecast was given. forecast: the row that was
    issued; null: nobody issued it, it is what today's engine says of an imported history ("what would it have said").
    """

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")
    forecast = models.ForeignKey(Forecast, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    horizon = models.PositiveSmallIntegerField()
    due = models.DateField()
    probability = models.FloatField()
    came = models.BooleanField()
    engine = models.CharField(max_length=40)

    class Meta:
        ordering = ["-due", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forecast", "horizon"], condition=Q(forecast__isnull=False), name="score_once_issued"
            ),
            models.UniqueConstraint(
                fields=["goal", "as_of", "horizon"], condition=Q(forecast__isnull=True), name="score_once_replayed"
            ),
            holds(Q(probability__gte=0, probability__lte=1), "score_probability", _("A probability lies in 0 to 1.")),
            holds(Q(due__gt=F("as_of")), "score_due_after", _("It is judged after it was said.")),
        ]

    def __str__(self):
        return f"{self.goal} {self.as_of} +{self.horizon}: {self.probability:.0%} {self.came}"
