"""What limits a program according to the model: ranked once, stored, and what is stored."""

import datetime as dt
import math

import pytest

from projects.models import Goal, Outlook, Program, Ranking
from projects.services.goals import set_archived, set_gate, set_needs
from projects.services.outlooks import OutlookValue, record_outlooks
from projects.services.ranking import engine_goal, rank_program, severity
from tests.factories import declare, make_factor, make_goal, make_program, make_team, today

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program() -> Program:
    return make_program(deadline=today() + 100 * DAY, last_acceptable=today() + 200 * DAY)


@pytest.fixture
def team(program):
    return make_team(program)


def say(goal: Goal, verdict: str = "converging", days=(50.0,), **fields) -> Goal:
    """The outlook of a goal as reviews would push it."""
    fields = {
        "goal_id": goal.pk,
        "basis": goal.data_version + 1,
        "as_of": today(),
        "verdict": verdict,
        "reasons": ["Because"],
        "finish_days": list(days),
        "p_deadline": 0.5,
        "value": 40.0,
        "value_on": today(),
        "curve": [[str(today() - 10 * DAY), 0.0], [str(today()), 40.0]],
    } | fields
    record_outlooks([OutlookValue(**fields)])
    return goal


def spread(middle: float) -> list[float]:
    return [middle * (0.5 + k / 50) for k in range(50)]


# ---- stored --------------------------------------------------------------------------------------------------------


def test_it_is_stored_once_and_read_from_there(program, team):
    say(make_goal(team), days=spread(60))
    first, again = rank_program(program), rank_program(program)
    assert Ranking.objects.get() == first == again
    assert again.computed_at > first.computed_at
    kept = ("p50", "lines", "proposal", "teams", "severity", "curve", "finish_days", "reasons")
    assert [getattr(first, name) for name in kept] == [getattr(again, name) for name in kept]


def test_dates_are_days_from_today(program, team):
    say(make_goal(team), days=[50.0])
    ranking = rank_program(program)
    assert ranking.p10 == ranking.p50 == ranking.p90 == today() + 50 * DAY
    assert (ranking.p_never, ranking.p_deadline, ranking.p_last_acceptable) == (0, 1, 1)
    assert (ranking.as_of, ranking.newest_data) == (today(), today())


def test_never_is_an_outcome(program, team):
    say(make_goal(team), days=[None])
    ranking = rank_program(program)
    assert (ranking.p50, ranking.p_never, ranking.p_deadline, ranking.p_last_acceptable) == (None, 1, 0, 0)
    assert ranking.known


def test_no_deadline_has_no_chance(team):
    Program.objects.filter(pk=team.program_id).update(deadline=None, last_acceptable=None)
    say(make_goal(team))
    ranking = rank_program(Program.objects.get(pk=team.program_id))
    assert (ranking.p_deadline, ranking.p_last_acceptable) == (None, None)


def test_the_last_acceptable_date_counts_its_own_day(program, team):
    say(make_goal(team), days=[200.0])
    assert rank_program(program).p_last_acceptable == 1
    say(make_goal(team), days=[201.0])
    assert rank_program(program).p_last_acceptable == 0


def test_the_goal_that_is_worth_most_is_proposed(program, team):
    slow = say(make_goal(team, "Slow"), days=spread(90))
    say(make_goal(team, "Fast"), days=spread(20))
    ranking = rank_program(program)
    assert (ranking.proposal["kind"], ranking.proposal["id"]) == ("goal", slow.pk)
    assert ranking.proposal["relief_days"] > 0
    assert ranking.following["name"] == "Fast"
    assert [line["name"] for line in ranking.lines] == ["Slow", "Fast"]


def test_the_factor_behind_it_is_named(program, team):
    goal = say(make_goal(team), days=spread(90))
    factor = make_factor("Vanes")
    set_gate(goal=goal, factor=factor, by=None)
    ranking = rank_program(program)
    named = [line for line in (ranking.proposal, ranking.behind) if line and line["kind"] == "factor"]
    assert [line["id"] for line in named] == [factor.pk]


def test_a_declared_limit_does_not_move_the_model(program, team):
    say(make_goal(team), days=spread(90))
    before = rank_program(program).proposal
    declare(program, "The weather")
    assert rank_program(program).proposal == before


def test_goals_wait_for_what_they_need(program, team):
    first = say(make_goal(team, "First"), days=[50.0])
    then = say(make_goal(team, "Then", shortest_days=30, longest_days=30), days=[10.0], value=0.0)
    alone = rank_program(program).p50
    set_needs(goal=then, needs=[first], by=None)
    assert (alone, rank_program(program).p50) == (today() + 50 * DAY, today() + 80 * DAY)


