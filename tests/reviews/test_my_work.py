"""My work: an engineer with a login sees everything that was logged about their own work, and nothing else."""

import pytest
from django.urls import reverse

from projects.models import Engineer, Role
from projects.services.programs import set_archived
from reviews.services.datapoints import correct_datapoint
from tests import factories as make

pytestmark = pytest.mark.django_db

MINE = "/mine/"


@pytest.fixture
def grace(client):
    user = make.make_user("grace")
    client.force_login(user)
    return user


@pytest.fixture
def program(grace):
    made = make.make_program("Engines")
    make.join(made, Role.ENGINEER, grace)
    return made


@pytest.fixture
def team(program):
    return make.make_team(program)


@pytest.fixture
def engineer(team, grace):
    return make.make_engineer(team, "Grace", user=grace)


def page(client) -> str:
    response = client.get(MINE)
    assert response.status_code == 200
    return response.content.decode()


def test_shows_value_memo_blocker_level_and_who_logged_it(client, team, engineer):
    goal = make.make_goal(team, "Cast vanes")
    ada = make.make_user("ada")
    memo, blocker = "R&D <b> says so", "No foundry"
    make.make_point(goal, 66, engineer=engineer, recorded_by=ada, memo=memo, blocker=blocker)
    html = page(client)
    for text in ("Cast vanes", "66", "R&amp;D &lt;b&gt; says so", "No foundry", "ada", "Doer", "Engines"):
        assert text in html
    assert "&amp;amp;" not in html


def test_work_of_others_is_not_shown(client, team, engineer):
    goal = make.make_goal(team, "Cast vanes")
    make.make_point(goal, engineer=make.make_engineer(team), memo="About somebody else")
    make.make_point(goal, engineer=None, memo="About nobody")
    html = page(client)
    assert "Nothing was logged about your work yet" in html
    assert "About" not in html


def test_engineer_opens_nothing_else_of_the_program(client, program, team, engineer):
    goal = make.make_goal(team, "Cast vanes")
    make.make_point(goal, engineer=engineer)
    html = page(client)
    for target in (program, team, goal):
        assert target.get_absolute_url() not in html
        assert client.get(target.get_absolute_url()).status_code == 404


def test_login_without_an_engineer_is_told(client, grace):
    assert "Your login is not joined to an engineer" in page(client)


def test_one_who_left_still_sees_it(client, team, engineer, grace):
    make.make_point(make.make_goal(team), engineer=engineer, memo="Before I left.")
    make.make_engineer(team)
    seat = make.seat_of(engineer)
    seat.left = make.today()
    seat.save()
    assert "Before I left." in page(client)


def test_archived_program_hides_nothing_of_mine(client, program, team, engineer, grace):
    make.make_point(make.make_goal(team), engineer=engineer, memo="Before it was archived.")
    set_archived(program=program, archived=True, by=grace)
    assert "Before it was archived." in page(client)


def test_correction_of_my_work_is_shown_beside_the_first_value(client, team, engineer, grace):
    point = make.make_point(make.make_goal(team), 66, engineer=engineer, memo="As I said it.")
    correct_datapoint(datapoint=point, value=61, memo="Miscounted.", by=grace)
    html = page(client)
    assert "As I said it." in html
    assert "Miscounted." in html


def test_board_leads_an_engineer_here(client, program, engineer):
    assert reverse("mine") in client.get("/").content.decode()


def test_works_for_a_manager_who_is_an_engineer_too(client, program, team, engineer, grace):
    make.join(program, Role.MANAGER, grace)
    make.make_point(make.make_goal(team), engineer=engineer, memo="Mine.")
    assert "Mine." in page(client)


def test_queries_do_not_grow(client, team, engineer, django_assert_num_queries):
    goals = [make.make_goal(team) for _ in range(3)]
    for goal in goals:
        make.make_point(goal, engineer=engineer)
    with django_assert_num_queries(6):
        page(client)
    for goal in goals * 9:
        make.make_point(goal, engineer=engineer)
    with django_assert_num_queries(6):
        page(client)


def test_anonymous_is_led_to_sign_in(client, grace):
    client.logout()
    assert client.get(MINE).headers["Location"] == f"{reverse('account_login')}?next={MINE}"


def test_a_manager_joins_an_engineer_to_a_login_who_then_sees_their_work(client):
    team = make.make_team(make.make_program(), engineers=1)
    engineer = Engineer.objects.get(seats__team=team)
    goal = make.make_goal(team)
    make.log(goal, 12, engineer=engineer, memo="Ran for twelve seconds.")
    login, manager = make.make_user("ines"), make.join(team.program)
    client.force_login(manager)
    address = f"/engineers/{engineer.pk}/edit/"
    refused = client.post(address, {"name": engineer.name, "login": "nobody"})
    assert (refused.status_code, "no account of this name" in refused.content.decode()) == (422, True)
    assert client.post(address, {"name": engineer.name, "login": "ines"}).status_code == 302
    other = make.make_engineer(team)
    taken = client.post(f"/engineers/{other.pk}/edit/", {"name": other.name, "login": "ines"})
    assert (taken.status_code, "another engineer" in taken.content.decode()) == (422, True)
    client.force_login(login)
    assert "Ran for twelve seconds." in client.get("/mine/").content.decode()
