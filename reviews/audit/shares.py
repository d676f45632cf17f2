"""Shares of a program that say how much of what it shows can be relied on. Few values are no share."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from projects.models import Goal
from projects.time import WEEK
from reviews.audit.rule import Found, Scope
from reviews.models import Datapoint

WEEKS, VALUES, GOALS = 8, 10, 4  # over how long; fewer values, or goals, than this say nothing
TOO_MUCH = 0.5


def late_share(scope: Scope) -> Iterator[Found]:
    """Most of what was logged by hand was logged outside the room."""
    since = scope.now - WEEKS * WEEK
    rows = Datapoint.objects.in_force().filter(
        goal__team__program__in=scope.programs, recorded_at__gt=since, origin__in=["live", "late"]
    )
    counted = rows.values(program=F("goal__team__program")).annotate(n=Count("pk"), late=Count("pk", Q(origin="late")))
    for row in counted.order_by("program"):
        if row["n"] >= VALUES and row["late"] > TOO_MUCH * row["n"]:
            words = {"late": row["late"], "n": row["n"], "weeks": WEEKS}
            says = _("%(late)s of %(n)s values of the last %(weeks)s weeks were logged late, outside a review.")
            yield Found("program", row["program"], row["program"], says % words)


def unknown_share(scope: Scope) -> Iterator[Found]:
    """Of most goals that have begun nobody can say whether they converge."""
    begun = Q(archived_at=None, team__archived_at=None, start__lte=scope.today() - dt.timedelta(days=28))
    rows = Goal.objects.filter(begun, team__program__in=scope.programs).values(program=F("team__program"))
    unknown = Count("pk", Q(outlook=None) | Q(outlook__verdict="unknown"))
    for row in rows.annotate(n=Count("pk"), unknown=unknown).order_by("program"):
        if row["n"] >= GOALS and row["unknown"] > TOO_MUCH * row["n"]:
            words = {"unknown": row["unknown"], "n": row["n"]}
            says = _("The verdict of %(unknown)s of %(n)s goals is unknown, four weeks and more after they began.")
            yield Found("program", row["program"], row["program"], says % words)