def test_an_archived_goal_counts_no_more(program, team):
    bad = say(make_goal(team, "Bad"), days=[None])
    say(make_goal(team, "Good"), days=[50.0])
    assert rank_program(program).p50 is None
    set_archived(goal=bad, archived=True, by=None)
    ranking = rank_program(program)
    assert ranking.p50 == today() + 50 * DAY
    assert [line["name"] for line in ranking.lines] == ["Good"]


# ---- what is not known ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("goals", [0, 2])
def test_nothing_known_is_no_number(program, team, goals):
    for _ in range(goals):
        make_goal(team)
    ranking = rank_program(program)
    assert not ranking.known
    assert (ranking.proposal, ranking.p50, ranking.p_never, ranking.p_deadline) == (None, None, None, None)
    assert (ranking.p_last_acceptable, ranking.newest_data, ranking.curve) == (None, None, [])
    assert ranking.reasons


def test_goals_without_a_forecast_are_named_and_left_out(program, team):
    say(make_goal(team, "Known"), days=spread(50))
    make_goal(team, "Silent")
    say(make_goal(team, "Refused"), "unknown", days=[])
    ranking = rank_program(program)
    assert sorted(ranking.left_out) == ["Refused", "Silent"]
    assert [line["name"] for line in ranking.lines] == ["Known"]


def test_what_is_left_out_lowers_the_confidence(program, team):
    say(make_goal(team), days=spread(50))
    sure = rank_program(program).confidence
    for _ in range(2):
        make_goal(team)
    order = ["", "low", "fair", "high"]
    assert order.index(rank_program(program).confidence) < order.index(sure)


def test_all_done_proposes_nothing(program, team):
    say(make_goal(team), "done", days=[0.0])
    ranking = rank_program(program)
    assert (ranking.proposal, ranking.p50, ranking.p_never) == (None, today(), 0)
    assert (ranking.verdicts, ranking.severity) == ({"done": 1}, 0)


# ---- teams ---------------------------------------------------------------------------------------------------------


def team_of(program: Program, team) -> dict:
    return rank_program(program).teams[str(team.pk)]


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        (["converging", "diverging", "stalled"], "diverging"),
        (["done", "slow", "converging"], "slow"),
        (["done", "converging"], "converging"),
        (["done", "done"], "done"),
        (["done", "unknown"], "unknown"),
        (["unknown", "stalled"], "stalled"),
        (["unknown"], "unknown"),
    ],
)
def test_a_teams_verdict_is_that_of_the_goal_that_holds_it_back(program, team, verdicts, word):
    goals = [say(make_goal(team), v, days=[] if v == "unknown" else spread(50)) for v in verdicts]
    found = team_of(program, team)
    assert (found["verdict"], found["goals"], found["done"]) == (word, len(verdicts), verdicts.count("done"))
    held = [goal.pk for goal, verdict in zip(goals, verdicts, strict=True) if verdict == word]
    assert found["holds_back"] == (held[0] if word not in ("done", "unknown") else None)


def test_of_two_alike_the_less_likely_holds_it_back(program, team):
    say(make_goal(team), "slow", p_deadline=0.2)
    worse = say(make_goal(team), "slow", p_deadline=0.1)
    assert team_of(program, team)["holds_back"] == worse.pk


def test_goals_that_each_converge_and_together_do_not_make_the_team_slow(program, team):
    """One in three each, by draws that hardly go together: all three at once is rare."""
    goals = [say(make_goal(team, f"Goal {n}", deadline=today() + 60 * DAY), days=spread(70)) for n in range(3)]
    by_then = say(make_goal(team, "Early", deadline=today() + 300 * DAY), days=spread(20))
    found = team_of(program, team)
    assert found["p_deadline"] < 0.25
    assert (found["verdict"], found["holds_back"] in {goal.pk for goal in goals}) == ("slow", True)
    for goal in goals[1:]:
        set_archived(goal=goal, archived=True, by=None)
    found = team_of(program, team)
    assert found["p_deadline"] > 0.25
    assert found["verdict"] == "converging"
    assert by_then.pk != found["holds_back"]


def test_the_goal_whose_end_would_help_most_holds_back_a_slow_team(program, team):
    say(make_goal(team, "Easy", deadline=today() + 80 * DAY), days=spread(70))
    hard = say(make_goal(team, "Hard", deadline=today() + 52 * DAY), days=spread(70))
    found = team_of(program, team)
    assert (found["verdict"], found["holds_back"]) == ("slow", hard.pk)


