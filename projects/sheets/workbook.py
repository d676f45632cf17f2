"""A sheet as an Excel workbook (XLSX). Only who asks for one loads openpyxl: it takes 12 MB."""

import datetime as dt
from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from projects.sheets.cells import escape
from projects.sheets.files import LONGEST_CELL, Cell, Sheet


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
