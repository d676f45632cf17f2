"""What the API says limits a program is what the command prints and the board reads."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from projects.models import Role
from tests import factories as make
from tests.test_access import as_user

pytestmark = pytest.mark.django_db


def printed(*arguments) -> list[dict]:
    out = StringIO()
    call_command("limiting_factor", *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def manager():
    return make.make_user("ada")


@pytest.fixture
def program(manager):
    """Ranked, with a declared factor, two layers below it, and one program that knows nothing."""
    made = make.make_world("Engines", by=manager)
    make.declare(made, "Turbines")
    make.drill(made, "Vanes")
    make.drill(made, "Foundries")
    make.refit_program(made)
    make.make_program("Nothing yet", by=manager)
    return made


def test_all_of_them_are_what_the_command_prints(manager, program):
    found = as_user(manager).get("/api/limiting-factors").json()
    assert found == printed("--all")
    assert [one["program"] for one in found] == ["Engines", "Nothing yet"]
    assert found[0]["path"] == ["Turbines", "Vanes", "Foundries"]
    assert found[0]["proposal"]
    assert found[1]["unknown"]
    assert found[1]["relief_days"] is None


def test_one_is_what_the_command_prints(manager, program):
    found = as_user(manager).get(f"/api/programs/{program.slug}/limiting-factor").json()
    assert [found] == printed(program.slug)


def test_an_archived_program_is_in_no_list_and_still_read(manager, program):
    type(program).objects.update(archived_at="2026-01-01T00:00:00Z")
    client = as_user(manager)
    assert client.get("/api/limiting-factors").json() == []
    assert client.get(f"/api/programs/{program.slug}/limiting-factor").status_code == 200


def test_goals_carry_what_their_outlook_says(manager, program):
    waiting = make.make_goal(program.teams.get(), "Waiting")
    known, unknown = sorted(
        as_user(manager).get(f"/api/programs/{program.slug}/goals").json(), key=lambda goal: goal["name"]
    )
    outlook = make.outlook(program.teams.get().goals.exclude(pk=waiting.pk).get())
    assert known["outlook"]["verdict"] == outlook.verdict
    assert known["outlook"]["p_deadline"] == outlook.p_deadline
    assert known["outlook"]["p50"] == str(outlook.p50)
    assert known["team"]["name"] == program.teams.get().name
    assert (unknown["name"], unknown["outlook"]) == ("Waiting", None)


def test_archived_goals_are_left_out(manager, program):
    program.teams.get().goals.update(archived_at="2026-01-01T00:00:00Z")
    assert as_user(manager).get(f"/api/programs/{program.slug}/goals").json() == []


def test_engineers_are_those_who_are_on_a_team_today(manager, program):
    team = program.teams.get()
    gone = make.make_engineer(team, "Gone")
    team.seats.filter(engineer=gone).update(left=make.today())
    found = as_user(make.join(program, Role.VIEWER)).get(f"/api/programs/{program.slug}/engineers").json()
    assert [one["team"]["id"] for one in found] == [team.pk]
    assert "Gone" not in str(found)