def test_a_goal_without_a_deadline_holds_a_team_back_less_than_one_that_misses_its_own(program, team):
    say(make_goal(team, "Open end", deadline=None), days=spread(50), p_deadline=None)
    due = say(make_goal(team, "Due"), days=spread(50), p_deadline=0.4)
    assert team_of(program, team)["holds_back"] == due.pk


def test_goals_without_a_forecast_are_counted_beside_the_verdict(program, team):
    say(make_goal(team), days=spread(50))
    make_goal(team)
    say(make_goal(team), "unknown", days=[])
    found = team_of(program, team)
    assert (found["verdict"], found["goals"], found["left_out"]) == ("converging", 3, 2)


def test_the_chance_of_a_team_is_joint_and_no_product(program, team):
    """Three goals at one half each: more than an eighth, because they share their luck; no more than one half."""
    for _ in range(3):
        say(make_goal(team, deadline=today() + 50 * DAY), days=spread(50))
    assert 0.125 + 0.02 < team_of(program, team)["p_deadline"] < 0.5


def test_done_goals_and_goals_without_a_date_are_not_in_it(program, team):
    say(make_goal(team, deadline=today() + 50 * DAY), days=[10.0])
    say(make_goal(team, deadline=None), days=[None])
    say(make_goal(team), "done", days=[0.0])
    assert team_of(program, team)["p_deadline"] == 1


def test_a_team_without_dates_has_no_chance_of_them(program, team):
    say(make_goal(team, deadline=None))
    assert team_of(program, team)["p_deadline"] is None


def test_teams_are_counted_by_verdict(program, team):
    say(make_goal(team), "slow")
    for verdict in ("slow", "done"):
        say(make_goal(make_team(program)), verdict)
    make_team(program, "Without goals")
    assert rank_program(program).verdicts == {"slow": 2, "done": 1}


# ---- severity ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p_deadline", "p_never", "wanted"),
    [(1.0, 0.0, 0), (0.0, 1.0, 2), (0.5, 0.0, 0.5), (0.5, 0.25, 0.75), (None, 0.0, 0), (None, 1.0, 2)],
)
def test_the_worst_comes_first(p_deadline, p_never, wanted):
    assert severity({"finish_days": [1], "p_deadline": p_deadline, "p_never": p_never}) == wanted


def test_the_unknown_stand_between_well_and_trouble():
    well = severity({"finish_days": [1], "p_deadline": 0.9, "p_never": 0.0})
    trouble = severity({"finish_days": [1], "p_deadline": 0.2, "p_never": 0.1})
    assert well < severity({"finish_days": [], "p_deadline": None, "p_never": None}) < trouble


# ---- what the engine is given --------------------------------------------------------------------------------------


def test_an_older_forecast_counts_from_today(team):
    goal = say(make_goal(team), days=[3.0, 30.0, None], as_of=today() - 10 * DAY)
    assert engine_goal(goal, Outlook.objects.get(), today()).finish == (0, 20, math.inf)


def test_one_with_durations_has_started_once_it_moved(team):
    goal = make_goal(team, shortest_days=10, longest_days=20)
    assert not engine_goal(goal, None, today()).started
    say(goal, value=goal.baseline)
    assert not engine_goal(goal, Outlook.objects.get(), today()).started
    say(goal, value=goal.baseline + 1)
    assert engine_goal(goal, Outlook.objects.get(), today()).started


def test_the_curve_of_a_program_ends_at_the_mean_share_done(program, team):
    say(make_goal(team))
    say(make_goal(team), curve=[[str(today() - 100 * DAY), 0.0], [str(today() - 50 * DAY), 100.0]])
    make_goal(team)
    curve = rank_program(program).curve
    assert curve[0] == [str(today() - 100 * DAY), 0]
    assert curve[-1] == [str(today()), round((0.4 + 1 + 0) / 3, 4)]
    assert [day for day, _share in curve] == sorted(day for day, _share in curve)


def test_more_goals_are_no_more_queries(program, team, django_assert_num_queries, django_assert_max_num_queries):
    for _ in range(2):
        set_gate(goal=say(make_goal(team)), factor=make_factor(), by=None)
    rank_program(program)
    with django_assert_max_num_queries(15) as few:
        rank_program(program)
    for _ in range(10):
        set_gate(goal=say(make_goal(make_team(program))), factor=make_factor(), by=None)
    with django_assert_num_queries(len(few)):
        rank_program(program)
