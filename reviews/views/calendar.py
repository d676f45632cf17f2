"""The calendar of reviews, and the address at which another calendar reads it."""

import calendar as weeks
import datetime as dt

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from projects.access import WRITERS, programs_of
from projects.time import FIRST_DAY, LAST_DAY, WEEK, monday
from reviews.feed import feed as feed_bytes
from reviews.models import Cadence, CalendarFeed, Review
from reviews.services.comments import waiting_for_answer
from reviews.services.feeds import feed_of, reset_feed
from reviews.slots import DAY, Slot, State, slots_between

MONTH, ONE_WEEK = "month", "week"
UNFOLDED = 12  # programs whose rhythm is shown at once


@require_safe
def reviews(request):
    """A month or a week of reviews: held, missed, cancelled, under way, to come."""
    now, today = timezone.now(), timezone.localdate()
    view = ONE_WEEK if request.GET.get("view") == ONE_WEEK else MONTH
    day = _asked_day(request.GET.get("day", ""), today)
    rows = _rows(view, day)
    mine = list(programs_of(request.user).active().order_by("name"))
    slots = slots_between(mine, *_span(rows), now)
    live = list(Review.objects.filter(program__in=mine, state=Review.State.LIVE).select_related("program", "team"))
    writable = set(programs_of(request.user, WRITERS).active().values_list("pk", flat=True))
    by_day: dict[dt.date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(timezone.localtime(slot.starts).date(), []).append(slot)
    context = {
        "view": view,
        "day": day,
        "today": today,
        "weeks": [[{"day": one, "slots": by_day.get(one, [])} for one in row] for row in rows],
        "agenda": [{"day": one, "slots": by_day[one]} for one in sorted(by_day) if _shown(view, one, day)],
        "states": State.choices,
        "before": _step(view, day, -1),
        "after": _step(view, day, 1),
        "live": live,
        "rhythms": _fold(_rhythms(mine, writable, {review.program_id for review in live})),
        "writable": writable,
        "feed": _feed_address(request),
        "answers": waiting_for_answer([program for program in mine if program.pk in writable]),
    }
    return render(request, "reviews/calendar.html", context)


def _asked_day(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_DAY + 8 * WEEK <= day <= LAST_DAY - 8 * WEEK else today


def _rows(view: str, day: dt.date) -> list[list[dt.date]]:
    if view == ONE_WEEK:
        return [[monday(day) + k * DAY for k in range(7)]]
    return weeks.Calendar().monthdatescalendar(day.year, day.month)


def _span(rows: list[list[dt.date]]) -> tuple[dt.datetime, dt.datetime]:
    """From the first instant of the first day to the last of the last, where the reader is."""
    zone = timezone.get_current_timezone()
    first = dt.datetime.combine(rows[0][0], dt.time(), zone)
    last = dt.datetime.combine(rows[-1][-1], dt.time.max, zone)
    return first.astimezone(dt.UTC), last.astimezone(dt.UTC)


def _shown(view: str, one: dt.date, day: dt.date) -> bool:
    """A list of a month leaves out the days of its neighbours, which a grid shows."""
    return view == ONE_WEEK or (one.year, one.month) == (day.year, day.month)


def _step(view: str, day: dt.date, steps: int) -> dt.date:
    if view == ONE_WEEK:
        return monday(day) + steps * WEEK
    month = day.year * 12 + day.month - 1 + steps
    return dt.date(month // 12, month % 12 + 1, 1)


def _rhythms(programs: list, writable: set[int], live: set[int]) -> list[dict]:
    """Each program with its rhythms; one without is shown to those who can give it one."""
    open_ones: dict[int, list[Cadence]] = {}
    for cadence in Cadence.objects.filter(program__in=programs, last_day__isnull=True).select_related("team"):
        open_ones.setdefault(cadence.program_id, []).append(cadence)
    return [
        {
            "program": program,
            "cadences": open_ones.get(program.pk, []),
            "may_write": program.pk in writable,
            "live": program.pk in live,
        }
        for program in programs
        if program.pk in open_ones or program.pk in writable
    ]


def _fold(rows: list[dict]) -> list[tuple[bool, list[dict]]]:
    """The first ones as they are, then the others folded together; [] where there is none."""
    parts = (True, rows[:UNFOLDED]), (False, rows[UNFOLDED:])
    return [part for part in parts if part[1]]


def _feed_address(request) -> str:
    known = feed_of(request.user)
    return request.build_absolute_uri(known.get_absolute_url()) if known else ""


@require_POST
def feed_reset(request):
    """Make the secret address, or a new one: the old one is dead from now on."""
    reset_feed(user=request.user)
    messages.success(request, _("This is your new address. One that you had before no longer works."))
    return redirect("reviews")


@login_not_required
@never_cache
@require_safe
def feed(request, token):
    """A person's reviews for their own calendar, which cannot sign in: who knows the address reads it."""
    if "\0" in token:  # which PostgreSQL cannot even look for
        raise Http404
    known = get_object_or_404(CalendarFeed.objects.select_related("user"), token=token, user__is_active=True)
    content = feed_bytes(known.user, timezone.now(), request.build_absolute_uri)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="reviews.ics"', "X-Robots-Tag": "noindex"},
    )
