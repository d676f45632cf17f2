"""What a question changes of a program before it is ranked again, against what relief already says."""

import math

import pytest

from projects.bottleneck import (
    Changes,
    Factor,
    Goal,
    Program,
    Supply,
    SupplyChanges,
    Throughput,
    UnknownGoalError,
    changed,
    changed_supplies,
    rank,
    rank_throughput,
)
from projects.bottleneck.what_if import middle, moved

ENGINE = Goal("engine", "propulsion", finish=(60.0, 80.0, 95.0, 120.0, 200.0))
TANKS = Goal("tanks", "structures", finish=(50.0, 60.0, 70.0, 75.0, 90.0))
STACK = Goal("stack", "integration", finish=None, needs=("engine", "tanks"), started=False, durations=(10, 20))
PROGRAM = Program((ENGINE, TANKS, STACK), (Factor("blades", ("engine",)),), deadline=120)


def test_no_question_changes_nothing():
    assert changed(PROGRAM, Changes()) == PROGRAM


@pytest.mark.parametrize("key", ["engine", "tanks"])
def test_a_finished_goal_is_worth_its_relief(key):
    ranking = rank(PROGRAM)
    relief = next(line.relief_days for line in ranking.lines if line.key == key)
    then = rank(changed(PROGRAM, Changes(finished=frozenset({key}))))
    assert ranking.p50 - then.p50 == pytest.approx(relief)


def test_a_factor_gone_is_worth_its_relief():
    ranking = rank(PROGRAM)
    relief = next(line.relief_days for line in ranking.lines if line.key == "blades")
    then = rank(changed(PROGRAM, Changes(gone=frozenset({"blades"}))))
    assert ranking.p50 - then.p50 == pytest.approx(relief)
    assert "blades" not in {line.key for line in then.lines}


def test_a_factor_gone_goes_at_its_measured_pace():
    pace = (30.0, 40.0, 47.0, 60.0, 100.0)
    program = Program((ENGINE, TANKS), (Factor("blades", ("engine",), unblocked=(("engine", pace),)),))
    (engine, _) = changed(program, Changes(gone=frozenset({"blades"}))).goals
    assert engine.finish == pace


def test_a_factor_gone_never_makes_a_goal_slower():
    slow = tuple(2 * days for days in ENGINE.finish)
    program = Program((ENGINE,), (Factor("blades", ("engine",), unblocked=(("engine", slow),)),))
    assert changed(program, Changes(gone=frozenset({"blades"}))).goals == (ENGINE,)


def test_the_p50_of_a_moved_goal_falls_on_the_day():
    assert middle(moved(ENGINE.finish, 40.0)) == 40.0
    assert moved(ENGINE.finish, 95.0) == ENGINE.finish


def test_a_moved_goal_keeps_its_chance_of_never():
    finish = (10.0, 20.0, 30.0, 40.0, math.inf)
    assert moved(finish, 60.0) == (20.0, 40.0, 60.0, 80.0, math.inf)
    assert moved(finish, 0.0) == (0.0, 0.0, 0.0, 0.0, math.inf)


def test_a_goal_whose_p50_is_never_is_taken_to_finish():
    assert moved((10.0, 20.0, math.inf, math.inf, math.inf), 60.0) == (60.0, 120.0)
    assert moved((math.inf,), 60.0) == (60.0,)


def test_without_a_forecast_the_day_itself_is_taken():
    assert moved(None, 60.0) == (60.0,)


def test_another_target_takes_its_own_forecast():
    found = changed(PROGRAM, Changes(forecasts={"tanks": (500.0,)}))
    assert rank(found).proposal.key == "tanks"


def test_another_deadline_moves_the_odds_alone():
    before, then = rank(PROGRAM), rank(changed(PROGRAM, Changes(deadline=400)))
    assert before.p_deadline < then.p_deadline
    assert before.p50 == then.p50


def test_an_unknown_goal_is_named():
    with pytest.raises(UnknownGoalError, match="nozzle"):
        changed(PROGRAM, Changes(finished=frozenset({"nozzle"})))


# ---- throughput ------------------------------------------------------------------------------------------------------

POWER = Supply("power", need=(1.0, 1.0), stated=((0, 10, 10),))
MEMORY = Supply("memory", need=(1.0, 1.0), points=((-20, 20), (-10, 20), (0, 20)))
COMPUTE = Throughput((POWER, MEMORY), target=15)


def output(program: Throughput) -> float:
    return rank_throughput(program).output.p50[0]


def test_a_supply_gone_leaves_the_rest():
    assert output(changed_supplies(COMPUTE, SupplyChanges(gone=frozenset({"power"})))) == pytest.approx(20)


@pytest.mark.parametrize(("key", "wanted"), [("power", 15.0), ("memory", 10.0)])
def test_half_as_much_again_of_a_supply(key, wanted):
    assert output(changed_supplies(COMPUTE, SupplyChanges(times={key: 1.5}))) == pytest.approx(wanted)


def test_another_target_is_met_or_not():
    assert rank_throughput(changed_supplies(COMPUTE, SupplyChanges(target=5.0))).unknown.code == "converged"
