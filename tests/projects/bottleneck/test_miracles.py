"""Chains of steps that must all succeed."""

import math

import numpy as np
import pytest

from projects.bottleneck import Goal, InvalidNumberError, chain_of_steps, joint_chain, joint_chance

from .build import exactly, running, uniform, waiting


def test_five_at_point_eight_are_a_third_and_one_made_certain_is_41_percent():
    chain = chain_of_steps(dict.fromkeys("abcde", 0.8))
    assert chain.joint == pytest.approx(0.32768)
    assert chain.best.joint_if_certain == pytest.approx(0.4096)


def test_the_weakest_step_is_the_best_lever():
    chain = chain_of_steps({"a": 0.9, "b": 0.5, "c": 0.7})
    assert [lever.key for lever in chain.levers] == ["b", "c", "a"]
    assert chain.best.joint_if_certain == pytest.approx(0.63)


def test_the_ends():
    assert chain_of_steps({}).joint == 1
    assert chain_of_steps({}).best is None
    assert chain_of_steps({"a": 1.0, "b": 1.0}).best is None
    assert chain_of_steps({"a": 0.0, "b": 0.5}).joint == 0
    # With one step impossible no other lever lifts anything.
    chain = chain_of_steps({"a": 0.0, "b": 0.5})
    assert (chain.best.key, chain.best.joint_if_certain) == ("a", 0.5)


def test_a_shared_shock_runs_from_the_product_to_the_weakest_step():
    steps = {"a": 0.8, "b": 0.7, "c": 0.9}
    chances = [chain_of_steps(steps, shock=s).joint for s in (0, 0.001, 0.2, 0.5, 0.9, 0.999, 1)]
    assert chances == sorted(chances)
    assert chances[0] == pytest.approx(0.8 * 0.7 * 0.9)
    assert chances[1] == pytest.approx(chances[0], abs=0.002)
    assert chances[-1] == 0.7
    assert chances[-2] == pytest.approx(0.7, abs=0.02)


def test_the_integral_is_what_draws_give():
    steps, shock, rng = [0.8, 0.8, 0.8, 0.8, 0.8], 0.3, np.random.default_rng(3)
    common = rng.standard_normal(400_000)
    ok = np.ones(len(common), dtype=bool)
    for _ in steps:
        ok &= math.sqrt(shock) * common + math.sqrt(1 - shock) * rng.standard_normal(len(common)) < 0.8416212
    assert chain_of_steps(dict(enumerate(steps)), shock=shock).joint == pytest.approx(ok.mean(), abs=0.003)


def test_two_equal_even_steps_have_the_orthant_probability():
    # P(both below their median) = 1/4 + asin(rho) / (2 pi) (Sheppard 1899).
    for rho in (0.1, 0.5, 0.8):
        expected = 0.25 + math.asin(rho) / (2 * math.pi)
        assert chain_of_steps({"a": 0.5, "b": 0.5}, shock=rho).joint == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("steps", "shock"), [({"a": 1.1}, 0), ({"a": math.nan}, 0), ({"a": 0.5}, 2), ({"a": 0.5}, -1)])
def test_chances_that_cannot_be(steps, shock):
    with pytest.raises(InvalidNumberError):
        chain_of_steps(steps, shock=shock)


def test_a_programs_chain_says_what_each_goal_is_worth():
    goals = (running("a", uniform(0, 100)), waiting("b", 10, 10, "a"), running("c", exactly(20)))
    chain = joint_chain(goals, 60, team_shock=0, program_shock=0)
    assert chain.joint == joint_chance(goals, 60, team_shock=0, program_shock=0) == pytest.approx(0.5, abs=0.001)
    levers = {lever.key: lever for lever in chain.levers}
    assert chain.best.key == "a"
    assert levers["a"].joint_if_certain == 1
    assert levers["b"].joint_if_certain == pytest.approx(0.6, abs=0.001)
    assert (levers["c"].chance, levers["c"].joint_if_certain) == (1, chain.joint)


def test_a_goals_own_date_can_be_asked_for_each():
    goals = (running("a", exactly(10)), running("b", exactly(20)))
    assert joint_chance(goals, {"a": 10, "b": 20}) == 1
    assert joint_chance(goals, {"a": 9, "b": 20}) == 0
    with pytest.raises(InvalidNumberError, match="No date is given for b"):
        joint_chance(goals, {"a": 10})


def test_a_team_is_asked_about_inside_its_program():
    goals = (
        Goal("a", "one", exactly(50)),
        Goal("b", "two", None, ("a",), started=False, durations=(10, 10)),
        Goal("c", "two", exactly(5)),
    )
    assert joint_chance(goals, 55, of=("b", "c")) == 0
    assert joint_chance(goals, 60, of=("b", "c")) == 1
    assert joint_chance(goals, 5, of=("c",)) == 1
    assert joint_chance(goals, 55, of=()) == 1
