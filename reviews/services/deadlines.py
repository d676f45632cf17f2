"""What the curve says of a goal's deadline before it is set: its odds, and the earliest date that is still 50 % (M13).

A deadline is one of the things that the curve looks at, so a date is judged as what it would be: with that date as the
deadline. What is said here is what the next forecast will say, to the digit, and with the same receipt.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from projects.deadlines import OddsWhenSet, Offer
from projects.models import Goal, Revision
from reviews import curves
from reviews.series import GoalSeries, make_series, read_series

STEPS = 24  # dates tried at once
FARTHEST = 5 * 365  # days
EVEN = 0.5


def odds_if_set(goal: Goal, *, deadline: dt.date | None, target: float, on: dt.date, today: dt.date) -> OddsWhenSet:
    """The odds of `deadline` were it and `target` in force from `on`; unknown where there is no forecast."""
    if deadline is None:
        return OddsWhenSet()
    read = _as_if(goal, deadline, target, on, today)
    if read.series is None:
        return OddsWhenSet()
    found = curves.forecast_many([read.series])[0]
    if found is None:
        return OddsWhenSet()
    return OddsWhenSet(found.p_done_by(deadline), curves.inputs_hash(read.series), found.engine)


def _as_if(goal: Goal, deadline: dt.date | None, target: float, on: dt.date, today: dt.date) -> GoalSeries:
    """The goal's series as it will be read once the change is on record."""
    read = read_series([goal], today)[0]
    held = read.goal
    known = list(held.revisions.all())
    change = Revision(
        pk=max((one.pk for one in known), default=0) + 1,  # the newest; it is not saved
        goal=held,
        on=on,
        old_target=held.target,
        new_target=target,
        old_deadline=held.deadline,
        new_deadline=deadline,
    )
    revisions = [*known, change]
    held.target, held.deadline = target, deadline
    return make_series(held, read.points, today, sorted(revisions, key=lambda one: one.on))


def offer_for_goal(goal: Goal, today: dt.date) -> Offer:
    """P10, P50 and P90 of the present forecast, and the earliest deadline that is still 50 %."""
    series = read_series([goal], today)[0].series
    found = curves.forecast_many([series])[0] if series else None
    if series is None or found is None:
        return Offer(why=_("Nothing is forecast yet: a forecast takes three values on different days."))
    if found.verdict == curves.Verdict.DONE:
        return Offer(why=_("The newest value meets the target: there is no date left to promise."))
    p10, p50, p90 = (found.finish(q) for q in (0.1, 0.5, 0.9))
    earliest, p = _earliest(series, today)
    return Offer(p10=p10, p50=p50, p90=p90, earliest=earliest, p=p)


def _earliest(series: curves.Series, today: dt.date) -> tuple[dt.date | None, float | None]:
    """The first date tried that is even or better as a deadline: near ones by the day, far ones by about a percent."""
    low, high = 0, FARTHEST
    odds = None
    tried = sorted({round(high ** (k / (STEPS - 1))) for k in range(STEPS)})
    while True:
        chances = _chances(series, today, tried)
        first = next((n for n, p in enumerate(chances) if p >= EVEN), None)
        if first is None:
            return None, None
        low, high, odds = (tried[first - 1] if first else low), tried[first], chances[first]
        if high - low <= max(1, high // 100):
            return today + dt.timedelta(days=high), odds
        tried = sorted({low + max(1, round((high - low) * k / STEPS)) for k in range(1, STEPS + 1)})


def _chances(series: curves.Series, today: dt.date, days: Sequence[int]) -> list[float]:
    """P(done by a day) with that day as the deadline, of each."""
    deadlines = [today + dt.timedelta(days=n) for n in days]
    made = curves.forecast_many([replace(series, deadline=deadline) for deadline in deadlines])
    return [found.p_done_by(deadline) if found else 0.0 for found, deadline in zip(made, deadlines, strict=True)]
