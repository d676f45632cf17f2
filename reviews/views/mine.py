from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.models import Engineer
from projects.sheets.files import as_file, wanted
from reviews.models import Datapoint
from reviews.sheets import mine_sheet


@require_safe
def mine(request):
    """What was logged about my own work: every engineer with a login sees it, whatever else they may see."""
    engineer = Engineer.objects.filter(user=request.user).first()
    points = Datapoint.objects.filter(engineer=engineer) if engineer else Datapoint.objects.none()
    points = points.select_related("goal__team__program", "recorded_by", "superseded_by").order_by(
        "-observed_on", "-pk"
    )
    if kind := wanted(request):
        return as_file(kind, mine_sheet(points.iterator(1000)))
    return render(request, "reviews/mine.html", {"engineer": engineer, "points": points[:200]})
