"""Text with a delimiter: CSV, with commas, semicolons, tabs or bars."""

import csv
import io
import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.utils.translation import gettext as _

from reviews.imports.limits import LONGEST_LINE
from reviews.imports.refusals import ImportRefused, Refusal, in_cell

UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF32 = (b"\xff\xfe\0\0", b"\0\0\xfe\xff")
BROKEN = re.compile("[\ud800-\udfff]")  # where a byte was that is no UTF-8


@contextmanager
def open_csv(file: BinaryIO) -> Iterator[tuple[str, str, Iterator[tuple[int, list]]]]:
    """(kind, delimiter, rows). UTF-8, or UTF-16 that says so by its mark; no other encoding can be told for certain."""
    start = file.read(4)
    file.seek(0)
    if start in UTF32:
        raise ImportRefused([_("The file is UTF-32 text. Save it as CSV in UTF-8.")])
    wide = start[:2] in UTF16
    text = io.TextIOWrapper(
        file, encoding="utf-16" if wide else "utf-8-sig", errors="strict" if wide else "surrogateescape", newline=""
    )
    try:
        delimiter = _delimiter(text.readline(LONGEST_LINE))
        text.seek(0)
        yield _kind(delimiter, wide), delimiter, _rows(text, delimiter)
    except UnicodeDecodeError as error:  # of UTF-16 only: bytes that are no UTF-8 are found cell by cell
        raise ImportRefused([_("The file is not whole UTF-16 text. Save it as CSV in UTF-8.")]) from error
    finally:
        text.detach()  # the file is the caller's to close


def _kind(delimiter: str, wide: bool) -> str:
    between = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars")}[delimiter]
    words = {"encoding": "UTF-16" if wide else "UTF-8", "between": between}
    return _("CSV in %(encoding)s, %(between)s between the cells") % words


def _delimiter(header: str) -> str:
    """The one that makes the most columns of the header."""
    return max(",;\t|", key=lambda one: len(next(csv.reader([header], delimiter=one), [])))


def _rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list]]:
    lines = _Lines(text, delimiter)
    records = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    try:
        for fields in records:  # a quoted cell may span lines, a row does not
            number = lines.row
            lines.begin_row()
            for at, cell in enumerate(fields):
                broken = not cell.isascii() and BROKEN.search(cell)
                if broken:
                    raise ImportRefused([_not_utf8(number, lines.column(at), cell, broken.group())])
            if number == 1:
                lines.header = fields
            if fields:
                yield number, fields
    except csv.Error as error:
        lines.cut_at(str(error))
        raise lines.refusal(_("this is not CSV: %(why)s") % {"why": error}) from error


def _not_utf8(row: int, column: str, cell: str, broken: str) -> Refusal:
    why = _("the byte %(byte)s is not UTF-8. Save the file as CSV in UTF-8 (in Excel: “CSV UTF-8”)")
    return in_cell(row, column, BROKEN.sub("·", cell), why % {"byte": f"0x{ord(broken) & 0xFF:02X}"})


EMPTY = ("\n", "\r\n")


class _Lines:
    """Lines of bounded length for the csv module, and which row they belong to."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self.text, self.delimiter = text, delimiter
        self.header: list[str] = []
        self.row = 1
        self.so_far = ""  # of this row, for naming the column in which it went wrong

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_LINE + 1)
        while line in EMPTY and not self.so_far:  # between rows; a file may hold thirty million of them
            self.row += 1
            line = self.text.readline(LONGEST_LINE + 1)
        if not line:
            raise StopIteration
        self.so_far = (self.so_far + line)[-2 * LONGEST_LINE :]
        if len(line) > LONGEST_LINE:
            why = _("the cell, or a row without a line break, holds more than %(most)d characters")
            raise self.refusal(why % {"most": LONGEST_LINE})
        if "\0" in line:
            self.so_far = self.so_far[: self.so_far.index("\0") + 1].replace("\0", "·")
            raise self.refusal(_("a NUL character: this is not a text file. Save it as CSV in UTF-8"))
        return line

    def begin_row(self) -> None:
        self.row += 1
        self.so_far = ""

    def cut_at(self, why: str) -> None:
        """Forget what comes after the character at which the csv module says `why`."""
        self.so_far = self.so_far[:LONGEST_LINE]
        lengths = range(len(self.so_far) + 1)
        self.so_far = self.so_far[: bisect_left(lengths, True, key=lambda n: self._fails(n, why))]

    def _fails(self, length: int, why: str) -> bool:
        try:
            list(csv.reader([self.so_far[:length]], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            return str(error) == why
        return False

    def cells(self) -> list[str]:
        """What is known of this row."""
        return next(csv.reader([self.so_far[:LONGEST_LINE]], delimiter=self.delimiter), []) or [""]

    def refusal(self, why: str) -> ImportRefused:
        """Of the last cell that was begun."""
        found = self.cells()
        return ImportRefused([in_cell(self.row, self.column(len(found) - 1), found[-1], why)])

    def column(self, at: int) -> str:
        return self.header[at].strip() if at < len(self.header) else str(at + 1)
