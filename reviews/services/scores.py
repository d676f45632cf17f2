"""Judging what was said: stated deadlines on their days, forecasts at their horizons. All of it can be judged again."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Max, Q

from projects.derived import derived
from projects.models import Event, Goal, Program
from projects.time import WEEK, monday, today_in
from reviews import curves
from reviews.calibration import chance_by
from reviews.models import Datapoint, Forecast, ForecastScore, StatedDate
from reviews.outcomes import Course, Stated, course_of, stated_deadlines
from reviews.series import Point, make_series
from reviews.services.forecasting import finish_days, forecast_all

HORIZONS = (4, 13, 26, 52)  # weeks
OWN_DEADLINE = 0  # the horizon of the deadline that a forecast was given
REPLAY_EVERY = 4 * WEEK  # how densely an imported history is asked
REPLAY_BACK = 156 * WEEK
DAY = dt.timedelta(days=1)


def judge_program(program: Program, today: dt.date | None = None) -> None:
    """Judge what fell due of one program up to yesterday, and again what other data since then say otherwise."""
    today = today or today_in(program.zone)
    goals = list(
        Goal.objects.filter(team__program=program)
        .select_related("team__program")
        .prefetch_related("revisions__source", "team__weeks_off")
        .order_by("pk")
    )
    points: dict[int, list[Point]] = {goal.pk: [] for goal in goals}
    rows = Datapoint.objects.in_force().filter(goal__in=points).order_by("recorded_at", "pk")
    for row in rows.values_list(*Point._fields):
        points[row[1]].append(Point._make(row))
    courses = {goal.pk: course_of(goal, points[goal.pk]) for goal in goals}
    judge_dates(goals, courses, today)
    judge_issued(goals, courses, today)
    judge_replayed(goals, points, courses, today)
    judge_again(goals, courses)


# ---- stated deadlines ------------------------------------------------------------------------------------------------


def judge_dates(goals: Sequence[Goal], courses: dict[int, Course], today: dt.date) -> None:
    """Each deadline that was ever stated and has passed, on its own day; what is no longer stated leaves."""
    makers = _makers(goals)
    rows = [
        _judged(goal, stated, courses[goal.pk], makers.get(goal.pk))
        for goal in goals
        for stated in stated_deadlines(goal)
        if stated.day < today
    ]
    wanted = {(row.goal_id, row.day) for row in rows}
    there = StatedDate.objects.filter(goal__in=goals).values_list("pk", "goal", "day")
    gone = [pk for pk, goal, day in there if (goal, day) not in wanted]
    with derived():
        StatedDate.objects.filter(pk__in=gone).delete()
        StatedDate.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["goal", "day"],
            update_fields=["stated_on", "by", "imported", "outcome", "finished_on"],
            batch_size=500,
        )


def _makers(goals: Sequence[Goal]) -> dict[int, int | None]:
    """Who made each goal, and so stated its first deadline."""
    made = Event.objects.filter(subject="goal", verb="created", subject_id__in=[goal.pk for goal in goals])
    return dict(made.values_list("subject_id", "by"))


def _judged(goal: Goal, stated: Stated, course: Course, maker: int | None) -> StatedDate:
    done = course.done_by(stated.day)
    outcomes = StatedDate.Outcome
    return StatedDate(
        goal=goal,
        day=stated.day,
        stated_on=stated.on,
        by_id=stated.revision.by_id if stated.revision else maker,
        imported=bool(stated.revision.source_id if stated.revision else goal.series_id),
        outcome=outcomes.UNKNOWN if done is None else outcomes.MET if done else outcomes.MISSED,
        finished_on=None if done is None else course.finished(stated.day),
    )


# ---- forecasts that were issued --------------------------------------------------------------------------------------


def judge_issued(goals: Sequence[Goal], courses: dict[int, Course], today: dt.date) -> None:
    """Of each goal's forecasts the last of a week, at each horizon that has passed since they were last judged."""
    issued = ForecastScore.objects.filter(goal__in=goals, forecast__isnull=False)
    judged = dict(issued.values_list("horizon").annotate(Max("due")).order_by())
    rows = Forecast.objects.filter(goal__in=goals, as_of__lt=monday(today)).exclude(verdict=curves.Verdict.DONE)
    rows = rows.defer("reasons").order_by("as_of", "pk")
    passed = Q(pk__in=[])
    for horizon in HORIZONS:  # whole weeks, so that the last of each is among them
        since = monday(judged[horizon] - horizon * WEEK) if horizon in judged else dt.date.min
        passed |= Q(as_of__gte=since, as_of__lt=monday(today - horizon * WEEK) + WEEK)
    weekly = {(row.goal_id, monday(row.as_of)): row for row in rows.filter(passed).iterator()}
    dated = rows.filter(deadline__gte=judged.get(OWN_DEADLINE, dt.date.min), deadline__lt=today)
    by_deadline = {(row.goal_id, monday(row.as_of), row.deadline): row for row in dated.iterator()}
    said = [
        (row, [(h, row.as_of + h * WEEK, chance_by(row.finish_days, row.p_never, 7 * h)) for h in HORIZONS])
        for row in weekly.values()
    ]
    said += [(row, [(OWN_DEADLINE, row.deadline, row.p_deadline)]) for row in by_deadline.values() if row.deadline]
    made = [
        score
        for row, claims in said
        for score in _scores(row.goal_id, row.as_of, claims, courses[row.goal_id], today, row.engine, row)
    ]
    with derived():
        ForecastScore.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _scores(
    goal: int,
    as_of: dt.date,
    said: Iterable[tuple[int, dt.date, float | None]],
    course: Course,
    today: dt.date,
    engine: str,
    row: Forecast | None,
) -> Iterable[ForecastScore]:
    """A score for each horizon that has passed, of a goal that has been reported since: else nobody knows what came."""
    if course.newest is None or course.newest <= as_of:
        return
    for horizon, due, chance in said:
        if chance is not None and as_of < due < today:
            yield ForecastScore(
                goal_id=goal,
                forecast=row,
                as_of=as_of,
                horizon=horizon,
                due=due,
                probability=min(max(chance, 0.0), 1.0),
                came=bool(course.done_by(due)),
                engine=engine,
            )


