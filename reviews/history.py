"""How the predicted finish of a goal moved: what was forecast of it week by week, issued then or replayed now."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from projects.models import Goal
from projects.time import WEEK, monday
from reviews import curves
from reviews.models import Forecast
from reviews.series import AnyPoint, GoalSeries, make_series, one_a_day
from reviews.services.forecasting import forecast_all

WEEKS = 52  # how far back
STAYS = 4 * WEEK  # how long what is done stays in the picture
PACE_OVER = 8  # weeks with a dated finish that say how fast it moves
FEWEST = 3  # of them, or nothing is said


@dataclass(frozen=True)
class Said:
    """What was predicted in one week. Finish days are None where it was "not within 5 years", or where not `known`."""

    as_of: dt.date
    known: bool
    issued: bool = False  # a forecast that was issued then; else replayed from what was observed up to that day
    done: bool = False
    p10: dt.date | None = None
    p50: dt.date | None = None
    p90: dt.date | None = None
    target: float | None = None
    deadline: dt.date | None = None

    @property
    def never(self) -> bool:
        return self.known and self.p50 is None


@dataclass(frozen=True)
class Slip:
    """How fast the finish moves: `pace` in weeks a week over `over` weeks; None where too few had a dated finish."""

    pace: float | None = None
    over: int = 0
    never: int = 0  # how many of the newest forecasts in a row were "not within 5 years"
    done: bool = False

    @property
    def arrives(self) -> bool:
        """Whether today ever catches up with the finish, as it has been moving."""
        return self.done or not (self.never or (self.pace is not None and self.pace >= 1))


def predictions(goal: Goal, points: Sequence[AnyPoint], today: dt.date) -> list[Said]:
    """What was predicted in each of the last weeks, oldest first; one query.

    `points` are those in force now: a value corrected since is replayed as corrected, an entry made late counts from
    the day that it was observed on, and weeks off are taken as recorded now. Of the targets and deadlines only what
    was in force on the day is used. Prefetch `revisions` and `team__weeks_off`.
    """
    kept = one_a_day(point for point in points if point.observed_on <= today)
    if not kept:
        return []
    revisions = list(goal.revisions.all())
    days = _days(kept[0].observed_on, _end(make_series(goal, kept, today, revisions), today))
    reads = [make_series(goal, [p for p in kept if p.observed_on <= day], day, revisions) for day in days]
    issued: dict[dt.date, Forecast] = {}
    for row in Forecast.objects.filter(goal=goal, as_of__gte=monday(days[0]), as_of__lte=days[-1]).order_by(
        "as_of", "issued_at", "pk"
    ):
        issued[monday(row.as_of)] = row
    return [
        _of_week(read, day, found, issued.get(monday(day)))
        for read, day, found in zip(reads, days, forecast_all(reads), strict=True)
    ]


def _end(read: GoalSeries, today: dt.date) -> dt.date:
    """Today, or for what is done some weeks after it was."""
    found = forecast_all([read])[0]
    done_on = found.finish(0.5) if isinstance(found, curves.Forecast) and found.verdict == curves.Verdict.DONE else None
    return min(today, done_on + STAYS) if done_on else today


def _days(first: dt.date, end: dt.date) -> list[dt.date]:
    """The last day of each week up to the week of `end`, which ends on `end`."""
    begin = max(monday(first), monday(end) - (WEEKS - 1) * WEEK)
    weeks = (monday(end) - begin) // WEEK
    return [*(begin + k * WEEK + dt.timedelta(days=6) for k in range(weeks)), end]


def _of_week(
    read: GoalSeries, day: dt.date, found: curves.Forecast | curves.CannotForecast, row: Forecast | None
) -> Said:
    target, deadline = in_force(read.goal, day)
    if isinstance(found, curves.Forecast):
        p10, p50, p90 = (found.finish(q) for q in (0.1, 0.5, 0.9))
        done = found.verdict == curves.Verdict.DONE
    else:
        p10, p50, p90, done = None, None, None, False
    if row is None:
        known = isinstance(found, curves.Forecast)
        return Said(day, known, False, done, p10, p50, p90, target, deadline)
    if row.verdict == curves.Verdict.DONE:
        day_done = (p50 if done else None) or row.as_of
        return Said(row.as_of, True, True, True, day_done, day_done, day_done, target, row.deadline)
    p10, p50, p90 = (_quantile(row, q) for q in (0.1, 0.5, 0.9))
    return Said(row.as_of, bool(row.finish_days), True, False, p10, p50, p90, target, row.deadline)


def in_force(goal: Goal, day: dt.date) -> tuple[float, dt.date | None]:
    """Target and deadline on a day: those that the next revision found."""
    ahead = next((revision for revision in goal.revisions.all() if revision.on > day), None)
    return (ahead.old_target, ahead.old_deadline) if ahead else (goal.target, goal.deadline)


def _quantile(row: Forecast, q: float) -> dt.date | None:
    """A quantile of a stored finish, whose days stand at (k + 0.5) / n; None: not within five years."""
    n = len(row.finish_days)
    if not n or (row.p_never is not None and row.p_never > 1 - q):
        return None
    at = min(max(q * n - 0.5, 0), n - 1)
    low, high = row.finish_days[math.floor(at)], row.finish_days[math.ceil(at)]
    if low is None:
        return None
    days = low if high is None else low + (high - low) * (at - math.floor(at))
    return row.as_of + dt.timedelta(days=max(math.ceil(days), 1))


def slip(said: Sequence[Said]) -> Slip:
    """How many weeks the finish moves a week: least squares over the last weeks in which it had a date.

    One week a week or more, and today never catches up. What is done moves no more.
    """
    known = [week for week in said if week.known]
    if not known:
        return Slip()
    if known[-1].done:
        return Slip(done=True)
    dated = [week for week in known if week.p50 and not week.done][-PACE_OVER:]
    pace = _slope([(week.as_of.toordinal(), week.p50.toordinal()) for week in dated if week.p50])
    never = next((n for n, week in enumerate(reversed(known)) if not week.never), len(known))
    return Slip(pace=pace, over=len(dated) if pace is not None else 0, never=never)


def _slope(pairs: Sequence[tuple[int, int]]) -> float | None:
    if len(pairs) < FEWEST:
        return None
    x0, y0 = sum(x for x, _y in pairs) / len(pairs), sum(y for _x, y in pairs) / len(pairs)
    spread = sum((x - x0) ** 2 for x, _y in pairs)
    return sum((x - x0) * (y - y0) for x, y in pairs) / spread if spread else None
