from django.db import models

from projects.models import Goal, Verdict


class Forecast(models.Model):
    """What the curve said of a goal on a day, with the receipt that replays it."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    issued_at = models.DateTimeField(auto_now_add=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reasons = models.JSONField(default=list)
    finish_days = models.JSONField(default=list)  # days from as_of at (k + 0.5) / n; null: never within 5 years
    p_never = models.FloatField(null=True, blank=True)
    p_deadline = models.FloatField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    inputs_hash = models.CharField(max_length=64)
    engine = models.CharField(max_length=40)
    parameters = models.CharField(max_length=64, blank=True)
    newest_datapoint = models.BigIntegerField(null=True, blank=True)  # the last one known when it was issued
    newest_revision = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "as_of", "inputs_hash", "engine", "parameters"], name="forecast_once"
            )
        ]

    def __str__(self):
        return f"{self.goal} {self.as_of} {self.verdict}"
