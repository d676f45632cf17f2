from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.invitations import Invitation
from projects.models.programs import Program
from projects.models.teams import Engineer


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


class AppendOnly(Exception):
    """The history is written once: what was wrong is put right by another event."""


class EventQuerySet(models.QuerySet):
    def for_reading(self):
        """With whom they are by and about: `about` and `by` then ask nothing more."""
        address = Invitation.objects.filter(pk=OuterRef("subject_id")).values("email")
        return self.select_related("by", "person", "engineer").annotate(
            address=models.Case(models.When(subject="invitation", then=Subquery(address)), default=models.Value(""))
        )

    def update(self, **values):
        raise AppendOnly

    def delete(self):
        raise AppendOnly


class Event(models.Model):
    """Who changed what, when, from what; written in the transaction of the change and never altered.

    Persons stand here by reference only, so that a name can be erased and the sealed rows stay as they are. For the
    same reason an account that did something is never deleted.
    """

    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=200, blank=True)  # without the name of a person
    person = models.ForeignKey(  # the account that it is about
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    engineer = models.ForeignKey(Engineer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    memo = models.TextField(blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["subject", "subject_id"]), models.Index(fields=["program", "-at"])]

    def __str__(self):
        return f"{self.verb} {self.subject} {self.subject_name}"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise AppendOnly

    @property
    def about(self) -> str:
        """What it is about, by the names of today; ask for it of rows that were read with `for_reading`."""
        person: object = self.engineer or self.person or getattr(self, "address", "")
        return " · ".join(str(part) for part in (person, self.subject_name) if part)


class Seal(models.Model):
    """One event's place in its program's chain: a hash over the event and over the seal before it.

    Numbered in the order of sealing, from 1: on PostgreSQL an event may become visible after one with a higher id.
    Events without a program have a chain of their own.
    """

    program = models.ForeignKey(Program, null=True, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField()
    # Without a constraint in the database: an event that was taken out of the table leaves its seal behind.
    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="seal", db_constraint=False)
    at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="seal_number_once"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(program__isnull=True), name="seal_number_once_without_program"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.hash[:12]}"
