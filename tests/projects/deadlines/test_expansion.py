"""Gas expansion: what is found, what is left alone, how often by chance. At length: bench/expansion.py."""

from dataclasses import replace

import pytest

from bench.expansion import constant, expander, share
from projects.deadlines import Course, find_expansion

WEEKS = 20
WIGGLE = (0.8, 1.2, 1.0, 1.1, 0.9)  # so that paces vary


def walk(*paces: tuple[int, float]) -> tuple[tuple[float, float], ...]:
    """Weekly values: so many weeks at such a pace, one after another."""
    values, done = [(0.0, 0.0)], 0.0
    for weeks, pace in paces:
        for _ in range(weeks):
            done += pace * WIGGLE[len(values) % len(WIGGLE)]
            values.append((len(values) * 7.0, done))
    return tuple(values)


def course(values, sizes=((0.0, 100.0),), deadlines=((0.0, 140.0),)) -> Course:
    return Course(values, sizes, deadlines)


MOVED = ((0.0, 140.0), (70.0, 210.0))


def test_a_pace_that_falls_as_the_deadline_moves_out_is_following():
    found = find_expansion(course(walk((10, 5.0), (8, 2.5)), deadlines=MOVED)).following
    assert (found.deadline_moved, found.finish_moved) == (70, pytest.approx(70, abs=7))
    assert found.pace_since == pytest.approx(found.pace_before / 2, rel=0.05)


def test_it_is_said_at_the_eighth_value_and_stays_so():
    for weeks in range(1, 16):
        found = find_expansion(course(walk((10, 5.0), (weeks, 2.5)), deadlines=MOVED))
        assert bool(found) is (weeks >= 8)
    assert find_expansion(course(walk((10, 5.0), (8, 2.5)), deadlines=MOVED)) == find_expansion(
        course(walk((10, 5.0), (8, 2.5), (6, 9.0)), deadlines=MOVED)
    )


@pytest.mark.parametrize("pace", [5.0, 4.5, 7.0])
def test_who_keeps_the_pace_or_gets_faster_does_not_follow_a_later_deadline(pace):
    assert not find_expansion(course(walk((10, 5.0), (9, pace)), deadlines=MOVED))


def test_a_team_that_keeps_up_with_an_earlier_deadline_follows_it_too():
    found = find_expansion(course(walk((8, 4.0), (8, 8.0)), deadlines=((0.0, 175.0), (56.0, 112.0))))
    assert found.following.finish_moved < 0 < found.following.share


def test_standing_still_is_no_expansion_but_stalled():
    assert not find_expansion(course(walk((10, 5.0), (10, 0.0)), deadlines=MOVED))


def test_scope_that_grows_twice_under_slack_is_found_with_its_numbers():
    sizes = ((0.0, 100.0), (43.0, 115.0), (57.0, 130.0))
    found = find_expansion(course(walk((10, 5.0)), sizes, ((0.0, 300.0),))).growth
    assert (found.steps, found.share, found.days) == (2, pytest.approx(0.3), pytest.approx(42, abs=2))
    assert found.slack_days > 100


def test_scope_that_grows_without_slack_or_once_or_hardly_is_left_alone():
    values = walk((10, 5.0))
    grown = ((0.0, 100.0), (43.0, 115.0), (57.0, 130.0))
    assert not find_expansion(course(values, grown, ((0.0, 120.0),)))  # the deadline is near
    assert not find_expansion(course(values, grown, ((0.0, None),)))  # there is none
    assert not find_expansion(course(values, grown[:2], ((0.0, 300.0),)))
    assert not find_expansion(course(values, ((0.0, 100.0), (43.0, 101.0), (57.0, 102.0)), ((0.0, 300.0),)))


def test_units_and_the_origin_of_days_change_nothing():
    one = course(walk((10, 5.0), (8, 2.5)), deadlines=MOVED)
    other = replace(
        one,
        values=tuple((day + 9000, value * 1000) for day, value in one.values),
        sizes=((9000.0, 100_000.0),),
        deadlines=tuple((day + 9000, due + 9000) for day, due in one.deadlines),
    )
    assert find_expansion(other).following.share == pytest.approx(find_expansion(one).following.share)


@pytest.mark.parametrize("vary", [0.15, 0.3, 0.5])
def test_fewer_than_one_alarm_in_twenty_where_scope_and_pace_are_constant(vary):
    assert share(lambda seed: constant(seed, vary), 300) < 0.05


def test_bursts_are_no_expansion():
    assert share(lambda seed: constant(seed, 0.3, burst=True), 300) < 0.05


@pytest.mark.parametrize("kind", ["fills the time", "scope"])
@pytest.mark.parametrize("vary", [0.15, 0.3])
def test_four_expanders_in_five_are_found_within_eight_reviews(kind, vary):
    assert share(lambda seed: expander(seed, vary, kind), 200) >= 0.8
