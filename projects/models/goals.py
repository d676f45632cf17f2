import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import chance_or_unknown, finite, holds, meant, states_of_a_deadline
from projects.models.history import Import
from projects.models.querysets import GoalQuerySet
from projects.models.teams import Team


class Direction(models.TextChoices):
    UP = "up", _("Up: more is better")
    DOWN = "down", _("Down: less is better")


class Goal(models.Model):
    """One metric that a team moves from a baseline to a target. Target and deadline change by a Revision only."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="goals")
    name = models.CharField(_("name"), max_length=160)
    unit = models.CharField(_("unit"), max_length=40, blank=True, help_text=_("%, tests, kW, open issues, …"))
    baseline = models.FloatField(_("baseline"), help_text=_("Where it stood at the start."))
    target = models.FloatField(_("target"))
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices)
    start = models.DateField(_("start"))
    deadline = models.DateField(
        _("deadline"), null=True, blank=True, help_text=_("The most aggressive date with a 50 % chance.")
    )
    deadline_set_on = models.DateField(null=True, blank=True, editable=False)  # null: not known, as of an import
    odds_when_set = models.FloatField(null=True, blank=True, editable=False)  # null: there was no forecast
    on_the_way = models.CharField(
        _("gate on the way"), max_length=200, blank=True, help_text=_("For a far deadline: what is true by then.")
    )
    on_the_way_by = models.DateField(_("by when"), null=True, blank=True)
    completed_on = models.DateField(_("stated as complete on"), null=True, blank=True)
    shortest_days = models.PositiveIntegerField(
        _("shortest, days"),
        null=True,
        blank=True,
        help_text=_("For a goal that has not started: a range of durations."),
    )
    longest_days = models.PositiveIntegerField(_("longest, days"), null=True, blank=True)
    need_per_unit = models.FloatField(
        _("need per unit of output"), null=True, blank=True, help_text=_("For a throughput program.")
    )
    lowest = models.FloatField(
        _("lowest possible"),
        null=True,
        blank=True,
        help_text=_("A value beyond it cannot be true: the audit names it."),
    )
    highest = models.FloatField(_("highest possible"), null=True, blank=True)
    cumulative = models.BooleanField(
        _("only ever grows"), default=False, help_text=_("A count of what was done: a lower value cannot be true.")
    )
    needs = models.ManyToManyField(
        "self", through="Dependency", through_fields=("goal", "needs"), symmetrical=False, related_name="needed_by"
    )
    series_id = models.CharField(max_length=200, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    data_version = models.PositiveIntegerField(default=0, editable=False)  # grows with whatever its forecast rests on

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                F("team"),
                Lower("name"),
                name="goal_name_unique",
                violation_error_message=_("This team has a goal of this name."),
            ),
            holds(
                finite("baseline") & finite("target"), "goal_values_finite", _("Baseline and target must be numbers.")
            ),
            holds(~Q(baseline=F("target")), "goal_target_off_baseline", _("The target equals the baseline.")),
            holds(
                (Q(lowest__isnull=True) | finite("lowest")) & (Q(highest__isnull=True) | finite("highest")),
                "goal_bounds_finite",
                _("A bound must be a number."),
            ),
            holds(
                Q(lowest__isnull=True) | Q(highest__isnull=True) | Q(lowest__lt=F("highest")),
                "goal_bounds_in_order",
                _("The lowest possible value must lie below the highest."),
            ),
            holds(Q(need_per_unit__isnull=True) | finite("need_per_unit"), "goal_need_finite", _("Not a number.")),
            *states_of_a_deadline("goal"),
            holds(Q(direction__in=Direction.values), "goal_direction_known", _("Not a direction.")),
            holds(
                Q(deadline__isnull=True) | Q(deadline__gt=F("start")),
                "goal_deadline_after_start",
                _("The deadline must lie after the start."),
            ),
            holds(
                Q(shortest_days__isnull=True, longest_days__isnull=True)
                | Q(shortest_days__isnull=False, longest_days__isnull=False, longest_days__gte=F("shortest_days")),
                "goal_durations_in_order",
                _("Give both durations, the shortest first."),
            ),
        ]
        indexes = [models.Index(fields=["team", "series_id"])]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("goal", args=[self.pk])

    @property
    def archived(self) -> bool:
        """Put away itself, or with its team or its program."""
        return bool(self.archived_at or self.team.archived_at or self.team.program.archived_at)

    def meets(self, value: float, target: float | None = None) -> bool:
        goal = self.target if target is None else target
        return value >= goal if self.direction == Direction.UP else value <= goal

    def share_done(self, value: float) -> float:
        """How much of the way from baseline to target is behind, within 0..1."""
        if self.meets(value):
            return 1.0
        way = self.target - self.baseline
        return min(max((value - self.baseline) / way, 0.0), 0.99) if way else 0.0


class Dependency(models.Model):
    """Finish-to-start: `goal` begins when `needs` is finished."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="dependencies")
    needs = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="dependents")

    class Meta:
        verbose_name_plural = _("dependencies")
        constraints = [
            models.UniqueConstraint(fields=["goal", "needs"], name="dependency_once"),
            holds(~Q(goal=F("needs")), "dependency_not_on_itself", _("A goal cannot depend on itself.")),
        ]

    def __str__(self):
        return f"{self.goal} ← {self.needs}"


class Revision(models.Model):
    """A change of target or deadline: old, new, from which day, who, and why. Goals never change silently."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="revisions")
    on = models.DateField(_("from"), help_text=_("The day from which the new one is in force."))
    old_target = models.FloatField()
    new_target = models.FloatField()
    old_deadline = models.DateField(null=True, blank=True)
    new_deadline = models.DateField(null=True, blank=True)
    odds_when_set = models.FloatField(null=True, blank=True)  # of the new deadline; null: there was no forecast
    inputs_hash = models.CharField(max_length=64, blank=True)  # the receipt of that forecast: reviews.Forecast has it
    engine = models.CharField(max_length=40, blank=True)
    memo = models.TextField(_("memo"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["on", "pk"]
        constraints = [
            holds(
                finite("old_target") & finite("new_target"), "revision_values_finite", _("A target must be a number.")
            ),
            chance_or_unknown("odds_when_set", "revision_odds_when_set"),
            holds(
                Q(source__isnull=False) | meant("memo"),
                "revision_memo_meant",
                _("A change of target or deadline needs a memo."),
            ),
        ]

    def __str__(self):
        return f"{self.goal} {self.on}"

    @property
    def target_changed(self) -> bool:
        return self.old_target != self.new_target

    @property
    def deadline_changed(self) -> bool:
        return self.old_deadline != self.new_deadline

    @property
    def deadline_slip(self) -> dt.timedelta | None:
        """How much later the new deadline is; None where there was none, or is none."""
        if self.old_deadline and self.new_deadline:
            return self.new_deadline - self.old_deadline
        return None
