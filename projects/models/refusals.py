from django.db import models


class RefusalCount(models.Model):
    """How often a rule of the memo gate refused an entry in one week, at whatever door (M11)."""

    rule = models.CharField(max_length=40)  # the code of the refusal, such as memo_blank
    week = models.DateField()  # its Monday, in UTC
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-week", "rule"]
        constraints = [models.UniqueConstraint(fields=["rule", "week"], name="refusals_once_a_week")]

    def __str__(self):
        return f"{self.week} {self.rule}: {self.count}"
