"""Why did the board change since last week? What the model says now against then, and what came between."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from projects.look.dates import day as day_words
from projects.look.numbers import days as days_words
from projects.look.numbers import odds
from projects.models import Event, Program, RankingDay
from projects.time import WEEK

MOST_GOALS, MOST_EVENTS = 6, 6
ROUNDING = 2  # days
NEVER = 1826  # days: what is not within five years counts as this far when goals are ordered by how much they moved
DATA = {"datapoint"}  # what is counted instead of listed
STAFFING = {"seat", "engineer", "membership"}  # what moves no forecast


@dataclass(frozen=True)
class Moved:
    """A goal whose forecast, verdict or value is another now. `later` in days, 0 where both are never or unknown."""

    key: int
    name: str
    before: dict
    after: dict
    later: int

    @property
    def flipped(self) -> bool:
        return bool(self.before["verdict"] != self.after["verdict"])

    def drifted(self, passed: int) -> bool:
        """Whether it differs by no more than the days that passed."""
        same = self.before["value"] == self.after["value"] and not self.flipped
        return same and abs(self.later - passed) <= ROUNDING

    @property
    def by_days(self) -> int:
        return abs(self.later)


@dataclass(frozen=True)
class Changed:
    """since: the day it is compared with. said: what the board says otherwise. still: how many goals stood still, so
    that their P50 moved with the calendar. entries: how many values came in."""

    since: dt.date
    said: list[str]
    moved: list[Moved]
    still: int
    events: list[Event]
    entries: int
    replayed: bool


def what_changed(program: Program, today: dt.date) -> Changed | None:
    """Against the newest row of the history that is a week old, or else the oldest there is; None with one row only."""
    rows = RankingDay.objects.filter(program=program, day__lte=today)
    now = rows.first()
    before = rows.filter(day__lte=today - WEEK).first() or rows.last()
    if now is None or before is None or now.day == before.day:
        return None
    morning = timezone.make_aware(dt.datetime.combine(before.day + dt.timedelta(days=1), dt.time()))
    since = program.events.filter(at__gte=morning).exclude(subject__in=STAFFING)
    events = list(since.for_reading())
    counted = Counter(event.subject in DATA for event in events)
    differ = _moved(before, now)
    drifted = [one for one in differ if one.drifted((now.day - before.day).days)]
    return Changed(
        since=before.day,
        said=[*_proposals(before, now), *_finish(before, now)],
        moved=[one for one in differ if one not in drifted][:MOST_GOALS],
        still=len(drifted),
        events=[event for event in events if event.subject not in DATA][:MOST_EVENTS],
        entries=counted[True],
        replayed=before.replayed,
    )


def _proposals(before: RankingDay, now: RankingDay) -> list[str]:
    old, new = (row.proposal["name"] if row.proposal else None for row in (before, now))
    if old == new:
        return [_("The model still proposes %(name)s.") % {"name": new}] if new else []
    if new is None:
        return [_("The model proposed %(name)s and proposes nothing now.") % {"name": old}]
    if old is None:
        return [_("The model proposes %(name)s now; before, it proposed nothing.") % {"name": new}]
    return [_("The model proposes %(new)s now; before, %(old)s.") % {"new": new, "old": old}]


def _finish(before: RankingDay, now: RankingDay) -> list[str]:
    said = []
    if before.known and now.known:
        if before.p50 and now.p50:
            later = (now.p50 - before.p50).days
            how = {
                "old": day_words(before.p50, "long"),
                "new": day_words(now.p50, "long"),
                "days": days_words(abs(later)),
            }
            if later > 0:
                said.append(_("The P50 finish moved %(days)s later, from %(old)s to %(new)s.") % how)
            elif later < 0:
                said.append(_("The P50 finish moved %(days)s earlier, from %(old)s to %(new)s.") % how)
            else:
                said.append(_("The P50 finish stays at %(new)s.") % how)
        elif before.p50:
            how = {"old": day_words(before.p50, "long")}
            said.append(_("The P50 finish was %(old)s and is not within 5 years now.") % how)
        elif now.p50:
            how = {"new": day_words(now.p50, "long")}
            said.append(_("The P50 finish was not within 5 years and is %(new)s now.") % how)
        if before.p_deadline is not None and now.p_deadline is not None:
            old, new = odds(before.p_deadline), odds(now.p_deadline)
            same = _("The odds of the deadline stay at %(new)s.")
            other = _("The odds of the deadline went from %(old)s to %(new)s.")
            said.append((same if old == new else other) % {"old": old, "new": new})
    elif now.known:
        said.append(_("The finish is forecast now; before, it was unknown."))
    elif before.known:
        said.append(_("The finish is unknown now; before, it was forecast."))
    return said


def _moved(before: RankingDay, now: RankingDay) -> list[Moved]:
    """Goals of both days that differ, those that moved most first."""
    found = []
    for key, after in now.goals.items():
        old = before.goals.get(key)
        if old is not None and old != after:
            found.append(Moved(int(key), after["name"], old, after, _later(old, after, now.day)))
    found.sort(key=lambda moved: (not moved.flipped, -abs(moved.later), moved.name))
    return [one for one in found if one.flipped or one.later or one.before["value"] != one.after["value"]]


def _later(before: dict, after: dict, today: dt.date) -> int:
    """How many days its P50 moved; from or to never counts as five years away."""
    if not before["p50"] and not after["p50"]:
        return 0
    far = today + dt.timedelta(days=NEVER)
    old, new = (dt.date.fromisoformat(side["p50"]) if side["p50"] else far for side in (before, after))
    return (new - old).days
