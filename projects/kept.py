"""HTML that is drawn once and kept, under everything that it was made from.

Nothing is ever invalidated: what a fragment shows is part of the key under which it is kept, so another value, another
language, another day or another zone of the reader is another fragment. A process that knows nothing of a change
cannot show an old one either, because the key is read from the database each time. What is kept must be a pure
function of that key: days, never instants ("3 minutes ago" would stand still), no query, no CSRF token, no role that
the key does not name.
"""

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

Reader = tuple[str | None, str, dt.date]


def reader() -> Reader:
    """What of the reader any fragment may depend on: language, zone and the day there."""
    return get_language(), timezone.get_current_timezone_name(), timezone.localdate()


def digest(*made_from: Any) -> str:
    """Names values that are too large to be a key. Each must look as it is: a row of a table only prints its name."""
    return hashlib.blake2b(repr(made_from).encode(), digest_size=16).hexdigest()


class Kept:
    """The fragments used last, up to `most` characters in this process."""

    verify = False  # tests draw what is held again, and refuse what differs

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[Hashable, str] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, made_from: tuple, make: Callable[[], str], whose: Reader | None = None) -> SafeString:
        """The fragment made from `made_from`, drawn by `make` where it is not held yet.

        `made_from` names the fragment first, then all it shows. `whose` spares asking for the reader again and again.
        """
        key = (whose or reader(), made_from)
        with self._lock:
            html = self._held.get(key)
            if html is not None:
                self._held.move_to_end(key)
        if html is None:
            html = str(make())
            self._keep(key, html)
        elif self.verify and html != (now := str(make())):
            raise AssertionError(f"{made_from[0]} shows more than it is kept under:\n{html}\nis now\n{now}")
        return mark_safe(html)  # noqa: S308  (a template drew it)

    def _keep(self, key: Hashable, html: str) -> None:
        with self._lock:
            if key not in self._held and len(html) <= self.most:
                self._held[key] = html
                self._size += len(html)
            while self._size > self.most:
                _oldest, gone = self._held.popitem(last=False)
                self._size -= len(gone)

    def __len__(self) -> int:
        return len(self._held)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self._size = 0


fragments = Kept(most=4_000_000)
