"""HTML that is drawn once and kept, under everything that it was made from.

Nothing is ever invalidated: what a fragment shows is part of the key under which it is kept, so another value, another
language, another day or another zone of the reader is another fragment. A process that knows nothing of a change
cannot show an old one either, because the key is read from the database each time. What is kept must be a pure
function of that key: days, never instants ("3 minutes ago" would stand still), no role that the key does not name.
Forms may be within: the token of the one who asks takes the place of a mark (projects/templatetags/kept.py).
"""

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from projects.shelf import Shelf

Reader = tuple[str | None, str, dt.date]


def reader() -> Reader:
    """What of the reader any fragment may depend on: language, zone and the day there."""
    return get_language(), timezone.get_current_timezone_name(), timezone.localdate()


def digest(*made_from: Any) -> str:
    """Names values that are too large to be a key. Each must look as it is: a row of a table only prints its name."""
    return hashlib.blake2b(repr(made_from).encode(), digest_size=16).hexdigest()


@cache
def csrf_mark() -> str:
    """Stands in a kept form for the CSRF token of whoever asks for it; nobody outside can write it into a memo."""
    return salted_hmac("projects.kept", "csrf token").hexdigest()


@cache
def release() -> bytes:
    """Names the code and templates that draw: what another version drew, which lies on the shelf still, is not ours."""
    made = hashlib.blake2b(csrf_mark().encode(), digest_size=16)
    for folder in ("config", "projects", "reviews", "templates", "static"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*.*")):
            if path.suffix != ".pyc" and path.is_file():
                now = path.stat()
                made.update(f"{path} {now.st_size} {now.st_mtime_ns}\n".encode())
    made.update((settings.BASE_DIR / "constraints.txt").read_bytes())  # what a library draws
    return made.digest()


class Kept:
    """The fragments used last, up to `most` bytes in this process; more lie on a shelf that processes share.

    Held encoded: one dash that Latin-1 lacks would double what a text takes in memory.
    """

    verify = False  # tests draw what is held again, and refuse what differs

    def __init__(self, most: int, shelf: Shelf | None = None) -> None:
        self.most, self.shelf = most, shelf
        self._held: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(
        self, made_from: tuple, make: Callable[[], str], whose: Reader | None = None, *, shelve: bool = True
    ) -> SafeString:
        """The fragment made from `made_from`, drawn by `make` where nobody has yet.

        `made_from` names the fragment first, then all it shows. `whose` spares asking for the reader again and again.
        What is cheap to draw, or named by what somebody typed, is not put on the shelf.
        """
        return self.get_all([(made_from, make)], whose, shelve=shelve)[0]

    def get_all(
        self, wanted: Sequence[tuple[tuple, Callable[[], str]]], whose: Reader | None = None, *, shelve: bool = True
    ) -> list[SafeString]:
        """The same for several at once: the shelf is asked one question."""
        whose = whose or reader()
        names = [_name((whose, made_from)) for made_from, _make in wanted]
        found = [self._look_up(name) for name in names]
        missing = [n for n, html in enumerate(found) if html is None]
        if missing:
            self._fill(found, {n: (names[n], wanted[n][1]) for n in missing}, self.shelf if shelve else None)
        if self.verify:
            for n, (made_from, make) in enumerate(wanted):
                if n not in missing and found[n] != (now := str(make())):
                    what = f"{made_from[0]} shows more than it is kept under"
                    raise AssertionError(f"{what}:\n{found[n]}\nis now\n{now}")
        return [mark_safe(html or "") for html in found]  # noqa: S308  (a template drew it)

    def _fill(
        self, found: list[str | None], missing: dict[int, tuple[bytes, Callable[[], str]]], shelf: Shelf | None
    ) -> None:
        """Those that this process does not hold: from the shelf, or drawn and put there."""
        shelved = shelf.get(name for name, _make in missing.values()) if shelf else {}
        drawn = {}
        for n, (name, make) in missing.items():
            html = shelved.get(name)
            if html is None:
                html = drawn[name] = str(make())
            found[n] = html
            self._keep(name, html)
        if shelf and drawn:
            shelf.put(drawn)

    def _look_up(self, key: bytes) -> str | None:
        with self._lock:
            html = self._held.get(key)
            if html is not None:
                self._held.move_to_end(key)
        return None if html is None else html.decode()

    def _keep(self, key: bytes, html: str) -> None:
        encoded = html.encode()
        with self._lock:
            if key not in self._held and len(encoded) <= self.most:
                self._held[key] = encoded
                self._size += len(encoded)
            while self._size > self.most:
                _oldest, gone = self._held.popitem(last=False)
                self._size -= len(gone)

    def __len__(self) -> int:
        return len(self._held)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._size = 0

    def forget(self) -> None:
        """What lies on the shelf too. Other processes hold theirs until they need the room."""
        self.clear()
        if self.shelf:
            self.shelf.clear()


def _name(key: Hashable) -> bytes:
    return hashlib.blake2b(repr(key).encode(), digest_size=16, key=release()).digest()


fragments = Kept(most=2_000_000, shelf=Shelf(settings.KEPT_FILE) if settings.KEPT_FILE else None)
