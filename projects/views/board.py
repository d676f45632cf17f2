from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from projects.access import may_create_programs, programs_of
from projects.board import as_rows, draw_rows, for_board
from projects.filters import ProgramFilter
from projects.models import Membership, Role
from projects.services.sealing import latest_heads
from projects.sheets.files import as_file, wanted
from projects.sheets.tables import board_sheet
from projects.tables import ProgramTable

PER_PAGE = 50


@require_safe
def board(request):
    """Every program I may see, with the one thing that limits it; worst first."""
    programs = for_board(programs_of(request.user))
    filters = ProgramFilter(request.GET, queryset=programs)
    table = ProgramTable(as_rows(filters.qs))
    if kind := wanted(request):
        RequestConfig(request, paginate=False).configure(table)
        rows = (row.record for row in table.rows)
        return as_file(kind, board_sheet(rows, timezone.localdate(), latest_heads(programs_of(request.user))))
    RequestConfig(request, paginate={"per_page": PER_PAGE, "silent": True}).configure(table)
    table.drawn = draw_rows([row.record for row in table.page.object_list])
    empty = not table.drawn and not programs.exists()
    return render(
        request,
        "projects/board.html",
        {
            "table": table,
            "filter": filters,
            "empty": empty,
            "archived": empty and programs_of(request.user).filter(archived_at__isnull=False).exists(),
            "may_create": may_create_programs(request.user),
            "is_engineer": empty and Membership.objects.filter(user=request.user, role=Role.ENGINEER).exists(),
        },
    )
