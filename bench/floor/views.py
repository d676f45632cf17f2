"""What the least that could be done costs: a page of 50 rows, and one row saved.

The views are bare, and served by the same server through the same middleware as the product: signed in, compressed,
with its security headers. `log_without_engines` is the product's own view with the engines taken out.
"""

import datetime as dt
import uuid
from unittest import mock

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from projects.models import Engineer, Goal, Ranking
from reviews.models import Datapoint, Review
from reviews.views.goals import goal_log

SHOWN = (
    "program__slug",
    "program__name",
    "program__deadline",
    "proposal",
    "p50",
    "p_deadline",
    "newest_data",
    "confidence",
)
ENGINES = "reviews.services.datapoints."


def fifty_rows(request):
    """One query that fetches what is shown and no more, one template."""
    rankings = Ranking.objects.select_related("program").only(*SHOWN).order_by("-severity")[:50]
    return render(request, "fifty_rows.html", {"rankings": rankings})


def bare_insert(request):
    """One row, in the largest table there is."""
    Datapoint.objects.create(
        uuid=uuid.UUID(request.POST["uuid"]),
        goal_id=int(request.POST["goal"]),
        level="doer",
        value=float(request.POST["value"]),
        memo=request.POST["memo"],
        observed_on=dt.date.fromisoformat(request.POST["observed_on"]),
        origin="late",
        recorded_by=request.user,
    )
    return HttpResponseRedirect("/floor/list/")


def log_without_engines(request, pk: int) -> HttpResponse:
    """Everything that logging does but the curve and the ranking: form, access, memo gate, idempotency, history."""
    with (
        mock.patch(ENGINES + "read_told"),
        mock.patch(ENGINES + "foresee", return_value=mock.Mock(percentile=None, gap=None)),
        mock.patch(ENGINES + "refit_goal"),
    ):
        return goal_log(request, pk)


class PlainForm(forms.ModelForm):
    """What Django gives for a model: the same eight fields as the live page, in the order in which they are spoken."""

    class Meta:
        model = Datapoint
        fields = ["engineer", "goal", "value", "level", "observed_on", "memo", "blocker", "prepared"]
        widgets = {
            "engineer": forms.Select(attrs={"autofocus": True}),
            "observed_on": forms.DateInput(attrs={"type": "date"}),
            "memo": forms.TextInput,
        }


def plain_form(request, pk: int) -> HttpResponse:
    """The job of a review by a plain form: what bench/live.py counts keys against."""
    review = get_object_or_404(Review, pk=pk)
    made = Datapoint(review=review, recorded_by=request.user, origin="live")
    usual = {"level": "doer", "observed_on": timezone.localdate()}
    form = PlainForm(request.POST or None, instance=made, initial=usual)
    form.fields["engineer"].queryset = Engineer.objects.filter(pk__in=review.turns.values("engineer"))
    form.fields["goal"].queryset = Goal.objects.filter(team__program=review.program)
    if request.method == "POST" and form.is_valid():
        point = form.save()
        return HttpResponseRedirect(f"?saved={point.pk}")
    return render(request, "plain_form.html", {"form": form})
