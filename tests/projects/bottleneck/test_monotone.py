"""Worse data never ranks a goal lower; more of anything bad is never better."""

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.bottleneck import Factor, Goal, Program, joint_chance, rank

from .build import exactly, lognormal, running, waiting

DRAWS = 200


def fuzz(examples):
    """The same examples each time: a test that fails for nobody else helps nobody."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=quiet)


@st.composite
def forecasts(draw):
    n = draw(st.integers(1, 8))
    values = draw(st.lists(st.one_of(st.floats(0, 3000), st.just(math.inf)), min_size=n, max_size=n))
    return tuple(sorted(values))


@st.composite
def programs(draw):
    n = draw(st.integers(1, 7))
    goals = []
    for i in range(n):
        needs = tuple(f"g{j}" for j in range(i) if draw(st.integers(0, 3)) == 0)
        team = draw(st.sampled_from(["", "x", "y"]))
        kind = draw(st.sampled_from(["running", "running", "waiting", "blind", "done", "planned"]))
        if kind == "waiting":
            low = draw(st.floats(0, 200))
            goals.append(waiting(f"g{i}", low, low + draw(st.floats(0, 200)), *needs, team=team))
        else:
            finish = None if kind in ("blind", "done") else draw(forecasts())
            goals.append(Goal(f"g{i}", team, finish, needs, started=kind != "planned", done=kind == "done"))
    factors = []
    for i in range(draw(st.integers(0, 3))):
        gated = tuple(g.key for g in goals if draw(st.booleans()))
        paces = tuple((key, draw(forecasts())) for key in gated if draw(st.booleans()))
        factors.append(Factor(f"f{i}", gated, unblocked=paces))
    deadline = draw(st.one_of(st.none(), st.floats(-50, 2500)))
    return Program(
        tuple(draw(st.permutations(goals))),
        tuple(factors),
        deadline,
        draw(st.sampled_from([0.0, 0.2, 0.5])),
        draw(st.sampled_from([0.0, 0.1, 0.5])),
    )


def numbers(ranking):
    for line in (*ranking.lines, *(x for x in (ranking.next, ranking.behind) if x)):
        yield from (line.criticality, line.relief_days, line.eased_days, line.gain_in_p_done, line.urgency)
        yield from (x for x in (line.gain_in_p_deadline, line.p50) if x is not None)
    yield from (
        x for x in (ranking.p10, ranking.p50, ranking.p90, ranking.p_never, ranking.p_deadline) if x is not None
    )
    yield from ranking.finish
    if ranking.confidence:
        yield from (ranking.confidence.score, ranking.confidence.leads, ranking.confidence.covered)


@fuzz(120)
@given(programs())
def test_whatever_comes_in_the_answer_is_in_order(program):
    ranking = rank(program, draws=DRAWS)
    assert not any(math.isnan(x) for x in numbers(ranking))
    reliefs = [line.relief_days for line in ranking.lines]
    assert all(a >= b - 1e-5 for a, b in pairwise(reliefs))
    for line in ranking.lines:
        assert 0 <= line.relief_days <= 1826
        assert 0 <= line.eased_days <= line.relief_days + 1e-9
        assert 0 <= line.criticality <= 1
        assert line.gain_in_p_done >= 0
        assert line.gain_in_p_deadline is None or line.gain_in_p_deadline >= 0
        assert (line.gain_in_p_deadline is None) == (program.deadline is None)
    assert (ranking.proposal is None) == (ranking.unknown is not None)
    assert ranking.reasons
    assert all(reason.text and "nan" not in reason.text for reason in ranking.reasons)
    if ranking.p50 is not None:
        assert ranking.p10 <= ranking.p50 <= ranking.p90
        assert list(ranking.finish) == sorted(ranking.finish)
        assert 0 <= ranking.p_never <= 1
    if ranking.proposal is not None:
        assert ranking.proposal == ranking.lines[0]
        assert ranking.next is None or (ranking.next.kind, ranking.next.key) != (
            ranking.proposal.kind,
            ranking.proposal.key,
        )


@fuzz(100)
@given(programs(), st.randoms(use_true_random=False), st.floats(0, 500), st.floats(1, 3))
def test_a_goal_whose_forecast_gets_worse_never_falls_in_the_ranking(program, rng, more, times):
    running_goals = [g for g in program.goals if g.finish and not g.done]
    if not running_goals:
        return
    chosen = rng.choice(running_goals).key

    def worse(goal):
        return replace(goal, finish=tuple(max(0.0, d) * times + more for d in goal.finish))

    after = replace(program, goals=tuple(worse(g) if g.key == chosen else g for g in program.goals))
    old, new = rank(program, draws=DRAWS), rank(after, draws=DRAWS)

    def of(ranking, key, kind="goal"):
        return next(x for x in ranking.lines if (x.kind, x.key) == (kind, key))

    assert new.p50 >= old.p50 - 1e-6
    assert new.p_never >= old.p_never - 1e-9
    mine_old, mine_new = of(old, chosen), of(new, chosen)
    assert mine_new.relief_days >= mine_old.relief_days - 1e-6
    for line in old.lines:
        if line.kind == "goal" and line.key != chosen and mine_old.relief_days > line.relief_days + 1e-6:
            # Who led a goal before leads it still.
            assert mine_new.relief_days >= of(new, line.key).relief_days - 1e-6


@fuzz(60)
@given(programs(), st.randoms(use_true_random=False))
def test_a_factor_whose_pace_without_it_is_known_never_falls_when_its_goal_gets_worse(program, rng):
    candidates = [g for g in program.goals if g.finish and not g.done and (g.started or not g.durations)]
    if not candidates:
        return
    chosen = rng.choice(candidates)
    pace = tuple(min(d, 1000.0) * 0.3 for d in chosen.finish)
    factor = Factor("the factor", (chosen.key,), unblocked=((chosen.key, pace),))
    before = replace(program, factors=(factor,))
    worse = tuple(
        replace(g, finish=tuple(d * 1.7 for d in g.finish)) if g.key == chosen.key else g for g in program.goals
    )
    old, new = rank(before, draws=DRAWS), rank(replace(before, goals=worse), draws=DRAWS)

    def relief(ranking):
        return {(x.kind, x.key): x.relief_days for x in ranking.lines}

    ro, rn = relief(old), relief(new)
    mine = ("factor", "the factor")
    assert rn[mine] >= ro[mine] - 1e-6
    for other in ro:
        if ro[mine] > ro[other] + 1e-6 and other != ("goal", chosen.key):
            assert rn[mine] >= rn[other] - 1e-6


@fuzz(40)
@given(programs())
def test_taking_more_away_is_worth_no_less(program):
    keys = tuple(g.key for g in program.goals if not g.done)
    factors = tuple(Factor(f"first {n}", keys[:n]) for n in range(len(keys) + 1))
    ranking = rank(replace(program, factors=factors), draws=DRAWS)
    relief = {line.key: line.relief_days for line in ranking.lines if line.kind == "factor"}
    if not relief:
        return
    in_turn = [relief[f.key] for f in factors]
    assert all(a <= b + 1e-6 for a, b in pairwise(in_turn))


@fuzz(40)
@given(programs(), st.lists(st.floats(-10, 2500), min_size=2, max_size=5))
def test_the_joint_chance_grows_with_time_and_falls_with_more_goals(program, dates):
    known = [g.key for g in program.goals if g.finish is not None or g.durations or g.done]
    if not known:
        return

    def chance(day, of):
        return joint_chance(program.goals, day, of=of, draws=DRAWS)

    at = [chance(day, known) for day in sorted(dates)]
    assert at == sorted(at)
    fewer = [chance(max(dates), known[:n]) for n in range(1, len(known) + 1)]
    assert fewer == sorted(fewer, reverse=True)


def test_a_need_added_never_makes_the_program_earlier():
    rng = random.Random(2)
    goals = [running(f"g{i}", lognormal(rng.uniform(20, 100))) for i in range(4)]
    goals += [waiting(f"w{i}", 5, 40) for i in range(4)]
    before = rank(Program(tuple(goals)), draws=DRAWS).p50
    for i in range(4, 8):
        goals[i] = replace(goals[i], needs=(f"g{i - 4}",))
        after = rank(Program(tuple(goals)), draws=DRAWS).p50
        assert after >= before
        before = after


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_a_measured_pace_that_is_no_better_is_worth_nothing_never_less(factor):
    a = running("a", exactly(100))
    ranking = rank(Program((a,), (Factor("f", ("a",), unblocked=(("a", exactly(100 / factor)),)),)))
    assert next(x for x in ranking.lines if x.kind == "factor").relief_days == 0
