"""What waits for what, drawn: each goal to the right of what it waits for, nothing on top of another."""

import random

import pytest

from projects.chain import TALL, WIDE, Chain, Step, draw_chain


def step(key: int, *needs: int, **fields) -> Step:
    return Step(key=key, name=f"Goal {key}", needs=needs, **fields)


def columns(chain: Chain) -> list[set[int]]:
    places = sorted({box.x for box in chain.boxes})
    return [{box.step.key for box in chain.boxes if box.x == x} for x in places]


def test_by_the_longest_path():
    chain = draw_chain([step(1), step(2, 1), step(3, 2), step(4, 1, 3), step(5, 1)])
    assert columns(chain) == [{1}, {2, 5}, {3}, {4}]
    assert len(chain.arrows) == 5


def test_who_waits_for_nobody_and_nobody_for_them_is_not_drawn():
    chain = draw_chain([step(1), step(2, 1), step(3)])
    assert [one.key for one in chain.alone] == [3]
    assert columns(chain) == [{1}, {2}]


def test_what_is_done_is_left_out_and_what_it_needed_is_waited_for():
    steps = [step(1), step(2, 1, done=True), step(3, 2, done=True), step(4, 3)]
    chain = draw_chain(steps)
    assert (columns(chain), len(chain.arrows), chain.done) == ([{1}, {4}], 1, 2)
    assert columns(draw_chain(steps, show_done=True)) == [{1}, {2}, {3}, {4}]


def test_nothing_to_draw():
    for steps in ([], [step(1)], [step(1, done=True), step(2, 1)]):
        chain = draw_chain(steps)
        assert (chain.boxes, chain.arrows) == ([], [])


@pytest.mark.parametrize("seed", range(5))
def test_fifty_goals_stay_apart_and_inside(seed):
    rng = random.Random(seed)
    steps = [step(k, *rng.sample(range(k), min(k, rng.randint(0, 2)))) for k in range(50)]
    chain = draw_chain(steps)
    for box in chain.boxes:
        assert 0 <= box.x <= chain.width - WIDE
        assert 0 <= box.y <= chain.height - TALL
    places = {box.step.key: (box.x, box.y) for box in chain.boxes}
    assert len(set(places.values())) == len(places)
    for x, y in places.values():
        assert not any(x == x2 and 0 < abs(y - y2) < TALL for x2, y2 in places.values())
    for one in steps:
        for need in one.needs:
            assert places[need][0] < places[one.key][0]
    assert draw_chain(steps) == chain


def test_fewer_crossings_than_the_order_they_came_in():
    """Two columns that mirror each other: sorted, no arrow crosses another."""
    chain = draw_chain([*(step(k) for k in range(8)), *(step(8 + k, 7 - k) for k in range(8))])
    height = {box.step.key: box.y for box in chain.boxes}
    left, right = sorted(range(8), key=height.get), sorted(range(8, 16), key=height.get)
    assert [15 - key for key in right] == left


def test_a_long_name_is_cut_and_its_weight_says_how_often_it_decides():
    long = Step(1, "A name that is far too long for its box", (), 0.5)
    chain = draw_chain([long, step(2, 1, criticality=0.1), step(3, 2, criticality=0.0), step(4, 3)])
    boxes = {box.step.key: box for box in chain.boxes}
    assert boxes[1].short == "A name that is far too…"
    assert [boxes[key].weight for key in (1, 2, 3, 4)] == [3, 2, 0, 0]


def test_goals_on_a_cycle_are_left_out_and_the_page_stands():
    chain = draw_chain([step(1, 2), step(2, 1), step(3, 2), step(4), step(5, 4)])
    assert columns(chain) == [{4}, {5}]
