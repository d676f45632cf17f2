"""What must not change the answer, and how it must scale."""

import random
from dataclasses import replace

import pytest

from projects.bottleneck import Factor, Goal, Program, joint_chance, rank

from .build import exactly, lognormal, running, uniform, waiting

GOALS = (
    running("a", lognormal(90, never=0.03), team="x"),
    running("b", lognormal(70), "a", team="x"),
    waiting("c", 10, 50, "a", team="y"),
    waiting("d", 5, 90, "b", "c", team="y"),
    running("e", lognormal(120), team="z"),
    running("f", lognormal(40, 1.0), team=""),
)
FACTORS = (Factor("p", ("a", "c")), Factor("q", ("e",)))
PROGRAM = Program(GOALS, FACTORS, deadline=160.0)


def scaled(program, k):
    def by(days):
        return None if days is None else tuple(k * d for d in days)

    goals = tuple(replace(g, finish=by(g.finish), durations=by(g.durations)) for g in program.goals)
    return replace(program, goals=goals, deadline=k * program.deadline)


def test_the_same_input_gives_the_same_ranking():
    assert rank(PROGRAM) == rank(PROGRAM)
    assert rank(PROGRAM, seed=1) != rank(PROGRAM, seed=2)


def test_the_order_of_goals_factors_and_needs_does_not_matter():
    expected = rank(PROGRAM)
    rng = random.Random(5)
    for _ in range(5):
        goals = [replace(g, needs=tuple(rng.sample(g.needs, len(g.needs)))) for g in GOALS]
        rng.shuffle(goals)
        shuffled = Program(tuple(goals), tuple(rng.sample(FACTORS, len(FACTORS))), PROGRAM.deadline)
        assert rank(shuffled) == expected


def test_days_or_weeks_do_not_matter():
    days, weeks = rank(PROGRAM), rank(scaled(PROGRAM, 1 / 7))
    assert weeks.p50 == pytest.approx(days.p50 / 7)
    assert weeks.p_deadline == days.p_deadline
    assert [x.key for x in weeks.lines] == [x.key for x in days.lines]
    for w, d in zip(weeks.lines, days.lines, strict=True):
        assert w.relief_days == pytest.approx(d.relief_days / 7, abs=1e-6)
        assert w.criticality == d.criticality
        assert w.urgency == pytest.approx(d.urgency, abs=1e-6)


def test_a_goal_that_ends_at_once_and_that_nobody_needs_changes_nothing():
    with_more = replace(PROGRAM, goals=(*GOALS, running("zero", exactly(0)), Goal("past", "x", None, done=True)))
    before, after = rank(PROGRAM), rank(with_more)
    assert (after.p10, after.p50, after.p90, after.p_deadline) == (
        before.p10,
        before.p50,
        before.p90,
        before.p_deadline,
    )
    assert [x for x in after.lines if x.key != "zero"] == list(before.lines)


def test_a_need_already_implied_changes_nothing():
    goals = tuple(replace(g, needs=("a", *g.needs)) if g.key == "d" else g for g in GOALS)
    assert rank(replace(PROGRAM, goals=goals)) == rank(PROGRAM)


def test_needing_a_finished_goal_is_needing_nothing():
    goals = (*GOALS, Goal("old", "x", None, done=True))
    needing = tuple(replace(g, needs=("old", *g.needs)) for g in goals[:-1])
    assert rank(replace(PROGRAM, goals=(*needing, goals[-1]))).lines == rank(PROGRAM).lines


def test_names_are_for_sentences_only():
    named = replace(PROGRAM, goals=tuple(replace(g, name=f"Goal {g.key}") for g in GOALS))
    plain, spoken = rank(PROGRAM), rank(named)
    assert [(x.key, x.relief_days) for x in spoken.lines] == [(x.key, x.relief_days) for x in plain.lines]
    assert any("Goal " in reason.text for reason in spoken.reasons)


def test_a_forecast_in_any_order_of_its_values_is_the_same_forecast():
    goals = tuple(replace(g, finish=g.finish and tuple(reversed(g.finish))) for g in GOALS)
    assert rank(replace(PROGRAM, goals=goals)) == rank(PROGRAM)


def test_the_chance_of_the_deadline_is_the_joint_chance_of_all_goals():
    for seed in range(3):
        assert joint_chance(GOALS, 160.0, seed=seed) == rank(PROGRAM, seed=seed).p_deadline


def test_a_programs_draws_do_not_depend_on_other_programs_ranked_before():
    alone = rank(PROGRAM)
    for seed in range(3):
        rank(Program((running("other", uniform(0, 9)),)), seed=seed)
    assert rank(PROGRAM) == alone


def test_more_draws_close_in_on_one_answer():
    fine = rank(PROGRAM, draws=40000)
    spread = [rank(PROGRAM, seed=seed) for seed in range(12)]
    assert sum(r.p50 for r in spread) / 12 == pytest.approx(fine.p50, rel=0.015)
    assert max(abs(r.p50 - fine.p50) for r in spread) < 0.06 * fine.p50
    assert max(abs(r.p_deadline - fine.p_deadline) for r in spread) < 0.03
    # The same thing limits, whatever the seed.
    assert {r.proposal.key for r in spread} == {fine.proposal.key}
