import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.programs import Program


class ReviewOdds(models.Model):
    """P(done by the last acceptable date) as it stood when a review closed (M16). Written once, never altered."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="review_odds")
    at = models.DateTimeField()
    last_acceptable = models.DateField(null=True, blank=True)  # as stated then; null: none
    p = models.FloatField(null=True, blank=True)  # null: unknown, never 0

    class Meta:
        verbose_name_plural = _("review odds")
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["program", "at"], name="review_odds_once"),
            holds(
                Q(p__isnull=True) | Q(p__gte=0, p__lte=1, last_acceptable__isnull=False),
                "review_odds_probability",
                _("Odds lie within 0 and 1, and need the date that they are about."),
            ),
        ]

    def __str__(self):
        return f"{self.program} {self.at:%Y-%m-%d}"


class Decision(models.Model):
    """What was decided about a program whose success is no longer among the possible outcomes, or soon is not (M16).

    Never altered: a later decision stands beside it.
    """

    class Choice(models.TextChoices):
        PEOPLE = "people", _("Change people")
        SCOPE = "scope", _("Cut scope")
        PATH = "path", _("Take another path")
        STOP = "stop", _("Stop")
        KEEP = "keep", _("Keep going, with a reason")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # made with the form: sent twice, one row
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="decisions")
    choice = models.CharField(_("what is decided"), max_length=8, choices=Choice.choices)
    memo = models.TextField(_("memo"), help_text=_("What changes from now on, who does it, and why that should help."))
    due_since = models.DateTimeField(null=True, blank=True)  # when it was asked for; null: nobody had to ask
    last_acceptable = models.DateField(null=True, blank=True)  # as both stood when it was made
    p = models.FloatField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            holds(
                Q(choice__in=["people", "scope", "path", "stop", "keep"]),
                "decision_choice_known",
                _("Not a decision."),
            ),
            holds(meant("memo"), "decision_memo_meant", _("A decision needs a memo.")),
            holds(
                Q(p__isnull=True) | Q(p__gte=0, p__lte=1, last_acceptable__isnull=False),
                "decision_probability",
                _("Odds lie within 0 and 1, and need the date that they are about."),
            ),
        ]

    def __str__(self):
        return str(self.get_choice_display())

    def get_absolute_url(self):
        return f"{reverse('program', args=[self.program.slug])}#decisions"
