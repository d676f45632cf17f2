"""Files to import, made by the tests, and the command that takes them."""

import datetime as dt
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.db.models import Model

from projects.models import (
    Engineer,
    Event,
    Evidence,
    Factor,
    Gate,
    Goal,
    Import,
    Limit,
    Membership,
    Outlook,
    Program,
    Ranking,
    Revision,
    Team,
)
from projects.time import WEEK
from reviews.models import Datapoint, Forecast

HEADER = "series_id,date,value,target_value,direction,deadline,start,completed,note"
MONDAY = dt.date(2026, 1, 5)
TABLES: list[type[Model]] = [
    *(Datapoint, Engineer, Event, Evidence, Factor, Forecast, Gate, Goal, Import, Limit, Membership, Outlook, Program),
    *(Ranking, Revision, Team),
]


@dataclass(frozen=True)
class Ran:
    """What the command answered: an empty `refusal` where it took the file."""

    said: str
    reasons: list[str]

    @property
    def refusal(self) -> str:
        return self.reasons[-1] if self.reasons else ""


def week(k: int) -> dt.date:
    return MONDAY + k * WEEK


def line(k: int, value, target=100, *, series="src/team/goal", direction="up", deadline="", start="", completed=""):
    """One line of a file: the value of week `k`."""
    return f"{series},{week(k)},{value},{target},{direction},{deadline},{start},{completed},"


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def import_file(path: Path, *options: str, program: str = "Imported") -> Ran:
    out, err = StringIO(), StringIO()
    try:
        call_command(
            "import_datapoints", str(path), "--program", program, *options, stdout=out, stderr=err, verbosity=0
        )
    except CommandError as refused:
        return Ran(out.getvalue(), [*err.getvalue().splitlines(), str(refused)])
    return Ran(out.getvalue(), [])


def rows() -> dict[str, list[tuple]]:
    """Every row of every table that an import could touch, as it stands."""
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in TABLES}
