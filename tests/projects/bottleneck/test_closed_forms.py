"""Networks whose answer is known exactly."""

import math

import pytest

from projects.bottleneck import Factor, Goal, Program, joint_chance, rank

from .build import apart, exactly, exponential, lognormal, normal, running, uniform, waiting


def line(ranking, key, kind="goal"):
    return next(x for x in ranking.lines if (x.key, x.kind) == (key, kind))


def test_one_goal_finishes_when_its_forecast_says_whatever_the_seed():
    for seed in range(5):
        ranking = rank(Program((running("a", uniform(0, 100)),)), seed=seed)
        assert (ranking.p10, ranking.p50, ranking.p90) == pytest.approx((10, 50, 90), abs=0.1)
        assert line(ranking, "a").relief_days == pytest.approx(50, abs=0.1)
        assert line(ranking, "a").eased_days == pytest.approx(5, abs=0.01)
        assert line(ranking, "a").criticality == 1


def test_a_series_adds_up_and_so_does_its_relief():
    ranking = rank(apart(running("a", exactly(10)), waiting("b", 20, 20, "a"), waiting("c", 30, 30, "b")))
    assert ranking.p50 == 60
    assert [(x.key, x.relief_days, x.eased_days) for x in ranking.lines] == [("c", 30, 3), ("b", 20, 2), ("a", 10, 1)]
    assert sum(x.relief_days for x in ranking.lines) == ranking.p50


def test_a_series_of_uniforms_is_their_convolution():
    ranking = rank(apart(running("a", uniform(0, 100)), waiting("b", 0, 100, "a")), draws=20000)
    # The sum of two uniforms on 0..100 is triangular: its P10 is sqrt(0.2) * 100, its P50 100.
    assert ranking.p10 == pytest.approx(100 * math.sqrt(0.2), abs=1.5)
    assert ranking.p50 == pytest.approx(100, abs=1.5)
    assert line(ranking, "a").relief_days == pytest.approx(50, abs=1.5)
    assert line(ranking, "b").relief_days == pytest.approx(50, abs=1.5)


def test_parallel_the_longest_decides_and_relief_stops_at_the_second():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(70)), running("c", exactly(40))))
    assert ranking.p50 == 100
    assert [(x.key, x.relief_days, x.criticality) for x in ranking.lines] == [("a", 30, 1), ("b", 0, 0), ("c", 0, 0)]
    assert ranking.proposal.key == "a"
    assert ranking.next.key == "b"
    assert ranking.next.relief_days == 30


def test_parallel_exponentials_have_the_median_of_their_maximum():
    means = {"a": 60.0, "b": 100.0, "c": 140.0}
    ranking = rank(apart(*(running(k, exponential(m)) for k, m in means.items())), draws=20000)

    def median_of_max(*means):
        low, high = 0.0, 5000.0
        for _ in range(60):
            mid = (low + high) / 2
            low, high = (mid, high) if math.prod(1 - math.exp(-mid / m) for m in means) < 0.5 else (low, mid)
        return low

    assert ranking.p50 == pytest.approx(median_of_max(60, 100, 140), rel=0.015)
    for key in means:
        rest = [m for k, m in means.items() if k != key]
        expected = median_of_max(60, 100, 140) - median_of_max(*rest)
        assert line(ranking, key).relief_days == pytest.approx(expected, abs=2.5)


def test_two_exponentials_decide_in_proportion_to_their_means():
    ranking = rank(apart(running("a", exponential(100)), running("b", exponential(50))), draws=20000)
    # P(a > b) for exponentials of means 100 and 50 is 100 / 150.
    assert line(ranking, "a").criticality == pytest.approx(2 / 3, abs=0.01)
    assert line(ranking, "b").criticality == pytest.approx(1 / 3, abs=0.01)


def test_two_equal_paths_each_decide_half_and_neither_is_worth_all():
    program = apart(running("a", normal(100, 10)), running("b", normal(100, 10)))
    ranking = rank(program, draws=20000)
    a, b = line(ranking, "a"), line(ranking, "b")
    assert a.criticality == pytest.approx(0.5, abs=0.02)
    assert a.criticality + b.criticality == pytest.approx(1)
    # P50 of the larger of two: the sqrt(0.5) quantile of one, 100 + 10 * 0.5450.
    assert ranking.p50 == pytest.approx(105.450, abs=0.3)
    assert a.relief_days == pytest.approx(5.450, abs=0.3)
    assert b.relief_days == pytest.approx(5.450, abs=0.3)


