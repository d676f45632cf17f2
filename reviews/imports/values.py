"""What one cell says: a number, a day or a text. What can be read in two ways is a question, never a guess."""

import datetime as dt
import math
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from projects.models.constraints import LARGEST
from projects.time import FIRST_DAY, LAST_DAY
from reviews.imports.xlsx_table import Formula

POINT, COMMA = "point", "comma"
DAY_FIRST, MONTH_FIRST = "day", "month"

PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
WITH_COMMA = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?([eE][+-]?[0-9]+)?")
IN_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
POINT_OR_GROUP = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+")  # 1.234
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
IN_PARTS = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})")
SPACES = str.maketrans("", "", "\u00a0\u202f\u2009")  # that part thousands


class Unread(Exception):
    """The cell does not say what is wanted; the message says what is."""


def number(cell: object, decimal: str, *, points_group: bool = False) -> float:
    """The number in a cell; `decimal` says what a comma means: POINT, COMMA, or "" where nobody has said.

    `points_group`: the file may come from where 1.234 is a thousand and more, which is a question then.
    """
    if isinstance(cell, Formula):
        raise Unread(_("a number is needed, not a formula: copy the column and paste its values"))
    if isinstance(cell, float):
        found = cell
    else:
        found = _typed(str(cell).translate(SPACES).replace("−", "-"), decimal, points_group)
    if not math.isfinite(found) or abs(found) > LARGEST:
        raise Unread(_("a number is needed, one that is finite and below 1e300"))
    return found


def _typed(written: str, decimal: str, points_group: bool) -> float:
    if decimal == COMMA:
        if not WITH_COMMA.fullmatch(written):
            raise Unread(_("a number is needed, with a comma for decimals"))
        return float(written.replace(".", "").replace(",", "."))
    if not decimal and points_group and POINT_OR_GROUP.fullmatch(written):
        raise Unread(_("a number is needed: say whether the point is a decimal mark or parts thousands"))
    if PLAIN.fullmatch(written):
        return float(written)
    if not decimal and has_comma(written):
        raise Unread(_("a number is needed, with a point for decimals, or say what the comma means"))
    if IN_GROUPS.fullmatch(written):
        return float(written.replace(",", ""))
    raise Unread(_("a number is needed, with a point for decimals"))


def has_comma(written: str) -> bool:
    """A number that is written with a comma, whatever that means."""
    return "," in written and bool(WITH_COMMA.fullmatch(written) or IN_GROUPS.fullmatch(written))


def day(cell: object, order: str, move: dt.timedelta = dt.timedelta()) -> dt.date:
    """The day in a cell, moved; `order` says what stands first in 02/03/2026: DAY_FIRST, MONTH_FIRST, or ""."""
    if isinstance(cell, Formula):
        raise Unread(_("a date is needed, not a formula: copy the column and paste its values"))
    try:
        found = (cell if type(cell) is dt.date else _written(str(cell), order)) + move
    except (ValueError, OverflowError) as error:
        raise Unread(_("a date such as 2026-03-12 is needed")) from error
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Unread(_("the year must lie between 1970 and 2100"))
    return found


def _written(text: str, order: str) -> dt.date:
    if ISO.fullmatch(text):
        return dt.date.fromisoformat(text)
    parts = IN_PARTS.fullmatch(text)
    if parts is None:
        raise ValueError
    if not order:
        raise Unread(_("a date such as 2026-03-12 is needed, or say whether the day or the month stands first"))
    first, _mark, second, year = parts.groups()
    month, day_of_month = (second, first) if order == DAY_FIRST else (first, second)
    try:
        return dt.date(int(year), int(month), int(day_of_month))
    except ValueError as error:
        said = _("the day") if order == DAY_FIRST else _("the month")
        raise Unread(_("there is no such day, if %(what)s stands first") % {"what": said}) from error


def text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return str(cell).strip()


# ---- how a file writes its numbers and dates -------------------------------------------------------------------------


@dataclass
class Evidence:
    """How a file seems to write numbers and dates: for each reading a cell that can be read in no other way."""

    decimal: dict[str, str] = field(default_factory=dict)  # POINT, COMMA
    order: dict[str, str] = field(default_factory=dict)  # DAY_FIRST, MONTH_FIRST
    comma: str = ""  # the first number with a comma
    group: str = ""  # the first number such as 1.234
    parts: str = ""  # the first date such as 02/03/2026

    def see_number(self, cell: object) -> None:
        if isinstance(cell, float):
            return
        written = str(cell).translate(SPACES)
        point = bool(PLAIN.fullmatch(written) or IN_GROUPS.fullmatch(written))
        comma = bool(WITH_COMMA.fullmatch(written))
        if point and not comma:
            self.decimal.setdefault(POINT, written)
        if comma and not point:
            self.decimal.setdefault(COMMA, written)
        if has_comma(written):
            self.comma = self.comma or written
        if POINT_OR_GROUP.fullmatch(written):
            self.group = self.group or written

    def see_day(self, cell: object) -> None:
        parts = IN_PARTS.fullmatch(str(cell))
        if not parts:
            return
        self.parts = self.parts or str(cell)
        if int(parts[1]) > 12:
            self.order.setdefault(DAY_FIRST, str(cell))
        elif int(parts[3]) > 12:
            self.order.setdefault(MONTH_FIRST, str(cell))
