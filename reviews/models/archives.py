from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models import Program
from projects.models.constraints import holds, meant


class ArchiveImport(models.Model):
    """A program that came from an archive: who brought it in, from what file, and why.

    Until `done_at` it is being brought in, chunk by chunk: its program is archived and has no member, so that nobody
    meets half of it.
    """

    program = models.OneToOneField(Program, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    memo = models.TextField(_("memo"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField(auto_now_add=True)  # its last sign of life, while it is being brought in
    done_at = models.DateTimeField(null=True, blank=True)
    made = models.JSONField(
        default=dict
    )  # ids of the shared rows made for it so far: {"engineers": […], "factors": […]}
    members = models.JSONField(default=list)  # [[username, role], …] of accounts that are not here

    class Meta:
        ordering = ["-at"]
        constraints = [holds(meant("memo"), "archive_import_memo_meant", _("An import needs a memo."))]

    def __str__(self):
        return self.file_name


class KeptName(models.Model):
    """Who an archive says did something, where there is no such account here: a name, and no login.

    One row for each run of rows, by id, that name the same person in the same field.
    """

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    concept = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    name = models.CharField(max_length=150)

    class Meta:
        ordering = ["first"]
        constraints = [holds(Q(last__gte=F("first")), "kept_name_in_order", _("A run ends before it begins."))]
        indexes = [models.Index(fields=["program", "concept", "field", "first"])]

    def __str__(self):
        return self.name
