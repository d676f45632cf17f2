"""A file as a header and rows of cells, whichever kind it is. Reads a row at a time and nothing but the file."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from reviews.imports.csv_table import open_csv
from reviews.imports.limits import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from reviews.imports.refusals import ImportRefused, in_cell, in_row
from reviews.imports.xlsx_table import Formula, open_xlsx

Cell = str | float | dt.date | dt.datetime | Formula
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods")
LONGEST_NAME = 200  # characters of a column's name


@dataclass(frozen=True)
class Table:
    """`rows` can be gone through once: (number, cells), the header being row 1; blank rows are left out."""

    kind: str  # how people call it: "CSV, semicolons between the cells"
    delimiter: str  # "" in a spreadsheet
    header: list[str]
    rows: Iterator[tuple[int, list[Cell]]]


@contextmanager
def open_table(file: BinaryIO, name: str) -> Iterator[Table]:
    """The table in `file`, which can seek. Raises ImportRefused, here and while the rows are gone through."""
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise ImportRefused([too_large(size)])
    file.seek(0)
    with _reader_of(file, name)(file) as (kind, delimiter, lines):
        header = [str(cell).strip() for cell in next(lines, (1, []))[1]]
        while header and not header[-1]:
            header.pop()
        _check_header(header)
        yield Table(kind, delimiter, header, _rows(header, lines))


def _reader_of(file: BinaryIO, name: str):
    head = file.read(4)
    file.seek(0)
    if head == ZIP:
        return open_xlsx
    if head == OLE:
        why = _("This is an old Excel file, or one with a password. Save it as XLSX without a password, or as CSV.")
        raise ImportRefused([why])
    if name.lower().endswith(SPREADSHEETS):
        raise ImportRefused([_("The file is named as a spreadsheet and is none: it may be damaged, or a picture.")])
    return open_csv


def too_large(size: int) -> str:
    words = {"size": size / 2**20, "most": MOST_BYTES // 2**20}
    return _("The file has %(size).0f MB; %(most)d MB are taken at most. Split it, or leave out columns.") % words


def _check_header(names: list[str]) -> None:
    if not names:
        raise ImportRefused([_("The file is empty: its first row must name the columns.")])
    if len(names) > MOST_COLUMNS:
        why = _("has %(found)d columns; %(most)d are taken at most.") % {"found": len(names), "most": MOST_COLUMNS}
        raise ImportRefused([in_row(1, why)])
    for name in names:
        if len(name) > LONGEST_NAME:
            raise ImportRefused([in_cell(1, "", name, _("the name of a column is too long"))])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ImportRefused([in_row(1, _("names the column %(twice)s twice.") % {"twice": ", ".join(twice)})])


def _rows(header: list[str], lines: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int, list[Cell]]]:
    for count, (number, cells) in enumerate(lines):
        if count == MOST_ROWS:
            why = _("is one too many: %(most)d rows are taken at most. Split the file.") % {"most": MOST_ROWS}
            raise ImportRefused([in_row(number, why)])
        for at, cell in enumerate(cells):
            if isinstance(cell, str) and len(cell) > LONGEST_CELL:
                column = header[at] if at < len(header) else str(at + 1)
                why = _("the cell holds more than %(most)d characters") % {"most": LONGEST_CELL}
                raise ImportRefused([in_cell(number, column, cell, why)])
        yield number, cells
