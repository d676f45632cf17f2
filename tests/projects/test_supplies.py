"""The supplies of a throughput program: kept with their source, refused where they cannot be true, and ranked."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from projects.models import Event, Program, Supply
from projects.services.changes import Conflict
from projects.services.flows import engine_supply
from projects.services.ranking import rank_program
from projects.services.supplies import Stated, edit_supply, remove_supply
from tests import factories as make

pytestmark = pytest.mark.django_db
NEED = {"need_low": 1.0, "need_high": 1.0}


def stated(low: float, high: float | None = None, *, on: dt.date | None = None) -> Stated:
    return Stated(on or make.today(), low, high or low, "the supplier")


@pytest.fixture
def program():
    return make.make_program(
        "Compute", kind=Program.Kind.THROUGHPUT, output_unit="GW a year", output_target=100.0, deadline=make.later(4)
    )


def test_least_supply_limits_and_the_next_one_is_named(program):
    make.make_supply(program, "Power", stated(10))
    make.make_supply(program, "Memory", stated(25))
    make.make_supply(program, "Chips", stated(40))
    ranking = rank_program(program)
    assert ranking.proposal["name"] == "Power"
    assert ranking.proposal["relief_output"] == pytest.approx(15)
    assert ranking.following["name"] == "Memory"
    assert next(line["name"] for line in ranking.lines) == "Power"
    assert ranking.flow["output"]["p50"][0] == pytest.approx(10)


def test_need_divides_the_capacity(program):
    make.make_supply(program, "Power", stated(50), need_low=10.0, need_high=10.0)
    make.make_supply(program, "Memory", stated(25))
    assert rank_program(program).proposal["name"] == "Power"


def test_two_curves_cross_on_a_day_with_a_distribution(program):
    make.make_supply(program, "Power", stated(10), growth_low=100.0, growth_high=100.0)
    make.make_supply(program, "Memory", stated(40))
    (takeover,) = rank_program(program).flow["successors"]
    assert takeover["name"] == "Memory"
    assert takeover["p50"] == pytest.approx(2 * 365.25, abs=3)  # twice doubled


def test_limit_that_appears_only_at_scale(program):
    make.make_supply(program, "Power", stated(10), growth_low=100.0, growth_high=100.0)
    make.make_supply(program, "Propellant", stated(1), beyond=50.0)
    ranking = rank_program(program)
    at_scale = next(one for one in ranking.flow["supplies"] if one["name"] == "Propellant")
    assert at_scale["binds"][0] == 0
    assert at_scale["binds"][-1] == 1


def test_target_gives_a_finish_and_the_odds_of_the_deadline(program):
    make.make_supply(program, "Power", stated(25), growth_low=100.0, growth_high=100.0)
    ranking = rank_program(program)
    assert (ranking.p50 - make.today()).days == pytest.approx(2 * 365.25, abs=4)
    assert ranking.p_deadline == 1
    assert len(ranking.finish_days) == 50
    assert ranking.known


def test_newest_data_is_the_last_capacity_and_none_that_lies_ahead(program):
    make.make_supply(program, "Power", stated(10, on=make.today() - make.WEEK), stated(30, on=make.later(1)))
    assert rank_program(program).newest_data == make.today() - make.WEEK


def test_target_beyond_five_years_is_never_and_not_a_number(program):
    make.make_supply(program, "Power", stated(10))
    ranking = rank_program(program)
    assert ranking.p50 is None
    assert ranking.p_never == 1
    assert set(ranking.finish_days) == {None}


def test_nothing_is_proposed_without_a_capacity(program):
    make.make_supply(program, "Power")
    ranking = rank_program(program)
    assert ranking.proposal is None
    assert ranking.left_out == ["Power"]
    assert "No supply has a capacity" in ranking.reasons[0]


def test_program_without_supplies_says_so(program):
    assert rank_program(program).reasons == ["The program has no supplies yet."]


def test_target_met_today_is_converged(program):
    make.make_supply(program, "Power", stated(200))
    ranking = rank_program(program)
    assert ranking.proposal is None
    assert "meets the target" in ranking.reasons[0]


def test_capacity_comes_from_the_datapoints_of_a_goal(program):
    goal = make.make_goal(make.make_team(program), "Turbines", values=(0, 4, 8, 16), unit="a year")
    make.refit_program(program)
    supply = make.make_supply(program, "Turbines a year", goal=goal)
    read = engine_supply(Supply.objects.select_related("goal__outlook", "factor").get(pk=supply.pk), make.today())
    assert read.points == ((-14.0, 4.0), (-7.0, 8.0), (0.0, 16.0))  # nothing grows from 0
    assert rank_program(program).proposal["name"] == "Turbines a year"


def test_change_keeps_what_was_stated_before(program):
    supply = make.make_supply(program, "Power", stated(10, 20))
    user = make.make_user()
    edit_supply(
        supply=supply,
        version=1,
        capacities=[stated(30, 40)],
        memo="The plant opened.",
        by=user,
        need_low=2.0,
        need_high=3.0,
    )
    event = Event.objects.filter(program=program, verb="changed").latest("pk")
    assert event.changes["need_low"] == [1.0, 2.0]
    (before,), (after,) = event.changes["capacities"]
    assert (before[1:3], after[1:3]) == ([10, 20], [30, 40])
    assert event.memo == "The plant opened."


def test_change_without_a_difference_is_none(program):
    supply = make.make_supply(program, "Power", stated(10))
    edit_supply(supply=supply, version=1, capacities=[stated(10)], memo="", by=make.make_user(), **NEED)
    assert not Event.objects.filter(program=program, verb="changed").exists()
    assert Supply.objects.get(pk=supply.pk).version == 1


def test_second_of_two_editors_is_told(program):
    supply = make.make_supply(program, "Power", stated(10))
    first = {"capacities": [stated(11)], "memo": "First of the two.", "by": make.make_user()}
    edit_supply(supply=supply, version=1, **first, **NEED)
    with pytest.raises(Conflict):
        edit_supply(supply=supply, version=1, **(first | {"memo": "Second of the two."}), **NEED)
    assert [c.low for c in supply.capacities.all()] == [11]


@pytest.mark.parametrize("memo", ["", "-", "n/a", "  "])
def test_memo_gate(memo, program):
    with pytest.raises(ValidationError):
        make.make_supply(program, "Power", stated(10), memo=memo)
    assert not Supply.objects.exists()


def test_factor_is_a_supply_once(program):
    make.make_supply(program, "Power", stated(10))
    with pytest.raises(ValidationError) as refused:
        make.make_supply(program, "Power", stated(12))
    assert "already" in str(refused.value)
    assert Supply.objects.count() == 1


def test_removed_supply_no_longer_limits_and_stays_in_the_history(program):
    power = make.make_supply(program, "Power", stated(10))
    make.make_supply(program, "Memory", stated(25))
    remove_supply(supply=power, by=make.make_user())
    assert rank_program(program).proposal["name"] == "Memory"
    assert Event.objects.get(program=program, verb="supply removed").changes["capacities"][0][0][1] == 10
