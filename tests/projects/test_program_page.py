"""A program's page answers in the order in which a manager asks, and says what is missing."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Goal
from projects.program_page import levers
from projects.services.goals import set_needs
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def manager(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


def test_its_questions_come_in_order(client, manager):
    program = make.make_world("Engines", by=manager)
    other = make.make_goal(program.teams.get(), values=make.STEADY)
    set_needs(goal=other, needs=[program.teams.get().goals.exclude(pk=other.pk).get()], by=None)
    refit_program(program)
    page = client.get(program.get_absolute_url()).content.decode()
    asked = ("What is stopping you now?", "Since when, and what next", "What relief is worth", "What changed")
    places = [page.index(f">{title}") for title in (*asked, "What waits for what", "Teams")]
    assert places == sorted(places)


def test_a_new_program_says_what_is_missing(client, manager):
    program = make.make_program("Bare", by=manager)
    make.make_goal(make.make_team(program))
    page = client.get(program.get_absolute_url()).content.decode()
    assert "Unknown: no goal has a forecast yet." in page
    assert "There is nothing to compare with yet" in page
    assert "What waits for what" not in page
    assert "limit-ribbon" not in page


def test_a_chain_of_miracles_names_its_best_lever(client, manager):
    program = make.make_program("Engines", by=manager, deadline=make.today() + 300 * DAY)
    team = make.make_team(program)
    for name in ("Vanes", "Tanks"):
        make.make_goal(team, name, values=make.STEADY)
    refit_program(program)
    found = levers(program, program.ranking, list(Goal.objects.select_related("outlook")), make.today())
    assert found.n == 2
    assert found.joint == program.ranking.p_deadline
    assert all(lever.own >= found.joint for lever in found.best), "a chain is no likelier than its weakest link"
    assert all(lever.joint >= found.joint for lever in found.best)
    assert "All 2 open goals must be done by" in client.get(program.get_absolute_url()).content.decode()


def test_one_goal_is_no_chain():
    program = make.make_world()
    type(program).objects.filter(pk=program.pk).update(deadline=make.today() + 90 * DAY)
    program.refresh_from_db()
    refit_program(program)
    assert levers(program, program.ranking, list(Goal.objects.select_related("outlook")), make.today()) is None


def test_luck_that_goals_share_is_stated_per_program(client, manager):
    program = make.make_program("Engines", by=manager)
    team = make.make_team(program)
    for _ in range(3):
        make.make_goal(team, values=make.STEADY)
    type(program).objects.filter(pk=program.pk).update(deadline=make.today() + 60 * DAY)
    program.refresh_from_db()
    refit_program(program)
    measured = program.ranking.p_deadline
    data = {"name": "Engines", "kind": "delivery", "start": program.start, "zone": "UTC", "version": program.version}
    url = reverse("program_edit", args=[program.slug])
    assert client.post(url, data | {"team_shock": "0.5"}).status_code == 422
    assert client.post(url, data | {"team_shock": "0.6", "program_shock": "0.5"}).status_code == 422
    assert client.post(url, data | {"team_shock": "0", "program_shock": "0"}).status_code == 302
    program = type(program).objects.get(pk=program.pk)
    assert (program.team_shock, program.program_shock) == (0, 0)
    assert program.ranking.p_deadline < measured, "without shared luck all of them are less likely in time"
