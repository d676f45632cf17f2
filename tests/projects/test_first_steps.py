"""An empty program says what to do first, and leaves out what it cannot say."""

import pytest
from django.urls import reverse

from projects.models import Program, Role
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(client):
    made = make.make_program("Engines")
    client.force_login(make.join(made))
    return made


def page(client, program: Program) -> str:
    return client.get(program.get_absolute_url()).content.decode()


def current(html: str) -> str:
    return html.split('aria-current="step">')[1].split("<")[0]


def test_step_by_step_to_the_first_forecast(client, program):
    html = page(client, program)
    assert current(html) == "A team"
    assert reverse("team_create", args=[program.slug]) in html
    assert "What relief is worth" not in html

    team = make.make_team(program)
    assert current(page(client, program)) == "Its engineers"
    make.make_engineer(team)
    html = page(client, program)
    assert current(html) == "A goal: from where to where, by when"
    assert reverse("goal_create", args=[team.pk]) in html

    goal = make.make_goal(team)
    html = page(client, program)
    assert current(html) == "Three datapoints on different days"
    assert f"{goal.get_absolute_url()}#log" in html
    assert "What relief is worth" in html

    make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    assert "first-steps" not in page(client, program)


def test_a_goal_without_engineers_comes_before_them(client, program):
    make.make_goal(make.make_team(program))
    assert current(page(client, program)) == "Three datapoints on different days"


def test_a_reader_is_not_told_what_they_cannot_do(client, program):
    client.force_login(make.join(program, Role.VIEWER))
    html = page(client, program)
    assert "first-steps" not in html
    assert "What relief is worth" not in html


def test_what_limits_can_be_named_before_there_is_a_goal(client, program):
    make.declare(program, "Foundries")
    html = page(client, program)
    assert "Foundries" in html
    assert "Since when, and what next" in html


def test_a_throughput_program_begins_with_its_supplies(client):
    program = make.make_program("Orbit", kind=Program.Kind.THROUGHPUT, output_unit="GW a year", output_target=1)
    client.force_login(make.join(program))
    html = page(client, program)
    assert "first-steps" not in html
    assert reverse("supply_create", args=[program.slug]) in html
