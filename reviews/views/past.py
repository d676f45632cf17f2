"""Reviews that were held: found by what was said, by whom and when."""

from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from projects.access import programs_of
from projects.services.sealing import latest_heads
from projects.sheets.files import as_file, wanted
from reviews.past import ReviewFilter, ReviewTable, for_history, snippets
from reviews.sheets import reviews_sheet

PER_PAGE = 25


@require_safe
def review_history(request):
    held = for_history(request.user)
    filters = ReviewFilter(request.GET, queryset=held, user=request.user)
    if kind := wanted(request):
        heads = latest_heads(programs_of(request.user))
        return as_file(kind, reviews_sheet(filters.qs.order_by("-closed_at", "-pk"), heads))
    table = ReviewTable(filters.qs)
    RequestConfig(request, paginate={"per_page": PER_PAGE, "silent": True}).configure(table)
    asked = filters.form.cleaned_data if filters.form.is_valid() else {}
    words, person = asked.get("search") or "", asked.get("person") or ""
    rows = [row.record for row in table.page.object_list]
    found = snippets(rows, words, person) if words or person else {}
    for review in rows:
        review.found = found.get(review.pk, [])
    context = {"table": table, "filter": filters, "empty": not held.exists()}
    return render(request, "reviews/history.html", context)
