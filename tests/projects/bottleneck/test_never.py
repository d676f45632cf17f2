"""Programs that may never end: the ranking stays useful."""

import math

import pytest

from projects.bottleneck import HORIZON_DAYS, Factor, Goal, Program, rank

from .build import apart, exactly, lognormal, running, waiting

NEVER = (math.inf,)


def codes(ranking):
    return [reason.code for reason in ranking.reasons]


def test_one_goal_that_never_ends_is_worth_the_way_from_five_years_to_the_rest():
    ranking = rank(apart(running("a", NEVER), running("b", exactly(100))))
    assert ranking.p50 == math.inf
    assert ranking.p_never == 1
    assert (ranking.proposal.key, ranking.proposal.relief_days) == ("a", HORIZON_DAYS - 100)
    assert ranking.proposal.gain_in_p_done == 1
    assert "not within five years" in ranking.reasons[0].text


def test_two_that_never_end_are_worth_nothing_alone_and_it_says_so():
    ranking = rank(apart(running("a", NEVER), running("b", NEVER), running("c", exactly(9)), deadline=50))
    assert [x.relief_days for x in ranking.lines] == [0, 0, 0]
    assert ranking.reasons[0].code == "still_never"
    assert {x.key for x in ranking.lines if x.criticality == 1} == {"a", "b"}
    assert ranking.proposal.key == "a"
    assert ranking.next.key == "b"
    assert ranking.confidence.word == "low"


def test_it_says_how_many_together_would_be_enough():
    never = [running(k, NEVER) for k in "abc"]
    ranking = rank(apart(*never, running("d", exactly(40))))
    (together,) = [reason for reason in ranking.reasons if reason.code == "together"]
    assert together.values == {"goals": ("a", "b", "c"), "count": 3}
    many = rank(apart(*(running(f"g{i}", lognormal(50, never=0.3)) for i in range(12))), draws=4000)
    (together,) = [reason for reason in many.reasons if reason.code == "together"]
    # 0.7 ** 2 is just under a half, 0.7 ** 1 over it: all but one (or, by luck of the draws, two) must go.
    assert together.values["count"] in (10, 11)


def test_where_the_p50_stays_never_the_chance_of_the_deadline_decides():
    # Both keep the P50 at never; without b the deadline gains more.
    a, b = running("a", lognormal(20, 0.1, never=0.6)), running("b", lognormal(20, 0.1, never=0.8))
    ranking = rank(apart(a, b, deadline=100), draws=4000)
    assert ranking.p50 == math.inf
    assert [x.relief_days for x in ranking.lines] == [0, 0]
    assert ranking.proposal.key == "b"
    lines = {x.key: x for x in ranking.lines}
    assert lines["b"].gain_in_p_deadline == pytest.approx(0.4 - 0.08, abs=0.02)
    assert lines["a"].gain_in_p_deadline == pytest.approx(0.2 - 0.08, abs=0.02)


def test_where_no_deadline_is_set_the_chance_to_finish_at_all_decides():
    a, b = running("a", lognormal(20, 0.1, never=0.6)), running("b", lognormal(20, 0.1, never=0.8))
    ranking = rank(apart(a, b), draws=4000)
    assert (ranking.proposal.key, ranking.proposal.gain_in_p_deadline) == ("b", None)


def test_where_nothing_gains_the_share_of_runs_it_decides_decides():
    goals = (running("a", NEVER), running("b", NEVER), running("c", lognormal(20, never=0.5)))
    ranking = rank(apart(*goals))
    criticality = {x.key: x.criticality for x in ranking.lines}
    assert criticality == {"a": 1, "b": 1, "c": pytest.approx(0.5, abs=0.01)}
    assert ranking.lines[-1].key == "c"


def test_what_only_waits_for_the_endless_has_not_caused_it():
    ranking = rank(apart(running("a", NEVER), waiting("b", 10, 20, "a"), running("c", exactly(5), "b")))
    assert {x.key: x.criticality for x in ranking.lines} == {"a": 1, "b": 0, "c": 0}
    assert ranking.proposal.key == "a"


def test_a_sum_of_finite_waits_beyond_five_years_is_never_too():
    ranking = rank(apart(running("a", exactly(1000)), waiting("b", 900, 900, "a")))
    assert ranking.p50 == math.inf
    assert ranking.finish == (math.inf,) * 100
    assert {x.key: x.relief_days for x in ranking.lines} == {"a": 926, "b": 826}


def test_halving_never_is_never():
    ranking = rank(apart(running("a", NEVER), factors=(Factor("f", ("a",)),)))
    factor = next(x for x in ranking.lines if x.kind == "factor")
    assert factor.relief_days == 0
    assert ranking.proposal.kind == "goal"


def test_a_measured_pace_turns_never_into_a_date():
    factor = Factor("f", ("a",), unblocked=(("a", exactly(200)),))
    ranking = rank(apart(running("a", NEVER), factors=(factor,)))
    assert next(x for x in ranking.lines if x.kind == "factor").relief_days == HORIZON_DAYS - 200


def test_the_deadline_beside_the_capped_relief():
    ranking = rank(apart(running("a", NEVER), running("b", exactly(100)), deadline=120))
    assert (ranking.p_deadline, ranking.proposal.gain_in_p_deadline) == (0, 1)
    assert "deadline" in codes(ranking)


def test_a_deadline_that_is_past_has_no_chance():
    ranking = rank(apart(running("a", exactly(10)), deadline=-1))
    assert (ranking.p_deadline, ranking.proposal.gain_in_p_deadline) == (0, 0)


def test_a_deadline_beyond_five_years_counts_what_ends_within_five():
    program = Program((Goal("a", "", (100.0, 100.0, 100.0, math.inf)),), deadline=5000)
    assert rank(program).p_deadline == pytest.approx(0.75)
