"""What interventions brought: the list, and judging one on demand."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import WRITERS, programs_of
from projects.time import today_in
from projects.views.interventions import load_intervention
from reviews.effects_page import by_type, picture, split_due
from reviews.models import InterventionEffect
from reviews.services import effects as service

PER_PAGE = 25


@require_safe
def interventions(request):
    """Due, judged, and by type, of all programs that I see or of one."""
    programs = programs_of(request.user)
    mine = programs.order_by("name").values_list("slug", "name")
    program = dict(mine).get(request.GET.get("program", ""))
    seen = programs.filter(slug=request.GET["program"]) if program else programs
    effects = list(
        InterventionEffect.objects.filter(
            intervention__program__in=seen, intervention__withdrawn_at__isnull=True
        ).select_related("intervention__program", "intervention__goal", "intervention__factor", "goal")
    )
    due, later = split_due(service.unjudged().filter(program__in=seen), timezone.localdate())
    return render(
        request,
        "reviews/interventions.html",
        {
            "programs": mine,
            "program_name": program,
            "may_write": set(programs_of(request.user, WRITERS).values_list("pk", flat=True)),
            "due": due,
            "later": Paginator(later, PER_PAGE).get_page(1),
            "later_n": len(later),
            "page": Paginator(effects, PER_PAGE).get_page(request.GET.get("page")),
            "types": by_type(effects),
            "spec": picture(effects, program or _("All programs")),
        },
    )


@require_POST
def intervention_judge(request, pk):
    """Judge one from all that is known today: first on its review date, again whenever it is asked for."""
    intervention = load_intervention(request.user, pk)
    today = today_in(intervention.program.zone)
    if today < intervention.review_on:
        messages.warning(request, _("Its review date has not come yet."))
    else:
        found = service.judge(intervention, as_of=today, by=request.user)
        messages.success(
            request, _("Estimated from what is known today.") if found.told else found.get_cannot_display()
        )
    return redirect("interventions")
