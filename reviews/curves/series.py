"""What goes in and what is said: a series of progress, a named refusal, a verdict and its reasons."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Period = tuple[date, date]
TargetChange = tuple[date, float, float]


class Verdict(StrEnum):
    """The one word said about a goal, from best to worst; *unknown* where nothing honest can be said."""

    DONE = "done"
    CONVERGING = "converging"
    SLOW = "slow"
    STALLED = "stalled"
    DIVERGING = "diverging"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Series:
    """All that was known about one goal on the day `as_of`.

    dates: days of the values, ascending; of two values on one day the later in the list counts.
    values: same length as dates, in the goal's own unit.
    target: the value to reach, as stated on `as_of`, same unit. direction: "up" or "down".
    as_of: day of the forecast, not before the last date.
    start, deadline: as stated on `as_of`, or None.
    off: weeks off as (first day, last day), both included, past and future. They count as no time.
    revisions: past changes of target as (day, old target, new target), ascending.
    """

    dates: Sequence[date]
    values: Sequence[float]
    target: float
    as_of: date
    direction: str
    start: date | None = None
    deadline: date | None = None
    off: Sequence[Period] = ()
    revisions: Sequence[TargetChange] = ()


class CannotForecast(ValueError):
    """No honest forecast can be made: `reason` says why, `need` says what would help, both in plain words."""

    def __init__(self, reason: str, need: str) -> None:
        super().__init__(f"{reason}; {need}")
        self.reason = reason
        self.need = need

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CannotForecast) and (self.reason, self.need) == (other.reason, other.need)

    def __hash__(self) -> int:
        return hash((self.reason, self.need))


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of a verdict.

    code: stable name, for translation. values: the numbers, dates and words that fill the sentence.
    text: the sentence in English. points: indices into the series' dates of the points that decided it.
    """

    code: str
    values: Mapping[str, float | int | str | date | None]
    text: str
    points: tuple[int, ...] = ()


def inputs_hash(series: Series) -> str:
    """SHA-256 (hex) of a series in one canonical form: lists or tuples, ints or floats make no difference."""

    def day(value: date | None) -> str | None:
        return None if value is None else date(value.year, value.month, value.day).isoformat()

    def number(value: float) -> str:
        return (float(value) + 0.0).hex()

    content = {
        "dates": [day(d) for d in series.dates],
        "values": [number(v) for v in series.values],
        "target": number(series.target),
        "as_of": day(series.as_of),
        "direction": str(series.direction),
        "start": day(series.start),
        "deadline": day(series.deadline),
        "off": [[day(a), day(b)] for a, b in series.off],
        "revisions": [[day(d), number(old), number(new)] for d, old, new in series.revisions],
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
