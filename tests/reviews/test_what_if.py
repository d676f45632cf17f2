"""What if: an address asks, the answer stands beside how it is, and nothing is written."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from projects.models import Program, Role
from projects.services.goals import set_gate
from reviews.services.forecasting import refit_program
from tests import factories as make
from tests.projects.test_supplies import stated
from tests.reviews.files import rows

pytestmark = pytest.mark.django_db
SLOW = (0, 4, 9, 12, 17, 21, 25, 30)


@pytest.fixture
def program(client):
    program = make.make_program("Engine", deadline=make.later(1))
    client.force_login(make.join(program, Role.VIEWER))
    return program


@pytest.fixture
def goals(program):
    team = make.make_team(program)
    fast, slow = make.make_goal(team, "Tanks", values=make.STEADY), make.make_goal(team, "Turbine", values=SLOW)
    set_gate(goal=slow, factor=make.make_factor("Cast blades"), by=None)
    refit_program(program)
    return fast, slow


def ask(client, program, **question):
    response = client.get(reverse("what_if", args=[program.slug]), question)
    assert response.status_code == 200
    return response.context


def test_nothing_asked_shows_how_it_stands(client, program, goals):
    context = ask(client, program)
    assert context["after"] is None
    assert context["before"].limits == "Turbine"
    assert [row["goal"].name for row in context["goals"]] == ["Turbine", "Tanks"]


def test_the_goal_that_limits_finished_today_brings_the_finish_nearer_and_the_next_limit(client, program, goals):
    context = ask(client, program, done=goals[1].pk)
    assert context["after"].p50 < context["before"].p50
    assert context["after"].limits == context["before"].next == "Tanks"


def test_a_factor_taken_away(client, program, goals):
    factor = goals[1].gates.get().factor
    context = ask(client, program, gone=factor.pk)
    assert context["after"].p50 < context["before"].p50


def test_a_nearer_target_comes_sooner_and_a_farther_one_later(client, program, goals):
    near = ask(client, program, **{f"target-{goals[1].pk}": "40"})
    far = ask(client, program, **{f"target-{goals[1].pk}": "250"})
    assert near["after"].p50 < near["before"].p50
    assert far["after"].p50 is None or far["after"].p50 > far["before"].p50


def test_a_dragged_date(client, program, goals):
    context = ask(client, program, **{f"days-{goals[1].pk}": "7", f"days-{goals[0].pk}": "3"})
    assert (context["after"].p50 - make.today()).days <= 14


def test_a_date_dragged_to_today(client, program, goals):
    context = ask(client, program, **{f"days-{goals[1].pk}": "0"})
    assert context["after"].p50 < context["before"].p50


def test_another_deadline(client, program, goals):
    context = ask(client, program, deadline=make.later(4).isoformat())
    assert context["after"].p_deadline > context["before"].p_deadline
    assert context["after"].p50 == context["before"].p50


def test_the_days_as_they_stand_are_no_question(client, program, goals):
    row = ask(client, program)["goals"][0]
    assert ask(client, program, **{f"days-{goals[1].pk}": row["base"]})["after"] is None


def test_nothing_is_written(client, program, goals):
    before = rows()
    ask(client, program, done=goals[1].pk, deadline=make.later(2).isoformat(), **{f"target-{goals[0].pk}": "40"})
    assert rows() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("deadline", "2165-01-01"),
        ("deadline", "soon"),
        ("days-{slow}", "-1"),
        ("days-{slow}", "1e9"),
        ("target-{slow}", "nan"),
        ("target-{slow}", "1e400"),
    ],
)
def test_what_cannot_be_is_said_and_left_out(name, value, client, program, goals):
    context = ask(client, program, **{name.format(slow=goals[1].pk): value})
    assert len(context["errors"]) == 1
    assert context["after"] is None


@pytest.mark.parametrize("field", ["done", "gone"])
@pytest.mark.parametrize("value", ["x", "9" * 40, "-1", "²"])
def test_an_id_that_is_none_changes_nothing(field, value, client, program, goals):
    context = ask(client, program, **{field: value})
    assert context["after"] is None or context["after"].p50 == context["before"].p50


def test_a_goal_of_another_program_is_passed_over(client, program, goals):
    other = make.make_world("Elsewhere")
    theirs = other.teams.get().goals.get()
    assert ask(client, program, done=theirs.pk)["after"] is None


def test_a_target_already_met_finishes_the_goal(client, program, goals):
    context = ask(client, program, **{f"target-{goals[1].pk}": "20"})
    assert context["after"].limits == "Tanks"


def test_a_goal_without_a_datapoint_says_why(client, program, goals):
    bare = make.make_goal(goals[0].team, "Stack")
    refit_program(program)
    context = ask(client, program, **{f"target-{bare.pk}": "50"})
    assert context["after"].refused == (("Stack", "No datapoint yet."),)


def test_a_writer_is_led_to_the_real_change(client, program, goals):
    client.force_login(make.join(program, Role.MANAGER))
    html = client.get(reverse("what_if", args=[program.slug]), {f"target-{goals[1].pk}": "40.5"}).content.decode()
    (link,) = re.findall(r'href="([^"]*revise/\?target=[^"]*)"', html)
    assert 'value="40.5"' in client.get(link).content.decode()


def test_a_reader_is_not(client, program, goals):
    html = client.get(reverse("what_if", args=[program.slug]), {f"target-{goals[1].pk}": "40.5"}).content.decode()
    assert "revise/" not in html


def test_a_program_that_was_never_ranked(client, program):
    html = client.get(reverse("what_if", args=[program.slug])).content.decode()
    assert "has not been ranked yet" in html


# ---- a throughput program --------------------------------------------------------------------------------------------


@pytest.fixture
def compute(client):
    program = make.make_program("Compute", kind=Program.Kind.THROUGHPUT, output_unit="GW", output_target=30.0)
    client.force_login(make.join(program, Role.VIEWER))
    make.make_supply(program, "Power", stated(10), growth_low=50.0, growth_high=50.0)
    make.make_supply(program, "Memory", stated(20), growth_low=50.0, growth_high=50.0)
    refit_program(program)
    return program


def test_a_supply_taken_away(client, compute):
    power = compute.supplies.get(factor__name="Power").factor_id
    context = ask(client, compute, gone=power)
    assert context["before"].output == pytest.approx(10)
    assert context["after"].output == pytest.approx(20)
    assert context["after"].limits == "Memory"


def test_more_of_a_supply(client, compute):
    power = compute.supplies.get(factor__name="Power").factor_id
    context = ask(client, compute, **{f"capacity-{power}": "150"})
    assert context["after"].output == pytest.approx(15)
    assert context["after"].p50 < context["before"].p50


def test_another_target_output(client, compute):
    context = ask(client, compute, target="20")
    assert context["before"].p50 - context["after"].p50 > dt.timedelta(days=300)


@pytest.mark.parametrize(("name", "value"), [("target", "0"), ("target", "x"), ("capacity", "5"), ("capacity", "nan")])
def test_impossible_supplies_are_said(name, value, client, compute):
    power = compute.supplies.get(factor__name="Power").factor_id
    context = ask(client, compute, **{name if name == "target" else f"capacity-{power}": value})
    assert context["errors"]
    assert context["after"] is None
