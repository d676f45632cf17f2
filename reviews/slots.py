"""The slots of reviews in a span of days: what a cadence asks for, what was moved, and what became of each.

A cadence keeps the wall clock of its zone: 09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dateutil.rrule import MO, WEEKLY, rrule, weekday
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models import Program, Team, WeeksOff
from reviews.models import Cadence, Review, SlotChange
from reviews.models.cadences import WEEKDAYS

DAY = dt.timedelta(days=1)
NEAR = dt.timedelta(hours=12)  # a review started so near a slot is that slot's
ORDINARY = dt.timedelta(hours=1)  # how long a review without a cadence is drawn


class State(models.TextChoices):
    """What became of a slot, or is to be of it."""

    LIVE = "live", _("Under way")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")
    OFF = "off", _("Weeks off")
    MISSED = "missed", _("Missed")
    UPCOMING = "upcoming", _("Upcoming")


@dataclass(frozen=True)
class Slot:
    """A time at which a review is asked for, or was held. `day` is the cadence's own day, also where it was moved."""

    program: Program
    team: Team | None
    starts: dt.datetime
    ends: dt.datetime
    state: State
    cadence: Cadence | None = None
    day: dt.date | None = None
    change: SlotChange | None = None
    review: Review | None = None

    @property
    def number(self) -> int | None:
        """The day as an address has it: 20261124."""
        return int(f"{self.day:%Y%m%d}") if self.day else None

    @property
    def seen(self) -> str:
        """Names the change that is shown: what a form brings back, so that a change by another is noticed."""
        return seen(self.change)

    @property
    def moved(self) -> bool:
        return bool(self.change and self.change.moved_to)

    @property
    def open(self) -> bool:
        """Whether a review may still be held in it."""
        return self.state in (State.UPCOMING, State.MISSED, State.OFF)

    def get_absolute_url(self) -> str:
        """Where it is prepared; once it was started, the review."""
        started = self.review and self.review.state != Review.State.SCHEDULED
        if self.cadence and not started:
            return reverse("slot", args=[self.cadence.pk, self.number])
        return self.review.get_absolute_url() if self.review else reverse("reviews")

    @property
    def shown_zone(self) -> str:
        return self.cadence.zone if self.cadence else self.program.zone


def seen(change: SlotChange | None) -> str:
    return change.at.astimezone(dt.UTC).isoformat() if change else ""


def rule_days(cadence: Cadence, first: dt.date, last: dt.date) -> list[dt.date]:
    """The days on which a cadence has a slot, from `first` to `last`."""
    last = min(last, cadence.last_day) if cadence.last_day else last
    first = max(first, cadence.first_day)
    if last < first:
        return []
    names = [*WEEKDAYS]
    rule = rrule(
        WEEKLY,
        dtstart=_midnight(cadence.first_day),
        interval=cadence.every_weeks,
        byweekday=[weekday(names.index(day)) for day in cadence.days],
        wkst=MO,
    )
    return [moment.date() for moment in rule.between(_midnight(first), _midnight(last), inc=True)]


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def starts_at(cadence: Cadence, day: dt.date) -> dt.datetime:
    """The instant of the cadence's time on a day in its zone. A time that the clock jumps over is an hour later."""
    return dt.datetime.combine(day, cadence.at, ZoneInfo(cadence.zone)).astimezone(dt.UTC)


def slots_between(programs: Iterable[Program], first: dt.datetime, last: dt.datetime, now: dt.datetime) -> list[Slot]:
    """Every slot that starts from `first` to `last`, in order; six queries however many."""
    span = (first - 2 * DAY).date(), (last + 2 * DAY).date()  # days of any zone that may touch the span
    programs = list(programs)
    cadences = list(
        Cadence.objects.filter(program__in=programs, first_day__lte=span[1])
        .exclude(last_day__lt=span[0])
        .select_related("program", "team")
    )
    here = Q(day__range=span) | Q(moved_to__range=(first, last))
    changes = {(c.cadence_id, c.day): c for c in SlotChange.objects.filter(here, cadence__in=cadences)}
    held = Q(slot_on__range=span) | Q(scheduled_for__range=(first, last)) | Q(slot_on__in=[d for _c, d in changes])
    reviews = list(Review.objects.filter(held, program__in=programs).select_related("program", "team", "led_by"))
    taken = {(review.cadence_id, review.slot_on): review for review in reviews if review.cadence_id}
    off = weeks_off_of(programs, span)
    found, seen = [], set()
    for cadence in cadences:
        moved_here = [day for pk, day in changes if pk == cadence.pk]
        for day in sorted({*rule_days(cadence, *span), *moved_here}):
            key = cadence.pk, day
            review = taken.get(key)
            found.append(_slot(cadence, day, changes.get(key), review, off, now))
            seen.add(review.pk if review else None)
    found += [_without_cadence(review, now) for review in reviews if review.pk not in seen]
    inside = (slot for slot in found if first <= slot.starts <= last)
    return sorted(inside, key=lambda slot: (slot.starts, slot.program.name, slot.team.name if slot.team else ""))


