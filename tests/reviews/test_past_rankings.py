"""What the model would have said week by week: as much as was known then, and no more."""

import datetime as dt

import pytest

from projects.models import RankingDay
from projects.services.goals import set_archived, set_needs
from projects.services.ranking import rank_program
from projects.time import WEEK, monday
from reviews.services.forecasting import refit_program
from reviews.services.past_rankings import fill_history, past_weeks
from tests.factories import make_goal, make_program, make_team, today

pytestmark = pytest.mark.django_db

STEADY = tuple(range(0, 60, 4))


def test_each_past_week_has_a_row_from_the_first_report_on():
    program = make_program()
    make_goal(make_team(program), values=STEADY, start=today() - 14 * WEEK)
    fill_history(program, today())
    rows = list(RankingDay.objects.order_by("day"))
    sunday = monday(today()) - dt.timedelta(days=1)
    assert [row.day for row in rows] == [sunday - n * WEEK for n in range(len(rows) - 1, -1, -1)]
    assert len(rows) in (13, 14)
    assert all(row.replayed for row in rows)
    assert rows[0].proposal is None, "one report is no forecast"
    assert rows[-1].proposal


def test_twice_is_once():
    program = make_program()
    make_goal(make_team(program), values=STEADY)
    assert fill_history(program, today()) > 0
    before = list(RankingDay.objects.values())
    assert fill_history(program, today()) == 0
    assert list(RankingDay.objects.values()) == before


def test_what_was_said_then_is_not_replaced():
    program = make_program()
    make_goal(make_team(program), values=STEADY)
    sunday = monday(today()) - dt.timedelta(days=1)
    RankingDay.objects.create(program=program, day=sunday, confidence="said then")
    fill_history(program, today())
    assert RankingDay.objects.get(day=sunday).confidence == "said then"


def test_later_reports_change_nothing_said_before():
    short, long = make_program(), make_program()
    for program, values in ((short, STEADY), (long, STEADY)):
        make_goal(make_team(program), values=values)
    goal = long.teams.get().goals.get()
    day = monday(today()) - 3 * WEEK
    for program in (short, long):
        (week,) = past_weeks(program, [day])
        assert week.outlooks[week.goals[0].pk].value_on <= day
    assert goal.name
    first, second = (next(iter(past_weeks(program, [day]))).found.finish for program in (short, long))
    assert first == second


def test_a_goal_not_begun_holds_up_nobody_then():
    program = make_program()
    team = make_team(program)
    old = make_goal(team, values=STEADY)
    new = make_goal(team, values=(1, 2, 3), start=today() - 3 * WEEK)
    set_needs(goal=old, needs=[new], by=None)
    (week,) = past_weeks(program, [today() - 8 * WEEK])
    assert week.goals == [old]


def test_a_goal_that_needs_an_archived_one_is_ranked():
    program = make_program()
    team = make_team(program)
    goal, gone = make_goal(team, values=STEADY), make_goal(team, values=STEADY)
    set_needs(goal=goal, needs=[gone], by=None)
    set_archived(goal=gone, archived=True, by=None)
    refit_program(program)
    assert rank_program(program).proposal["id"] == goal.pk


def test_an_import_brings_a_history_that_has_led():
    program = make_program()
    make_goal(make_team(program), values=STEADY)
    fill_history(program, today())
    refit_program(program)
    assert program.ranking.led_reviews >= 2
    assert program.ranking.called["id"] == program.ranking.proposal["id"]
