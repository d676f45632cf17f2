"""Days and instants as people say them, in the reader's zone."""

import datetime as dt

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from projects.look.numbers import DASH, NBSP


def local_day(value) -> dt.date | None:
    """The reader's calendar day of a date, an instant or an ISO string; None for what is none of these."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, dt.date) else None


def day(value, form: str = "") -> str:
    """ "12 Mar", and "12 Mar 2025" outside the current year; "long" always has the year, "full" the weekday too."""
    local = local_day(value)
    if local is None:
        return DASH
    if form == "full":
        return formats.date_format(local, "l j F Y")
    same_year = form != "long" and local.year == timezone.localdate().year
    return formats.date_format(local, "j M" if same_year else "j M Y").replace(" ", NBSP)


def when(value, form: str = "") -> SafeString:
    """A day as a `<time>` element: short to read, whole on hover, exact for machines."""
    local = local_day(value)
    if local is None:
        return format_html('<span class="muted">{}</span>', DASH)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), day(local, "full"), day(local, form)
    )


def ago(value) -> str:
    """ "3 weeks ago", "in 5 weeks", "yesterday"; minutes and hours for an instant less than a day away."""
    if isinstance(value, dt.datetime):
        instant = value if timezone.is_aware(value) else timezone.make_aware(value)
        seconds = (timezone.now() - instant).total_seconds()
        if abs(seconds) < 86_400:
            return _ago_within_a_day(seconds)
    local = local_day(value)
    return DASH if local is None else _days_from_now(local)


def days_ago(value) -> str:
    """As `ago`, but the same all day, so that it can be kept: an instant of today has its time, "today, 14:05"."""
    local = local_day(value)
    if local is None:
        return DASH
    if isinstance(value, dt.datetime) and local == timezone.localdate():
        return gettext("today, %(time)s") % {"time": formats.time_format(timezone.localtime(value), "H:i")}
    return _days_from_now(local)


def _days_from_now(local: dt.date) -> str:
    past = (timezone.localdate() - local).days
    if past == 0:
        return gettext("today")
    if past == 1:
        return gettext("yesterday")
    if past == -1:
        return gettext("tomorrow")
    return _either_way(_span(abs(past)), past > 0)


def _ago_within_a_day(seconds: float) -> str:
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return gettext("just now")
    if minutes < 60:
        span = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    else:
        span = ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return _either_way(span, seconds > 0)


def _either_way(span: str, past: bool) -> str:
    return (pgettext("time", "%(span)s ago") if past else pgettext("time", "in %(span)s")) % {"span": span}


def _span(count: int) -> str:
    """Days up to two weeks, weeks up to three months, months up to two years, then years."""
    if count < 14:
        return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}
    if count < 91:
        return ngettext("%(n)s week", "%(n)s weeks", count // 7) % {"n": count // 7}
    if count < 730:
        months = round(count / 30.44)
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    years = round(count / 365.25)
    return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}


def days_after(value, other) -> int | None:
    """How many days `value` lies after `other`; negative before."""
    late, early = local_day(value), local_day(other)
    return (late - early).days if late and early else None
