from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.access import programs_of
from projects.models import SuccessorPrediction
from projects.scores import COIN, FEWEST, score

PER_PAGE = 50


@require_safe
def calibration(request):
    """How good what was predicted turned out to be, each figure with its n."""
    mine = SuccessorPrediction.objects.filter(limit__program__in=programs_of(request.user))
    predictions = mine.select_related("limit__program", "limit__factor", "factor", "goal", "by")
    every = list(predictions)
    people, model = ([one for one in every if one.by_model is by_model] for by_model in (False, True))
    judged = [one for one in every if one.outcome != SuccessorPrediction.Outcome.OPEN]
    judged.sort(key=lambda one: (one.resolved_on, one.pk), reverse=True)
    return render(
        request,
        "reviews/calibration.html",
        {
            "people": score(people),
            "model": score(model),
            "page": Paginator(judged, PER_PAGE).get_page(request.GET.get("page")),
            "coin": COIN,
            "fewest": FEWEST,
        },
    )