def test_two_certain_equal_paths_are_worth_nothing_alone():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(100))))
    assert [x.relief_days for x in ranking.lines] == [0, 0]
    assert [x.criticality for x in ranking.lines] == [1, 1]
    assert ranking.reasons[0].code == "no_single_relief"


def test_a_goal_under_way_keeps_its_progress_and_only_cannot_end_before_what_it_needs():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(30), "a"), waiting("c", 20, 20, "b")))
    assert ranking.p50 == 120
    assert line(ranking, "b").relief_days == 0
    assert line(ranking, "a").relief_days == 70


def test_a_factor_with_a_measured_pace_is_worth_the_difference():
    a = running("a", exactly(100))
    factor = Factor("power", ("a",), unblocked=(("a", exactly(40)),))
    ranking = rank(apart(a, running("b", exactly(30)), factors=(factor,)))
    assert line(ranking, "power", "factor").relief_days == 60
    assert line(ranking, "power", "factor").eased_days == pytest.approx(10)
    assert ranking.behind.key == "power"


def test_a_factor_without_a_measured_pace_halves_the_time_and_says_so():
    ranking = rank(apart(running("a", exactly(100)), factors=(Factor("power", ("a",)),)))
    assert line(ranking, "power", "factor").relief_days == 50
    assert "assumed_pace" in {reason.code for reason in ranking.reasons}


def test_easing_a_factor_is_worth_no_more_than_taking_it_away():
    factor = Factor("power", ("a",), unblocked=(("a", exactly(96)),))
    ranking = rank(apart(running("a", exactly(100)), factors=(factor,)))
    assert line(ranking, "power", "factor").relief_days == 4
    assert line(ranking, "power", "factor").eased_days == 4


def test_a_pace_on_the_goal_serves_any_factor_and_the_factors_own_goes_first():
    a = Goal("a", "", exactly(100), unblocked=exactly(70))
    b = Factor("power", ("a",), unblocked=(("a", exactly(40)),))
    ranking = rank(apart(a, factors=(b, Factor("chips", ("a",)))))
    assert line(ranking, "power", "factor").relief_days == 60
    assert line(ranking, "chips", "factor").relief_days == 30


def test_a_goal_not_started_has_its_stated_range_scaled_by_a_factor_even_where_a_pace_is_known():
    factor = Factor("permits", ("b",), unblocked=(("b", exactly(1)),))
    ranking = rank(apart(running("a", exactly(10)), waiting("b", 40, 40, "a"), factors=(factor,)))
    assert line(ranking, "permits", "factor").relief_days == 20


def test_urgency_is_days_gained_for_a_day_earlier():
    ranking = rank(apart(running("a", exactly(100)), running("b", exactly(95))))
    # 10 % of a are ten days, of which the first five count.
    assert line(ranking, "a").urgency == pytest.approx(0.5)
    assert line(ranking, "b").urgency == 0
    alone = rank(apart(running("a", exactly(100))))
    assert line(alone, "a").urgency == pytest.approx(1)


def test_when_each_goal_is_done_its_waits_included():
    ranking = rank(apart(running("a", exactly(10)), waiting("b", 20, 20, "a")))
    assert (line(ranking, "a").p50, line(ranking, "b").p50) == (10, 30)


def test_a_shared_factor_beats_any_goal_it_gates():
    goals = (running("a", exactly(100)), running("b", exactly(95)), running("c", exactly(90)))
    ranking = rank(apart(*goals, factors=(Factor("chips", ("a", "b", "c")),)))
    assert (ranking.proposal.key, ranking.proposal.relief_days) == ("chips", 50)


def test_independent_chances_multiply_and_shared_shocks_lift_them():
    goals = tuple(running(k, uniform(0, 100), team="t") for k in "abcde")
    alone = joint_chance(goals, 80, team_shock=0, program_shock=0, draws=20000)
    assert alone == pytest.approx(0.8**5, abs=0.012)
    together = joint_chance(goals, 80, draws=20000)
    assert together > alone + 0.05
    assert joint_chance(goals, 80, team_shock=0, program_shock=1) == pytest.approx(0.8, abs=0.001)


def test_the_chance_of_never_is_kept():
    ranking = rank(apart(running("a", lognormal(100, never=0.3))))
    assert ranking.p_never == pytest.approx(0.3)
    two = rank(apart(running("a", lognormal(100, never=0.3)), running("b", lognormal(100, never=0.3))), draws=20000)
    assert two.p_never == pytest.approx(1 - 0.7**2, abs=0.01)
    assert two.p50 == math.inf
