"""Events as lines to read: who changed what, when, from what. Names of persons and rows are those of today."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.utils.translation import gettext as _

from projects.look.dates import day
from projects.models import Event, Factor, Goal

# What changed and is kept as an id, in events on rows of each kind.
NAMED: dict[tuple[str, str], type[Model]] = {
    ("program", "owner"): User,
    ("engineer", "user"): User,
    ("goal", "needs"): Goal,
    ("factor", "parent"): Factor,
    ("supply", "goal"): Goal,
    ("supply", "factor"): Factor,
    ("intervention", "goal"): Goal,
    ("intervention", "factor"): Factor,
}
NOTHING = "—"
ALTERED = {"changed", "revised"}  # of these, that a field was empty before is part of what happened
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Change:
    """One field of one event: its name, and what stood there before ("" where it was new) and after, in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    event: Event
    changes: list[Change]


def lines(events: Sequence[Event]) -> list[Line]:
    """`events`, read with `for_reading`, as lines. Asks one query for each kind of row that stands as an id in them."""
    names = _names(events)
    return [Line(event, list(_changes(event, names))) for event in events]


def _names(events: Iterable[Event]) -> dict[type[Model], dict[int, str]]:
    asked: dict[type[Model], set[int]] = {}
    for event in events:
        for field, sides in event.changes.items():
            if model := NAMED.get((event.subject, field)):
                asked.setdefault(model, set()).update(_ids(sides))
    return {
        model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=ids)} for model, ids in asked.items()
    }


def _ids(value: Any) -> set[int]:
    if isinstance(value, list):
        return set().union(*map(_ids, value)) if value else set()
    return {value} if type(value) is int else set()


def _changes(event: Event, names: dict[type[Model], dict[int, str]]) -> Iterable[Change]:
    for field, sides in event.changes.items():
        known = names.get(NAMED.get((event.subject, field), Event), {})
        old, new = sides if isinstance(sides, list) and len(sides) == 2 else (None, sides)
        before = _words(old, known)
        new_row = before == NOTHING and event.verb not in ALTERED
        yield Change(field.replace("_", " "), "" if new_row else before, _words(new, known))


def _words(value: Any, known: dict[int, str]) -> str:
    if isinstance(value, list):
        return ", ".join(_words(one, known) for one in value) or NOTHING
    if type(value) is int and value in known:
        return known[value]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str) and DAY.fullmatch(value):
        return day(dt.date.fromisoformat(value), "long")
    return NOTHING if value in (None, "") else str(value)
