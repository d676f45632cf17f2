import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.goals import Goal
from projects.models.programs import Program


class Factor(models.Model):
    """Something that can limit a program; shared, so that one thing which limits many is seen once (M3, M4)."""

    class Kind(models.TextChoices):
        UNSTATED = "", _("Not stated yet")
        PHYSICAL = "physical", _("Physical")
        SUPPLY = "supply", _("Supply")
        REGULATORY = "regulatory", _("Regulatory")
        CAPITAL = "capital", _("Capital")
        CAPABILITY = "capability", _("Capability")
        CARE = "care", _("Care")
        INFORMATION = "information", _("Information")
        DEPENDENCY = "dependency", _("Dependency")

    STALE_AFTER_DAYS = {
        Kind.REGULATORY: 30,
        Kind.SUPPLY: 90,
        Kind.CAPITAL: 90,
        Kind.INFORMATION: 90,
        Kind.DEPENDENCY: 90,
        Kind.CAPABILITY: 180,
        Kind.CARE: 180,
        Kind.PHYSICAL: 365,
    }

    CHALLENGE_EVERY_DAYS = 14

    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, blank=True, default=Kind.UNSTATED)
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )
    suppliers = models.PositiveIntegerField(_("number of suppliers"), null=True, blank=True)
    sold_out_until = models.DateField(_("sold out until"), null=True, blank=True)
    lead_time_days = models.PositiveIntegerField(_("lead time, days"), null=True, blank=True)
    solvable_by_money = models.BooleanField(_("money can solve it"), null=True, blank=True)
    solvable_by_time = models.BooleanField(_("time can solve it"), null=True, blank=True)
    solvable_by_permission = models.BooleanField(_("permission can solve it"), null=True, blank=True)
    true_until = models.DateField(_("true until"), null=True, blank=True)
    facts_as_of = models.DateField(_("facts as of"), null=True, blank=True)
    facts_source = models.CharField(_("source of the facts"), max_length=300, blank=True)
    challenge = models.TextField(_("strongest counter-argument"), blank=True)
    challenge_answer = models.TextField(_("answer to it"), blank=True)
    other_side = models.TextField(
        _("why the other side is rational"),
        blank=True,
        help_text=_("Where it is a supplier or a person: what makes sense to them in what they do."),
    )
    challenged_on = models.DateField(_("challenged on"), null=True, blank=True)
    challenge_again_on = models.DateField(_("challenge again on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="factor_name_unique", violation_error_message=_("A factor of this name exists.")
            ),
            holds(
                Q(parent__isnull=True) | ~Q(parent=F("pk")),
                "factor_not_its_own_part",
                _("A factor cannot be part of itself."),
            ),
            holds(meant("name"), "factor_name_meant", _("A factor needs a name.")),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("factor", args=[self.pk])

    def wholes(self) -> list["Factor"]:
        """What it is part of, nearest first; where two people closed a ring at once, each once."""
        found: list[Factor] = []
        above = self.parent
        while above is not None and above != self and above not in found:
            found.append(above)
            above = above.parent
        return found

    def challenge_due(self, today: dt.date) -> bool:
        """Whether it is time to argue against it: its own date has come, or 14 days have passed, or nobody ever did."""
        if self.challenge_again_on:
            return today >= self.challenge_again_on
        return self.challenged_on is None or (today - self.challenged_on).days > self.CHALLENGE_EVERY_DAYS

    def facts_stale(self, today) -> bool:
        """Whether the facts are older than facts of this kind stay true; unknown age counts as fresh."""
        if not self.facts_as_of or self.kind not in self.STALE_AFTER_DAYS:
            return False
        return (today - self.facts_as_of).days > self.STALE_AFTER_DAYS[self.Kind(self.kind)]


class Gate(models.Model):
    """Joins a factor to a goal that cannot move on without it."""

    factor = models.ForeignKey(Factor, on_delete=models.CASCADE, related_name="gates")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="gates")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "goal"],
                name="gate_once",
                violation_error_message=_("This factor gates the goal already."),
            )
        ]

    def __str__(self):
        return f"{self.factor} ▸ {self.goal}"


class Limit(models.Model):
    """What limited a program from a day to a day. One is open at a time, so that the history has no holes (M1)."""

    class State(models.TextChoices):
        FACTOR = "factor", _("A factor")
        CONVERGED = "converged", _("None: converged")
        UNKNOWN = "unknown", _("Not known yet")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="limits")
    state = models.CharField(max_length=10, choices=State.choices)
    factor = models.ForeignKey(Factor, null=True, blank=True, on_delete=models.PROTECT, related_name="limits")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    memo = models.TextField(_("memo"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(until__isnull=True),
                name="limit_one_open",
                violation_error_message=_("One limit is open already."),
            ),
            holds(
                Q(state="factor", factor__isnull=False) | Q(state__in=["converged", "unknown"], factor__isnull=True),
                "limit_factor_or_word",
                _("Name a factor, or say that there is none."),
            ),
            holds(Q(until__isnull=True) | Q(until__gte=F("since")), "limit_in_order", _("It ends before it begins.")),
            holds(meant("memo"), "limit_memo_meant", _("A limiting factor needs a memo.")),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        return self.factor.name if self.factor else str(self.State(self.state).label)


class Layer(models.Model):
    """One layer further down in what limits (M3): the part of a limit's factor, or of the layer above, that binds.

    The limit stays declared: nothing is relieved by being understood better. The last open layer binds deepest.
    """

    limit = models.ForeignKey(Limit, on_delete=models.CASCADE, related_name="layers")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="layers")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)  # found not to bind; else as long as the limit
    memo = models.TextField(_("memo"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["limit", "factor"],
                condition=Q(until__isnull=True),
                name="layer_once",
                violation_error_message=_("This part is named already."),
            ),
            holds(Q(until__isnull=True) | Q(until__gte=F("since")), "layer_in_order", _("It ends before it begins.")),
            holds(meant("memo"), "layer_memo_meant", _("A drill down needs a memo.")),
        ]

    def __str__(self):
        return self.factor.name


class Evidence(models.Model):
    """What speaks for a factor in one program; it stays with its program."""

    class Kind(models.TextChoices):
        DATAPOINT = "datapoint", _("Datapoint")
        BLOCKER = "blocker", _("Named as a blocker")
        LINK = "link", _("Link")
        NOTE = "note", _("Note")

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="evidence")
    factor = models.ForeignKey(Factor, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True)
    url = models.URLField(_("link"), blank=True)
    reference = models.CharField(max_length=80, blank=True, help_text=_("What it rests on, such as datapoint:12."))
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "reference"], condition=~Q(reference=""), name="evidence_once_per_reference"
            ),
            holds(meant("text") | ~Q(url=""), "evidence_says_something", _("Evidence needs a text or a link.")),
        ]

    def __str__(self):
        return self.text or self.url
