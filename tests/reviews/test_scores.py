"""Judging what was said: stated deadlines on their own days, forecasts at their horizons, replays apart."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from projects.models import Goal, Program, ProgramRevision
from projects.services.goals import create_goal, revise_goal
from projects.services.programs import create_program
from projects.time import WEEK, monday
from reviews import curves
from reviews.calibration_page import bias_of, deadlines
from reviews.models import Datapoint, Forecast, ForecastScore, StatedDate
from reviews.outcomes import course_of, stated_deadlines
from reviews.services import scores
from reviews.services.forecasting import forecast_all, refit_goals
from reviews.services.scores import OWN_DEADLINE, judge_program
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def ago(weeks: float) -> dt.date:
    return make.today() - dt.timedelta(days=round(7 * weeks))


def revise(goal: Goal, deadline: dt.date | None, on: dt.date, target: float | None = None, by=None) -> None:
    goal.refresh_from_db()
    revise_goal(
        goal=goal,
        version=goal.version,
        target=goal.target if target is None else target,
        deadline=deadline,
        on=on,
        memo=f"Moved on {on} to {deadline}.",
        by=by or make.make_user(),
    )


def dates(goal: Goal) -> dict[dt.date, str]:
    judge_program(goal.team.program)
    return dict(StatedDate.objects.filter(goal=goal).values_list("day", "outcome"))


# ---- what came of a goal ---------------------------------------------------------------------------------------------


def test_done_is_judged_by_the_value_and_the_target_of_the_day():
    goal = make.make_goal(values=(40, 60, 100, 100, 90, 100))
    course = course_of(goal, Datapoint.objects.filter(goal=goal))
    assert [course.done_by(ago(week)) for week in (6, 5, 4, 3, 2, 1, 0)] == [
        None,
        False,
        False,
        True,
        True,
        False,
        True,
    ]
    assert course.finished(ago(2)) == ago(3)
    assert course.finished(ago(4)) == ago(3)
    assert course.finished(ago(1)) == ago(0)


def test_a_target_that_was_raised_undoes_it_from_that_day_on():
    goal = make.make_goal(values=(40, 60, 100, 100, 100))
    revise(goal, goal.deadline, ago(1.5), target=120)
    goal.refresh_from_db()
    course = course_of(goal, Datapoint.objects.filter(goal=goal))
    assert course.done_by(ago(2))
    assert not course.done_by(ago(1))
    assert course.finished(ago(1)) is None


def test_what_its_team_stated_as_complete_is_done_whatever_the_number():
    goal = make.make_goal(values=(40, 60, 80), completed_on=ago(0.5))
    course = course_of(goal, Datapoint.objects.filter(goal=goal))
    assert not course.done_by(ago(1))
    assert course.done_by(ago(0))


# ---- stated deadlines ------------------------------------------------------------------------------------------------


def test_every_stated_deadline_is_judged_on_its_own_day_also_when_a_later_one_replaced_it():
    goal = make.make_goal(values=(10, 20, 30, 40, 50, 100), deadline=ago(4), start=ago(20))
    revise(goal, ago(2), ago(5))
    revise(goal, ago(-1), ago(3))
    assert dates(goal) == {ago(4): "missed", ago(2): "missed"}
    late = {row.day: row.finished_on for row in StatedDate.objects.all()}
    assert late == {ago(4): ago(0), ago(2): ago(0)}


def test_met_to_the_day_is_met():
    goal = make.make_goal(values=(10, 50, 100, 100), deadline=ago(1), start=ago(20))
    assert dates(goal) == {ago(1): "met"}
    assert StatedDate.objects.get().finished_on == ago(1)


def test_before_the_first_report_nobody_knows():
    goal = make.make_goal(values=(10, 20), deadline=ago(5), start=ago(20))
    assert dates(goal) == {ago(5): "unknown"}


def test_the_same_day_stated_twice_is_one_claim_and_one_stated_afterwards_is_none():
    goal = make.make_goal(values=(10, 20, 30), deadline=ago(1), start=ago(20))
    revise(goal, ago(-9), ago(12))
    revise(goal, ago(1), ago(11))
    revise(goal, ago(6), ago(5))
    goal.refresh_from_db()
    goal = Goal.objects.prefetch_related("revisions").get(pk=goal.pk)
    assert [(one.day, one.on) for one in stated_deadlines(goal)] == [(ago(1), ago(20)), (ago(-9), ago(12))]


def test_who_stated_it_is_who_made_the_goal_or_revised_it():
    ada, grace = make.make_user("ada"), make.make_user("grace")
    fields = {"baseline": 0.0, "target": 100.0, "unit": "%", "start": ago(20), "deadline": ago(4)}
    goal = create_goal(team=make.make_team(), name="Vanes", by=ada, **fields)
    make.make_point(goal, 10, observed_on=ago(10))
    revise(goal, ago(2), ago(6), by=grace)
    dates(goal)
    found = dict(StatedDate.objects.values_list("day", "by__username"))
    assert found == {ago(4): "ada", ago(2): "grace"}
    assert not StatedDate.objects.filter(imported=True).exists()


def test_of_an_import_it_is_kept_apart():
    program = make.make_program()
    make.make_import(program, rows=8)
    goal = Goal.objects.get()
    Goal.objects.filter(pk=goal.pk).update(deadline=ago(1))
    judge_program(program)
    assert StatedDate.objects.get().imported


def test_judged_again_where_the_data_changed_and_gone_where_it_is_no_longer_stated():
    goal = make.make_goal(values=(10, 50, 90, 90), deadline=ago(1), start=ago(20))
    assert dates(goal) == {ago(1): "missed"}
    Datapoint.objects.filter(goal=goal, observed_on=ago(1)).update(value=100)
    assert dates(goal) == {ago(1): "met"}
    Goal.objects.filter(pk=goal.pk).update(deadline=None)
    assert dates(goal) == {}


# ---- a program's own deadlines ---------------------------------------------------------------------------------------


def move_program(program: Program, deadline: dt.date | None, on: dt.date, by=None) -> None:
    """As `revise_program` does on that day."""
    old, program.deadline = program.deadline, deadline
    program.save()
    row = ProgramRevision.objects.create(
        program=program, old_deadline=old, new_deadline=deadline, memo=f"Moved on {on}.", by=by or make.make_user()
    )
    noon = dt.datetime.combine(on, dt.time(12), ZoneInfo(program.zone))
    ProgramRevision.objects.filter(pk=row.pk).update(at=noon)


def own_dates(program: Program) -> dict[dt.date, tuple]:
    judge_program(Program.objects.get(pk=program.pk))
    rows = StatedDate.objects.filter(program=program, goal=None)
    return {row.day: (row.outcome, row.finished_on) for row in rows}


def test_a_programs_deadline_is_met_where_every_goal_is_done_and_each_stated_one_counts():
    program = make.make_program(start=ago(20), deadline=ago(4))
    team = make.make_team(program)
    for values in ((50, 100, 100, 100, 100), (10, 20, 30, 100, 100)):
        make.make_goal(team, values=values, start=ago(20), deadline=None)
    move_program(program, ago(1), ago(5))
    move_program(program, ago(-3), ago(2))
    assert own_dates(program) == {ago(4): ("missed", ago(1)), ago(1): ("met", ago(1))}
    Datapoint.objects.filter(observed_on=ago(1), value=100).update(value=99)
    assert own_dates(program) == {ago(4): ("missed", ago(0)), ago(1): ("missed", ago(0))}


def test_goals_that_begin_later_or_were_put_away_hold_no_program_up():
    program = make.make_program(start=ago(20), deadline=ago(1))
    team = make.make_team(program)
    make.make_goal(team, values=(50, 100, 100), start=ago(20), deadline=None)
    make.make_goal(team, start=ago(0), deadline=None)
    short = make.make_goal(team, values=(10, 20, 30), start=ago(20), deadline=None)
    assert own_dates(program) == {ago(1): ("missed", None)}
    noon = dt.datetime.combine(ago(2), dt.time(12), ZoneInfo(program.zone))
    Goal.objects.filter(pk=short.pk).update(archived_at=noon)
    assert own_dates(program) == {ago(1): ("met", ago(1))}


def test_nobody_knows_of_a_program_with_a_goal_that_was_never_reported_or_one_that_makes_a_rate():
    program = make.make_program(start=ago(20), deadline=ago(1))
    team = make.make_team(program)
    make.make_goal(team, values=(50, 100, 100), start=ago(20), deadline=None)
    silent = make.make_goal(team, start=ago(20), deadline=None)
    assert own_dates(program) == {ago(1): ("unknown", None)}
    silent.delete()
    Program.objects.filter(pk=program.pk).update(kind="throughput")
    assert own_dates(program) == {ago(1): ("unknown", None)}


def test_a_programs_deadline_belongs_to_who_stated_it_and_counts_among_the_dates_that_fell_due():
    ada, grace = make.make_user("ada"), make.make_user("grace")
    program = create_program(name="Engines", by=ada, start=ago(20), deadline=ago(4))
    make.make_goal(make.make_team(program), values=(10, 20, 30, 40, 50), start=ago(20), deadline=None)
    move_program(program, ago(2), ago(6), by=grace)
    own_dates(program)
    assert dict(StatedDate.objects.values_list("day", "by__username")) == {ago(4): "ada", ago(2): "grace"}
    here, imported = deadlines(Program.objects.all())
    assert (here.met, here.due, imported.due) == (0, 2, 0)
    assert [bias_of(user, Program.objects.all())[1] for user in (ada, grace)] == [1, 1]
    Program.objects.filter(pk=program.pk).update(deadline=None)
    program.revisions.all().delete()
    assert own_dates(program) == {}


# ---- forecasts as they were issued -----------------------------------------------------------------------------------


@pytest.fixture
def goal():
    """Twenty weeks of one report a week, done three weeks ago; its deadline was nine weeks ago."""
    values = (*(5 * k for k in range(17)), 100, 100, 100)
    return make.make_goal(values=values, deadline=ago(9), start=ago(25))


def issued_on(goal: Goal, *days: dt.date) -> list[Forecast]:
    for day in days:
        refit_goals([goal], day)
    return list(Forecast.objects.filter(goal=goal).order_by("as_of"))


def said(goal: Goal, **filters) -> list[tuple]:
    judge_program(goal.team.program)
    rows = ForecastScore.objects.filter(goal=goal, **filters).order_by("as_of", "horizon")
    return list(rows.values_list("as_of", "horizon", "came"))


def test_each_horizon_that_has_passed_is_judged_by_what_came(goal):
    day = monday(ago(12)) + 2 * DAY
    (row,) = issued_on(goal, day)
    assert said(goal) == [(day, OWN_DEADLINE, False), (day, 4, False)]
    assert ForecastScore.objects.get(horizon=OWN_DEADLINE).probability == row.p_deadline
    four = ForecastScore.objects.get(horizon=4)
    assert (four.forecast, four.due, four.engine) == (row, day + 4 * WEEK, row.engine)
    late = monday(ago(7)) + 2 * DAY
    issued_on(goal, late)
    assert (late, 4, late + 4 * WEEK >= ago(2)) in said(goal)


def test_the_stored_chance_is_the_one_the_engine_gave(goal):
    day = monday(ago(12)) + 2 * DAY
    (row,) = issued_on(goal, day)
    judge_program(goal.team.program)
    from_row = ForecastScore.objects.get(horizon=4).probability
    before = sum(1 for left in row.finish_days if left is not None and left <= 28) / len(row.finish_days)
    assert from_row == pytest.approx(before, abs=0.02)


def test_of_one_week_only_the_last_counts_however_often_it_is_judged(goal):
    week = monday(ago(12))
    issued_on(goal, week, week + DAY, week + 3 * DAY)
    for today in (week + 4 * WEEK + 2 * DAY, week + 5 * WEEK, make.today()):
        judge_program(goal.team.program, today)
    fours = ForecastScore.objects.filter(horizon=4)
    assert [score.as_of for score in fours] == [week + 3 * DAY]


def test_what_was_done_already_is_no_prediction(goal):
    issued_on(goal, ago(1))
    assert not said(goal)


def test_without_a_report_since_nobody_knows_what_came():
    silent = make.make_goal(deadline=None)
    for week in range(12, 20):
        make.make_point(silent, 100.0 - 5 * week, observed_on=ago(week))
    issued_on(silent, ago(12))
    assert not said(silent)
    make.make_point(silent, 50.0, observed_on=ago(1))
    assert [(horizon, came) for _day, horizon, came in said(silent)] == [(4, False)]


def test_what_a_silent_goal_was_told_is_judged_when_it_is_reported_again_whatever_others_were_meanwhile(goal):
    silent = make.make_goal(goal.team, "Silent", deadline=ago(9))
    for week in range(12, 20):
        make.make_point(silent, 100.0 - 5 * week, observed_on=ago(week))
    day = monday(ago(12)) + 2 * DAY
    issued_on(silent, day)
    issued_on(goal, day, ago(6))
    assert said(goal)
    assert not said(silent)
    point = make.make_point(silent, 100.0, observed_on=ago(1))
    judged = [(day, OWN_DEADLINE, False), (day, 4, False)]
    assert said(silent) == judged
    Datapoint.objects.filter(pk=point.pk).update(quarantined_at=timezone.now(), quarantine_reason="Asked.")
    assert said(silent) == []
    Datapoint.objects.filter(pk=point.pk).update(quarantined_at=None, quarantine_reason="")
    assert said(silent) == judged


def test_of_the_week_of_a_deadline_the_last_forecast_before_it_counts(goal):
    monday_before = monday(goal.deadline)
    Goal.objects.filter(pk=goal.pk).update(deadline=monday_before + 3 * DAY)
    goal.refresh_from_db()
    issued_on(goal, *(monday_before + n * DAY for n in (0, 2, 4)))
    assert [day for day, horizon, _came in said(goal) if horizon == OWN_DEADLINE] == [monday_before + 2 * DAY]


def test_an_outcome_follows_a_correction(goal):
    day = monday(ago(12)) + 2 * DAY
    issued_on(goal, day)
    assert (day, 4, False) in said(goal)
    Datapoint.objects.filter(goal=goal, observed_on__gt=day).update(value=100)
    assert (day, 4, True) in said(goal)


def test_the_probability_is_kept_as_it_was_issued(goal):
    day = monday(ago(12)) + 2 * DAY
    issued_on(goal, day)
    judge_program(goal.team.program)
    before = ForecastScore.objects.get(horizon=4).probability
    Datapoint.objects.filter(goal=goal, observed_on__lte=day).update(value=1)
    judge_program(goal.team.program)
    assert ForecastScore.objects.get(horizon=4).probability == before


# ---- what would have been said ---------------------------------------------------------------------------------------


def test_an_imported_history_is_asked_and_marked_as_nobody_issued_it():
    program = make.make_program()
    make.make_import(program, rows=40)
    judge_program(program)
    found = ForecastScore.objects.all()
    assert found.exists()
    assert not found.filter(forecast__isnull=False).exists()
    assert {row.as_of.weekday() for row in found} == {6}
    assert {row.horizon for row in found} <= {0, 4, 13, 26, 52}
    assert all(row.due < make.today() for row in found)
    n = found.count()
    judge_program(program)
    assert ForecastScore.objects.count() == n


def test_days_on_which_nothing_can_be_said_are_not_asked_for_again(monkeypatch):
    """Before enough was reported, and once it was done."""
    program = make.make_program()
    make.make_import(program, rows=40)
    asked = []
    monkeypatch.setattr(scores, "forecast_all", lambda reads: asked.append(len(reads)) or forecast_all(reads))
    judge_program(program)
    judge_program(program)
    assert asked[1] == 0, asked


def test_a_history_that_was_logged_here_is_never_replayed(goal):
    assert not said(goal, forecast__isnull=True)


def test_another_engine_asks_again():
    program = make.make_program()
    make.make_import(program, rows=20)
    judge_program(program)
    before = set(ForecastScore.objects.values_list("pk", flat=True))
    assert before
    ForecastScore.objects.update(engine="curves-0")
    judge_program(program)
    after = ForecastScore.objects.all()
    assert {row.engine for row in after} == {curves.ENGINE_VERSION}
    assert not before & {row.pk for row in after}
