"""From a CSV file to checked series, or a refusal that names row and column. Reads nothing but the file."""

import csv
import datetime as dt
import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from projects.models.constraints import LARGEST
from projects.time import FIRST_DAY, LAST_DAY

REQUIRED = ("series_id", "date", "value", "target_value", "direction")
OPTIONAL = ("deadline", "start", "completed", "note")
LONGEST_ID = 200
MOST_REFUSALS = 20


class ImportRefused(Exception):
    """The file cannot be imported; nothing was changed. `reasons` holds sentences that name row and column."""

    def __init__(self, reasons: list[str]):
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Row:
    """One line of the file; `number` counts as a spreadsheet does, the header being row 1."""

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
    """The rows of one series, by date."""

    id: str
    direction: str
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


def read_series_file(path: Path, *, today: dt.date, days: int = 0) -> SeriesFile:
    """Read and check `path`; every date is moved by `days`. Raises ImportRefused."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportRefused([_("%(file)s cannot be read: %(why)s.") % {"file": path, "why": error.strerror}]) from error
    name = path.name.encode(errors="replace").decode()  # a name on disk need not be text
    return check_series_file(name, raw, today=today, days=days)


def check_series_file(name: str, raw: bytes, *, today: dt.date, days: int = 0) -> SeriesFile:
    lines = csv.reader(io.StringIO(_decoded(raw), newline=""), strict=True)
    refusals: list[str] = []
    series: dict[str, FileSeries] = {}
    count = 0
    try:
        columns = _columns(next(lines, []))
        for number, fields in enumerate(lines, start=2):  # a quoted cell may span lines, a row does not
            if not fields:
                continue
            count += 1
            try:
                _take(series, _named(fields, columns, number), number, today, days)
            except ImportRefused as refused:
                refusals += refused.reasons
                if len(refusals) >= MOST_REFUSALS:
                    refusals.append(_("There may be more: reading stopped here."))
                    break
    except csv.Error as error:
        refusals.append(_("Row %(row)d is not CSV: %(why)s.") % {"row": lines.line_num, "why": error})
    if not refusals and not count:
        refusals.append(_("The file has no rows below its header."))
    if refusals:
        raise ImportRefused(refusals)
    for one in series.values():
        one.rows.sort(key=lambda row: row.date)
    refusals = [reason for one in series.values() for reason in _check_whole(one)]
    if refusals:
        raise ImportRefused(refusals[:MOST_REFUSALS])
    return SeriesFile(name=name, sha256=hashlib.sha256(raw).hexdigest(), rows=count, series=list(series.values()))


def _decoded(raw: bytes) -> str:
    if b"\0" in raw[:4096] or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ImportRefused([_("The file is not UTF-8 text. Save it as CSV in UTF-8.")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise ImportRefused(
            [_("Row %(row)d is not UTF-8 text. Save the file as CSV in UTF-8.") % {"row": row}]
        ) from error
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise ImportRefused([_("Row %(row)d holds a NUL character: this is not a text file.") % {"row": row}])
    return text


def _columns(header: list[str]) -> list[str]:
    names = [name.strip() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise ImportRefused(
            [
                _("Row 1 lacks the column %(missing)s. Needed: %(needed)s; may be there: %(may)s.")
                % {"missing": ", ".join(missing), "needed": ", ".join(REQUIRED), "may": ", ".join(OPTIONAL)}
            ]
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ImportRefused([_("Row 1 names the column %(twice)s twice.") % {"twice": ", ".join(twice)}])
    return names


def _named(fields: list[str], columns: list[str], number: int) -> dict[str, str]:
    if len(fields) != len(columns):
        raise ImportRefused(
            [
                _("Row %(row)d has %(found)d cells, the header %(wanted)d.")
                % {"row": number, "found": len(fields), "wanted": len(columns)}
            ]
        )
    return {name: cell.strip() for name, cell in zip(columns, fields, strict=True)}


def _take(series: dict[str, FileSeries], cells: dict[str, str], number: int, today: dt.date, days: int) -> None:
    """Check one row and put it with its series."""
    name, direction = cells["series_id"], cells["direction"]
    if not name or len(name) > LONGEST_ID or not name.isprintable():
        raise _refusal(number, "series_id", name, _("a name of at most 200 printable characters is needed"))
    if direction not in ("up", "down"):
        raise _refusal(number, "direction", direction, _("up or down is needed"))
    row = Row(
        number=number,
        date=_day(cells, "date", number, days, needed=True) or FIRST_DAY,
        value=_number(cells, "value", number),
        target=_number(cells, "target_value", number),
        deadline=_day(cells, "deadline", number, days),
        start=_day(cells, "start", number, days),
        completed=_day(cells, "completed", number, days),
        note=cells.get("note", ""),
    )
    if row.date > today:
        raise _refusal(number, "date", cells["date"], _("this day lies in the future"))
    if row.deadline and row.start and row.deadline <= row.start:
        raise _refusal(number, "deadline", cells["deadline"], _("it must lie after the start"))
    one = series.setdefault(name, FileSeries(name, direction))
    if one.direction != direction:
        raise _refusal(number, "direction", direction, _("earlier rows of this series say otherwise"))
    one.rows.append(row)


def _check_whole(one: FileSeries) -> Iterator[str]:
    """What only the rows together show."""
    for before, after in zip(one.rows, one.rows[1:], strict=False):
        if before.date == after.date:
            first, second = sorted([before.number, after.number])
            what = _("repeats") if before.value == after.value else _("contradicts")
            yield _("Row %(row)d %(what)s row %(first)d: %(series)s has two rows for %(day)s.") % {
                "row": second,
                "what": what,
                "first": first,
                "series": one.id,
                "day": before.date,
            }
    if one.last.deadline and one.last.deadline <= one.start:
        yield str(_refusal(one.last.number, "deadline", str(one.last.deadline), _("it must lie after the start")))


def _refusal(row: int, column: str, found: str, why: str) -> ImportRefused:
    shown = found if len(found) <= 40 else found[:40] + "…"
    shown = "".join(char if char.isprintable() else "·" for char in shown)  # one line, whatever the cell holds
    return ImportRefused(
        [
            _("Row %(row)d, column %(column)s, “%(found)s”: %(why)s.")
            % {"row": row, "column": column, "found": shown, "why": why}
        ]
    )


def _number(cells: dict[str, str], column: str, row: int) -> float:
    text = cells[column]
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise _refusal(row, column, text, _("a number is needed, with a point for decimals"))
    return number


def _day(cells: dict[str, str], column: str, row: int, days: int, *, needed: bool = False) -> dt.date | None:
    text = cells.get(column, "")
    if not text and not needed:
        return None
    try:
        stated = dt.date.fromisoformat(text)
        day = stated + dt.timedelta(days=days) if stated.isoformat() == text else None  # no other way to write it
    except (ValueError, OverflowError):
        day = None
    if day is None:
        raise _refusal(row, column, text, _("a date such as 2026-03-12 is needed"))
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _refusal(row, column, text, _("the year must lie between 1970 and 2100"))
    return day
