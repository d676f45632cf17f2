"""Twice a week for the program that holds the worst limiting factor, and back once it is relieved (M9)."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Limit, Program
from projects.time import today_in
from reviews.models import Cadence
from reviews.services.cadences import open_cadence, set_cadence

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
APART = 4  # days from the weekly review to the one added: Tuesday and Saturday


def may_double(cadence: Cadence | None) -> bool:
    """A weekly rhythm that no day was added to."""
    return bool(cadence and not cadence.doubled_for and len(cadence.days) == 1 and cadence.every_weeks == 1)


def limiting_now(program: Program) -> str:
    """The factor that is declared to limit the program; "" where none is."""
    limit = program.limits.filter(until__isnull=True, state=Limit.State.FACTOR).select_related("factor").first()
    return limit.factor.name if limit and limit.factor else ""


def double(*, program: Program, note: str, by: User) -> Cadence:
    """Add a second day a week, for what limits the program now. Raises ValidationError, Conflict."""
    note = clean_memo(note)
    cadence, factor = open_cadence(program, None), limiting_now(program)
    if cadence is None or not may_double(cadence):
        raise ValidationError(_("Only a weekly rhythm can be doubled."))
    if not factor:
        raise ValidationError(_("Nothing is declared to limit this program."))
    (day,) = cadence.days
    second = WEEK[(WEEK.index(day) + APART) % 7]
    days = sorted((day, second), key=WEEK.index)
    return _set(cadence, weekdays=",".join(days), doubled_for=factor, note=note, by=by)


def relieved() -> list[Cadence]:
    """The doubled rhythms whose program is limited by something else now, or by nothing."""
    doubled = Cadence.objects.filter(last_day__isnull=True, team__isnull=True).exclude(doubled_for="")
    return [one for one in doubled.select_related("program") if limiting_now(one.program) != one.doubled_for]


def fall_back(*, cadence: Cadence, by: User | None) -> Cadence:
    """Weekly again, on the day of before, with a note that says why; a cadence that is not doubled stays."""
    if not cadence.doubled_for or cadence.last_day:
        return cadence
    before = Cadence.objects.filter(program=cadence.program, team=None, doubled_for="", last_day__isnull=False)
    weekly = before.order_by("-last_day", "-pk").first()
    days = weekly.weekdays if weekly and len(weekly.days) == 1 else cadence.days[0]
    note = _("%(factor)s is relieved: the second review of the week is given back.") % {"factor": cadence.doubled_for}
    return _set(cadence, weekdays=days, doubled_for="", note=note, by=by)


def _set(cadence: Cadence, *, weekdays: str, doubled_for: str, note: str, by: User | None) -> Cadence:
    return set_cadence(
        program=cadence.program,
        team=None,
        version=cadence.version,
        by=by,
        first_day=max(today_in(cadence.zone), cadence.first_day),
        weekdays=weekdays,
        every_weeks=cadence.every_weeks,
        at=cadence.at,
        minutes=cadence.minutes,
        zone=cadence.zone,
        doubled_for=doubled_for,
        note=note,
    )
