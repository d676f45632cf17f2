"""From a file to checked series, or a refusal that names row and column. Reads nothing but the file."""

import datetime as dt
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from reviews.imports import values
from reviews.imports.columns import FROM_VALUES, WIDE, Reading, own_reading
from reviews.imports.limits import MOST_BYTES
from reviews.imports.refusals import MOST_REFUSALS, ImportRefused, Refusal, in_cell, in_row
from reviews.imports.table import Cell, Table, open_table, too_large

LONGEST_ID, LONGEST_TEAM, LONGEST_UNIT, LONGEST_NOTE = 200, 120, 40, 500
TELL_EVERY = 1000  # rows

Progress = Callable[[str, int, int], None]  # what is done, how much of it, of how much (0: not known)


def silent(_what: str, _done: int, _all: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of the file; `number` counts rows as a spreadsheet does, the header being row 1."""

    number: int
    date: dt.date
    value: float
    target: float
    deadline: dt.date | None
    start: dt.date | None
    completed: dt.date | None
    note: str


@dataclass
class FileSeries:
    """The rows of one series, by date. `team` and `unit` are empty where the file does not say them."""

    id: str
    direction: str
    team: str = ""
    name: str = ""
    unit: str = ""
    rows: list[Row] = field(default_factory=list)

    @property
    def last(self) -> Row:
        return self.rows[-1]

    @property
    def start(self) -> dt.date:
        """The start as last stated; the first report where none is."""
        return next((row.start for row in reversed(self.rows) if row.start), None) or self.rows[0].date

    @property
    def baseline(self) -> float:
        """Where it stood at first; where that is the target already, the value farthest from it."""
        first = self.rows[0].value
        if first != self.last.target:
            return first
        farthest = max((row.value for row in self.rows), key=lambda value: abs(value - self.last.target))
        if farthest != self.last.target:
            return farthest
        return 0.0 if self.last.target else 1.0


@dataclass(frozen=True)
class SeriesFile:
    """A file that passed every check that needs no database."""

    name: str
    sha256: str
    rows: int
    series: list[FileSeries]
    columns: dict[str, str] = field(default_factory=dict)  # what each holds: its name, for refusals


def read_series_file(
    path: Path, *, today: dt.date, days: int = 0, progress: Progress = silent, **said: Any
) -> SeriesFile:
    """Read and check `path`; every date is moved by `days`. Raises ImportRefused.

    `said` goes to `own_reading`: what the columns are called and how numbers and dates are written.
    """
    name = path.name.encode(errors="replace").decode()  # a name on disk need not be text
    try:
        with path.open("rb") as file:
            return read_series(file, name, _own(said), today=today, days=days, progress=progress)
    except OSError as error:
        raise ImportRefused([_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}]) from error


def check_series_file(name: str, raw: bytes, *, today: dt.date, days: int = 0, **said: Any) -> SeriesFile:
    """The same of a file in memory."""
    return read_series(io.BytesIO(raw), name, _own(said), today=today, days=days)


def _own(said: dict[str, Any]) -> Callable[[Table], Reading]:
    return lambda table: own_reading(table.header, **said)


def read_series(
    file: BinaryIO,
    name: str,
    how: Reading | Callable[[Table], Reading],
    *,
    today: dt.date,
    days: int = 0,
    progress: Progress = silent,
) -> SeriesFile:
    """Read and check an open file. Raises ImportRefused with up to MOST_REFUSALS reasons."""
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise ImportRefused([too_large(size)])
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    with open_table(file, name) as table:
        reading = how if isinstance(how, Reading) else how(table)
        reading.check(table.header)
        rows, series = Reader(table, reading, today, dt.timedelta(days), progress).read()
    return SeriesFile(name=name, sha256=sha256, rows=rows, series=series, columns=reading.columns)


class Reader:
    """One pass through the rows: the series found so far, and what is wrong."""

    def __init__(self, table: Table, reading: Reading, today: dt.date, move: dt.timedelta, progress: Progress) -> None:
        self.table, self.reading, self.today, self.move, self.progress = table, reading, today, move, progress
        self.points_group = table.delimiter not in ("", ",")
        self.at = {name: at for at, name in enumerate(table.header) if name}
        self.series: dict[str, FileSeries] = {}
        self.refusals: list[Refusal] = []
        self.days: dict[tuple, dt.date] = {}  # each way to write a day is read once

    def read(self) -> tuple[int, list[FileSeries]]:
        count = 0
        try:
            for number, cells in self.table.rows:
                count += 1
                self.take(number, cells)
                if count % TELL_EVERY == 0:
                    self.progress("reading", count, 0)
        except ImportRefused as stopped:
            self.refusals += stopped.reasons
        except TooMany:
            self.refusals.append(Refusal(_("There may be more: reading stopped here.")))
        if not self.refusals and not count:
            self.refusals.append(Refusal(_("The file has no rows below its header.")))
        if not self.refusals and not self.series:
            self.refusals.append(Refusal(_("The file holds no value.")))
        if not self.refusals:
            self.finish()
        if self.refusals:
            raise ImportRefused(self.refusals)
        self.progress("reading", count, count)
        return count, list(self.series.values())

    def refuse(self, refusal: Refusal) -> None:
        if len(self.refusals) >= MOST_REFUSALS:
            raise TooMany
        self.refusals.append(refusal)

    def take(self, number: int, cells: list[Cell]) -> None:
        """Check one row and put its values with their series."""
        width = len(self.table.header)
        if not self.table.delimiter:  # a sheet says nothing of cells that are empty at the end
            cells = cells + [""] * (width - len(cells))
        if len(cells) != width:
            words = {"found": len(cells), "wanted": width}
            self.refuse(in_row(number, _("has %(found)d cells, the header %(wanted)d.") % words))
            return
        try:
            if self.reading.layout == WIDE:
                self.take_wide(number, cells)
            else:
                self.take_long(number, cells)
        except _Refused as refused:
            self.refuse(refused.refusal)

    def take_long(self, number: int, cells: list[Cell]) -> None:
        row = _Cells(self, number, cells)
        team, name = row.text("team", LONGEST_TEAM), row.text("goal", LONGEST_ID, needed=True)
        direction = self.direction(row)
        stated = Row(
            number=number,
            date=row.past_day("date"),
            value=row.number("value"),
            target=row.number("target") if "target" in self.reading.columns else float(self.reading.target or 0),
            deadline=row.day("deadline"),
            start=row.day("start"),
            completed=row.day("completed"),
            note=row.text("note", LONGEST_NOTE, cut=True),
        )
        if stated.deadline and stated.start and stated.deadline <= stated.start:
            raise row.refused("deadline", _("it must lie after the start"))
        key = f"{team}/{name}"[:LONGEST_ID] if team else name
        one = self.series.setdefault(key, FileSeries(key, direction, team, name))
        if one.direction != direction:
            raise row.refused("direction", _("earlier rows of this series say otherwise"))
        one.unit = row.text("unit", LONGEST_UNIT) or one.unit
        one.rows.append(stated)

    def direction(self, row: "_Cells") -> str:
        if "direction" not in self.reading.columns:
            return self.reading.direction
        direction = row.text("direction", LONGEST_ID)
        if direction not in ("up", "down"):
            raise row.refused("direction", _("up or down is needed"))
        return direction

    def take_wide(self, number: int, cells: list[Cell]) -> None:
        row = _Cells(self, number, cells)
        day = row.past_day("date")
        for name in self.reading.goals:
            if row.cell_of(name) == "":
                continue  # nothing was reported of it that day
            value = row.number_of(name)
            one = self.series.setdefault(name, FileSeries(name, self.reading.direction, name=name))
            one.rows.append(Row(number, day, value, float(self.reading.target or 0), None, None, None, ""))

    def finish(self) -> None:
        """What only the rows together show."""
        for one in self.series.values():
            one.rows.sort(key=lambda row: row.date)
            if one.direction in ("", FROM_VALUES):
                one.direction = "up" if one.last.target >= one.baseline else "down"
            for before, after in zip(one.rows, one.rows[1:], strict=False):
                if before.date == after.date and len(self.refusals) < MOST_REFUSALS:
                    self.refusals.append(_two_for_a_day(one, before, after))
            if one.last.deadline and one.last.deadline <= one.start:
                why = _("it must lie after the start")
                column = self.reading.columns["deadline"]
                self.refusals.append(in_cell(one.last.number, column, one.last.deadline, why))
        self.refusals.sort(key=lambda refusal: refusal.row or 0)


class TooMany(Exception):
    """More refusals than anybody reads."""


class _Refused(Exception):
    """One cell is wrong, and so its row is not taken."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


class _Cells:
    """One row, read by what its columns hold."""

    def __init__(self, reader: Reader, number: int, cells: list[Cell]) -> None:
        self.reader, self.row, self.cells = reader, number, cells

    def column(self, what: str) -> str:
        return self.reader.reading.columns.get(what, "")

    def cell(self, what: str) -> Cell:
        return self.cell_of(self.column(what))

    def cell_of(self, column: str) -> Cell:
        cell = self.cells[self.reader.at[column]] if column else ""
        return cell.strip() if type(cell) is str else cell

    def refused(self, what: str, why: str) -> _Refused:
        return _Refused(in_cell(self.row, self.column(what), self.cell(what), why))

    def number(self, what: str) -> float:
        return self.number_of(self.column(what))

    def number_of(self, column: str) -> float:
        cell = self.cell_of(column)
        try:
            return values.number(cell, self.reader.reading.decimal, points_group=self.reader.points_group)
        except values.Unread as why:
            raise _Refused(in_cell(self.row, column, cell, str(why))) from why

    def day(self, what: str) -> dt.date | None:
        cell = self.cell(what)
        return None if cell == "" else self.known_day(what, cell)

    def past_day(self, what: str) -> dt.date:
        day = self.known_day(what, self.cell(what))
        if day > self.reader.today:
            raise self.refused(what, _("this day lies in the future"))
        return day

    def known_day(self, what: str, cell: Cell) -> dt.date:
        days = self.reader.days
        if (type(cell), cell) not in days:
            try:
                days[type(cell), cell] = values.day(cell, self.reader.reading.dates, self.reader.move)
            except values.Unread as why:
                raise self.refused(what, str(why)) from why
        return days[type(cell), cell]

    def text(self, what: str, longest: int, *, needed: bool = False, cut: bool = False) -> str:
        cell = self.cell(what)
        if isinstance(cell, values.Formula):
            raise self.refused(what, _("a text is needed, not a formula: copy the column and paste its values"))
        found = values.text(cell)
        if cut:
            return found[:longest]
        if (needed and not found) or len(found) > longest or not found.isprintable():
            raise self.refused(what, _("a name of at most %(n)d printable characters is needed") % {"n": longest})
        return found


def _two_for_a_day(one: FileSeries, before: Row, after: Row) -> Refusal:
    first, second = sorted([before.number, after.number])
    what = _("repeats") if before.value == after.value else _("contradicts")
    words = {"what": what, "first": first, "series": one.id, "day": before.date}
    return in_row(second, _("%(what)s row %(first)d: %(series)s has two rows for %(day)s.") % words)
