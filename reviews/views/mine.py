from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.models import Engineer, Program
from projects.services.sealing import latest_heads
from projects.sheets.files import as_file, wanted
from reviews.models import Datapoint
from reviews.sheets import mine_sheet

PER_PAGE = 100


@require_safe
def mine(request):
    """What was logged about my own work: every engineer with a login sees it, whatever else they may see."""
    engineer = Engineer.objects.filter(user=request.user).first()
    points = Datapoint.objects.filter(engineer=engineer) if engineer else Datapoint.objects.none()
    points = points.select_related("goal__team__program", "recorded_by", "superseded_by").prefetch_related(
        "comments__by"
    )
    points = points.order_by("-observed_on", "-pk")
    if kind := wanted(request):
        heads = latest_heads(Program.objects.filter(pk__in=points.order_by().values("goal__team__program")))
        return as_file(kind, mine_sheet(points.iterator(1000), heads))
    page = Paginator(points, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "reviews/mine.html", {"engineer": engineer, "page": page})
