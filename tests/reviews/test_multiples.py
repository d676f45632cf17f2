"""The goals of a team side by side: on one scale, worst first, at most twelve until asked for all."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import Outlook, Role
from projects.services.goals import set_archived
from projects.time import WEEK
from reviews.services.forecasting import refit_program
from tests import factories as make


@pytest.fixture
def team(db):
    team = make.make_team()
    make.make_goal(team, "Steady", values=make.STEADY)
    make.make_goal(team, "Flat", values=(40,) * 8)
    make.make_goal(team, "New")
    refit_program(team.program)
    Outlook.objects.filter(goal__name="Flat").update(verdict="stalled")
    Outlook.objects.filter(goal__name="Steady").update(verdict="converging")
    return team


@pytest.fixture
def reader(team, client):
    user = make.join(team.program, Role.VIEWER)
    client.force_login(user)
    return user


def address(team) -> str:
    return reverse("team_multiples", args=[team.pk])


def names(html: str) -> list[str]:
    return re.findall(r'class="multiple-head"><a class="row-title" href="[^"]+">([^<]+)<', html)


def test_worst_first_each_with_its_verdict_and_its_curve(team, client, reader):
    html = client.get(address(team)).content.decode()
    assert names(html) == ["Flat", "New", "Steady"]
    assert html.count('class="small-fan"') == 2
    assert "No datapoint yet" in html
    assert "verdict-stalled" in html
    assert re.search(r'aria-label="58\s%[^"]* of a target of 100', html)


def test_all_charts_share_their_days(team, client, reader):
    panels = client.get(address(team)).context["panels"]
    assert len({(panel.fan.first, panel.fan.last) for panel in panels if panel.fan}) == 1


def test_shares_compare_goals_of_any_unit_and_direction(team, client, reader):
    down = make.make_goal(team, "Down", values=(900, 700, 500), baseline=900.0, target=100.0, unit="bugs")
    panels = {panel.goal.name: panel for panel in client.get(address(team)).context["panels"]}
    assert [share for _day, share in panels["Down"].fan.points] == [0.0, 0.25, 0.5]
    assert panels["Down"].value == 500
    assert down.name in panels


def test_former_targets_are_steps_on_the_scale_of_the_present_one(team, client, reader):
    goal = make.make_goal(team, "Moved", values=(1, 2, 3), target=50.0)
    goal.revisions.create(
        on=make.today() - WEEK, old_target=50, new_target=100, memo="Twice as many cases.", old_deadline=goal.deadline
    )
    type(goal).objects.filter(pk=goal.pk).update(target=100.0)
    panels = {panel.goal.name: panel for panel in client.get(address(team)).context["panels"]}
    assert [target.value for target in panels["Moved"].fan.targets] == [0.5, 1.0]


def test_twelve_and_then_all_by_a_plain_link(team, client, reader):
    for _ in range(12):
        make.make_goal(team)
    html = client.get(address(team)).content.decode()
    assert len(names(html)) == 12
    assert "Show all 15" in html
    every = client.get(f"{address(team)}?all").content.decode()
    assert len(names(every)) == 15
    assert "Show all" not in every


def test_archived_goals_are_left_out_and_no_goal_is_said(team, client, reader):
    for goal in team.goals.all():
        set_archived(goal=goal, archived=True, by=None)
    assert "No open goal." in client.get(address(team)).content.decode()


def test_the_team_page_loads_it_and_links_to_it(team, client, reader):
    html = client.get(team.get_absolute_url()).content.decode()
    assert f'hx-get="{address(team)}"' in html
    assert f'<a href="{address(team)}">' in html


def test_an_outsider_finds_nothing(team, client):
    client.force_login(make.make_user())
    assert client.get(address(team)).status_code == 404
    assert client.post(address(team)).status_code == 405


def queries(client, team) -> int:

    with CaptureQueriesContext(connection) as captured:
        client.get(f"{address(team)}?all")
    return len(captured)


def test_as_many_queries_for_three_goals_as_for_thirty(team, client, reader):
    few = queries(client, team)
    for _ in range(27):
        make.make_goal(team, values=(1, 2, 3))
    assert queries(client, team) == few


def test_the_goal_page_asks_no_more_for_a_long_history(team, client, reader):

    counts = []
    for values in ((1, 2, 3), range(60)):
        goal = make.make_goal(team, values=values, start=make.today() - 70 * WEEK)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(goal.get_absolute_url()).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
