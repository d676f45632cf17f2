from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models import Engineer, Program, Team
from projects.models.constraints import holds
from reviews.models.cadences import Cadence


class Review(models.Model):
    """A session in which the engineers who do the work report one by one (M7)."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        LIVE = "live", _("Live")
        CLOSED = "closed", _("Closed")

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    cadence = models.ForeignKey(Cadence, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews")
    slot_on = models.DateField(null=True, blank=True)  # the day on which its cadence has it
    scheduled_for = models.DateTimeField(_("scheduled for"))
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    led_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    notes = models.TextField(_("notes"), blank=True)
    before = models.JSONField(default=dict)  # how things stood when it opened (reviews.services.summary)
    summary = models.JSONField(null=True, blank=True)  # what was so when it closed: stored, never computed again

    class Meta:
        ordering = ["-scheduled_for", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(state="live"),
                name="review_one_live",
                violation_error_message=_("A review of this program is under way."),
            ),
            models.UniqueConstraint(fields=["cadence", "slot_on"], name="review_once_a_slot"),
            holds(
                Q(state="scheduled", opened_at__isnull=True, closed_at__isnull=True)
                | Q(state="live", opened_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", opened_at__isnull=False, closed_at__isnull=False, closed_at__gte=F("opened_at")),
                "review_state_matches_times",
                _("State and times of the review disagree."),
            ),
        ]
        indexes = [models.Index(fields=["program", "-scheduled_for"])]

    def __str__(self):
        return f"{self.program} {self.scheduled_for:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("review", args=[self.pk])

    @property
    def live(self) -> bool:
        return self.state == self.State.LIVE


class Turn(models.Model):
    """One engineer's turn in a review."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Not heard yet")
        HEARD = "heard", _("Heard")
        ABSENT = "absent", _("Absent")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="turns")
    engineer = models.ForeignKey(Engineer, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    absence = models.CharField(_("why absent"), max_length=200, blank=True)
    guest = models.BooleanField(_("guest"), default=False)  # asked to this one review

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["review", "engineer"], name="turn_once")]

    def __str__(self):
        return f"{self.engineer} ({self.state})"

    @property
    def in_history(self) -> dict:
        return {"engineer": self.engineer, "subject_name": self.state}


class Spell(models.Model):
    """How long one open page had an engineer in focus. It grows: the same spell again keeps the longer time."""

    uuid = models.UUIDField(unique=True)
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="spells")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    seconds = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.turn} {self.seconds} s"
