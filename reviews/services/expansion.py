"""Gas expansion of a goal: what its points and revisions show, and what pulling its deadline in would do (M15)."""

import datetime as dt
from dataclasses import asdict, dataclass, replace

from projects.deadlines import Course, find_expansion
from projects.models import Goal
from reviews import curves
from reviews.series import GoalSeries, read_series
from reviews.services.deadlines import offer_for_goal


def expansion_of(read: GoalSeries) -> dict | None:
    """The signs as an outlook keeps them, or None where there are none.

    "growth" and "following" have their numbers or are None; "earlier": days that it would be done sooner without both.
    """
    revisions = [one for one in read.goal.revisions.all() if read.series and one.on <= read.series.as_of]
    if not revisions or not read.points:
        return None
    clock = clock_of(read)
    days = {float(clock.at(one.on.toordinal())): one.on for one in revisions}
    found = find_expansion(course_of(read))
    if not found:
        return None
    growth, following = found.growth, found.following
    earlier = (growth.days if growth else 0.0) + (max(following.finish_moved, 0.0) if following else 0.0)
    return {
        "growth": asdict(growth) if growth else None,
        "following": asdict(following) | {"on": days[following.on].isoformat()} if following else None,
        "earlier": earlier,
    }


def course_of(read: GoalSeries) -> Course:
    """The goal in distance from its baseline, weeks off left out; targets and deadlines as its revisions tell them."""
    goal = read.goal
    sign = 1 if goal.target > goal.baseline else -1
    revisions = sorted(
        (one for one in goal.revisions.all() if read.series and one.on <= read.series.as_of),
        key=lambda one: (one.on, one.pk),
    )
    first, clock = revisions[0], clock_of(read)

    def at(day: dt.date) -> float:
        return float(clock.at(day.toordinal()))

    start = at(min(goal.start, first.on)) - 1

    def size(target: float) -> float:
        return sign * (target - goal.baseline)

    def due(day: dt.date | None) -> float | None:
        return None if day is None else at(day)

    sizes, deadlines = [(start, size(first.old_target))], [(start, due(first.old_deadline))]
    for one in revisions:
        if one.target_changed:
            sizes.append((at(one.on), size(one.new_target)))
        if one.deadline_changed:
            deadlines.append((at(one.on), due(one.new_deadline)))
    values = [(at(point.observed_on), sign * (point.value - goal.baseline)) for point in read.points]
    return Course(tuple(values), tuple(sizes), tuple(deadlines))


def clock_of(read: GoalSeries) -> curves.Clock:
    return curves.Clock.without(read.series.off if read.series else ())


@dataclass(frozen=True)
class PullIn:
    """A deadline pulled in to the earliest date that is still 50 %. P50s of None are not within five years.

    p_now, p50_now: by the present deadline. p50_then: the forecast with the new one. follows_to: where the P50 goes
    if it follows the deadline by the share by which it followed before; None where it was not seen to follow.
    """

    deadline: dt.date
    p_now: float | None
    p50_now: dt.date | None
    earliest: dt.date
    p_then: float | None
    p50_then: dt.date | None
    follows_to: dt.date | None


def pull_in(goal: Goal, today: dt.date, share: float | None = None) -> PullIn | None:
    """What pulling in would do; None where the deadline is that early already, or nothing is forecast."""
    offer = offer_for_goal(goal, today)
    if offer.earliest is None or goal.deadline is None or offer.earliest >= goal.deadline:
        return None
    series = read_series([goal], today)[0].series
    if series is None:
        return None
    now, then = curves.forecast_many([replace(series, deadline=day) for day in (goal.deadline, offer.earliest)])
    follows_to = None
    if share and offer.p50:
        pulled = (goal.deadline - offer.earliest).days
        follows_to = max(offer.p50 - dt.timedelta(days=round(min(share, 1.0) * pulled)), today)
    return PullIn(
        deadline=goal.deadline,
        p_now=now.p_done_by(goal.deadline) if now else None,
        p50_now=offer.p50,
        earliest=offer.earliest,
        p_then=offer.p,
        p50_then=then.finish(0.5) if then else None,
        follows_to=follows_to,
    )
