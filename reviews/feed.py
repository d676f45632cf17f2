"""A person's reviews as an iCalendar file, with the limiting factor in the title."""

import datetime as dt
from collections.abc import Callable

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from projects.access import programs_of
from projects.models import Limit
from reviews.slots import Slot, State, slots_between

BACK, AHEAD = dt.timedelta(weeks=8), dt.timedelta(weeks=26)


def feed(user: User, now: dt.datetime, absolute: Callable[[str], str]) -> bytes:
    """The reviews of every program that `user` may see, from two months back to half a year ahead.

    absolute: makes a full address of a path. Times are instants in UTC, each computed from the wall clock of its own
    zone, so that no reader has to know when the clocks change.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Limiting Factor//Reviews//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Reviews"))
    calendar.add("method", "PUBLISH")
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    programs = list(programs_of(user).active())
    limits = {
        limit.program_id: limit.label
        for limit in Limit.objects.filter(program__in=programs, until__isnull=True).select_related("factor")
    }
    for slot in slots_between(programs, now - BACK, now + AHEAD, now):
        if slot.state != State.OFF:
            calendar.add_component(_event(slot, limits.get(slot.program.pk, ""), absolute))
    return calendar.to_ical()


def _event(slot: Slot, limit: str, absolute: Callable[[str], str]) -> Event:
    event = Event()
    event.add("uid", f"{_key(slot)}@limiting-factor")
    event.add("dtstamp", slot.change.at if slot.change else timezone.now())
    event.add("dtstart", slot.starts.astimezone(dt.UTC))
    event.add("dtend", slot.ends.astimezone(dt.UTC))
    event.add("summary", title(slot, limit))
    event.add("status", "CANCELLED" if slot.state == State.CANCELLED else "CONFIRMED")
    event.add("url", absolute(slot.get_absolute_url()))
    if slot.change:
        said = _("Moved: %(memo)s") if slot.moved else _("Cancelled: %(memo)s")
        event.add("description", said % {"memo": slot.change.memo})
    return event


def _key(slot: Slot) -> str:
    return f"cadence-{slot.cadence.pk}-{slot.number}" if slot.cadence else f"review-{slot.review.pk}"  # type: ignore[union-attr]  # one of the two is there


def title(slot: Slot, limit: str) -> str:
    """ "GCC Rust front-end: Macro expansion": what the review is about, first of all what limits."""
    name = f"{slot.program} · {slot.team}" if slot.team else str(slot.program)
    said = {State.CANCELLED: _("Cancelled: %(name)s"), State.MISSED: _("Missed: %(name)s")}.get(slot.state, "%(name)s")
    return said % {"name": _("%(name)s: %(limit)s") % {"name": name, "limit": limit} if limit else name}
