"""What is drawn once: for several questions, and for the next ranking of the same goals. No number changes by it."""

import threading

import numpy as np
import pytest

from projects.bottleneck import (
    Factor,
    Goal,
    Luck,
    Program,
    chain_drawn,
    chance_drawn,
    draw,
    joint_chain,
    joint_chance,
    rank,
    rank_drawn,
)


def program(*medians: float, team: str = "a", **fields) -> Program:
    goals = [
        Goal(f"g{i}", team if i % 2 else "b", tuple(middle * (0.5 + k / 20) for k in range(20)))
        for i, middle in enumerate(medians)
    ]
    return Program(tuple(goals), (Factor("f", ("g0",)),), deadline=60.0, **fields)


def test_drawn_once_answers_as_drawn_each_time():
    made = program(40, 50, 60)
    drawn = draw(made)
    by = {"g0": 40.0, "g1": 70.0}
    assert rank_drawn(drawn) == rank(made)
    assert chance_drawn(drawn, by, of=by) == joint_chance(made.goals, by, of=by)
    assert chain_drawn(drawn, by, of=by) == joint_chain(made.goals, by, of=by)


def test_held_luck_changes_no_number():
    luck = Luck(most=100)
    for made in (program(40, 50, 60), program(40, 55, 60), program(70, 50), program(40, 50, 60, 80)):
        assert rank_drawn(draw(made, luck=luck)) == rank(made)
    assert len(luck) == 4


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"draws": 500}, {"made": program(40, 50, team="c")}, {"made": program(40, 50, team_shock=0.5)}],
)
def test_another_seed_number_team_or_shock_has_luck_of_its_own(other):
    luck = Luck(most=100)
    draw(program(40, 50), luck=luck)
    made = other.get("made", program(40, 50))
    options = {name: value for name, value in other.items() if name != "made"}
    assert np.array_equal(draw(made, luck=luck, **options).order, draw(made, **options).order)


def test_what_is_held_is_bounded():
    luck = Luck(most=3)
    for _ in range(2):
        made = program(*range(10, 60, 10))
        assert rank_drawn(draw(made, luck=luck)) == rank(made)
        assert len(luck) == 3


def test_threads_share_it():
    luck, made, found = Luck(most=4), program(*range(10, 90, 10)), []
    wanted = rank(made)
    threads = [
        threading.Thread(target=lambda: found.extend(rank_drawn(draw(made, luck=luck)) == wanted for _ in range(5)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20
