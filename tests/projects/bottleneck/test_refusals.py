"""What is refused, by name, and what is answered with unknown."""

import math

import pytest

from projects.bottleneck import (
    CycleError,
    DuplicateKeyError,
    Factor,
    Goal,
    InvalidNumberError,
    NoForecastError,
    Program,
    UnknownGoalError,
    find_cycle,
    joint_chance,
    rank,
)

from .build import exactly, running


def test_a_cycle_is_named():
    goals = (
        Goal("1", "", exactly(1), ("3",), name="Turbines"),
        Goal("2", "", exactly(1), ("1",), name="Power"),
        Goal("3", "", exactly(1), ("2",), name="Chips"),
        Goal("4", "", exactly(1), ("3",), name="Launch"),
    )
    with pytest.raises(CycleError) as refused:
        rank(Program(goals))
    assert set(refused.value.names) == {"Turbines", "Power", "Chips"}
    assert "Turbines -> Chips -> Power -> Turbines" in str(refused.value)


def test_a_cycle_among_finished_goals_is_refused_too():
    goals = (Goal("a", "", None, ("b",), done=True), Goal("b", "", None, ("a",), done=True))
    with pytest.raises(CycleError):
        rank(Program(goals))


def test_find_cycle_at_the_door():
    assert find_cycle([("a", "b"), ("b", "c"), ("a", "c")]) is None
    assert find_cycle([]) is None
    assert find_cycle([("a", "a")]) == ("a",)
    cycle = find_cycle([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")])
    assert cycle == ("a", "b", "c")


def test_find_cycle_on_a_very_long_chain():
    edges = [(str(i), str(i + 1)) for i in range(50_000)]
    assert find_cycle(edges) is None
    assert len(find_cycle([*edges, ("50000", "0")])) == 50_001


def test_unknown_and_double_keys():
    with pytest.raises(UnknownGoalError, match="b names a goal that is not in the program: a"):
        rank(Program((running("b", exactly(1), "a"),)))
    with pytest.raises(UnknownGoalError):
        rank(Program((running("b", exactly(1)),), (Factor("f", ("a",)),)))
    with pytest.raises(DuplicateKeyError):
        rank(Program((running("b", exactly(1)), running("b", exactly(2)))))
    with pytest.raises(DuplicateKeyError):
        rank(Program((running("b", exactly(1)),), (Factor("f", ("b",)), Factor("f", ("b",)))))
    with pytest.raises(UnknownGoalError):
        joint_chance((running("b", exactly(1)),), 10, of=("a",))


@pytest.mark.parametrize(
    "program",
    [
        Program((running("a", (1.0, math.nan)),)),
        Program((running("a", ()),)),
        Program((Goal("a", "", None, started=False, durations=(10, 5)),)),
        Program((Goal("a", "", None, started=False, durations=(-1, 5)),)),
        Program((Goal("a", "", None, started=False, durations=(1, math.inf)),)),
        Program((Goal("a", "", exactly(1), unblocked=(math.nan,)),)),
        Program((running("a", exactly(1)),), (Factor("f", ("a",), unblocked=(("a", ()),)),)),
        Program((running("a", exactly(1)),), deadline=math.nan),
        Program((running("a", exactly(1)),), team_shock=-0.1),
        Program((running("a", exactly(1)),), team_shock=0.7, program_shock=0.7),
        Program((running("a", exactly(1)),), team_shock=math.nan),
    ],
)
def test_numbers_that_cannot_be(program):
    with pytest.raises(InvalidNumberError):
        rank(program)


def test_too_few_draws():
    with pytest.raises(InvalidNumberError):
        rank(Program((running("a", exactly(1)),)), draws=10)


def test_all_done_is_converged():
    ranking = rank(Program((Goal("a", "", None, done=True),), deadline=3))
    assert ranking.proposal is None
    assert ranking.unknown.code == "converged"
    assert (ranking.p50, ranking.p_never, ranking.p_deadline) == (0, 0, 1)


def test_no_goals_and_no_forecast_are_unknown_never_zero():
    empty = rank(Program(()))
    assert (empty.p50, empty.p_deadline, empty.proposal, empty.unknown.code) == (None, None, None, "no_goals")
    blind = rank(Program((running("a", None), running("b", None)), deadline=10))
    assert (blind.p50, blind.p_deadline, blind.proposal, blind.unknown.code) == (None, None, None, "no_forecast")
    assert blind.left_out == ("a", "b")
    with pytest.raises(NoForecastError):
        joint_chance((running("a", None),), 10)


def test_too_few_forecasts_propose_nothing_but_still_show_what_is_known():
    goals = (running("a", exactly(10)), *(running(k, None) for k in "bcd"))
    ranking = rank(Program(goals))
    assert ranking.proposal is None
    assert ranking.unknown.code == "too_few_forecasts"
    assert ranking.p50 == 10
    assert [x.key for x in ranking.lines] == ["a"]


def test_left_out_goals_lower_the_confidence():
    known = tuple(running(k, exactly(n)) for k, n in (("a", 50), ("b", 20)))
    whole = rank(Program(known))
    partial = rank(Program((*known, running("c", None))))
    assert whole.confidence.score == 1
    assert partial.confidence.score == pytest.approx(2 / 3)
    assert partial.left_out == ("c",)
    assert "left_out" in {reason.code for reason in partial.reasons}
    assert partial.proposal.key == whole.proposal.key


def test_waits_pass_through_a_goal_without_a_forecast():
    goals = (
        running("a", exactly(10)),
        running("b", None, "a"),
        Goal("c", "", None, ("b",), started=False, durations=(5, 5)),
    )
    assert rank(Program(goals)).p50 == 15


def test_a_goal_already_past_cannot_be_relieved():
    ranking = rank(Program((running("a", (-5.0, -1.0)), running("b", exactly(10)))))
    assert next(x for x in ranking.lines if x.key == "a").relief_days == 0
    nothing = rank(Program((running("a", (-5.0, -1.0)),)))
    assert nothing.proposal is None
    assert nothing.unknown.code == "nothing_left"
