from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models import Program
from projects.models.constraints import holds, meant


class Finding(models.Model):
    """What a rule of the audit says of one row, and what was decided about it (M12)."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FIXED = "fixed", _("Fixed")
        WAIVED = "waived", _("Waived")
        QUARANTINED = "quarantined", _("In quarantine")

    rule = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    says = models.TextField()
    points = models.JSONField(default=list)  # ids of the datapoints that would leave the fit
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField()  # since when it stands: anew where it came back after it was fixed
    seen_at = models.DateTimeField()  # when the audit last looked for it
    memo = models.TextField(_("memo"), blank=True)  # of what was decided
    waived_until = models.DateField(_("waived until"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "subject_id"], name="finding_once"),
            holds(
                Q(state__in=["open", "fixed"])
                | (Q(state="waived", waived_until__isnull=False) & meant("memo"))
                | (Q(state="quarantined") & meant("memo")),
                "finding_decided_with_reason",
                _("Waived or in quarantine: say why, and until when."),
            ),
        ]
        indexes = [models.Index(fields=["program", "state"])]

    def __str__(self):
        return self.says
