"""Judging what was said: stated deadlines on their days, forecasts at their horizons. All of it can be judged again."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from projects.derived import derived
from projects.models import Event, Goal, Program
from projects.time import WEEK, monday, today_in
from reviews import curves
from reviews.calibration import chance_by
from reviews.models import Datapoint, Forecast, ForecastScore, StatedDate
from reviews.outcomes import Course, Stated, course_of, course_of_program, stated_deadlines
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
    judge_own_dates(program, goals, courses, today)
    judge_issued(goals, courses, today)
    judge_replayed(goals, points, courses, today)
    judge_again(goals, courses)


# ---- stated deadlines ------------------------------------------------------------------------------------------------


def judge_dates(goals: Sequence[Goal], courses: dict[int, Course], today: dt.date) -> None:
    """Each deadline that was ever stated for a goal and has passed, on its own day; what is no longer stated leaves."""
    makers = _makers("goal", [goal.pk for goal in goals])
    rows = [
        StatedDate(
            program_id=goal.team.program_id,
            goal=goal,
            day=stated.day,
            **_judged(stated, courses[goal.pk], makers.get(goal.pk), bool(goal.series_id)),
        )
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


def judge_own_dates(program: Program, goals: Sequence[Goal], courses: dict[int, Course], today: dt.date) -> None:
    """The same of the program's own deadlines."""
    due = [stated for stated in stated_deadlines(program) if stated.day < today]
    course = course_of_program(program, goals, courses)
    maker = _makers("program", [program.pk]).get(program.pk)
    with derived():
        own = StatedDate.objects.filter(program=program, goal=None)
        own.exclude(day__in=[stated.day for stated in due]).delete()
        for stated in due:
            judged = _judged(stated, course, maker, imported=False)
            own.update_or_create(program=program, goal=None, day=stated.day, defaults=judged)


def _makers(subject: str, ids: Sequence[int]) -> dict[int, int | None]:
    """Who made each goal or program, and so stated its first deadline."""
    made = Event.objects.filter(subject=subject, verb="created", subject_id__in=ids)
    return dict(made.values_list("subject_id", "by"))


def _judged(stated: Stated, course: Course, maker: int | None, imported: bool) -> dict[str, Any]:
    done = course.done_by(stated.day)
    outcomes = StatedDate.Outcome
    return {
        "stated_on": stated.on,
        "by_id": stated.revision.by_id if stated.revision else maker,
        "imported": bool(getattr(stated.revision, "source_id", None)) if stated.revision else imported,
        "outcome": outcomes.UNKNOWN if done is None else outcomes.MET if done else outcomes.MISSED,
        "finished_on": None if done is None else course.finished(stated.day),
    }


# ---- forecasts that were issued --------------------------------------------------------------------------------------


def judge_issued(goals: Sequence[Goal], courses: dict[int, Course], today: dt.date) -> None:
    """Of each goal's forecasts the last of a week, at each horizon that has passed and that is not judged yet."""
    issued = ForecastScore.objects.filter(goal__in=goals, forecast__isnull=False)
    judged = set(issued.values_list("forecast", "horizon"))
    rows = Forecast.objects.filter(goal__in=goals, as_of__lt=monday(today)).exclude(verdict=curves.Verdict.DONE)
    last: dict[tuple, tuple[int, dt.date, dt.date]] = {}  # the last of a week, and of a deadline the last before it
    for pk, goal, as_of, deadline in rows.order_by("as_of", "pk").values_list("pk", "goal", "as_of", "deadline"):
        for horizon in HORIZONS:
            last[goal, horizon, monday(as_of)] = pk, as_of, as_of + horizon * WEEK
        if deadline and as_of < deadline:
            last[goal, OWN_DEADLINE, monday(as_of), deadline] = pk, as_of, deadline
    claims: dict[int, list[tuple[int, dt.date]]] = {}
    for (goal, horizon, *_when), (pk, as_of, due) in last.items():
        if due < today and as_of < (courses[goal].newest or dt.date.min) and (pk, horizon) not in judged:
            claims.setdefault(pk, []).append((horizon, due))
    made = [
        score
        for row in Forecast.objects.defer("reasons").in_bulk(list(claims)).values()
        for score in _scores(
            row.goal_id,
            row.as_of,
            [(h, due, _chance(row, h)) for h, due in claims[row.pk]],
            courses[row.goal_id],
            today,
            row.engine,
            row,
        )
    ]
    with derived():
        ForecastScore.objects.bulk_create(made, ignore_conflicts=True, batch_size=500)


def _chance(row: Forecast, horizon: int) -> float | None:
    return row.p_deadline if horizon == OWN_DEADLINE else chance_by(row.finish_days, row.p_never, 7 * horizon)


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
        for day in _replay_days(points[goal.pk], courses[goal.pk], today)
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


def _replay_days(points: Sequence[Point], course: Course, today: dt.date) -> Iterable[dt.date]:
    """Sundays, every few weeks on one grid for all goals, from the first report on until the least horizon is over.

    Without those on which there is nothing to say: too little was reported by then, or it was done. They leave no
    score, and would be asked for again each night.
    """
    observed = sorted({point.observed_on for point in points})
    if len(observed) < curves.NEEDED:
        return
    first = max(observed[curves.NEEDED - 1], today - REPLAY_BACK)
    last = min(observed[-1] - DAY, today - HORIZONS[0] * WEEK - DAY)
    step = REPLAY_EVERY.days
    begin = first.toordinal() + -first.toordinal() % step  # day 0 of the calendar was a Sunday
    for ordinal in range(begin, last.toordinal() + 1, step):
        day = dt.date.fromordinal(ordinal)
        if not course.done_by(day):
            yield day


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
