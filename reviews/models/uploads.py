import datetime as dt

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import Import, Program

SILENT = dt.timedelta(seconds=60)  # a job that has said nothing for so long is not at work any more


class UploadQuerySet(models.QuerySet):
    def open(self):
        """On their way: neither brought in nor given up."""
        return self.filter(state__in=Upload.OPEN)

    def running(self):
        return self.filter(state__in=Upload.RUNNING)


class Upload(models.Model):
    """A file on its way in, with how it is to be read and how far it is. What it becomes is an Import."""

    class State(models.TextChoices):
        STORING = "storing", _("Being stored")
        MAPPING = "mapping", _("Columns to be named")
        CHECKING = "checking", _("Being checked")
        REFUSED = "refused", _("Refused")
        CHECKED = "checked", _("Checked")
        APPLYING = "applying", _("Being brought in")
        APPLIED = "applied", _("Brought in")
        CANCELLED = "cancelled", _("Cancelled")

    RUNNING = (State.CHECKING, State.APPLYING)
    OPEN = (State.MAPPING, State.CHECKING, State.REFUSED, State.CHECKED, State.APPLYING)

    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    new_name = models.CharField(_("name"), max_length=120, blank=True)  # of the program that it makes, where none is
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(_("file"), max_length=255)
    size = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STORING)
    head = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # what its first rows show: imports.head.Head
    reading = models.JSONField(default=dict)  # how it is to be read: imports.columns.Reading
    memo = models.TextField(_("memo"), blank=True)
    step = models.CharField(max_length=12, blank=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)  # 0: not known
    told_at = models.DateTimeField(null=True, blank=True)  # when the job at work last said how far it is
    refusals = models.JSONField(default=list)  # [row, column, found, why] each
    preview = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("upload", args=[self.pk])

    @property
    def running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def silent(self) -> bool:
        """Meant to be at work, and no job has been heard of for a while: its worker was killed, or there is none."""
        return self.running and self.told_at is not None and timezone.now() - self.told_at > SILENT

    @property
    def program_name(self) -> str:
        return self.program.name if self.program else self.new_name


class UploadPiece(models.Model):
    """A part of the file: in the database, where every worker finds it, and small, so that no write is long."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_piece_once")]

    def __str__(self):
        return f"{self.upload_id} {self.number}"
