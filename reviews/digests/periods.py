"""A reader's week: when it begins, when it ends, and which weeks are due. Decided here and nowhere else.

A week is named by the Monday of the reader's own calendar week in which it ends, and that name is its key: a change of
weekday, hour or zone moves the instants of a week, never its name. So whoever flies over the date line between two
mornings has one digest that week, not two and not none.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Rhythm:
    """weekday: 0 is Monday. hour: 0 to 23 on the wall clock of the zone."""

    weekday: int = 0
    hour: int = 7
    zone: str = "UTC"


@dataclass(frozen=True)
class Period:
    """week: the Monday that names it. start, end: instants in UTC; it holds `start` and not `end`."""

    week: dt.date
    start: dt.datetime
    end: dt.datetime


def period(rhythm: Rhythm, week: dt.date) -> Period:
    """The period that ends in the calendar week of the Monday `week`; it begins where the one before it ends."""
    return Period(week, _instant(rhythm, week - WEEK), _instant(rhythm, week))


def newest_ended(rhythm: Rhythm, now: dt.datetime) -> dt.date:
    """The Monday that names the newest period which has ended by `now`."""
    today = now.astimezone(ZoneInfo(rhythm.zone)).date()
    week = today - dt.timedelta(days=today.weekday())
    return week if _instant(rhythm, week) <= now else week - WEEK


def due(rhythm: Rhythm, after: dt.date, now: dt.datetime) -> Iterator[Period]:
    """The periods that ended by `now`, oldest first, of weeks later than the one named `after`."""
    newest = newest_ended(rhythm, now)
    week = after + WEEK
    while week <= newest:
        yield period(rhythm, week)
        week += WEEK


def _instant(rhythm: Rhythm, week: dt.date) -> dt.datetime:
    return instant(week + rhythm.weekday * DAY, rhythm.hour, rhythm.zone)


def instant(day: dt.date, hour: int, zone: str) -> dt.datetime:
    """That hour of that day, in UTC. An hour that comes twice is its first; one that the clock jumps over is as much
    later as the clock jumps; so is a day that a zone leaves out."""
    return dt.datetime.combine(day, dt.time(hour), ZoneInfo(zone)).astimezone(dt.UTC)


def morning_after(moment: dt.datetime, hour: int, zone: str) -> dt.datetime:
    """That hour on the reader's day after the one in which `moment` lies."""
    return instant(moment.astimezone(ZoneInfo(zone)).date() + DAY, hour, zone)
