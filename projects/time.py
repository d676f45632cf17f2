"""Days and weeks, decided in one place.

A day is a calendar day in a program's zone; an instant is stored in UTC. A week begins on Monday.
"""

import datetime as dt
import math
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

WEEK = dt.timedelta(days=7)
FIRST_DAY, LAST_DAY = dt.date(1970, 1, 1), dt.date(2100, 12, 31)  # a day outside is a slip of the finger (M12)


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("%(name)s is not a time zone. Use a name such as Europe/Berlin."), params={"name": name}
        )


def today_in(zone: str) -> dt.date:
    return timezone.now().astimezone(ZoneInfo(zone)).date()


def day_in(zone: str, at: dt.datetime) -> dt.date:
    """The day that it was at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def day_after(today: dt.date, days: float | None) -> dt.date | None:
    """The day so many days on, begun ones counted; None where `days` is unknown or infinite."""
    return None if days is None or math.isinf(days) else today + dt.timedelta(days=math.ceil(days))
