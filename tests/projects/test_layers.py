"""Drilling down: the limit stays declared, and the part of it that binds is marked (M3)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.limiting import layers_of
from projects.models import Event, Factor, Gate, Layer, Limit, Role
from projects.services.changes import Conflict
from projects.services.goals import set_gate
from projects.services.layers import lift_layer
from projects.services.ranking import rank_program
from tests import factories as make
from tests.projects.test_ranking import say, spread

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    made = make.make_program("Orbit")
    make.declare(made, "Power", since=make.today() - 30 * DAY)
    return made


def path(program) -> list[str]:
    limit = program.limits.get(until=None)
    return [limit.factor.name, *(layer.factor.name for layer in layers_of(limit))]


def test_layer_by_layer_until_it_binds(program):
    limit = program.limits.get(until=None)
    for name in ("Own plant", "Gas turbines", "Cast vanes"):
        make.drill(program, name)
    assert path(program) == ["Power", "Own plant", "Gas turbines", "Cast vanes"]
    vanes = Factor.objects.get(name="Cast vanes")
    assert [whole.name for whole in vanes.wholes()] == ["Gas turbines", "Own plant", "Power"]
    assert program.limits.get(until=None) == limit, "nothing was relieved by being understood"
    assert Event.objects.filter(verb="drilled down").count() == 3


def test_the_part_gates_what_the_whole_gates_here_and_is_ranked_in_its_place(program):
    power = Factor.objects.get(name="Power")
    goal = say(make.make_goal(make.make_team(program), "Plant"), days=spread(60))
    set_gate(goal=goal, factor=power, by=None)
    elsewhere = make.make_goal()
    set_gate(goal=elsewhere, factor=power, by=None)
    layer = make.drill(program, "Gas turbines")
    assert [gate.goal for gate in layer.factor.gates.all()] == [goal]
    factors = [line["name"] for line in rank_program(program).lines if line["kind"] == "factor"]
    assert factors == ["Gas turbines"]


def test_a_part_known_already_keeps_the_whole_it_has(program):
    grid = make.make_factor("Grid")
    make.make_factor("Transformers", parent=grid)
    make.drill(program, "transformers")
    assert Factor.objects.get(name="Transformers").parent == grid
    assert path(program) == ["Power", "Transformers"]


@pytest.mark.parametrize("name", ["Power", "power", "Own plant", "Civilisation"])
def test_what_lies_above_is_no_part(program, name):
    power = Factor.objects.get(name="Power")
    Factor.objects.filter(pk=power.pk).update(parent=make.make_factor("Civilisation"))
    make.drill(program, "Own plant")
    with pytest.raises(ValidationError, match="lies above already"):
        make.drill(program, name)
    assert path(program) == ["Power", "Own plant"]


@pytest.mark.parametrize("memo", ["", "n/a"])
def test_no_reason_is_refused_and_leaves_no_factor_behind(program, memo):
    with pytest.raises(ValidationError):
        make.drill(program, "Own plant", memo=memo)
    assert not Factor.objects.filter(name="Own plant").exists()


def test_a_part_cannot_bind_before_its_whole(program):
    with pytest.raises(ValidationError, match="later than this day"):
        make.drill(program, "Own plant", since=make.today() - 31 * DAY)


def test_of_two_who_drill_at_once_the_second_is_told(program):
    power = Factor.objects.get(name="Power")
    make.drill(program, "Own plant")
    with pytest.raises(Conflict) as conflict:
        make.drill(program, "Grid", saw=power.pk)
    assert conflict.value.current.name == "Own plant"


@pytest.mark.parametrize("state", [None, Limit.State.UNKNOWN])
def test_nothing_declared_has_no_part(state):
    program = make.make_program()
    if state is None:
        make.declare(program, None)
    power = make.make_factor("Power")
    with pytest.raises(IndexError):
        make.drill(program, "Own plant")
    assert not Layer.objects.exists()
    assert power


# ---- taken back ------------------------------------------------------------------------------------------------------


def lift(layer: Layer, **fields) -> bool:
    return lift_layer(**{"layer": layer, "memo": "Turbines were bought.", "on": make.today(), "by": None} | fields)


def test_a_part_that_does_not_bind_goes_with_what_lies_below_it(program):
    first, second, third = (make.drill(program, name) for name in ("Own plant", "Turbines", "Vanes"))
    assert lift(second)
    assert path(program) == ["Power", "Own plant"]
    assert set(Layer.objects.filter(until=make.today())) == {second, third}
    assert lift(third) is False
    assert first.until is None


def test_it_gates_no_longer_what_it_took_over(program):
    power = Factor.objects.get(name="Power")
    team = make.make_team(program)
    shared, own = make.make_goal(team), make.make_goal(team)
    set_gate(goal=shared, factor=power, by=None)
    layer = make.drill(program, "Turbines")
    set_gate(goal=own, factor=layer.factor, by=None)
    lift(layer)
    assert set(Gate.objects.values_list("factor__name", "goal")) == {("Power", shared.pk), ("Turbines", own.pk)}


def test_a_closed_limit_keeps_its_layers(program):
    layer = make.drill(program, "Turbines")
    make.declare(program, "Chips")
    assert path(program) == ["Chips"]
    assert lift(layer) is False


# ---- in the browser --------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def send(client, program, **changed):
    data = {
        "saw": program.limits.get(until=None).factor_id,
        "factor": "Own plant",
        "kind": "physical",
        "since": make.today().isoformat(),
        "memo": "The grid connects us in four years.",
    }
    return client.post(reverse("limit_deeper", args=[program.slug]), data | changed)


def test_one_step_in_the_browser(client, program, manager):
    assert send(client, program).status_code == 302
    page = client.get(program.get_absolute_url()).content.decode()
    assert "binds deepest" in page
    assert "The grid connects us in four years." in page
    assert Factor.objects.get(name="Own plant").kind == "physical"


def test_the_second_click_is_told_and_writes_nothing(client, program, manager):
    send(client, program)
    response = send(client, program)
    assert response.status_code == 422
    assert "Meanwhile" in response.content.decode()
    assert Layer.objects.count() == 1


def test_a_day_ahead_is_refused(client, program, manager):
    response = send(client, program, since=(make.today() + 2 * DAY).isoformat())
    assert response.status_code == 422
    assert "This day lies in the future." in response.content.decode()


def test_without_a_declared_factor_it_leads_to_declaring_one(client, program, manager):
    make.declare(program, None)
    response = client.get(reverse("limit_deeper", args=[program.slug]))
    assert response["Location"] == reverse("limit_declare", args=[program.slug])
    assert send(client, program, saw=1).status_code == 422


def test_taken_back_in_the_browser(client, program, manager):
    layer = make.drill(program, "Own plant")
    url = reverse("layer_lift", args=[layer.pk])
    assert client.post(url, {"memo": "-"}).status_code == 422
    assert client.post(url, {"memo": "The plant is bought."}).status_code == 302
    assert "binds deepest" not in client.get(program.get_absolute_url()).content.decode()
    assert client.post(url, {"memo": "Once more."}).status_code == 302
