from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.programs import Program


class Import(models.Model):
    """One file brought in: one event with its own memo. Its rows cite it (M11)."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    memo = models.TextField(_("memo"))
    rows = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # {"teams": [ids], "goals": [ids], "changes": [{"goal": id, "field", "old", "new"}, …], "counts": {…}}
    made = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)  # from then on its datapoints are not in force
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undo_memo = models.TextField(blank=True)
    undone = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)  # {"counts": {…}, "kept": […]}

    class Meta:
        ordering = ["-at"]
        constraints = [holds(meant("memo"), "import_memo_meant", _("An import needs a memo."))]

    def __str__(self):
        return f"{self.file_name} ({self.at:%Y-%m-%d})"


class Event(models.Model):
    """Who changed what, when, from what; written in the transaction of the change and never altered."""

    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=200)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    memo = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject", "subject_id"]), models.Index(fields=["program", "-at"])]

    def __str__(self):
        return f"{self.verb} {self.subject} {self.subject_name}"
