from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.factors import Factor, Limit
from projects.models.goals import Goal


class SuccessorPrediction(models.Model):
    """What will limit a program next (M5): what, from when to when, on what condition, with what probability.

    It is scored when the limit it follows gives way, and void where its condition never held.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        CAME = "came", _("It came")
        OTHER = "other", _("Something else came")
        VOID = "void", _("Void: its condition never held")

    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="predictions")
    factor = models.ForeignKey(Factor, null=True, blank=True, on_delete=models.PROTECT, related_name="predictions")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="predictions")
    window_from = models.DateField(_("from"))
    window_to = models.DateField(_("to"))
    condition = models.CharField(_("condition"), max_length=200, blank=True)
    probability = models.FloatField(_("probability"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by_model = models.BooleanField(default=False)
    memo = models.TextField(_("memo"))
    at = models.DateTimeField(auto_now_add=True)
    outcome = models.CharField(max_length=5, choices=Outcome.choices, default=Outcome.OPEN)
    resolved_on = models.DateField(null=True, blank=True)
    condition_held = models.BooleanField(default=True)  # until a person says that it never did

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["limit"], condition=Q(by_model=True), name="prediction_of_the_model_once"),
            holds(
                Q(factor__isnull=False, goal__isnull=True) | Q(factor__isnull=True, goal__isnull=False),
                "prediction_of_one_thing",
                _("Predict a factor or a goal."),
            ),
            holds(
                Q(probability__gte=0, probability__lte=1), "prediction_probability", _("A probability lies in 0 to 1.")
            ),
            holds(Q(window_to__gte=F("window_from")), "prediction_window", _("The window ends before it begins.")),
            holds(meant("memo"), "prediction_memo_meant", _("A prediction needs a memo.")),
            holds(
                Q(outcome="open", resolved_on__isnull=True) | Q(outcome__in=["came", "other", "void"]),
                "prediction_outcome_known",
                _("Not an outcome."),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.probability:.0%})"

    @property
    def name(self) -> str:
        return str(self.factor or self.goal)

    @property
    def brier(self) -> float | None:
        """(probability - what came)²; None while it is open, or where it is void."""
        if self.outcome not in (self.Outcome.CAME, self.Outcome.OTHER):
            return None
        return (self.probability - (self.outcome == self.Outcome.CAME)) ** 2
