"""What the first rows of a file show: enough to ask a person how it is to be read."""

from dataclasses import dataclass, field
from typing import Any, BinaryIO

from reviews.imports import values
from reviews.imports.table import open_table

LOOKED_AT = 2000  # rows
SHOWN = 5


@dataclass
class Head:
    """`samples` are the first rows as text; `evidence` of a column is how its numbers and dates seem to be written."""

    kind: str
    delimiter: str
    header: list[str]
    samples: list[list[str]] = field(default_factory=list)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_head(file: BinaryIO, name: str) -> Head:
    """Raises ImportRefused where there is no table, or no row in it."""
    with open_table(file, name) as table:
        head = Head(table.kind, table.delimiter, table.header)
        seen = {name: values.Evidence() for name in table.header if name}
        for count, (_number, cells) in enumerate(table.rows):
            if count == LOOKED_AT:
                break
            if count < SHOWN:
                head.samples.append([values.text(cell)[:80] for cell in cells])
            for column, cell in zip(table.header, cells, strict=False):
                if column:
                    seen[column].see_number(cell)
                    seen[column].see_day(cell)
        head.evidence = {name: vars(found) for name, found in seen.items()}
    return head


@dataclass(frozen=True)
class Question:
    """Whether something must be asked, why, and the answer that the file itself gives, if it gives one."""

    asked: bool = False
    seen: str = ""
    answer: str = ""


def ask_decimal(head: Head, columns: list[str]) -> Question:
    """What parts the decimals in the columns that hold numbers."""
    found = [head.evidence[name] for name in columns if name in head.evidence]
    comma = next((one["comma"] for one in found if one["comma"]), "")
    group = next((one["group"] for one in found if one["group"]), "") if head.delimiter not in ("", ",") else ""
    answers = {answer: cell for one in found for answer, cell in one["decimal"].items()}
    sole = next(iter(answers)) if len(answers) == 1 else ""
    return Question(bool(comma or group), answers.get(sole) or comma or group, sole)


def ask_order(head: Head, columns: list[str]) -> Question:
    """Whether the day or the month stands first in the columns that hold dates."""
    found = [head.evidence[name] for name in columns if name in head.evidence]
    parts = next((one["parts"] for one in found if one["parts"]), "")
    answers = {answer: cell for one in found for answer, cell in one["order"].items()}
    sole = next(iter(answers)) if len(answers) == 1 else ""
    return Question(bool(parts), answers.get(sole) or parts, sole)
