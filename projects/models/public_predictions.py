import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.programs import Program


class PublicPrediction(models.Model):
    """What somebody predicted in public (L13): a text, a date, how it is judged, and the probability if one was stated.

    Judged by a person, with a memo. No probability is ever invented: None is "not stated".
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        CAME = "came", _("It came")
        DID_NOT = "did not", _("It did not come")
        VOID = "void", _("Void: it cannot be judged")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # made with the form: sent twice, one row
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="public_predictions")
    text = models.TextField(_("prediction"), help_text=_("In the words in which it was made."))
    source = models.CharField(_("source"), max_length=300, help_text=_("Who said it, and where."))
    stated_on = models.DateField(_("stated on"))
    due_from = models.DateField(_("earliest"), null=True, blank=True, help_text=_("Where it names a window."))
    due_on = models.DateField(_("due"), help_text=_("The last day on which it can come true."))
    probability = models.FloatField(_("probability"), null=True, blank=True)
    judged_by = models.TextField(_("how it is judged"), help_text=_("What must be so on that day for it to have come."))
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome.choices, default=Outcome.OPEN)
    outcome_on = models.DateField(_("known since"), null=True, blank=True)
    outcome_memo = models.TextField(_("memo"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            holds(
                Q(probability__isnull=True) | Q(probability__gte=0, probability__lte=1),
                "public_probability",
                _("A probability lies in 0 to 1."),
            ),
            holds(Q(due_on__gt=F("stated_on")), "public_due_after_stated", _("It is due after it was stated.")),
            holds(
                Q(due_from__isnull=True) | Q(due_from__lte=F("due_on")),
                "public_window_in_order",
                _("The window ends before it begins."),
            ),
            holds(
                Q(outcome="open", outcome_on__isnull=True)
                | (Q(outcome__in=["came", "did not", "void"], outcome_on__isnull=False) & meant("outcome_memo")),
                "public_outcome_with_memo",
                _("An outcome needs its day and a memo."),
            ),
            holds(meant("text"), "public_text_meant", _("Say what was predicted.")),
            holds(meant("source"), "public_source_meant", _("A prediction needs its source.")),
            holds(meant("judged_by"), "public_judged_by_meant", _("Say how it is judged.")),
        ]

    def __str__(self):
        return self.text

    @property
    def brier(self) -> float | None:
        """(probability - what came)²; None while it is open, void, or where no probability was stated."""
        if self.probability is None or self.outcome not in (self.Outcome.CAME, self.Outcome.DID_NOT):
            return None
        return (self.probability - (self.outcome == self.Outcome.CAME)) ** 2
