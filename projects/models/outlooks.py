from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.goals import Goal
from projects.models.programs import Program


class Verdict(models.TextChoices):
    DONE = "done", _("Done")
    CONVERGING = "converging", _("Converging")
    SLOW = "slow", _("Slow")
    STALLED = "stalled", _("Stalled")
    DIVERGING = "diverging", _("Diverging")
    UNKNOWN = "unknown", _("Unknown")


class Outlook(models.Model):
    """The newest forecast of a goal as projects holds it, so that the board reads nothing else."""

    goal = models.OneToOneField(Goal, on_delete=models.CASCADE, related_name="outlook")
    as_of = models.DateField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reasons = models.JSONField(default=list)  # plain sentences
    finish_days = models.JSONField(
        default=list
    )  # days from as_of at (k + 0.5) / n; null: never within 5 years; []: none
    p10 = models.DateField(null=True, blank=True)  # null with a forecast: never
    p50 = models.DateField(null=True, blank=True)
    p90 = models.DateField(null=True, blank=True)
    p_never = models.FloatField(null=True, blank=True)
    p_deadline = models.FloatField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    value_on = models.DateField(null=True, blank=True)
    curve = models.JSONField(default=list)  # [[ISO day, value], …], thinned for a small picture
    blocker_votes = models.JSONField(default=list)  # [{"text", "factor", "votes", "last"}], what engineers name
    expansion = models.JSONField(null=True, blank=True)  # signs of gas expansion: reviews.services.expansion
    points = models.PositiveIntegerField(default=0)
    inputs_hash = models.CharField(max_length=64, blank=True)
    engine = models.CharField(max_length=40, blank=True)
    basis = models.PositiveIntegerField(default=0)  # the goal's data_version it rests on
    computed_at = models.DateTimeField()

    def __str__(self):
        return f"{self.goal} {self.verdict}"

    @property
    def known(self) -> bool:
        """Whether there is a forecast."""
        return bool(self.finish_days)


class Ranking(models.Model):
    """What limits a program according to the model: ranked once, stored, read everywhere."""

    program = models.OneToOneField(Program, on_delete=models.CASCADE, related_name="ranking")
    as_of = models.DateField()
    p10 = models.DateField(null=True, blank=True)
    p50 = models.DateField(null=True, blank=True)  # null: not within 5 years, or unknown (see `known`)
    p90 = models.DateField(null=True, blank=True)
    p_never = models.FloatField(null=True, blank=True)
    p_deadline = models.FloatField(null=True, blank=True)
    p_last_acceptable = models.FloatField(null=True, blank=True)
    finish_days = models.JSONField(default=list)
    lines = models.JSONField(default=list)  # goals and factors with criticality and relief, ranked
    proposal = models.JSONField(null=True, blank=True)  # the first line that may be declared, or null
    behind = models.JSONField(null=True, blank=True)  # where the proposal is a goal: the factor that gates it
    following = models.JSONField(null=True, blank=True)  # what limits once the proposal is relieved
    following_share = models.FloatField(null=True, blank=True)  # of the runs, then, in which nothing is worth more
    led_reviews = models.PositiveSmallIntegerField(default=0)  # reviews in a row that the proposal has led
    called = models.JSONField(null=True, blank=True)  # the newest line that led two reviews: what the board calls out
    declared = models.JSONField(default=dict)  # of the limit open when it was ranked: projects.limiting.of_limit
    confidence = models.CharField(max_length=10, blank=True)
    leads_share = models.FloatField(null=True, blank=True)  # of the runs in which nothing is worth more than it
    reasons = models.JSONField(default=list)
    left_out = models.JSONField(default=list)  # goals without a forecast
    verdicts = models.JSONField(default=dict)  # verdict -> number of teams
    teams = models.JSONField(default=dict)  # team id -> {"verdict", "p_deadline", "holds_back"}
    curve = models.JSONField(default=list)  # [[ISO day, share done], …]
    flow = models.JSONField(null=True, blank=True)  # of a throughput program: see projects.services.flows
    severity = models.FloatField(default=0)  # worst first on the board
    newest_data = models.DateField(null=True, blank=True)
    engine = models.CharField(max_length=40, blank=True)
    computed_at = models.DateTimeField()

    def __str__(self):
        return f"{self.program} {self.as_of}"

    @property
    def known(self) -> bool:
        return bool(self.finish_days)
