from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from projects.models.factors import Factor


class Claim(models.Model):
    """What one source says of a factor. Two sources on one question stand side by side: none is dropped (L16)."""

    factor = models.ForeignKey(Factor, on_delete=models.CASCADE, related_name="claims")
    question = models.CharField(_("question"), max_length=160, help_text=_("Such as: what limits power on Earth?"))
    says = models.TextField(_("what it says"))
    source = models.CharField(_("source"), max_length=300)
    on = models.DateField(_("dated"), null=True, blank=True)

    class Meta:
        ordering = ["question", "source"]
        constraints = [
            models.UniqueConstraint(
                fields=["factor", "question", "source"],
                name="claim_once_per_source",
                violation_error_message=_("This source has answered the question already."),
            ),
            holds(meant("question"), "claim_question_meant", _("Name the question.")),
            holds(meant("says"), "claim_says_something", _("Say what the source says.")),
            holds(meant("source"), "claim_source_meant", _("A claim needs its source.")),
        ]

    def __str__(self):
        return f"{self.source}: {self.says}"
