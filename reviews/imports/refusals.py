"""Why a file cannot be imported: sentences that name row and column."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_REFUSALS = 1000  # one more, and reading stops
SHOWN = 40  # characters of what was found


@dataclass(frozen=True)
class Refusal:
    """One reason; `row` counts as a spreadsheet does, the header being row 1, and is None of the file as a whole."""

    why: str
    row: int | None = None
    column: str = ""
    found: str | None = None

    def __str__(self) -> str:
        if self.row is None:
            return self.why
        if self.found is None:
            return _("Row %(row)d %(why)s") % {"row": self.row, "why": self.why}
        words = {"row": self.row, "column": self.column, "found": self.found, "why": self.why}
        return _("Row %(row)d, column %(column)s, “%(found)s”: %(why)s.") % words


class ImportRefused(Exception):
    """The file cannot be imported; nothing was changed."""

    def __init__(self, reasons: Iterable[Refusal | str]):
        self.reasons = [reason if isinstance(reason, Refusal) else Refusal(reason) for reason in reasons]
        super().__init__("\n".join(map(str, self.reasons)))


def in_cell(row: int, column: str, found: object, why: str) -> Refusal:
    """A refusal of what one cell holds, shown on one line whatever it is."""
    text = str(found)
    text = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return Refusal(why, row, column, "".join(char if char.isprintable() else "·" for char in text))


def in_row(row: int, why: str) -> Refusal:
    """A refusal of a row as a whole: `why` goes on after "Row 6"."""
    return Refusal(why, row)