def _slot(
    cadence: Cadence,
    day: dt.date,
    change: SlotChange | None,
    review: Review | None,
    off: dict,
    now: dt.datetime,
) -> Slot:
    starts = change.moved_to if change and change.moved_to else starts_at(cadence, day)
    ends = starts + dt.timedelta(minutes=cadence.minutes)
    local = starts.astimezone(ZoneInfo(cadence.zone)).date()
    if review and review.state != Review.State.SCHEDULED:
        state = _of_review(review)
        starts, ends = (review.opened_at or starts), (review.closed_at or ends)
    elif change and change.moved_to is None:
        state = State.CANCELLED
    elif is_off(off, cadence.program_id, cadence.team_id, local):
        state = State.OFF
    else:
        state = State.MISSED if ends < now else State.UPCOMING
    return Slot(cadence.program, cadence.team, starts, ends, state, cadence, day, change, review)


def _of_review(review: Review) -> State:
    return State.LIVE if review.live else State.HELD


def _without_cadence(review: Review, now: dt.datetime) -> Slot:
    """A review that no cadence asked for: it was started, or planned once."""
    starts = review.opened_at or review.scheduled_for
    ends = review.closed_at or starts + ORDINARY
    if review.state != Review.State.SCHEDULED:
        state = _of_review(review)
    else:
        state = State.MISSED if ends < now else State.UPCOMING
    return Slot(review.program, review.team, starts, ends, state, review=review)


# ---- weeks off -------------------------------------------------------------------------------------------------------


def weeks_off_of(programs: Sequence[Program], span: tuple[dt.date, dt.date]) -> dict:
    """{team id: [(first day, last day)]} and, under ("program", id), the program's active teams; two queries."""
    found: dict = {}
    for pk, program in Team.objects.active().filter(program__in=programs).values_list("pk", "program"):
        found.setdefault(("program", program), []).append(pk)
    rows = WeeksOff.objects.filter(team__program__in=programs, first_day__lte=span[1], last_day__gte=span[0])
    for team, first, last in rows.values_list("team", "first_day", "last_day"):
        found.setdefault(team, []).append((first, last))
    return found


def is_off(off: dict, program: int, team: int | None, day: dt.date) -> bool:
    """Whether the team does not work that day; for a program: whether none of its teams does."""
    teams = [team] if team else off.get(("program", program), [])
    return bool(teams) and all(any(first <= day <= last for first, last in off.get(one, [])) for one in teams)


# ---- single slots ----------------------------------------------------------------------------------------------------


def slot_of(cadence: Cadence, day: dt.date, now: dt.datetime) -> Slot | None:
    """The slot that a cadence has on a day; None where it has none."""
    if not rule_days(cadence, day, day):
        return None
    change = cadence.changes.filter(day=day).first()
    review = Review.objects.filter(cadence=cadence, slot_on=day).select_related("program", "team", "led_by").first()
    off = weeks_off_of([cadence.program], (day - 90 * DAY, day + 90 * DAY))
    return _slot(cadence, day, change, review, off, now)


def slot_due(program: Program, team: Team | None, now: dt.datetime) -> Slot | None:
    """The slot in which a review that starts now is held: the nearest that is open, within half a day."""
    near = slots_between([program], now - NEAR, now + NEAR, now)
    team_id = team.pk if team else None
    mine = [s for s in near if s.open and (s.team.pk if s.team else None) == team_id]
    return min(mine, key=lambda slot: abs(slot.starts - now), default=None)


def next_slot(program: Program, now: dt.datetime, team: Team | None = None) -> Slot | None:
    """The slot under way or to come, within two months."""
    coming = slots_between([program], now - NEAR, now + 60 * DAY, now)
    return next((s for s in coming if s.state == State.UPCOMING and (team is None or s.team == team)), None)
