"""What the model said day by day, and from when on the board calls a proposal out: once it has led two reviews."""

import datetime as dt

import pytest

from projects.models import RankingDay
from projects.services.ranking import rank_program
from projects.services.ranking_history import lead, thin
from projects.time import WEEK, monday
from tests.factories import make_goal, make_program, make_team, make_world, today
from tests.projects.test_ranking import say, spread

DAY = dt.timedelta(days=1)
MAY = dt.date(2026, 5, 4)


def line(key: int, relief: float = 10.0) -> dict:
    return {"kind": "goal", "id": key, "name": f"Goal {key}", "relief_days": relief}


def course(*said: tuple[int, int | None]) -> dict:
    """`lead` of (day in May, id of the goal proposed) in order."""
    rows = [(MAY + day * DAY, None if key is None else line(key)) for day, key in said]
    return lead(rows, [line(key, relief=33.0) for key in range(5)])


# ---- hysteresis ----------------------------------------------------------------------------------------------------


def test_a_first_proposal_is_not_called_out():
    assert course((0, 1)) == {"led_reviews": 1, "called": None}


def test_it_is_called_out_when_it_has_led_two_reviews_with_its_numbers_of_today():
    assert course((0, 1), (7, 1)) == {"led_reviews": 2, "called": line(1, relief=33.0)}


def test_a_newcomer_leaves_the_old_one_called_out_until_it_has_led_two():
    assert course((0, 1), (7, 1), (14, 2)) == {"led_reviews": 1, "called": line(1, relief=33.0)}
    assert course((0, 1), (7, 1), (14, 2), (21, 2)) == {"led_reviews": 2, "called": line(2, relief=33.0)}


def test_two_that_take_turns_never_are():
    assert course((0, 1), (7, 2), (14, 1), (21, 2)) == {"led_reviews": 1, "called": None}


def test_nights_without_data_are_no_review():
    assert course((0, 1), (0, 1), (0, 1)) == {"led_reviews": 1, "called": None}


def test_data_of_the_next_day_are_the_same_review_entered_late():
    assert course((0, 1), (1, 1)) == {"led_reviews": 1, "called": None}
    assert course((0, 1), (2, 1))["led_reviews"] == 2


def test_what_was_said_last_on_the_same_data_counts():
    assert course((0, 1), (7, 2), (7, 1)) == {"led_reviews": 2, "called": line(1, relief=33.0)}


def test_nothing_is_called_out_where_nothing_is_proposed():
    assert course((0, 1), (7, 1), (14, None)) == {"led_reviews": 0, "called": None}
    assert lead([(None, None)], []) == {"led_reviews": 0, "called": None}


def test_what_rests_on_stated_figures_alone_is_called_out_at_once():
    assert lead([(None, line(1))], [line(1)]) == {"led_reviews": 0, "called": line(1)}


def test_what_is_done_meanwhile_is_not_called_out():
    rows = [(MAY, line(1)), (MAY + WEEK, line(1)), (MAY + 2 * WEEK, line(2))]
    assert lead(rows, [line(2)])["called"] is None


# ---- kept ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_day_is_one_row_and_says_what_was_said_last():
    program = make_program()
    goal = say(make_goal(make_team(program), "Vanes"), days=spread(60))
    rank_program(program)
    say(goal, days=spread(90), value=41.0)
    ranking = rank_program(program)
    kept = RankingDay.objects.get()
    assert (kept.day, kept.p50, kept.proposal, kept.replayed) == (today(), ranking.p50, ranking.proposal, False)
    said = {"name": "Vanes", "verdict": "converging", "p50": None, "value": 41.0}
    assert kept.goals == {str(goal.pk): said | {"p_deadline": kept.goals[str(goal.pk)]["p_deadline"]}}


@pytest.mark.django_db
def test_ranked_on_new_data_a_week_later_it_has_led_two_reviews():
    program = make_program()
    goal = say(make_goal(make_team(program)), days=spread(60), value_on=today())
    rank_program(program, today())
    assert program.ranking.called is None
    say(goal, days=spread(60), value_on=today() + WEEK)
    ranking = rank_program(program, today() + WEEK)
    assert (ranking.led_reviews, ranking.called["id"]) == (2, goal.pk)


@pytest.mark.django_db
def test_of_weeks_long_past_one_row_is_kept():
    program = make_program()
    day = today()
    for age in range(60):
        RankingDay.objects.create(program=program, day=day - age * DAY)
    for age in range(40, -1, -1):  # as the nights went by
        thin(program, day - age * DAY)
    kept = [row.day for row in RankingDay.objects.filter(day__gte=day - 40 * DAY).order_by("day")]
    edge = monday(day - 3 * WEEK)
    assert [one for one in kept if one >= edge] == [day - n * DAY for n in range((day - edge).days, -1, -1)]
    assert all(one.weekday() == 6 for one in kept if one < edge)


@pytest.mark.django_db
def test_a_program_never_ranked_has_no_history():
    make_program()
    assert not RankingDay.objects.exists()
    make_world()
    assert RankingDay.objects.count() == 1
