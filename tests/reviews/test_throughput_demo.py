"""The worked example of a throughput program: the figures of its sources, ranges kept, assumptions labelled."""

import datetime as dt

import pytest

from projects.demo import load_throughput_demo, read_throughput_demo
from projects.limiting import layers_of, read_limiting_factors
from projects.models import Claim, Factor, Limit, Program, Role
from projects.services.ranking import rank_program
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    owner = make.make_user()
    return load_throughput_demo(read_throughput_demo(), {owner: str(Role.ADMIN)}, owner, dt.date(2026, 11, 24))


def test_power_limits_now_then_memory_then_launches(program):
    ranking = rank_program(program, dt.date(2026, 11, 24))
    assert ranking.proposal["name"] == "Power"
    assert [era["name"] for era in ranking.flow["eras"]] == ["Power", "Memory", "Launches"]
    memory = ranking.flow["successors"][0]
    assert memory["name"] == "Memory"
    assert 3 <= memory["p50"] / 365.25 <= 4


def test_logic_allows_more_than_memory_throughout(program):
    ranking = rank_program(program, dt.date(2026, 11, 24))
    allows = {one["name"]: one["allows"]["p50"] for one in ranking.flow["supplies"]}
    assert all(memory < logic for memory, logic in zip(allows["Memory"], allows["Logic chips"], strict=True))


def test_propellant_binds_beyond_a_terawatt_only(program):
    supply = program.supplies.get(factor__name="Propellant")
    assert supply.beyond == 1000
    rank_program(program, dt.date(2026, 11, 24))
    flow = Program.objects.get(pk=program.pk).ranking.flow
    propellant = next(one for one in flow["supplies"] if one["name"] == "Propellant")
    assert max(propellant["binds"]) == 0
    assert min(propellant["allows"]["p10"]) > 1000


def test_ranges_stay_ranges(program):
    power = program.supplies.get(factor__name="Power")
    assert (power.need_low, power.need_high) == (1.68, 1.75)
    ships = program.supplies.get(factor__name="Launches").capacities.get(on=dt.date(2031, 2, 5))
    assert (ships.low, ships.high) == (5840, 8760)
    assert "30-hour turnaround" in ships.source


def test_what_no_source_states_is_labelled(program):
    for supply in program.supplies.all():
        assert supply.growth_assumed == (supply.growth_low is not None)
        for capacity in supply.capacities.all():
            assert capacity.source.startswith(("Article A", "Illustrative, edit me"))


def test_drilled_down_to_the_blades(program):
    blades = Factor.objects.get(name="Cast vanes and blades")
    path = [blades.name]
    while (factor := Factor.objects.get(name=path[-1]).parent) is not None:
        path.append(factor.name)
    assert path == ["Cast vanes and blades", "Gas turbines", "Own power plant", "Power"]
    assert (blades.suppliers, blades.sold_out_until) == (3, dt.date(2030, 12, 31))


def test_what_binds_deepest_is_declared_layer_by_layer(program):
    limit = Limit.objects.get(program=program, until=None)
    assert [layer.factor.name for layer in layers_of(limit)] == [
        "Own power plant",
        "Gas turbines",
        "Cast vanes and blades",
    ]
    rank_program(program, dt.date(2026, 11, 24))
    (found,) = read_limiting_factors(Program.objects.filter(pk=program.pk))
    assert found.path == ("Power", "Own power plant", "Gas turbines", "Cast vanes and blades")


def test_the_two_sources_disagree_on_five_questions(program):
    questions = set(Claim.objects.values_list("question", flat=True))
    assert len(questions) == 5
    for question in questions:
        assert Claim.objects.filter(question=question).values("source").distinct().count() == 2


def test_limit_is_declared_since_the_interview(program):
    assert Limit.objects.get(program=program, until=None).factor.name == "Power"
