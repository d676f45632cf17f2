"""Which column holds what: said by a person, guessed from the names, or as the product's own files name them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.imports.refusals import ImportRefused, in_row
from reviews.imports.values import COMMA, DAY_FIRST, MONTH_FIRST, POINT

LONG, WIDE = "long", "wide"
FROM_VALUES = "values"

# What a column can hold, and the name it has in a file of the product's own.
OWN_NAMES = {
    "goal": "series_id",
    "team": "team",
    "date": "date",
    "value": "value",
    "target": "target_value",
    "direction": "direction",
    "deadline": "deadline",
    "start": "start",
    "completed": "completed",
    "unit": "unit",
    "note": "note",
}
LABELS = {
    "goal": gettext_lazy("Goal"),
    "team": gettext_lazy("Team"),
    "date": gettext_lazy("Date"),
    "value": gettext_lazy("Value"),
    "target": gettext_lazy("Target"),
    "direction": gettext_lazy("Direction (up or down)"),
    "deadline": gettext_lazy("Deadline"),
    "start": gettext_lazy("Start"),
    "completed": gettext_lazy("Complete on"),
    "unit": gettext_lazy("Unit"),
    "note": gettext_lazy("Memo"),
}
# Names that such columns have elsewhere, letters only; the first that is there is taken.
SYNONYMS = {
    "goal": "seriesid series goal goalname metric metricname kpi measure indicator milestone name ziel metrik kennzahl",
    "team": "team teamname group squad department area mannschaft gruppe abteilung",
    "date": "date day week weekending asof observed observedon reporteddate reportdate datum tag woche",
    "value": "value actual current progress reading result status wert ist stand fortschritt valeur",
    "target": "targetvalue target goalvalue plan planned objective soll sollwert zielwert cible",
    "direction": "direction betteris richtung",
    "deadline": "deadline duedate due targetdate termin frist stichtag",
    "start": "start startdate begin beginn von",
    "completed": "completed completedon done doneon finished finishedon fertig",
    "unit": "unit units einheit",
    "note": "note notes memo comment comments remark notiz bemerkung kommentar",
}


@dataclass(frozen=True)
class Reading:
    """How a file is to be read. `columns` names the column of each thing; what none holds is said for all rows.

    Raises nothing by itself: `check` says what is missing in a header.
    """

    columns: dict[str, str] = field(default_factory=dict)
    layout: str = LONG  # WIDE: one row a date, one column a goal
    goals: tuple[str, ...] = ()  # the columns that are goals, where WIDE
    decimal: str = ""  # POINT, COMMA; "": nobody has said, and a comma is refused
    dates: str = ""  # DAY_FIRST, MONTH_FIRST; "": nobody has said, and only 2026-03-12 is taken
    target: float | None = None  # where no column holds it
    direction: str = ""  # up, down, or FROM_VALUES: towards the target; where no column holds it

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Reading":
        return cls(**{**stored, "goals": tuple(stored.get("goals", ()))}) if stored else cls()

    def needed(self) -> list[str]:
        """What a column must hold, as nothing else says it."""
        if self.layout == WIDE:
            return ["date"]
        needed = ["goal", "date", "value"]
        return needed + ["target"] * (self.target is None) + ["direction"] * (not self.direction)

    def check(self, header: Sequence[str]) -> None:
        """Raise ImportRefused where `header` lacks what this reading takes from it."""
        wanted = [self.columns.get(what) or OWN_NAMES[what] for what in self.needed()]
        rest = [name for what, name in self.columns.items() if what not in self.needed()]
        missing = [name for name in [*wanted, *rest, *self.goals] if name not in header]
        if missing:
            may = [name for what, name in OWN_NAMES.items() if what not in self.needed()]
            words = {"missing": ", ".join(missing), "needed": ", ".join(wanted), "may": ", ".join(may)}
            why = _("lacks the column %(missing)s. Needed: %(needed)s; may be there: %(may)s.")
            raise ImportRefused([in_row(1, why % words)])
        if self.layout == WIDE and (not self.goals or self.target is None):
            raise ImportRefused([_("Say which columns are goals, and their target.")])


def own_reading(header: Sequence[str], **said: Any) -> Reading:
    """The reading of a file that names its columns as the product does; `said` goes before, its columns one by one."""
    columns = {what: name for what, name in OWN_NAMES.items() if name in header}
    reading = Reading(**{**said, "columns": {**columns, **said.get("columns", {})}})
    needed = {what: OWN_NAMES[what] for what in reading.needed() if what not in reading.columns}
    return replace(reading, columns={**reading.columns, **needed})


def guess_columns(header: Sequence[str], before: Iterable[dict[str, str]] = ()) -> dict[str, str]:
    """Which column seems to hold what: as it was said for such a file `before`, newest first, else by its name."""
    for columns in before:
        if columns and set(columns.values()) <= set(header):
            return dict(columns)
    bare = {re.sub(r"[\W\d_]+", "", name).lower(): name for name in reversed(header) if name}
    found: dict[str, str] = {}
    for what, names in SYNONYMS.items():
        name = next((bare[word] for word in names.split() if word in bare), None)
        if name and name not in found.values():
            found[what] = name
    return found


DECIMALS = {POINT: gettext_lazy("a point: 1234.5"), COMMA: gettext_lazy("a comma: 1234,5")}
ORDERS = {DAY_FIRST: gettext_lazy("the day: 31/12/2026"), MONTH_FIRST: gettext_lazy("the month: 12/31/2026")}
DIRECTIONS = {
    FROM_VALUES: gettext_lazy("towards the target, from the first value"),
    "up": gettext_lazy("up: more is better"),
    "down": gettext_lazy("down: less is better"),
}
