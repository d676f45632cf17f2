"""Tables as data: columns and their order; rows are drawn by the templates they name."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from projects.models import Program


class ProgramTable(tables.Table):
    drawn = ""  # its rows, drawn by projects.board
    empty_template = "projects/_board_nothing_found.html"

    name = tables.Column(_("Program"))
    limit = tables.Column(_("Limiting factor"), order_by=("limit_name", "name"), empty_values=())
    since = tables.Column(_("Since"), order_by=("limit_since", "name"), empty_values=())
    finish = tables.Column(
        _("P50 finish"), order_by=("ranking__p50", "ranking__p_never"), empty_values=(), attrs={"th": {"class": "num"}}
    )
    deadline = tables.Column(_("Deadline"), attrs={"th": {"class": "num"}})
    odds = tables.Column(_("Odds"), order_by=("ranking__p_deadline",), empty_values=(), attrs={"th": {"class": "num"}})
    teams = tables.Column(_("Teams"), order_by=("-ranking__severity",), empty_values=())
    curve = tables.Column(_("Share done"), orderable=False, empty_values=())
    advice = tables.Column(_("What to do"), orderable=False, empty_values=())

    class Meta:
        model = Program
        fields = ()
        sequence = ("name", "limit", "since", "finish", "deadline", "odds", "teams", "curve", "advice")
