"""Against a plain simulation: one run after another, one goal after another."""

import math
import random
from statistics import NormalDist

import pytest

from projects.bottleneck import Factor, Program, joint_chance, rank
from projects.bottleneck.draws import orders, work_days
from projects.bottleneck.network import lay_out

from .build import lognormal, running, waiting


def some_program(seed):
    rng = random.Random(seed)
    goals = []
    for i in range(14):
        needs = tuple(f"g{j}" for j in range(i) if rng.random() < 0.22)
        team = f"t{i % 3}"
        if needs and rng.random() < 0.7:
            low = rng.uniform(2, 40)
            goals.append(waiting(f"g{i}", low, low * 3, *needs, team=team))
        else:
            never = rng.choice((0.0, 0.0, 0.04))
            goals.append(running(f"g{i}", lognormal(rng.uniform(20, 120), never=never), *needs, team=team))
    rng.shuffle(goals)
    factors = tuple(Factor(f"f{i}", tuple(g.key for g in rng.sample(goals, 3))) for i in range(3))
    return Program(tuple(goals), factors, deadline=150.0)


def plain(program, days, waits, scaled):
    """The finish of each run; `scaled` multiplies the work of goals."""
    needs = {goal.key: goal.needs for goal in program.goals}
    totals = []
    for run in range(len(next(iter(days.values())))):
        done = {}

        def end(key, run=run, done=done):
            if key not in done:
                start = max((end(n) for n in needs[key]), default=0.0)
                factor = scaled.get(key, 1)
                work = days[key][run] * factor if factor else 0.0
                done[key] = start + work if waits[key] else max(start, work)
            return done[key]

        totals.append(max(end(key) for key in needs))
    return totals


def median(totals):
    return min(sorted(totals)[math.ceil(len(totals) / 2) - 1], 1826.0)


@pytest.mark.parametrize("seed", range(6))
def test_every_number_is_that_of_a_plain_simulation_of_the_same_draws(seed):
    program = some_program(seed)
    network = lay_out(program)
    work = work_days(network, orders(network, program, 300, 0))
    days = {goal.key: work[i].tolist() for i, goal in enumerate(network.goals)}
    waits = {goal.key: network.waits[i] for i, goal in enumerate(network.goals)}
    ranking = rank(program, draws=300)
    base = plain(program, days, waits, {})
    assert min(ranking.p50, 1826) == pytest.approx(median(base))
    assert ranking.p_never == pytest.approx(sum(t > 1826 for t in base) / 300)
    assert ranking.p_deadline == pytest.approx(sum(t <= 150 for t in base) / 300)
    gated = {f.key: f.goals for f in program.factors}
    for line in ranking.lines:
        keys = (line.key,) if line.kind == "goal" else gated[line.key]
        gone = plain(program, days, waits, dict.fromkeys(keys, 0 if line.kind == "goal" else 0.5))
        eased = plain(program, days, waits, dict.fromkeys(keys, 0.9))
        assert line.relief_days == pytest.approx(median(base) - median(gone), abs=1e-6)
        assert line.eased_days == pytest.approx(median(base) - median(eased), abs=1e-6)
        assert line.gain_in_p_deadline == pytest.approx(
            (sum(t <= 150 for t in gone) - sum(t <= 150 for t in base)) / 300
        )
        assert line.gain_in_p_done == pytest.approx((sum(t <= 1826 for t in gone) - sum(t <= 1826 for t in base)) / 300)
        if line.kind == "goal":
            # It decides exactly where a little less work there ends the program a little sooner.
            less = plain(program, days, waits, {line.key: 1 - 1e-6})
            moved = sum(a > b + 1e-9 for a, b in zip(base, less, strict=True) if a < math.inf)
            never = sum(a == math.inf and days[line.key][i] == math.inf for i, a in enumerate(base))
            assert line.criticality == pytest.approx((moved + never) / 300, abs=0.004)


def test_the_same_copula_drawn_by_other_means():
    program = some_program(3)
    network = lay_out(program)
    rng = random.Random(11)
    runs = 6000
    normal = NormalDist()
    days = {goal.key: [] for goal in program.goals}
    for _ in range(runs):
        whole = rng.gauss(0, 1)
        teams = {team: rng.gauss(0, 1) for team in ("t0", "t1", "t2")}
        for goal in program.goals:
            z = math.sqrt(0.45) * whole + math.sqrt(0.15) * teams[goal.team] + math.sqrt(0.4) * rng.gauss(0, 1)
            u = normal.cdf(z)
            if goal.durations:
                low, high = goal.durations
                days[goal.key].append(low + (high - low) * u)
            else:
                days[goal.key].append(goal.finish[min(int(u * len(goal.finish)), len(goal.finish) - 1)])
    waits = {goal.key: network.waits[network.row[goal.key]] for goal in program.goals}
    totals = plain(program, days, waits, {})
    ranking = rank(program, draws=20000)
    assert ranking.p50 == pytest.approx(median(totals), rel=0.03)
    assert ranking.p_deadline == pytest.approx(sum(t <= 150 for t in totals) / runs, abs=0.025)
    assert ranking.p_never == pytest.approx(sum(t == math.inf for t in totals) / runs, abs=0.015)
    assert joint_chance(program.goals, 150, draws=20000) == ranking.p_deadline
