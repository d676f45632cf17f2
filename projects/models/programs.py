import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import chance_or_unknown, finite, holds, meant, states_of_a_deadline
from projects.models.querysets import ProgramQuerySet
from projects.time import day_in, validate_zone


class Role(models.TextChoices):
    """What a person may do in one program; an engineer sees what was logged about their own work, and no more."""

    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    VIEWER = "viewer", _("Viewer")
    ENGINEER = "engineer", _("Engineer")


def _shares() -> Q:
    """Both shares stated or neither; each within 0..1, together at most 1."""
    known = Q(team_shock__isnull=False, program_shock__isnull=False)  # a check whose answer is NULL would hold
    stated = known & Q(team_shock__gte=0, program_shock__gte=0, team_shock__lte=1 - F("program_shock"))
    return Q(team_shock__isnull=True, program_shock__isnull=True) | stated


class Program(models.Model):
    """An effort with an owner, an outcome and a deadline."""

    class Kind(models.TextChoices):
        DELIVERY = "delivery", _("Delivery: finish by a date")
        THROUGHPUT = "throughput", _("Throughput: reach a rate")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.DELIVERY)
    outcome = models.TextField(_("outcome"), blank=True, help_text=_("What is true when it is done."))
    output_unit = models.CharField(
        _("output unit"), max_length=40, blank=True, help_text=_("For a throughput program: what comes out, per time.")
    )
    output_target = models.FloatField(
        _("target output"), null=True, blank=True, help_text=_("For a throughput program: the rate that is wanted.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    start = models.DateField(_("start"))
    deadline = models.DateField(
        _("deadline"), null=True, blank=True, help_text=_("The most aggressive date with a 50 % chance.")
    )
    last_acceptable = models.DateField(
        _("last acceptable date"), null=True, blank=True, help_text=_("Past it, finishing no longer counts as success.")
    )
    deadline_set_on = models.DateField(null=True, blank=True, editable=False)
    odds_when_set = models.FloatField(null=True, blank=True, editable=False)  # null: there was no forecast
    on_the_way = models.CharField(
        _("gate on the way"), max_length=200, blank=True, help_text=_("For a far deadline: what is true by then.")
    )
    on_the_way_by = models.DateField(_("by when"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_zone])
    team_shock = models.FloatField(
        _("luck shared within a team"),
        null=True,
        blank=True,
        help_text=_("Share of a goal's uncertainty that its team has in common, 0 to 1. Empty: the measured 0.15."),
    )
    program_shock = models.FloatField(
        _("luck shared by the whole program"),
        null=True,
        blank=True,
        help_text=_("Share that all goals have in common, 0 to 1. Empty: the measured 0.45."),
    )
    source = models.TextField(_("source"), blank=True, help_text=_("Where the data come from, and their licence."))
    decision_due_since = models.DateTimeField(null=True, blank=True, editable=False)  # M16: projects.services.decisions
    odds_counted_from = models.DateTimeField(null=True, blank=True, editable=False)  # reviews up to then count no more
    shifted_weeks = models.IntegerField(default=0, help_text=_("Weeks by which the demo's dates were moved."))
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="+")

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="program_name_unique", violation_error_message=_("A program of this name exists.")
            ),
            holds(
                Q(deadline__isnull=True) | Q(deadline__gt=F("start")),
                "program_deadline_after_start",
                _("The deadline must lie after the start."),
            ),
            holds(
                Q(last_acceptable__isnull=True) | Q(deadline__isnull=True) | Q(last_acceptable__gte=F("deadline")),
                "program_last_acceptable_after_deadline",
                _("The last acceptable date cannot lie before the deadline."),
            ),
            holds(
                Q(last_acceptable__isnull=True) | Q(last_acceptable__gt=F("start")),
                "program_last_acceptable_after_start",
                _("The last acceptable date must lie after the start."),
            ),
            *states_of_a_deadline("program"),
            holds(
                _shares(),
                "program_shocks_are_shares",
                _("Give both shares or none: each from 0 to 1, together at most 1."),
            ),
            holds(Q(kind__in=["delivery", "throughput"]), "program_kind_known", _("Not a kind of program.")),
            holds(
                Q(output_target__isnull=True) | (Q(output_target__gt=0) & finite("output_target")),
                "program_output_target_positive",
                _("The target output must be a number above 0."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("program", args=[self.slug])


class ProgramRevision(models.Model):
    """A change of a program's deadline or last acceptable date: old, new, who, and why; with the odds of both then."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="revisions")
    old_deadline = models.DateField(null=True, blank=True)
    new_deadline = models.DateField(null=True, blank=True)
    old_last_acceptable = models.DateField(null=True, blank=True)
    new_last_acceptable = models.DateField(null=True, blank=True)
    odds_when_set = models.FloatField(null=True, blank=True)  # of the new deadline; null: there was no forecast
    inputs_hash = models.CharField(max_length=64, blank=True)  # over those of the goals' forecasts
    engine = models.CharField(max_length=40, blank=True)
    memo = models.TextField(_("memo"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            chance_or_unknown("odds_when_set", "program_revision_odds_when_set"),
            holds(meant("memo"), "program_revision_memo_meant", _("A change of a deadline needs a memo.")),
        ]

    def __str__(self):
        return f"{self.program} {self.at:%Y-%m-%d}"

    @property
    def on(self) -> dt.date:
        """The program's day on which it was made."""
        return day_in(self.program.zone, self.at)

    @property
    def deadline_changed(self) -> bool:
        return self.old_deadline != self.new_deadline

    @property
    def last_acceptable_changed(self) -> bool:
        return self.old_last_acceptable != self.new_last_acceptable


class Membership(models.Model):
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "user"],
                name="membership_once",
                violation_error_message=_("They are a member already."),
            ),
            holds(Q(role__in=Role.values), "membership_role_known", _("Not a role.")),
        ]

    def __str__(self):
        return f"{self.user} {self.role}"

    @property
    def in_history(self) -> dict:
        return {"person": self.user, "subject_name": self.role}
