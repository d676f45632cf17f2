"""Values that cannot be true. Only what is in force is looked at: what is corrected or in quarantine harms nothing."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from projects.look.dates import day
from projects.look.numbers import number
from projects.models import Seat
from projects.time import WEEK, monday
from reviews.audit.rule import Found, Scope
from reviews.models import Datapoint, Statement
from reviews.series import one_a_day

WEEKS_RUNNING = 5
LOOKED_BACK = 26 * WEEK
SAID = ("observed_on", "recorded_at", "pk")
ROUND = 5  # a whole multiple of it is a value that people pick; anything else is odd


def points(scope: Scope) -> QuerySet[Datapoint]:
    """Values in force of goals that count."""
    here = {"goal__archived_at": None, "goal__team__archived_at": None, "goal__team__program__in": scope.programs}
    return Datapoint.objects.in_force().filter(**here).select_related("goal__team__program")


def found(point: Datapoint, says: str) -> Found:
    return Found("datapoint", point.pk, point.goal.team.program_id, says, (point.pk,))


def told(point: Datapoint) -> dict[str, str]:
    return {
        "goal": point.goal.name,
        "value": number(point.value, point.goal.unit),
        "day": day(point.observed_on, "long"),
    }


def beyond_bound(scope: Scope) -> Iterator[Found]:
    """Below the lowest or above the highest that is possible; a share that lives within 0 to 100 % has these bounds."""
    share = Q(goal__unit="%", goal__baseline__range=(0, 100), goal__target__range=(0, 100))
    below = Q(value__lt=F("goal__lowest")) | (share & Q(goal__lowest=None, value__lt=0))
    above = Q(value__gt=F("goal__highest")) | (share & Q(goal__highest=None, value__gt=100))
    for point in points(scope).filter(below | above).annotate(is_below=Case(When(below, then=True), default=False)):
        low = 0.0 if point.goal.lowest is None else point.goal.lowest
        high = 100.0 if point.goal.highest is None else point.goal.highest
        if point.is_below:  # type: ignore[attr-defined]
            says = _("%(goal)s: %(value)s on %(day)s lies below %(bound)s, the lowest that is possible.")
            yield found(point, says % (told(point) | {"bound": number(low, point.goal.unit)}))
        else:
            says = _("%(goal)s: %(value)s on %(day)s lies above %(bound)s, the highest that is possible.")
            yield found(point, says % (told(point) | {"bound": number(high, point.goal.unit)}))


def in_future(scope: Scope) -> Iterator[Found]:
    soonest = (scope.now - dt.timedelta(hours=12)).date()  # no zone's day is earlier
    for point in points(scope).filter(observed_on__gt=soonest):
        if point.observed_on > scope.today(point.goal.team.program.zone):
            yield found(point, _("%(goal)s: %(value)s was observed on %(day)s, which is still to come.") % told(point))


def falling(scope: Scope) -> Iterator[Found]:
    """Of what only ever grows, a value below that of the day before it."""
    rows = points(scope).filter(goal__cumulative=True).order_by("goal_id", "recorded_at", "pk")
    for _goal, of_goal in groupby(rows, key=lambda point: point.goal_id):
        days: list[Datapoint] = one_a_day(of_goal)  # type: ignore[assignment]
        for before, after in pairwise(days):
            if after.value < before.value:
                words = told(after) | {"before": number(before.value, after.goal.unit)}
                yield found(
                    after, _("%(goal)s only ever grows, and fell from %(before)s to %(value)s on %(day)s.") % words
                )


def same_odd_value(scope: Scope) -> Iterator[Found]:
    """The same odd value typed live by one reporter five weeks running, never with "nothing new" (M12).

    That a number stands still is no finding: real goals do so in four weeks of five, and "nothing new" says it.
    """
    said = Statement.objects.in_force().filter(
        Q(goal=OuterRef("goal")) | Q(goal=None),
        kind=Statement.Kind.NOTHING_NEW,
        turn__review=OuterRef("review"),
        turn__engineer=OuterRef("engineer"),
    )
    live = points(scope).filter(origin=Datapoint.Origin.LIVE).annotate(nothing_new=Exists(said))
    live = live.annotate(reporter=Coalesce("engineer", -F("recorded_by"))).order_by("goal_id", "reporter", *SAID)
    rows = live.filter(observed_on__gt=scope.today() - LOOKED_BACK)
    for (goal, reporter), of_one in groupby(rows, key=lambda point: (point.goal_id, point.reporter)):
        known = list(of_one)
        run = newest_run(known)
        if len(run) == len(known) and monday(run[0].observed_on) <= monday(scope.today() - LOOKED_BACK + WEEK):
            run = newest_run(list(live.filter(goal=goal, reporter=reporter)))  # so that its first stays its first
        weeks = len({monday(point.observed_on) for point in run})
        if weeks >= WEEKS_RUNNING and odd(run[-1]):
            words = told(run[-1]) | {"first": day(run[0].observed_on, "long"), "weeks": weeks}
            says = _(
                "%(goal)s: %(value)s was typed live in each of %(weeks)s weeks running, from %(first)s to %(day)s, and "
                "nobody said “nothing new”."
            )
            repeats = tuple(point.pk for point in run[1:])
            yield Found("datapoint", run[0].pk, run[0].goal.team.program_id, says % words, repeats)


def newest_run(one: Sequence[Datapoint]) -> list[Datapoint]:
    """The newest points of one reporter, oldest first: of one value, a week apart at most, none with "nothing new"."""
    run: list[Datapoint] = []
    for point in reversed(one):
        later = run[-1] if run else point
        apart = monday(later.observed_on) - monday(point.observed_on)
        if point.value != later.value or apart > WEEK or point.nothing_new:  # type: ignore[attr-defined]
            break
        run.append(point)
    return run[::-1]


def odd(point: Datapoint) -> bool:
    """A value that nobody picks for its roundness, and at which a goal does not naturally rest."""
    goal = point.goal
    return point.value % ROUND != 0 and point.value not in (goal.baseline, goal.target, goal.lowest, goal.highest)


def reporter_off_team(scope: Scope) -> Iterable[Found]:
    """Said by an engineer with no seat on the team when it was said, who was no guest of that review."""
    seated = Seat.objects.filter(
        Q(left=None) | Q(left__gte=OuterRef("observed_on")),
        team=OuterRef("goal__team"),
        engineer=OuterRef("engineer"),
        joined__lte=OuterRef("recorded_on"),
    )
    rows = points(scope).filter(engineer__isnull=False).annotate(recorded_on=TruncDate("recorded_at"))
    for point in rows.exclude(turn__guest=True).filter(~Exists(seated)):
        words = told(point) | {"team": point.goal.team.name}
        says = _("%(goal)s: %(value)s on %(day)s is by an engineer who had no seat on %(team)s then.")
        yield found(point, says % words)
