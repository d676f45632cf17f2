"""Between a column and what an archive says of it: ids become numbers within the archive, accounts become usernames.

A codec has three sides. `write` gives what the archive says; `check` refuses, with a reason, what cannot be read;
`read` gives what the column takes. `ids` knows the rows of every concept on the side at hand.
"""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _

from projects.models.constraints import LARGEST
from projects.time import FIRST_DAY, LAST_DAY
from reviews.archive.rows import Ids

Row = Mapping[str, Any]
Rows = Mapping[str, Ids]  # by concept
Counts = Mapping[str, int]  # rows of each concept, as the manifest says


class Bad(Exception):
    """What cannot be read, and why."""


class Codec(Protocol):
    def write(self, value: Any, row: Row, ids: Rows) -> Any: ...
    def check(self, value: Any, row: Row, counts: Counts) -> None: ...
    def read(self, value: Any, row: Row, ids: Rows) -> Any: ...


# ---- plain columns ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plain:
    """A column that holds no id."""

    field: models.Field
    any_day: bool = False  # a forecast may reach beyond the days that people may name

    def write(self, value, row, ids):
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
        if isinstance(value, dt.date | dt.time):
            return value.isoformat()
        return str(value) if isinstance(value, uuid.UUID) else value

    def check(self, value, row, counts):
        self.read(value, row, {})

    def read(self, value, row, ids):
        field = self.field
        if value is None:
            if not field.null:
                raise Bad(_("a value is needed"))
            return None
        if isinstance(field, models.BooleanField):
            return _of(bool, value, _("true or false is needed"))
        if isinstance(field, models.IntegerField):
            return self.integer(value)
        if isinstance(field, models.FloatField):
            return _number(value)
        if isinstance(field, models.DateTimeField):
            return _instant(value)
        if isinstance(field, models.DateField):
            return _day(value, self.any_day)
        if isinstance(field, models.TimeField):
            return _time(value)
        if isinstance(field, models.UUIDField):
            return _uuid(value)
        if isinstance(field, models.CharField | models.TextField):
            return self.text(value)
        raise Bad(_("this kind of column cannot be read"))

    def integer(self, value) -> int:
        least, most = connection.ops.integer_field_range(self.field.get_internal_type())
        if type(value) is not int or not (least or 0) <= value <= (most or 2**31):
            raise Bad(_("a whole number is needed"))
        return value

    def text(self, value) -> str:
        text = _text(value)
        if self.field.max_length and len(text) > self.field.max_length:
            raise Bad(_("longer than %(n)d characters") % {"n": self.field.max_length})
        if self.field.choices and text not in dict(self.field.flatchoices):
            raise Bad(_("not one of %(choices)s") % {"choices": ", ".join(filter(None, dict(self.field.flatchoices)))})
        if text:
            try:
                self.field.run_validators(text)
            except ValidationError as error:
                raise Bad(" ".join(error.messages)) from None
        return text


def _of(kind: type, value, need: str):
    if type(value) is not kind:
        raise Bad(need)
    return value


def _number(value) -> float:
    if type(value) not in (int, float) or not -LARGEST <= value <= LARGEST:  # which NaN is not
        raise Bad(_("a number is needed"))
    return float(value)


def _text(value) -> str:
    text = _of(str, value, _("a text is needed"))
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise Bad(_("a character that no text has"))
    return text


def _time(value) -> dt.time:
    try:
        return dt.time.fromisoformat(_text(value))
    except ValueError:
        raise Bad(_("a time such as 09:30:00 is needed")) from None


def _day(value, any_day: bool = False) -> dt.date:
    try:
        day = dt.date.fromisoformat(_text(value))
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise Bad(_("a date such as 2026-03-12 is needed"))
    if not any_day and not FIRST_DAY <= day <= LAST_DAY:
        raise Bad(_("the year must lie between 1970 and 2100"))
    return day


def _instant(value) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(_text(value))
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() != dt.timedelta(0) or not 1970 <= instant.year <= 2100:
        raise Bad(_("an instant such as 2026-03-12T10:00:00.000000+00:00 is needed"))
    return instant


def _uuid(value) -> uuid.UUID:
    try:
        return uuid.UUID(_text(value))
    except ValueError:
        raise Bad(_("a UUID is needed")) from None


# ---- columns that hold ids -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """A foreign key to a row of the archive: the number of that row."""

    concept: str
    null: bool = False
    own: bool = False  # within its own file: it names a row before it, so that there is no circle

    def write(self, value, row, ids):
        return ids[self.concept].number(value)

    def check(self, value, row, counts):
        if value is None and self.null:
            return
        most = row["id"] - 1 if self.own else counts[self.concept]
        if type(value) is not int or not 1 <= value <= most:
            raise Bad(_("there is no such row in %(file)s") % {"file": f"{self.concept}.jsonl"})

    def read(self, value, row, ids):
        return ids[self.concept].pk(value)


@dataclass(frozen=True)
class Account:
    """A foreign key to an account: its username. Who has no account is kept as a name, by the service."""

    null: bool

    def write(self, value, row, ids):
        return value

    def check(self, value, row, counts):
        if value is None and self.null:
            return
        if not 1 <= len(_text(value)) <= 150:
            raise Bad(_("a username is needed"))

    def read(self, value, row, ids):
        return value


@dataclass(frozen=True)
class LastKnown:
    """The id of the last row known at a time: how many rows of the concept there were up to it."""

    concept: str

    def write(self, value, row, ids):
        return None if value is None else ids[self.concept].up_to(value)

    def check(self, value, row, counts):
        if value is not None and (type(value) is not int or not 0 <= value <= counts[self.concept]):
            raise Bad(_("there is no such row in %(file)s") % {"file": f"{self.concept}.jsonl"})

    def read(self, value, row, ids):
        return ids[self.concept].pk(value) if value else value


@dataclass(frozen=True)
class Rests:
    """What a piece of evidence rests on, such as datapoint:12; nothing where that row is gone."""

    concepts: Mapping[str, str]  # the word before the colon: its concept

    def write(self, value, row, ids):
        return self._translate(value, lambda concept, number: ids[concept].number(number))

    def check(self, value, row, counts):
        if len(_text(value)) > 80:
            raise Bad(_("longer than %(n)d characters") % {"n": 80})
        self._translate(value, lambda concept, number: Reference(concept).check(number, row, counts))

    def read(self, value, row, ids):
        return self._translate(value, lambda concept, number: ids[concept].pk(number))

    def _translate(self, value: str, to) -> str:
        found = re.fullmatch(r"(\w+):(\d{1,18})", value)
        if not found or found[1] not in self.concepts:
            return value
        number = to(self.concepts[found[1]], int(found[2]))
        return f"{found[1]}:{number}" if number else ""


@dataclass(frozen=True)
class Subject:
    """The row that an event speaks of: its number, or null where it is gone or has none."""

    concepts: Mapping[str, str]  # model name: concept

    def write(self, value, row, ids):
        concept = self.concepts.get(row["subject"])
        return ids[concept].number(value) if concept else None

    def check(self, value, row, counts):
        concept = self.concepts.get(row.get("subject"))
        if value is not None and concept is None:
            raise Bad(_("a subject of this kind has no number"))
        if concept:
            Reference(concept, null=True).check(value, row, counts)

    def read(self, value, row, ids):
        return ids[self.concepts[row["subject"]]].pk(value) if value else 0
