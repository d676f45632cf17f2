"""The first sheet of an Excel workbook (XLSX), by openpyxl in its streaming mode, behind guards of our own.

A workbook is a zip of XML: what it unpacks to is counted, not believed, before anything parses it, and a document type,
from which XML bombs are made and which no workbook has, is refused.
"""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.etree.ElementTree import ParseError, fromstring
from xml.parsers import expat

from django.utils.translation import gettext as _

from reviews.imports.limits import (
    LARGEST_OTHER,
    LARGEST_SHEET,
    LARGEST_STRINGS,
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
)
from reviews.imports.refusals import ImportRefused, in_cell, in_row

SHEET, STRINGS, MEDIA, OTHER = "sheet", "strings", "media", "other"
TYPES, RELATIONS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
IN_CELLS = {"v", "f", "is", "t", "r", "si"}
DEEPEST, MOST_OTHERS = 50, 100_000  # elements

# What zipfile and openpyxl raise of a damaged workbook; all of it means the same to the person who sent it.
DAMAGED = (
    *(
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        expat.ExpatError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ),
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError),
)


class Formula(str):
    """What a cell computes, as it is written: its value is not in the file, or may be an old one."""


@contextmanager
def open_xlsx(file: BinaryIO) -> Iterator[tuple[str, str, Iterator[tuple[int, list]]]]:
    """(kind, delimiter, rows) of the first sheet; `delimiter` is empty."""
    from openpyxl import load_workbook  # noqa: PLC0415  (see LATE_IMPORTS in tests/test_architecture.py)

    try:
        _check_parts(file)
        book = load_workbook(file, read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is not believed
    except DAMAGED as error:
        raise _damaged() from error
    try:
        yield _kind(sheet.title, len(book.worksheets)), "", _rows(sheet)
    finally:
        book.close()


def _damaged() -> ImportRefused:
    return ImportRefused([_("The file is no whole Excel workbook (XLSX). Save it again, or save it as CSV in UTF-8.")])


def _kind(title: str, sheets: int) -> str:
    if sheets == 1:
        return _("Excel, sheet “%(title)s”") % {"title": title}
    return _("Excel, sheet “%(title)s”, the first of %(n)d; the others are not read") % {"title": title, "n": sheets}


def _check_parts(file: BinaryIO) -> None:
    """Unpack every part that openpyxl could read once, a piece at a time, and stop at its limit."""
    with zipfile.ZipFile(file) as book:
        parts = book.infolist()
        if len(parts) > MOST_PARTS:
            raise ImportRefused([_("The workbook has %(n)d parts: it is no table.") % {"n": len(parts)}])
        if "xl/workbook.xml" not in book.namelist():
            raise ImportRefused([_("This is a packed file and no Excel workbook (XLSX). Unpack it first.")])
        for part in parts:
            if _role(part.filename) != MEDIA:
                _check_part(book, part)
        _check_roles(book)
    file.seek(0)


def _role(path: str) -> str:
    path = path.lstrip("/")
    if path.startswith("xl/worksheets/") and not path.endswith(".rels"):
        return SHEET
    if path.startswith("xl/media/"):
        return MEDIA
    return STRINGS if path == "xl/sharedStrings.xml" else OTHER


def _check_roles(book: zipfile.ZipFile) -> None:
    """What is read as one thing has the name of that thing, by which its limit was chosen."""
    types = fromstring(book.read(TYPES))  # noqa: S314  (small by now, and without a document type)
    named = [(one.get("PartName", ""), one.get("ContentType", "")) for one in types]
    if RELATIONS in book.namelist():
        for one in fromstring(book.read(RELATIONS)):  # noqa: S314
            target = one.get("Target", "")
            named.append((target if target.startswith("/") else f"xl/{target}", one.get("Type", "")))
    for path, kind in named:
        kind = kind.removesuffix("+xml")
        role = SHEET if kind.endswith("worksheet") else STRINGS if kind.endswith("sharedStrings") else OTHER
        if path and (".." in path or _role(path) != role):
            raise _damaged()


def _check_part(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    role = _role(part.filename)
    most = {SHEET: LARGEST_SHEET, STRINGS: LARGEST_STRINGS}.get(role, LARGEST_OTHER)
    guard = _Guard() if part.filename.endswith((".xml", ".rels")) else None
    size = 0
    with book.open(part) as unpacked:
        while piece := unpacked.read(2**18):
            size += len(piece)
            if size > most:
                words = {"part": part.filename, "most": most // 2**20}
                why = _("The workbook is too large unpacked: %(part)s has more than %(most)d MB. Save it as CSV.")
                raise ImportRefused([why % words])
            if guard:
                guard.see(piece)


class _Guard:
    """Goes through a part of XML without building anything, and refuses what would make its reader build too much."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.depth = self.rows = self.cells = self.others = 0

    def see(self, piece: bytes) -> None:
        if b"<" not in piece and self.rows and len(piece) > LONGEST_CELL and piece.strip():
            why = _("the cell holds more than %(most)d characters") % {"most": LONGEST_CELL}
            raise ImportRefused([in_cell(self.rows, str(self.cells), piece[:100].decode(errors="replace"), why)])
        self.parser.Parse(piece, False)

    def doctype(self, *_declared) -> None:
        raise ImportRefused([_("The workbook defines XML of its own: no program for tables does that.")])

    def start(self, name: str, _attributes: dict) -> None:
        self.depth += 1
        if name == "row":
            self.rows += 1
            self.cells = 0
        elif name == "c":
            self.cells += 1
        elif name not in IN_CELLS:
            self.others += 1
        if self.depth > DEEPEST or self.others > MOST_OTHERS:
            raise ImportRefused([_("The workbook holds more than a table. Save the sheet as CSV.")])
        if self.rows > MOST_ROWS + 1:
            why = _("is one too many: %(most)d rows are taken at most. Split the file.") % {"most": MOST_ROWS}
            raise ImportRefused([in_row(self.rows, why)])

    def end(self, _name: str) -> None:
        self.depth -= 1


def _rows(sheet) -> Iterator[tuple[int, list]]:
    try:
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if number > MOST_ROWS + 1:
                why = _("is one too many: %(most)d rows are taken at most. Split the file.") % {"most": MOST_ROWS}
                raise ImportRefused([in_row(number, why)])
            if len(row) > MOST_COLUMNS:
                why = _("there are columns up to here; %(most)d are taken at most") % {"most": MOST_COLUMNS}
                raise ImportRefused([in_cell(number, str(len(row)), "", why)])
            cells = [_cell(cell) for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                yield number, cells
    except DAMAGED as error:
        raise _damaged() from error


def _cell(cell):
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return float(value) if isinstance(value, float) or abs(value) < 2**1023 else str(value)
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, str):
        return Formula(value) if cell.data_type == "f" else value
    return str(value)
