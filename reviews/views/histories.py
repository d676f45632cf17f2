"""Who changed one thing, when, from what."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.history_lines import lines
from reviews.histories import events_of

ON_A_PAGE = 50


@require_safe
def history_of(request, kind, pk):
    """The page, from which that of the thing itself takes the panel."""
    thing, events = events_of(request.user, kind, pk)
    page = Paginator(events, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "reviews/history_of.html", {"thing": thing, "page": page, "lines": lines(page.object_list)})
