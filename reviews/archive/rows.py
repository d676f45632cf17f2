"""Which rows of the database are which rows of an archive."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(found: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of at most `size`, in order."""
    left = iter(found)
    while some := tuple(islice(left, size)):
        yield some


class Ids:
    """The ids of one concept's rows, in the order of its file: row 1 is the first. Eight bytes a row."""

    def __init__(self, pks: Iterable[int] = ()):
        self._pks = array("q", pks)
        self._ascending = all(a < b for a, b in zip(self._pks, self._pks[1:], strict=False))
        self._numbers = {} if self._ascending else {pk: n for n, pk in enumerate(self._pks, start=1)}

    def __len__(self) -> int:
        return len(self._pks)

    def __iter__(self):
        return iter(self._pks)

    def add(self, pks: Iterable[int]) -> None:
        """Rows that were just made. Only `pk` is asked of a side that is being read in."""
        self._pks.extend(pks)

    def pk(self, number: int | None) -> int | None:
        return None if number is None else self._pks[number - 1]

    def number(self, pk: int | None) -> int | None:
        """None where there is no such row."""
        if pk is None or not self._ascending:
            return self._numbers.get(pk) if pk is not None else None
        at = bisect_left(self._pks, pk)
        return at + 1 if at < len(self._pks) and self._pks[at] == pk else None

    def up_to(self, pk: int) -> int:
        """How many of the rows have an id up to this one; rows in ascending order only."""
        return bisect_right(self._pks, pk)
