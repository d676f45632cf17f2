from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from projects.access import may_create_programs, programs_of
from projects.board import Row, for_board
from projects.filters import ProgramFilter
from projects.models import Membership, Role
from projects.tables import ProgramTable

PER_PAGE = 25


@require_safe
def board(request):
    """Every program I may see, with the one thing that limits it; worst first."""
    programs = for_board(programs_of(request.user))
    filters = ProgramFilter(request.GET, queryset=programs)
    table = ProgramTable(filters.qs)
    RequestConfig(request, paginate={"per_page": PER_PAGE, "silent": True}).configure(table)
    today = timezone.localdate()
    empty = not programs.exists()
    for row in table.page.object_list:
        row.record.row = Row(row.record, today)
    return render(
        request,
        "projects/board.html",
        {
            "table": table,
            "filter": filters,
            "empty": empty,
            "archived": empty and programs_of(request.user).filter(archived_at__isnull=False).exists(),
            "may_create": may_create_programs(request.user),
            "is_engineer": Membership.objects.filter(user=request.user, role=Role.ENGINEER).exists(),
        },
    )
