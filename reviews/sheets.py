"""The tables of reviews as sheets: the columns of the page, in the order of the page."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from projects import seals
from projects.models import Goal
from projects.sheets.files import Cell, Head, Sheet, zone_head
from projects.sheets.tables import known, or_none, person, seal_head, sealed
from reviews.audit_page import Row
from reviews.models import Datapoint, Review
from reviews.points import PointRow

Heads = Mapping[int, seals.Head]


def value_head(goal: Goal) -> str:
    return _("Value (%(unit)s)") % {"unit": goal.unit} if goal.unit else _("Value")


def points_sheet(goal: Goal, points: Iterable[PointRow]) -> Sheet:
    heads = [Head(_("Observed")), Head(value_head(goal)), Head(_("Said by"), width=22), Head(_("Source"))]
    heads += [Head(_("Memo"), width=48), Head(_("Blocker"), width=32), Head(_("State")), Head(_("Why"), width=40)]
    heads += [Head(_("Origin")), Head(_("Logged by")), Head(zone_head(_("Logged")), width=22)]
    return Sheet(goal.name, heads, map(_point_row, points))


def _point_row(point: PointRow) -> list[Cell]:
    return [
        point.observed_on,
        point.value,
        known(point.engineer),
        point.level_word,
        point.memo,
        point.blocker,
        point.state,
        point.corrected_memo or point.quarantine_reason,
        point.origin_word,
        known(point.recorded_by),
        point.recorded_at,
    ]


def mine_sheet(points: Iterable[Datapoint], seen: Heads) -> Sheet:
    heads = [Head(_("Observed")), Head(_("Program"), width=28), Head(_("Goal"), width=32), Head(_("Value"))]
    heads += [Head(_("Unit")), Head(_("Memo"), width=48), Head(_("Blocker"), width=32), Head(_("Logged by"))]
    heads += [Head(_("Origin")), Head(_("Source")), seal_head()]
    rows = ([*_mine_row(point), sealed(seen, point.goal.team.program_id)] for point in points)
    return Sheet(_("My work"), heads, rows)


def _mine_row(point: Datapoint) -> list[Cell]:
    return [
        point.observed_on,
        point.goal.team.program.name,
        point.goal.name,
        point.value,
        point.goal.unit,
        point.memo,
        point.blocker,
        person(point.recorded_by, _("unknown")),
        point.get_origin_display(),
        point.get_level_display(),
    ]


def reviews_sheet(reviews: Iterable[Review], seen: Heads) -> Sheet:
    heads = [Head(_("Program"), width=32), Head(zone_head(_("When")), width=22), Head(_("State")), Head(_("Led by"))]
    heads += [seal_head()]
    rows: Iterable[list[Cell]] = (
        [
            review.program.name,
            review.scheduled_for,
            review.get_state_display(),
            person(review.led_by, _("unknown")),
            sealed(seen, review.program_id),
        ]
        for review in reviews
    )
    return Sheet(_("Reviews"), heads, rows)


def findings_sheet(rows: Iterable[Row], seen: Heads) -> Sheet:
    heads = [Head(_("Program"), width=32), Head(_("Rule"), width=36), Head(_("What is wrong"), width=80)]
    heads += [Head(_("State")), Head(zone_head(_("Found")), width=22), Head(_("What to do"), width=60)]
    heads += [Head(_("Memo"), width=48), Head(_("Waived until")), Head(_("Decided by")), seal_head()]
    found = ([*_finding_row(row), sealed(seen, row.finding.program_id)] for row in rows)
    return Sheet(_("Audit"), heads, found)


def _finding_row(row: Row) -> list[Cell]:
    one = row.finding
    return [
        one.program.name if one.program else _("shared"),
        str(row.rule.title),
        one.says,
        one.get_state_display(),
        one.found_at,
        str(row.rule.to_do),
        one.memo,
        or_none(one.waived_until),
        person(one.decided_by, _("nobody")),
    ]
