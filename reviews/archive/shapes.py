"""The shapes of JSON columns: what a page relies on is checked, and ids inside become numbers within the archive."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext as _

from reviews.archive.codecs import Bad, Counts, Reference, Row, Rows, _day, _number, _text

DEEPEST = 20  # levels of nesting


class Shape(Protocol):
    def walk(self, value: Any, number: "Numbering") -> Any:
        """`value` with its ids translated; Bad where it has another shape."""


Numbering = Callable[[str, int], int]  # concept and id to id; 0 stands for a row that is gone


@dataclass(frozen=True)
class Anything:
    """Whatever JSON it is, as it stands: nothing relies on it and no id is in it."""

    def walk(self, value, number):
        return _plain(value, DEEPEST)


def _plain(value, depth: int):
    if depth == 0:
        raise Bad(_("nested too deep"))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_plain(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {_text(key): _plain(one, depth - 1) for key, one in value.items()}
    if isinstance(value, float):
        return _number(value)
    return value


@dataclass(frozen=True)
class Text:
    def walk(self, value, number):
        return _text(value)


@dataclass(frozen=True)
class Number:
    def walk(self, value, number):
        _number(value)
        return value


@dataclass(frozen=True)
class Whole:
    def walk(self, value, number):
        if type(value) is not int or not 0 <= value < 2**31:
            raise Bad(_("a whole number is needed"))
        return value


@dataclass(frozen=True)
class Day:
    def walk(self, value, number):
        return _day(value, any_day=True).isoformat()


@dataclass(frozen=True)
class Maybe:
    of: Shape

    def walk(self, value, number):
        return None if value is None else self.of.walk(value, number)


@dataclass(frozen=True)
class Many:
    of: Shape

    def walk(self, value, number):
        if not isinstance(value, list):
            raise Bad(_("a list is needed"))
        return [self.of.walk(one, number) for one in value]


@dataclass(frozen=True)
class Pair:
    first: Shape
    second: Shape

    def walk(self, value, number):
        if not isinstance(value, list) or len(value) != 2:
            raise Bad(_("a pair is needed"))
        return [self.first.walk(value[0], number), self.second.walk(value[1], number)]


@dataclass(frozen=True)
class Id:
    """A row's id; 0 where that row is gone."""

    concept: str

    def walk(self, value, number):
        if type(value) is not int:
            raise Bad(_("a whole number is needed"))
        return number(self.concept, value)


@dataclass(frozen=True)
class Keys:
    """A mapping whose keys are plain words, or ids of `concept` as text."""

    of: Shape
    concept: str = ""

    def walk(self, value, number):
        _mapping(value)
        return {self.key(key, number): self.of.walk(one, number) for key, one in value.items()}

    def key(self, key: str, number) -> str:
        if not self.concept:
            return _text(key)
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            raise Bad(_("a whole number is needed"))
        return str(number(self.concept, int(key)))


@dataclass(frozen=True)
class Record:
    """Named values: `needed` must be there, `known` have their shape where they are; others stand as they are."""

    needed: Mapping[str, Shape] = field(default_factory=dict)
    known: Mapping[str, Shape] = field(default_factory=dict)

    def walk(self, value, number):
        _mapping(value)
        for name in self.needed:
            if name not in value:
                raise Bad(_("“%(name)s” is missing") % {"name": name})
        shapes = {**self.known, **self.needed}
        return {_text(name): shapes.get(name, Anything()).walk(one, number) for name, one in value.items()}


@dataclass(frozen=True)
class Line:
    """A line of a ranking: its id is that of a goal or of a factor, as its kind says."""

    concepts: Mapping[str, str]
    of: Record

    def walk(self, value, number):
        _mapping(value)
        if value.get("kind") not in self.concepts:
            raise Bad(_("“%(name)s” is missing") % {"name": "kind"})
        found = self.of.walk(value, number)
        return found | {"id": Id(self.concepts[value["kind"]]).walk(value.get("id"), number)}


def _mapping(value) -> None:
    if not isinstance(value, dict):
        raise Bad(_("named values are needed"))


@dataclass(frozen=True)
class Shaped:
    """The codec of a JSON column of one shape."""

    shape: Shape
    null: bool = False

    def write(self, value: Any, row: Row, ids: Rows) -> Any:
        return self._walk(value, lambda concept, pk: ids[concept].number(pk) or 0)

    def check(self, value: Any, row: Row, counts: Counts) -> None:
        def there(concept: str, number: int) -> int:
            if number:
                Reference(concept).check(number, row, counts)
            return number

        self._walk(value, there)

    def read(self, value: Any, row: Row, ids: Rows) -> Any:
        return self._walk(value, lambda concept, number: (ids[concept].pk(number) or 0) if number else 0)

    def _walk(self, value: Any, number: Numbering) -> Any:
        if value is None and self.null:
            return None
        return self.shape.walk(value, number)
