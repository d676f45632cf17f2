"""Fragments that all processes of one machine share, in a file that may be lost at any time.

Each process keeps what it drew itself (projects/kept.py). What it did not draw it looks up here, so that a page is
drawn once and not once a process. Nothing waits for the disk, and no error reaches a reader: whatever is wrong with the
file, a fragment is drawn again. The product's own database is left alone, since writing there would queue with entries.
"""

import logging
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

logger = logging.getLogger(__name__)

OLDEST = 36 * 3600  # seconds: a fragment is of one day of its reader, so that no older one is asked for
PAUSE = 60  # seconds in which a file that failed is not asked again
SWEEP_EVERY = 256  # writes of one process
MOST_KEYS = 500  # of one question: SQLite takes so many parameters in any build
LEVEL = 1  # of zlib: a sixth of the size, in half a millisecond for a long page
SCHEMA = "CREATE TABLE IF NOT EXISTS fragments (name BLOB PRIMARY KEY, html BLOB NOT NULL, at INTEGER NOT NULL)"


class Shelf:
    """HTML by name in the SQLite file `path`, up to about `most` bytes."""

    def __init__(self, path: Path, most: int = 200_000_000) -> None:
        self.path, self.most = path, most
        self._mine = threading.local()
        self._writes = SWEEP_EVERY  # the first write sweeps: a process may end before so many more
        self._not_before = 0.0  # monotonic

    def get(self, names: Iterable[bytes]) -> dict[bytes, str]:
        """What is there of `names`."""
        wanted: list[bytes] = list(names)
        found: dict[bytes, str] = {}
        if time.monotonic() < self._not_before:
            return found
        try:
            for start in range(0, len(wanted), MOST_KEYS):
                part = wanted[start : start + MOST_KEYS]
                marks = ",".join("?" * len(part))
                rows = self._connection().execute(f"SELECT name, html FROM fragments WHERE name IN ({marks})", part)  # noqa: S608
                found |= {bytes(name): zlib.decompress(html).decode() for name, html in rows}
        except (sqlite3.Error, zlib.error, UnicodeDecodeError) as error:
            self._give_up(error)
        return found

    def put(self, fragments: Mapping[bytes, str]) -> None:
        if time.monotonic() < self._not_before:
            return
        now = int(time.time())
        rows = [(name, zlib.compress(html.encode(), LEVEL), now) for name, html in fragments.items()]
        try:
            connection = self._connection()
            with connection:
                connection.executemany("INSERT OR IGNORE INTO fragments VALUES (?, ?, ?)", rows)
            self._writes += len(rows)
            if self._writes >= SWEEP_EVERY:
                self._writes = 0
                self._sweep(connection, now)
        except sqlite3.Error as error:
            self._give_up(error)

    def clear(self) -> None:
        """Nothing of it is left in the file: an erased name stood in it."""
        try:
            connection = self._connection()
            with connection:
                connection.execute("DELETE FROM fragments")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            self._give_up(error)

    def _sweep(self, connection: sqlite3.Connection, now: int) -> None:
        """What no reader asks for any more goes, and the older half where the file is full."""
        with connection:
            connection.execute("DELETE FROM fragments WHERE at < ?", [now - OLDEST])
            if self._size(connection) > self.most:
                older = "SELECT name FROM fragments ORDER BY at, name LIMIT (SELECT COUNT(*) / 2 FROM fragments)"
                connection.execute(f"DELETE FROM fragments WHERE name IN ({older})")  # noqa: S608

    @staticmethod
    def _size(connection: sqlite3.Connection) -> int:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _connection(self) -> sqlite3.Connection:
        """One a thread and process: a connection does not survive a fork."""
        held = getattr(self._mine, "held", None)
        if held is None or held[0] != os.getpid():
            connection = sqlite3.connect(self.path, timeout=0.2, cached_statements=16)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-500")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute(SCHEMA)
            held = self._mine.held = (os.getpid(), connection)
        return held[1]

    def _give_up(self, error: Exception) -> None:
        logger.warning("kept fragments of other processes are out of reach: %s: %s", self.path, error)
        self._mine.held = None
        self._not_before = time.monotonic() + PAUSE
