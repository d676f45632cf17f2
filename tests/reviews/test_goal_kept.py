"""What a goal's page draws once and keeps: fan, slip and datapoints, drawn again once anything in them changed."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from projects.kept import Kept, fragments
from projects.models import Engineer, Goal, Outlook, Program, WeeksOff
from projects.services.teams import add_weeks_off
from projects.time import WEEK
from reviews.goal_page import GoalPage
from reviews.models import Datapoint, Forecast
from tests import factories as make


@pytest.fixture
def goal(client, db) -> Goal:
    fragments.clear()
    program = make.make_program()
    manager = make.join(program)
    team = make.make_team(program)
    made = make.make_goal(team, values=(0, 8, 17, 24))
    engineer = make.make_engineer(team, "Grace")
    make.log(made, 33, by=manager, engineer=engineer, blocker="Foundry slots")
    client.force_login(manager)
    return made


def kept_part(client, goal: Goal) -> str:
    page = client.get(goal.get_absolute_url()).content.decode()
    part = page[page.index("curve-title") : page.index('id="log"')]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", part)


def test_drawn_once(client, goal, monkeypatch):
    client.get(goal.get_absolute_url())
    monkeypatch.setattr(Kept, "verify", False)
    for part in ("forecast_all", "predictions", "charts", "drawn"):
        monkeypatch.setattr(f"reviews.pictures.{part}", None)  # drawing again would fail
    assert client.get(goal.get_absolute_url()).status_code == 200


CHANGES = {
    "a correction": lambda g: make.make_point(g, 30, observed_on=make.today(), supersedes=newest()),
    "a quarantine": lambda g: Datapoint.objects.filter(pk=newest().pk).update(
        quarantined_at=timezone.now(), quarantine_reason="No such number."
    ),
    "the engineer's name": lambda g: Engineer.objects.update(name="Ada"),
    "the reporter's name": lambda g: User.objects.update(username="renamed"),
    "the goal's name": lambda g: Goal.objects.filter(pk=g.pk).update(name="Blades"),
    "its unit": lambda g: Goal.objects.filter(pk=g.pk).update(unit="kW"),
    "its target": lambda g: Goal.objects.filter(pk=g.pk).update(target=300),
    "its deadline": lambda g: Goal.objects.filter(pk=g.pk).update(deadline=make.today() + 40 * WEEK),
    "a revision": lambda g: g.revisions.create(
        on=make.today() - WEEK, old_target=50, new_target=100, memo="Twice the rig."
    ),
    "weeks off": lambda g: add_weeks_off(
        team=g.team, first_day=make.today() - 4 * WEEK, last_day=make.today() - WEEK, reason="Summer", by=None
    ),
    "a forecast issued in an earlier week": lambda g: Forecast.objects.create(
        goal=g,
        as_of=make.today() - WEEK,
        verdict="slow",
        finish_days=[900.0] * 50,
        p_never=0.0,
        inputs_hash="x",
        engine="older",
    ),
}


def newest() -> Datapoint:
    return Datapoint.objects.latest("pk")


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_wrote_is_shown_at_once(change, client, goal):
    before = kept_part(client, goal)
    CHANGES[change](goal)
    after = kept_part(client, goal)
    assert after != before
    fragments.clear()
    assert kept_part(client, goal) == after
    assert WeeksOff.objects.count() == (change == "weeks off")


def test_a_viewer_never_gets_what_was_drawn_for_a_manager(client, goal):
    assert "withdraw" in kept_part(client, goal)
    client.force_login(make.join(goal.team.program, "viewer"))
    page = client.get(goal.get_absolute_url()).content.decode()
    assert "withdraw" not in page
    assert "/correct/" not in page


def test_the_next_day_in_the_zone_of_the_program_is_drawn_anew(client, goal, monkeypatch):
    before = kept_part(client, goal)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    assert kept_part(client, goal) != before
    assert Program.objects.get().zone == "UTC"


def test_two_goals_alike_do_not_share_what_links_to_one_of_them(client, goal):
    twin = make.make_goal(goal.team, values=(0, 8, 17, 24))
    assert kept_part(client, twin) != kept_part(client, goal)


def test_names_for_the_box_of_a_factor_are_fetched_apart(client, goal):
    make.declare(goal.team.program, "Foundry <slots>")
    page = client.get(goal.get_absolute_url()).content.decode()
    assert 'hx-get="/factors/names/"' in page
    names = client.get("/factors/names/").content.decode()
    assert '<option value="Foundry &lt;slots&gt;"></option>' in names
    client.force_login(make.make_user())
    assert "Foundry" not in client.get("/factors/names/").content.decode()


def test_what_is_drawn_is_read_after_its_key(goal):
    """Else a page that was asked for before a change would be kept under what it is after it."""
    page = GoalPage(goal, make.today())
    Outlook.objects.update(verdict="diverging")
    Goal.objects.update(name="Blades")
    assert page.key
    assert (page.shown["goal"].name, page.shown["outlook"].verdict) == ("Blades", "diverging")
