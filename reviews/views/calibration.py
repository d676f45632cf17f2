"""How good what was said turned out to be, each figure with its n; and the optimism of one owner of dates (M20)."""

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.access import WRITERS, load_program, manages, programs_of
from projects.models import Program, PublicPrediction, SuccessorPrediction
from projects.scores import COIN, FEWEST, score, score_public
from reviews.calibration_page import bias_of, chosen, deadlines, horizons
from reviews.models import StatedDate

PER_PAGE = 50


@require_safe
def calibration(request):
    mine = programs_of(request.user)
    own, own_due = bias_of(request.user, Program.objects.all())
    return render(
        request,
        "reviews/calibration.html",
        {
            "deadlines": deadlines(mine),
            "own": own,
            "own_due": own_due,
            "fewest": FEWEST,
            "may_write": set(programs_of(request.user, WRITERS).values_list("pk", flat=True)),
            **forecasts_context(horizons(mine), request.GET.get("horizon", "")),
            **successors_context(request, mine),
            **public_context(mine),
        },
    )


def forecasts_context(found, asked: str) -> dict:
    """What was issued, and what would have been said, never in one figure."""
    issued, replayed = chosen(found[False], asked), chosen(found[True], asked)
    return {
        "issued": found[False],
        "issued_shown": issued,
        "issued_spec": issued.spec(_("Forecasts as they were issued")) if issued else None,
        "replayed": found[True],
        "replayed_shown": replayed,
        "replayed_spec": replayed.spec(_("What would have been said")) if replayed else None,
    }


def successors_context(request, mine) -> dict:
    predictions = SuccessorPrediction.objects.filter(limit__program__in=mine)
    every = list(predictions.select_related("limit__program", "limit__factor", "factor", "goal", "by"))
    people, model = ([one for one in every if one.by_model is by_model] for by_model in (False, True))
    judged = [one for one in every if one.outcome != SuccessorPrediction.Outcome.OPEN]
    judged.sort(key=lambda one: (one.resolved_on, one.pk), reverse=True)
    page = Paginator(judged, PER_PAGE).get_page(request.GET.get("page"))
    return {"people": score(people), "model": score(model), "page": page, "coin": COIN}


def public_context(mine) -> dict:
    public = list(PublicPrediction.objects.filter(program__in=mine).select_related("program"))
    return {"public": public, "public_score": score_public(public)}


@require_safe
def owner_dates(request, slug):
    """How the dates of one person in one program turned out: for that person and for who manages the program.

    One person at a time, never two side by side and in no order but that of names; nobody else sees a figure.
    """
    program = load_program(request.user, slug)
    may_choose = manages(request.user, program)
    owners = User.objects.filter(pk__in=StatedDate.objects.filter(program=program).values("by"))
    owners = owners.order_by("username") if may_choose else owners.filter(pk=request.user.pk)
    asked = request.GET.get("owner", "")
    owner = owners.filter(pk=int(asked)).first() if asked.isdigit() and len(asked) < 10 else None
    owner = owner or owners.filter(pk=request.user.pk).first()
    found, due = bias_of(owner, Program.objects.filter(pk=program.pk)) if owner else (None, 0)
    context = {"program": program, "owners": owners, "owner": owner, "may_choose": may_choose}
    return render(request, "reviews/owner_dates.html", {**context, "bias": found, "due": due, "fewest": FEWEST})
