"""A digest as a value: all that it says, frozen, before a word of it is written. Plain types, which JSON holds.

Days are calendar days in each program's own zone; instants are UTC. Chances are 0 to 1. None is unknown, never 0.
"""

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

ROUNDING = 2  # days by which a P50 moves without having moved
NOTABLE = 0.05  # by how much odds move before it is worth a word
T = TypeVar("T")


@dataclass(frozen=True)
class Deadline:
    """Odds when it was set, when the last digest was told, and now. name: of the goal; "" for the program's own."""

    name: str
    goal: int | None
    on: dt.date
    then: float | None
    now: float | None
    when_set: float | None = None

    @property
    def moved(self) -> bool:
        """Whether the difference is worth a word; what became known, or unknown, is."""
        if self.then is None or self.now is None:
            return self.then is not self.now
        return abs(self.now - self.then) >= NOTABLE


@dataclass(frozen=True)
class Change:
    """A goal whose verdict or P50 is another now. later: days; None where that is not known."""

    goal: int
    name: str
    before: str
    after: str
    later: int | None

    @property
    def flipped(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Named:
    """What was declared to limit a program."""

    on: dt.date
    was: str
    now: str
    memo: str


@dataclass(frozen=True)
class Surprise:
    """A value far from what was expected. percentile: 1 is better than anything expected."""

    goal: int
    name: str
    on: dt.date
    value: float
    unit: str
    percentile: float
    memo: str


@dataclass(frozen=True)
class Slot:
    """A review that was asked for. state: held or missed."""

    at: dt.datetime
    team: str
    state: str
    address: str


@dataclass(frozen=True)
class Prediction:
    """What somebody said would limit next, or predicted in public, whose window ends now. None: none was stated."""

    name: str
    probability: float | None
    until: dt.date
    by: str
    public: bool = False


@dataclass(frozen=True)
class FellDue:
    """A deadline whose day is over. name: of the goal; "" for the program's own. met: None where nobody knows."""

    name: str
    goal: int | None
    on: dt.date
    met: bool | None


@dataclass(frozen=True)
class ProgramWeek:
    """One program over the period. `since` to `today` are its own days; `today` is the day of the figures.

    factor: what is declared to limit it, in words; open_since: from when. p50 None with `known`: not within 5 years.
    finish: twenty equally likely days, None is never. met, met_of: of all its deadlines that fell due so far.
    """

    program: int
    name: str
    slug: str
    since: dt.date
    today: dt.date
    declared: bool
    factor: str
    path: tuple[str, ...]
    open_since: dt.date | None
    proposal: str | None
    agrees: bool | None
    relief_days: float | None
    following: str | None
    known: bool
    p50: dt.date | None
    compared_with: dt.date | None
    known_then: bool
    p50_then: dt.date | None
    deadline: dt.date | None
    last_acceptable: dt.date | None
    p_deadline: float | None
    p_never: float | None
    finish: tuple[dt.date | None, ...]
    verdicts: tuple[tuple[str, int], ...]
    asks: str  # the decision that it needs; "" where it needs none
    deadlines: tuple[Deadline, ...]
    changes: tuple[Change, ...]
    more_changes: int
    named: tuple[Named, ...]
    surprises: tuple[Surprise, ...]
    reviews: tuple[Slot, ...]
    entries: int
    predictions: tuple[Prediction, ...]
    severity: float
    due: tuple[FellDue, ...] = ()
    met: int = 0
    met_of: int = 0

    @property
    def weeks(self) -> int | None:
        """In which week of what limits it the period ends: 1 is the first."""
        return (self.today - self.open_since).days // 7 + 1 if self.open_since else None

    @property
    def later(self) -> int | None:
        """Days that its P50 moved since the last one; None where one of the two has no date."""
        if self.p50 is None or self.p50_then is None:
            return None
        moved = (self.p50 - self.p50_then).days
        return 0 if abs(moved) <= ROUNDING else moved

    @property
    def vanished(self) -> bool:
        """Whether it had a P50 date and is not within 5 years now."""
        return self.known and self.p50 is None and self.p50_then is not None

    @property
    def held(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.reviews if slot.state == "held")

    @property
    def missed(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.reviews if slot.state == "missed")

    @property
    def quiet(self) -> bool:
        """Whether one line is enough: nothing changed that a reader would act on."""
        said = self.asks or self.named or self.surprises or self.missed or self.predictions or self.due or self.vanished
        moved = abs(self.later or 0) >= 7 or any(one.moved for one in self.deadlines)
        return not (said or moved or any(change.flipped for change in self.changes) or self.known != self.known_then)


@dataclass(frozen=True)
class Hours:
    """One line of next week's plan."""

    program: int
    name: str
    slug: str
    factor: str
    hours: float
    days: float  # that they gain


@dataclass(frozen=True)
class Finding:
    """A record of the audit that waits for its reader."""

    program: int
    text: str
    address: str


@dataclass(frozen=True)
class Digest:
    """What one person, or one channel, gets for one period. programs: the worst first."""

    reader: str
    zone: str
    since: dt.datetime
    until: dt.datetime
    due_at: dt.datetime
    made_at: dt.datetime
    late: bool
    followed: int
    programs: tuple[ProgramWeek, ...]
    plan: tuple[Hours, ...]
    plan_week: dt.date | None
    plan_kept: bool
    findings: tuple[Finding, ...]
    heads: tuple[str, ...] = ()  # of the histories of its programs: what is cut off behind one shows (docs/history.md)

    @property
    def asking(self) -> tuple[ProgramWeek, ...]:
        return tuple(one for one in self.programs if one.asks)

    @property
    def loud(self) -> tuple[ProgramWeek, ...]:
        return tuple(one for one in self.programs if not one.quiet)

    @property
    def quiet(self) -> tuple[ProgramWeek, ...]:
        return tuple(one for one in self.programs if one.quiet)


@dataclass(frozen=True)
class Alert:
    """What cannot wait for the next digest. cause: factor, impossible or odds."""

    cause: str
    program: int
    name: str
    slug: str
    made_at: dt.datetime
    was: str = ""
    now: str = ""
    memo: str = ""
    goal: int | None = None
    deadline_of: str = ""
    on: dt.date | None = None
    then: float | None = None
    odds: float | None = None
    bound: float | None = None


# ---- to JSON and back ------------------------------------------------------------------------------------------------


def to_json(value: Any) -> dict:
    """A value as JSON holds it: days and instants as ISO text."""
    found: dict = _plain(asdict(value))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def from_json(kind: type[T], found: Mapping) -> T:
    """The value that `to_json` made; what a later version added and this row lacks takes its type's emptiness."""
    hints = get_type_hints(kind)
    return kind(**{one.name: _read(hints[one.name], found.get(one.name)) for one in fields(kind)})  # type: ignore[arg-type]


def _read(hint: Any, found: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (one for one in args if one is not type(None))
        return None if found is None else _read(hint, found)
    if origin is tuple:
        found = found or ()
        if args[-1] is Ellipsis:
            return tuple(_read(args[0], one) for one in found)
        return tuple(_read(part, one) for part, one in zip(args, found, strict=True))
    if is_dataclass(hint):
        return from_json(hint, found)  # type: ignore[arg-type]
    if hint is dt.datetime or hint is dt.date:
        return hint.fromisoformat(found)
    return hint() if found is None else hint(found)
