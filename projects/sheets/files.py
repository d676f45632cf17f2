"""A table as a CSV or XLSX file."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from projects.sheets.cells import escape, guard

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


def as_file(kind: str, sheet: Sheet) -> StreamingHttpResponse | HttpResponse:
    """The answer that downloads `sheet`."""
    made = StreamingHttpResponse(csv_lines(sheet)) if kind == CSV else HttpResponse(workbook(sheet))
    made["Content-Type"] = TYPES[kind]
    made["Content-Disposition"] = f'attachment; filename="{slugify(sheet.name) or "table"}.{kind}"'
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


# ---- XLSX ------------------------------------------------------------------------------------------------------------


def workbook(sheet: Sheet) -> bytes:
    """Row by row: a long table does not lie in memory as cells."""
    book = Workbook(write_only=True)
    page = book.create_sheet(escape(sheet.name.translate(dict.fromkeys(map(ord, "[]:*?/\\'"), " "))[:31]))
    page.freeze_panes = "A2"
    for number, head in enumerate(sheet.heads, start=1):
        page.column_dimensions[get_column_letter(number)].width = head.width
    heads = [text_cell(page, head.name) for head in sheet.heads]
    for cell in heads:
        cell.font = Font(bold=True)
    page.append(heads)
    for row in sheet.rows:
        page.append([xlsx_cell(page, cell, head.form) for cell, head in zip(row, sheet.heads, strict=True)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_cell(page, value: Cell, form: str) -> WriteOnlyCell:
    if isinstance(value, str):
        return text_cell(page, value)
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).replace(tzinfo=None, microsecond=0)  # a spreadsheet knows no zone
    cell = WriteOnlyCell(page, value)
    if isinstance(value, dt.datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    elif form:
        cell.number_format = form
    return cell


def text_cell(page, text: str) -> WriteOnlyCell:
    """Text, whatever it begins with: openpyxl would make a formula of "=…"."""
    text = escape(text)
    if len(text) > LONGEST_CELL:
        note = _(" … (longer than a cell holds: the CSV file has all of it)")
        text = text[: LONGEST_CELL - len(note)] + note
    cell = WriteOnlyCell(page)
    cell.value = text
    cell.data_type = "s"
    return cell


def zone_head(name: str) -> str:
    """The name of a column of instants, with the zone in which the file has them."""
    return f"{name} ({timezone.get_current_timezone_name()})"
