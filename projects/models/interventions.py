import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.factors import Factor, Gate
from projects.models.goals import Goal
from projects.models.programs import Program

LARGEST_EFFECT = 3650  # days; beyond ten years it is a slip of the finger


class InterventionQuerySet(models.QuerySet):
    def standing(self):
        return self.filter(withdrawn_at__isnull=True)

    def on_goal(self, goal: Goal):
        """What was done about a goal, or about a factor that gates it."""
        gating = Gate.objects.filter(goal=goal).values("factor")
        return self.filter(Q(goal=goal) | Q(goal__isnull=True, factor__in=gating), program=goal.team.program_id)


class Intervention(models.Model):
    """What was done about a goal or a factor, and what was expected of it (M17). Withdrawn, never removed."""

    class Type(models.TextChoices):
        BUILD = "build", _("Build it")
        BYPASS = "bypass", _("Bypass")
        RELOCATE = "relocate", _("Relocate")
        SUBSTITUTE = "substitute", _("Substitute")
        PREBUY = "prebuy", _("Pre-buy")
        REDUCE = "reduce", _("Reduce the need")
        NEGOTIATE = "negotiate", _("Negotiate")
        GUARANTEE = "guarantee", _("Guarantee the purchase")
        PILOT = "pilot", _("A small pilot first")
        PEOPLE = "people", _("Change people")
        SCOPE = "scope", _("Cut scope")
        STOP = "stop", _("Stop")
        WAIT = "wait", _("Wait")

    RESTS_ON = {  # what is not here goes around the factor: it needs none of the three to solve it
        Type.BUILD: ("money", "time"),
        Type.PREBUY: ("money",),
        Type.GUARANTEE: ("money",),
        Type.NEGOTIATE: ("permission", "money"),
        Type.WAIT: ("time",),
    }
    MEANS = {"money": _("money"), "time": _("time"), "permission": _("permission")}

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # made with the form: sent twice, one row
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="interventions")
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    goal = models.ForeignKey(
        Goal, verbose_name=_("goal"), null=True, blank=True, on_delete=models.PROTECT, related_name="interventions"
    )
    factor = models.ForeignKey(
        Factor, verbose_name=_("factor"), null=True, blank=True, on_delete=models.PROTECT, related_name="interventions"
    )
    started_on = models.DateField(_("started on"))
    expected_days = models.IntegerField(
        _("expected effect, days"), help_text=_("How many days earlier it is finished. Below 0: later.")
    )
    review_on = models.DateField(_("review date"), help_text=_("When what happened is held against what was expected."))
    memo = models.TextField(_("memo"), help_text=_("What is done, and why it should help."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = InterventionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-pk"]
        constraints = [
            holds(
                Q(goal__isnull=False) | Q(factor__isnull=False),
                "intervention_on_something",
                _("Name the goal or the factor that it is about."),
            ),
            holds(
                Q(
                    type__in=[
                        "build",
                        "bypass",
                        "relocate",
                        "substitute",
                        "prebuy",
                        "reduce",
                        "negotiate",
                        "guarantee",
                        "pilot",
                        "people",
                        "scope",
                        "stop",
                        "wait",
                    ]
                ),
                "intervention_type_known",
                _("Not a type of intervention."),
            ),
            holds(
                Q(review_on__gt=F("started_on")),
                "intervention_review_after_start",
                _("The review date must lie after the start."),
            ),
            holds(
                Q(expected_days__gte=-LARGEST_EFFECT, expected_days__lte=LARGEST_EFFECT),
                "intervention_effect_in_reach",
                _("No effect is larger than ten years."),
            ),
            holds(meant("memo"), "intervention_memo_meant", _("An intervention needs a memo.")),
        ]
        indexes = [models.Index(fields=["program", "-started_on"])]

    def __str__(self):
        return f"{self.get_type_display()}: {self.target}"

    def get_absolute_url(self):
        return f"{reverse('program', args=[self.program.slug])}#interventions"

    @property
    def days_later(self) -> int:
        return -self.expected_days

    @property
    def disagreement(self) -> str:
        """A warning where all that it rests on is stated not to solve its factor; "" where not, or not known."""
        means = self.RESTS_ON.get(self.Type(self.type), ())
        stated = [getattr(self.factor, f"solvable_by_{name}") for name in means] if self.factor else []
        if not stated or any(can is not False for can in stated):
            return ""
        return gettext("“%(type)s” rests on %(means)s, which cannot solve %(factor)s, as its facts say.") % {
            "type": self.get_type_display(),
            "means": gettext(" and ").join(str(self.MEANS[name]) for name in means),
            "factor": self.factor.name if self.factor else "",
        }

    @property
    def target(self) -> str:
        """What it is about, by name."""
        return " · ".join(one.name for one in (self.goal, self.factor) if one)
