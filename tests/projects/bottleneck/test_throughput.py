"""Throughput programs whose answer is known: the smallest of capacity / need, and when that changes."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.bottleneck import DuplicateKeyError, InvalidNumberError, Supply, Throughput, rank_throughput

ONE = (1.0, 1.0)


def fixed(key, capacity, growth=None, need=1.0, beyond=0.0):
    stated = ((0.0, capacity, capacity),)
    return Supply(key, (need, need), stated, growth=None if growth is None else (growth, growth), beyond=beyond)


def line(ranking, key):
    return next(x for x in ranking.lines if x.key == key)


def codes(ranking):
    return [reason.code for reason in ranking.reasons]


def test_the_output_is_the_smallest_of_capacity_over_need():
    ranking = rank_throughput(
        Throughput((fixed("power", 30, need=10), fixed("chips", 100, need=20), fixed("launch", 8)))
    )
    assert ranking.output.p50[0] == 3
    assert ranking.proposal.key == "power"
    assert ranking.proposal.binds_now == 1
    assert ranking.proposal.relief_output == 2
    assert ranking.proposal.eased_output == pytest.approx(3 / 0.9 - 3)
    assert (ranking.next.key, ranking.next.relief_output) == ("chips", 3)
    assert [x.relief_output for x in ranking.lines[1:]] == [0, 0]


def test_easing_stops_where_the_next_supply_binds():
    ranking = rank_throughput(Throughput((fixed("a", 10), fixed("b", 10.5))))
    assert line(ranking, "a").eased_output == pytest.approx(0.5)
    assert line(ranking, "b").eased_output == 0


def test_the_chance_to_bind_is_the_chance_to_be_smaller():
    a = Supply("a", ONE, ((0, 0, 100),))
    ranking = rank_throughput(Throughput((a, fixed("b", 30))))
    assert line(ranking, "a").binds_now == pytest.approx(0.3, abs=0.001)
    assert line(ranking, "b").binds_now == pytest.approx(0.7, abs=0.001)
    alike = rank_throughput(Throughput((a, Supply("b", ONE, ((0, 0, 100),)))), draws=20000)
    assert line(alike, "a").binds_now == pytest.approx(0.5, abs=0.015)


def test_need_has_a_range_too():
    ranking = rank_throughput(Throughput((Supply("a", (1, 2), ((0, 100, 100),)), fixed("b", 80))))
    # 100 / need is under 80 where the need is over 1.25.
    assert line(ranking, "a").binds_now == pytest.approx(0.75, abs=0.001)


def test_two_curves_cross_where_growth_says():
    ranking = rank_throughput(Throughput((fixed("power", 10, growth=0.5), fixed("chips", 20, growth=0.1))))
    expected = 365.25 * math.log(2) / math.log(1.5 / 1.1)
    (crossing,) = ranking.crossings
    assert (crossing.first, crossing.then, crossing.chance) == ("power", "chips", 1)
    assert (crossing.p10, crossing.p50, crossing.p90) == pytest.approx((expected,) * 3)
    (successor,) = ranking.successors
    assert (successor.key, successor.chance, successor.p50) == ("chips", 1, pytest.approx(expected))
    assert [era.key for era in ranking.eras] == ["power", "chips"]
    assert ranking.eras[0].end == pytest.approx(expected, abs=31)
    assert (ranking.eras[0].start, ranking.eras[-1].end) == (0, 1826)


def test_the_date_of_a_crossing_has_the_distribution_that_growth_gives_it():
    growing = Supply("power", ONE, ((0, 10, 10),), growth=(0.1, 0.6))
    (crossing,) = rank_throughput(Throughput((growing, fixed("chips", 20)))).crossings

    def day(growth):
        return 365.25 * math.log(2) / math.log(1 + growth)

    # Early where growth is high: the P10 of the date is the P90 of growth. Below 14.87 % it takes over five years.
    assert crossing.p10 == pytest.approx(day(0.55), rel=0.005)
    assert crossing.p50 == pytest.approx(day(0.35), rel=0.005)
    assert crossing.p90 == pytest.approx(day(0.15), rel=0.005)
    assert crossing.chance == pytest.approx((0.6 - (2 ** (365.25 / 1826) - 1)) / 0.5, abs=0.002)


def test_curves_that_never_meet_do_not_cross():
    ranking = rank_throughput(Throughput((fixed("a", 10), fixed("b", 20, growth=0.2))))
    assert ranking.crossings == ()
    assert ranking.successors == ()
    assert [era.key for era in ranking.eras] == ["a"]


def test_a_stated_capacity_on_later_days_is_a_straight_line():
    plant = Supply("power", ONE, ((0, 10, 10), (1000, 30, 30)))
    ranking = rank_throughput(Throughput((plant, fixed("chips", 20))))
    assert ranking.crossings[0].p50 == pytest.approx(500, abs=1)


def test_a_limit_that_appears_only_at_scale():
    # Up to 1 TW a year nothing but launches limits; past it each TW takes propellant.
    launches = fixed("launches", 0.5, growth=1.0)
    propellant = fixed("propellant", 0.2, beyond=1.0)
    ranking = rank_throughput(Throughput((launches, propellant), unit="TW a year"))
    assert ranking.proposal.key == "launches"
    assert line(ranking, "propellant").binds_now == 0
    assert line(ranking, "propellant").binds[-1] == 1
    assert ranking.output.p50[-1] == pytest.approx(1.2)
    assert ranking.successors[0].p50 == pytest.approx(365.25 * math.log2(1.2 / 0.5), rel=0.001)
    assert "at_scale" in codes(ranking)


def test_chips_after_power_and_memory_before_logic():
    # Illustrative growth rates: power binds now; once it has grown, memory takes over before logic does.
    power = Supply("power", ONE, ((0, 8, 12),), growth=(0.35, 0.5))
    memory = Supply("memory", ONE, ((0, 24, 30),), growth=(0.0, 0.1))
    logic = Supply("logic", ONE, ((0, 34, 40),), growth=(0.0, 0.1))
    ranking = rank_throughput(Throughput((power, memory, logic)))
    assert ranking.proposal.key == "power"
    assert ranking.successors[0].key == "memory"
    assert ranking.successors[0].chance > 0.95
    assert 2.5 * 365 < ranking.successors[0].p50 < 4.5 * 365
    assert [era.key for era in ranking.eras] == ["power", "memory"]


def test_points_on_an_exponential_are_found_again():
    points = tuple((-30.0 * k, 50 * 1.3 ** (-30.0 * k / 365.25)) for k in range(10))
    ranking = rank_throughput(Throughput((Supply("a", ONE, points=points),)))
    for at, day in enumerate(ranking.days):
        assert ranking.output.p10[at] == pytest.approx(50 * 1.3 ** (day / 365.25), rel=1e-6)
        assert ranking.output.p90[at] == pytest.approx(50 * 1.3 ** (day / 365.25), rel=1e-6)


def test_noisy_points_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(8)
    days = np.linspace(-365, 0, 9)
    inside = 0
    for _ in range(300):
        values = 50 * 1.3 ** (days / 365.25) * np.exp(0.1 * rng.standard_normal(len(days)))
        points = tuple(zip(days.tolist(), values.tolist(), strict=True))
        ranking = rank_throughput(Throughput((Supply("a", ONE, points=points),)), draws=400)
        truth = 50 * 1.3 ** (ranking.days[12] / 365.25)
        inside += ranking.output.p10[12] <= truth <= ranking.output.p90[12]
    # 80 % intervals; three standard errors of 300 trials are 7 points.
    assert inside / 300 == pytest.approx(0.8, abs=0.07)


def test_too_few_points_keep_the_last_and_say_so():
    ranking = rank_throughput(Throughput((Supply("a", ONE, points=((-30, 40), (0, 50))),)))
    assert ranking.output.p50 == pytest.approx((50,) * len(ranking.days))
    assert "no_growth" in codes(ranking)
    stated = rank_throughput(Throughput((Supply("a", ONE, points=((0, 50),), growth=(0.2, 0.2)),)))
    assert stated.output.p50[12] == pytest.approx(50 * 1.2 ** (stated.days[12] / 365.25))
    assert "no_growth" not in codes(stated)


def test_the_target_is_reached_when_the_output_grows_to_it():
    program = Throughput((fixed("a", 10, growth=0.5), fixed("b", 100)), target=20, deadline=700)
    ranking = rank_throughput(program)
    expected = 365.25 * math.log(2) / math.log(1.5)
    assert ranking.p50 == pytest.approx(expected)
    assert ranking.p_deadline == 1
    assert line(ranking, "a").relief_days == pytest.approx(expected)
    assert line(ranking, "b").relief_days == 0
    early = rank_throughput(replace(program, deadline=300))
    assert (early.p_deadline, line(early, "a").gain_in_p_deadline) == (0, 1)


def test_a_target_out_of_reach_is_never():
    ranking = rank_throughput(Throughput((fixed("a", 10),), target=20))
    assert (ranking.p10, ranking.p50, ranking.p_deadline) == (math.inf, math.inf, None)
    assert line(ranking, "a").relief_days == 1826


def test_a_target_met_is_converged():
    ranking = rank_throughput(Throughput((fixed("a", 10), fixed("b", 12)), target=9))
    assert ranking.proposal is None
    assert ranking.unknown.code == "converged"
    assert ranking.p50 == 0
    assert len(ranking.lines) == 2


def test_with_one_supply_nothing_else_limits():
    ranking = rank_throughput(Throughput((fixed("a", 10),)))
    assert ranking.proposal.relief_output == math.inf
    assert ranking.next is None
    assert "nothing else that is known" in ranking.reasons[0].text


def test_nothing_known_is_unknown_never_zero():
    assert rank_throughput(Throughput(())).unknown.code == "no_supplies"
    blind = rank_throughput(Throughput((Supply("a", ONE),)))
    assert (blind.unknown.code, blind.left_out, blind.proposal, blind.output.p50) == ("no_capacity", ("a",), None, ())
    few = rank_throughput(Throughput((fixed("a", 10), *(Supply(k, ONE) for k in "bcd"))))
    assert (few.unknown.code, few.proposal) == ("too_few_capacities", None)


def test_an_unknown_capacity_lowers_the_confidence():
    known = (fixed("a", 10), fixed("b", 20))
    assert rank_throughput(Throughput(known)).confidence.score == 1
    partial = rank_throughput(Throughput((*known, Supply("c", ONE))))
    assert partial.confidence.score == pytest.approx(2 / 3)
    assert "left_out" in codes(partial)


@pytest.mark.parametrize(
    "supply",
    [
        Supply("a", (0, 1), ((0, 1, 1),)),
        Supply("a", (2, 1), ((0, 1, 1),)),
        Supply("a", ONE, ((0, 2, 1),)),
        Supply("a", ONE, ((0, -1, 1),)),
        Supply("a", ONE, ((0, 1, math.inf),)),
        Supply("a", ONE, ((10, 1, 1), (0, 1, 1))),
        Supply("a", ONE, ((math.nan, 1, 1),)),
        Supply("a", ONE, points=((1, 5),)),
        Supply("a", ONE, points=((0, 0),)),
        Supply("a", ONE, points=((0, math.nan),)),
        Supply("a", ONE, ((0, 1, 1),), growth=(-1, 0)),
        Supply("a", ONE, ((0, 1, 1),), growth=(0.2, 0.1)),
        Supply("a", ONE, ((0, 1, 1),), growth=(0, 1e9)),
        Supply("a", ONE, ((0, 1, 1),), beyond=-1),
    ],
)
def test_numbers_that_cannot_be(supply):
    with pytest.raises(InvalidNumberError):
        rank_throughput(Throughput((supply,)))


@pytest.mark.parametrize(
    "program",
    [
        Throughput((fixed("a", 1),), target=0),
        Throughput((fixed("a", 1),), target=math.nan),
        Throughput((fixed("a", 1),), target=1, deadline=math.nan),
        Throughput((fixed("a", 1),), shock=1.5),
    ],
)
def test_programs_that_cannot_be(program):
    with pytest.raises(InvalidNumberError):
        rank_throughput(program)


def test_double_keys_and_too_few_draws():
    with pytest.raises(DuplicateKeyError):
        rank_throughput(Throughput((fixed("a", 1), fixed("a", 2))))
    with pytest.raises(InvalidNumberError):
        rank_throughput(Throughput((fixed("a", 1),)), draws=5)


WHOLE = Throughput(
    (
        Supply("power", (0.9, 1.1), ((0, 8, 12),), growth=(0.1, 0.4)),
        Supply("chips", (1, 1.2), ((0, 14, 20), (900, 15, 30)), growth=(0.0, 0.1)),
        Supply("memory", (1, 1), points=tuple((-30 * k, 13 + (k * 7 % 3)) for k in range(12))),
        Supply("propellant", (1, 1), ((0, 3, 6),), beyond=15),
    ),
    target=18,
    deadline=1200,
    unit="GW",
)


def test_the_order_of_supplies_does_not_matter():
    expected = rank_throughput(WHOLE)
    assert rank_throughput(WHOLE) == expected
    for seed in range(3):
        supplies = random.Random(seed).sample(WHOLE.supplies, len(WHOLE.supplies))
        assert rank_throughput(replace(WHOLE, supplies=tuple(supplies))) == expected


def test_the_unit_of_a_capacity_does_not_matter():
    def in_watts(s):
        stated = tuple((d, 1e9 * low, 1e9 * high) for d, low, high in s.stated)
        points = tuple((d, 1e9 * v) for d, v in s.points)
        return replace(s, need=(1e9 * s.need[0], 1e9 * s.need[1]), stated=stated, points=points)

    before, after = (
        rank_throughput(WHOLE),
        rank_throughput(replace(WHOLE, supplies=tuple(map(in_watts, WHOLE.supplies)))),
    )
    assert after.p50 == pytest.approx(before.p50)
    for a, b in zip(after.lines, before.lines, strict=True):
        assert (a.key, a.binds_now) == (b.key, b.binds_now)
        assert a.relief_output == pytest.approx(b.relief_output)


def test_every_relief_is_that_of_the_program_without_the_supply():
    ranking = rank_throughput(WHOLE)
    for each in ranking.lines:
        rest = rank_throughput(replace(WHOLE, supplies=tuple(s for s in WHOLE.supplies if s.key != each.key)))
        assert each.relief_output == pytest.approx(rest.output.p50[0] - ranking.output.p50[0])
        assert each.relief_days == pytest.approx(min(ranking.p50, 1826) - min(rest.p50, 1826))
        assert each.gain_in_p_deadline == pytest.approx(rest.p_deadline - ranking.p_deadline)


@st.composite
def supplies(draw, key):
    low = draw(st.floats(0, 100))
    stated = [(0.0, low, low + draw(st.floats(0, 100)))]
    if draw(st.booleans()):
        stated.append((draw(st.floats(1, 2000)), low, low + draw(st.floats(0, 500))))
    points = draw(st.lists(st.tuples(st.floats(-900, 0), st.floats(0.01, 1e6)), max_size=6))
    growth = draw(st.one_of(st.none(), st.tuples(st.floats(-0.9, 1), st.floats(1, 20))))
    need = draw(st.floats(0.01, 50))
    return Supply(
        key,
        (need, need + draw(st.floats(0, 5))),
        tuple(stated) if draw(st.booleans()) else (),
        tuple(points),
        growth,
        draw(st.sampled_from([0.0, 0.0, 10.0])),
    )


@st.composite
def throughputs(draw):
    made = tuple(draw(supplies(f"s{i}")) for i in range(draw(st.integers(1, 4))))
    return Throughput(
        made, draw(st.one_of(st.none(), st.floats(0.1, 500))), draw(st.one_of(st.none(), st.floats(-9, 3000)))
    )


def fuzz(examples):
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=quiet)


@fuzz(60)
@given(throughputs())
def test_whatever_comes_in_the_answer_is_in_order(program):
    ranking = rank_throughput(program, draws=100)
    series = [*ranking.output.p10, *ranking.output.p50, *ranking.output.p90]
    for each in ranking.lines:
        series += [each.binds_now, *each.binds, *each.allows.p50, each.relief_output, each.eased_output]
        assert each.relief_output >= 0
        assert each.eased_output >= 0
        assert each.relief_days is None or each.relief_days >= 0
    for each in (*ranking.crossings, *ranking.successors):
        series += [each.chance, each.p10, each.p50, each.p90]
        assert 0 <= each.p10 <= each.p50 <= each.p90
        assert 0 < each.chance <= 1
    assert not any(math.isnan(x) for x in series)
    assert sum(s.chance for s in ranking.successors) <= 1 + 1e-9
    assert (ranking.proposal is None) == (ranking.unknown is not None)
    assert all(reason.text and "nan" not in reason.text and "inf " not in reason.text for reason in ranking.reasons)
    if ranking.lines:
        for at in range(len(ranking.days)):
            assert sum(x.binds[at] for x in ranking.lines) >= 1 - 1e-9


@fuzz(50)
@given(throughputs(), st.floats(1.0, 5.0))
def test_a_supply_that_is_needed_more_never_falls_in_the_ranking(program, times):
    chosen = program.supplies[0]
    if not (chosen.stated or chosen.points):
        return
    worse = replace(chosen, need=(chosen.need[0] * times, chosen.need[1] * times))
    old = rank_throughput(program, draws=100)
    new = rank_throughput(replace(program, supplies=(worse, *program.supplies[1:])), draws=100)
    assert new.output.p50[0] <= old.output.p50[0] * (1 + 1e-9)
    assert line(new, chosen.key).binds_now >= line(old, chosen.key).binds_now
    mine_old, mine_new = line(old, chosen.key), line(new, chosen.key)
    assert mine_new.relief_output >= mine_old.relief_output * (1 - 1e-9)
    for each in old.lines:
        if mine_old.relief_output > each.relief_output * (1 + 1e-9) + 1e-9:
            assert mine_new.relief_output >= line(new, each.key).relief_output * (1 - 1e-9)
