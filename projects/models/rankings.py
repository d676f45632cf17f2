from django.db import models

from projects.models.programs import Program


class RankingDay(models.Model):
    """What the model last said of a program on one day: from it the board knows how long a proposal has led, and a
    program's page what changed. Of days more than three weeks old only the last of each week is kept."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="ranking_days")
    day = models.DateField()
    newest_data = models.DateField(null=True, blank=True)
    known = models.BooleanField(default=False)
    p50 = models.DateField(null=True, blank=True)  # null: not within 5 years, or not `known`
    p_deadline = models.FloatField(null=True, blank=True)
    p_last_acceptable = models.FloatField(null=True, blank=True)
    p_never = models.FloatField(null=True, blank=True)
    proposal = models.JSONField(null=True, blank=True)
    behind = models.JSONField(null=True, blank=True)
    following = models.JSONField(null=True, blank=True)
    confidence = models.CharField(max_length=10, blank=True)
    goals = models.JSONField(
        default=dict
    )  # goal id -> {"name", "verdict", "p50": ISO day or null, "value", "p_deadline"}
    replayed = models.BooleanField(default=False)  # from what was observed by then; else said then

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["program", "day"], name="ranking_once_a_day")]

    def __str__(self):
        return f"{self.program} {self.day}"