# ---- what would have been said of an imported history ----------------------------------------------------------------


def judge_replayed(
    goals: Sequence[Goal], points: dict[int, list[Point]], courses: dict[int, Course], today: dt.date
) -> None:
    """Ask today's engine on days of the past of goals that came with an import; those of another engine go."""
    imported = [goal for goal in goals if goal.series_id and points[goal.pk]]
    old = ForecastScore.objects.filter(goal__in=goals, forecast__isnull=True)
    there = set(old.filter(engine=curves.ENGINE_VERSION).values_list("goal", "as_of", "horizon"))
    reads = [
        make_series(goal, [p for p in points[goal.pk] if p.observed_on <= day], day)
        for goal in imported
        for day in _replay_days(points[goal.pk], today)
        if any(day + h * WEEK < today and (goal.pk, day, h) not in there for h in HORIZONS)
    ]
    made: list[ForecastScore] = []
    for read, found in zip(reads, forecast_all(reads), strict=True):
        if isinstance(found, curves.CannotForecast) or found.verdict == curves.Verdict.DONE:
            continue
        days = finish_days(found)
        said = [(h, found.as_of + h * WEEK, chance_by(days, found.p_never, 7 * h)) for h in HORIZONS]
        if read.series and read.series.deadline:
            said.append((OWN_DEADLINE, read.series.deadline, found.p_done_by(read.series.deadline)))
        made += _scores(read.goal.pk, found.as_of, said, courses[read.goal.pk], today, found.engine, None)
    with derived():
        old.exclude(engine=curves.ENGINE_VERSION).delete()
        ForecastScore.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _replay_days(points: Sequence[Point], today: dt.date) -> list[dt.date]:
    """Sundays, every few weeks on one grid for all goals, from the first report on until the least horizon is over."""
    first = max(min(point.observed_on for point in points), today - REPLAY_BACK)
    last = min(max(point.observed_on for point in points) - DAY, today - HORIZONS[0] * WEEK - DAY)
    step = REPLAY_EVERY.days
    begin = first.toordinal() + -first.toordinal() % step  # day 0 of the calendar was a Sunday
    return [dt.date.fromordinal(day) for day in range(begin, last.toordinal() + 1, step)]


# ---- again -----------------------------------------------------------------------------------------------------------


def judge_again(goals: Sequence[Goal], courses: dict[int, Course]) -> None:
    """Outcomes as the data say now: a value may have been corrected, a target revised, an import undone."""
    flipped: dict[bool, list[int]] = {True: [], False: []}
    gone: list[int] = []
    rows = ForecastScore.objects.filter(goal__in=goals).values_list("pk", "goal", "as_of", "due", "came")
    for pk, goal, as_of, due, came in rows.iterator():
        course = courses[goal]
        if course.newest is None or course.newest <= as_of:
            gone.append(pk)
        elif bool(course.done_by(due)) != came:
            flipped[not came].append(pk)
    if gone or any(flipped.values()):
        with derived():
            ForecastScore.objects.filter(pk__in=gone).delete()
            for came, pks in flipped.items():
                ForecastScore.objects.filter(pk__in=pks).update(came=came)
