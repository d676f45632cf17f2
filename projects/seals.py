"""The chain over a program's history: what a seal hashes, and what does not fit. Nothing here asks the database.

A seal is SHA-256 over the hash of the seal before it, its own number and time, and the event as canonical JSON. Whoever
can write the whole database can compute it again from any event on: only a head that was kept outside shows that, and
a tail that was cut. See docs/history.md.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRST = "0" * 64  # what stands before the first seal
SLACK = dt.timedelta(hours=1)  # longer than any transaction: an event is sealed after those of the hour before it
# What a seal covers: every column of an event. Persons are ids in it.
COVERED = (
    "id",
    "program_id",
    "at",
    "by_id",
    "verb",
    "subject",
    "subject_id",
    "subject_name",
    "person_id",
    "engineer_id",
    "changes",
    "memo",
)


@dataclass(frozen=True)
class Head:
    """The newest seal of a chain: keep it anywhere else, and what is cut off behind it shows."""

    number: int
    hash: str

    def __str__(self):
        return f"{self.number}:{self.hash}"

    @property
    def short(self) -> str:
        """What a file's name carries; `verify_history --head` takes it too."""
        return f"{self.number}-{self.hash[:12]}"


def read_head(text: str) -> Head:
    """Of "12:hash" or "12-hash", the hash whole or its beginning. Raises ValueError."""
    number, _, hashed = text.strip().replace("-", ":", 1).partition(":")
    if len(hashed) < 8:
        raise ValueError("A head is a number and at least 8 digits of its hash, such as 12:3f2a9c1b.")
    return Head(int(number), hashed.lower())


@dataclass(frozen=True)
class Sealed:
    """A seal as it stands in the table, with its event as it stands now; None where that is gone."""

    number: int
    at: dt.datetime
    hash: str
    event_id: int
    event: Mapping[str, Any] | None


@dataclass(frozen=True)
class Fault:
    """What does not fit, at which seal (0: at none) and event."""

    number: int
    event: int
    why: str

    def __str__(self):
        return f"seal {self.number or '–'}, event {self.event or '–'}: {self.why}"


def hash_of(previous: str, number: int, at: dt.datetime, event: Mapping[str, Any]) -> str:
    content = {name: plain(event[name]) for name in COVERED} | {"number": number, "sealed": plain(at)}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return value


@dataclass
class Chain:
    """Where a chain has come to; fed with what is sealed, in the order of its numbers, it says what does not fit."""

    head: Head = field(default_factory=lambda: Head(0, FIRST))
    newest: dt.datetime | None = None  # of the events so far

    def check(self, seals: Iterable[Sealed]) -> Iterator[Fault]:
        """Each seal is held against the one before it as it stands, so that a fault names its own place only."""
        for seal in seals:
            if seal.number != self.head.number + 1:
                missing = f"{self.head.number + 1} to {seal.number - 1}"
                yield Fault(seal.number, seal.event_id, f"the seals before it are missing: {missing}")
                self.head = Head(seal.number - 1, "")
            if seal.event is None:
                yield Fault(seal.number, seal.event_id, "the event is gone")
            else:
                yield from self._check_event(seal, seal.event)
            self.head = Head(seal.number, seal.hash)

    def _check_event(self, seal: Sealed, event: Mapping[str, Any]) -> Iterator[Fault]:
        # After a gap the hash of the seal before is not known: that its own event was edited too cannot be told.
        if not self.head.hash:
            return
        if seal.hash != hash_of(self.head.hash, seal.number, seal.at, event):
            yield Fault(seal.number, seal.event_id, "event or seal is not as it was sealed")
            return
        if self.newest and event["at"] < self.newest - SLACK:
            yield Fault(seal.number, seal.event_id, "dated before what was sealed before it: put in later")
        self.newest = max(self.newest or event["at"], event["at"])

    def check_unsealed(self, events: Iterable[Mapping[str, Any]], last_id: int, now: dt.datetime) -> Iterator[Fault]:
        """Events without a seal: new ones wait for theirs, and an old one has lost it, or was put in later.

        last_id: of the newest event that is sealed.
        """
        for event in events:
            if self.newest and event["at"] < self.newest - SLACK:
                yield Fault(0, event["id"], "not sealed, and dated before what is: put in later, or its seal is gone")
            elif event["id"] < last_id and event["at"] < now - SLACK:
                yield Fault(0, event["id"], "not sealed, though what came after it is")

    def holds(self, kept: Head, hashed: str | None) -> Fault | None:
        """Whether a head that was kept elsewhere is in this chain; `hashed`: of the seal of that number here."""
        if hashed is None:
            return Fault(kept.number, 0, f"the chain ends at {self.head.number}: its tail was cut off")
        if not hashed.startswith(kept.hash):
            return Fault(kept.number, 0, "the chain is another one than when this head was kept: it was written anew")
        return None
