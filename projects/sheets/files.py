"""A table as a CSV or XLSX file."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from projects import seals
from projects.sheets.cells import guard

Cell = str | float | int | dt.date | dt.datetime
CSV, XLSX = "csv", "xlsx"
TYPES = {CSV: "text/csv; charset=utf-8", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SHARE = "0%"  # a column of chances and shares, within 0..1
LONGEST_CELL = 32_767  # characters that a spreadsheet's cell holds


@dataclass(frozen=True)
class Head:
    """A column: its name, with the unit where it has one, and how a spreadsheet shows its numbers."""

    name: str
    form: str = ""
    width: int = 16


@dataclass(frozen=True)
class Sheet:
    """A table: numbers are numbers, days are days, and what is not known is a word."""

    name: str
    heads: Sequence[Head]
    rows: Iterable[Sequence[Cell]]


class Line:
    """A file of one line, for `csv`."""

    def write(self, text: str) -> str:
        return text


def wanted(request: HttpRequest) -> str:
    """The kind of file that is asked for, or nothing."""
    kind = request.GET.get("export", "")
    return kind if kind in TYPES else ""


def as_file(kind: str, sheet: Sheet, head: seals.Head | None = None) -> StreamingHttpResponse | HttpResponse:
    """The answer that downloads `sheet`. `head`: of its program's history, which the name of the file then carries."""
    if kind == CSV:
        made: StreamingHttpResponse | HttpResponse = StreamingHttpResponse(csv_lines(sheet))
    else:
        from projects.sheets.workbook import workbook  # noqa: PLC0415  (see LATE_IMPORTS in tests/test_architecture.py)

        made = HttpResponse(workbook(sheet))
    made["Content-Type"] = TYPES[kind]
    name = "-".join([slugify(sheet.name) or "table", *([head.short] if head else [])])
    made["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return made


# ---- CSV -------------------------------------------------------------------------------------------------------------


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """With a byte order mark: without one Excel takes UTF-8 for something else."""
    write = csv.writer(Line()).writerow
    yield "\ufeff" + write([guard(head.name) for head in sheet.heads])
    for row in sheet.rows:
        yield write([csv_cell(cell) for cell in row])


def csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return guard(cell)
    if isinstance(cell, dt.datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, dt.date) else repr(cell)


def zone_head(name: str) -> str:
    """The name of a column of instants, with the zone in which the file has them."""
    return f"{name} ({timezone.get_current_timezone_name()})"
