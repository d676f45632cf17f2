"""What the model would have said of a program week by week, from what was observed by then.

An import brings a history that nobody ranked while it was made. With it the board knows how long a proposal has led,
and `bench/proposals.py` how often it pointed at what came last.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from projects import bottleneck
from projects.models import Goal, Outlook, Program, RankingDay
from projects.services.outlooks import KEPT
from projects.services.ranking import engine_program, said
from projects.services.ranking_history import KEPT as KEPT_DAILY
from projects.services.ranking_history import goals_of
from projects.time import WEEK, monday
from reviews.models import Datapoint
from reviews.series import GoalSeries, Point, make_series
from reviews.services.forecasting import forecast_all, outlook_of

WEEKS = 26  # of the past that an import fills


@dataclass(frozen=True)
class PastWeek:
    """A program as it was seen on a day: its open goals then, their outlooks, and the ranking of both."""

    day: dt.date
    goals: list[Goal]
    outlooks: dict[int, Outlook]
    model: bottleneck.Program
    found: bottleneck.Ranking


def fill_history(program: Program, today: dt.date, weeks: int = WEEKS) -> int:
    """A row of the history for each of the last weeks that has none; how many weeks were ranked."""
    end = monday(today) - dt.timedelta(days=1)
    wanted = [end - k * WEEK for k in range(weeks)][::-1]
    there = set(RankingDay.objects.filter(program=program, day__in=wanted).values_list("day", flat=True))
    rows = [_row(program, week) for week in past_weeks(program, [day for day in wanted if day not in there])]
    RankingDay.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(program: Program, week: PastWeek) -> RankingDay:
    fields = said(program, week.found, week.model, week.outlooks, week.day)
    return RankingDay(
        program=program,
        day=week.day,
        known=bool(week.found.finish),
        goals=goals_of(week.goals, week.outlooks),
        replayed=True,
        **{name: fields[name] for name in KEPT_DAILY},
    )


def past_weeks(program: Program, days: Sequence[dt.date]) -> Iterator[PastWeek]:
    """The program on each of `days` on which something had been reported: six queries, however many days.

    Points are those in force now. Targets and deadlines are those of the day; what depends on what, what gates what
    and the weeks off are taken as recorded now. A goal counts from its first report, or from its start.
    """
    goals = list(
        Goal.objects.active()
        .filter(team__program=program)
        .select_related("team__program")
        .prefetch_related("revisions", "team__weeks_off", "dependencies", "gates__factor")
        .order_by("pk")
    )
    points: dict[int, list[Point]] = {goal.pk: [] for goal in goals}
    rows = Datapoint.objects.in_force().filter(goal__in=points).order_by("pk").values_list(*Point._fields)
    for row in rows:
        points[row[1]].append(Point(*row))
    for day in days:
        reads = [
            make_series(goal, [point for point in points[goal.pk] if point.observed_on <= day], day) for goal in goals
        ]
        reads = [read for read in reads if read.points or read.goal.start <= day]
        if any(read.points for read in reads):
            yield _week(program, reads, day)


def _week(program: Program, reads: list[GoalSeries], day: dt.date) -> PastWeek:
    outlooks = {}
    for read, found in zip(reads, forecast_all(reads), strict=True):
        value = outlook_of(read, found, day, [])
        outlooks[read.goal.pk] = Outlook(goal=read.goal, **{name: getattr(value, name) for name in KEPT})
    goals = [read.goal for read in reads]
    model = engine_program(program, goals, outlooks, day)
    return PastWeek(day, goals, outlooks, model, bottleneck.rank(model))
