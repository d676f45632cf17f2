import uuid

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds, meant
from reviews.models.datapoints import Datapoint


class Comment(models.Model):
    """What an engineer answers to a datapoint about their work, or a manager to that. Append-only."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)  # made with the form: sent twice, one row
    datapoint = models.ForeignKey(Datapoint, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("answer"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    from_engineer = models.BooleanField()  # by the engineer whom the datapoint is about
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [holds(meant("text"), "comment_meant", _("An answer needs words."))]

    def __str__(self):
        return self.text[:80]


def unanswered(datapoints: models.QuerySet[Datapoint]) -> models.QuerySet[Datapoint]:
    """Datapoints on which the engineer has the last word, newest word first."""
    last = Comment.objects.filter(datapoint=OuterRef("pk")).order_by("-at", "-pk")
    annotated = datapoints.annotate(
        last_from_engineer=Subquery(last.values("from_engineer")[:1]), last_word=Subquery(last.values("at")[:1])
    )
    return annotated.filter(last_from_engineer=True).order_by("-last_word")
