"""Charts in a real browser: drawn without a complaint, and what can be pressed does what it says."""

import pytest
from playwright.sync_api import Page, expect

from reviews.models import Datapoint
from reviews.services.forecasting import refit_program
from tests import factories as make

SLIP = "figure[data-spec='goal-slip']"
CURVE = "figure[data-spec='goal-fan']"
LEVELS = ("doer", "doer", "lead", "relayed")


@pytest.fixture
def team(live_server, sign_in):
    program = make.make_program("Rig")
    team = make.make_team(program, "Drive")
    goal = make.make_goal(team, "Torque", values=(*make.STEADY, *make.STEADY[-1:]))
    for index, point in enumerate(Datapoint.objects.filter(goal=goal).order_by("observed_on")):
        Datapoint.objects.filter(pk=point.pk).update(level=LEVELS[index % len(LEVELS)])
    for _ in range(13):
        make.make_goal(team, values=(1, 2, 3))
    refit_program(program)
    sign_in(make.join(program))
    return team


def points(page: Page):
    """The datapoints that are drawn: the only filled marks in the ink of the page."""
    return page.locator(f"{CURVE} .mark-symbol path[aria-roledescription='point']")


def open_goal(page: Page, team, name: str = "Torque") -> None:
    page.goto(team.goals.get(name=name).get_absolute_url())
    expect(page.locator(f"{CURVE}[data-mounted='done']")).to_be_visible()


def test_the_slip_chart_is_drawn_said_and_tabled(page, team):
    open_goal(page, team)
    card = page.get_by_role("region", name="How the finish moved")
    expect(card.locator(f"{SLIP}[data-mounted='done'] svg")).to_be_visible()
    expect(card).to_contain_text("today catches up")
    expect(card).to_contain_text("a week")
    card.get_by_text("Week by week as a table").click()
    expect(card.get_by_role("columnheader", name="Deadline then")).to_be_visible()
    expect(card.get_by_role("row")).to_have_count(len(make.STEADY) + 2)  # a week each, and the head
    expect(card.get_by_text("no forecast: fewer than 3 values")).to_have_count(2)


def test_the_toggle_hides_and_shows_the_points_of_a_source_with_the_keyboard(page, team):
    open_goal(page, team)
    toggle = page.get_by_role("group", name="Points by source")
    expect(toggle).to_be_visible()
    expect(toggle.get_by_role("checkbox")).to_have_count(3)
    everything = len(make.STEADY) + 1
    expect(points(page)).to_have_count(everything)
    doer = toggle.get_by_role("checkbox", name="doer")
    doer.focus()
    page.keyboard.press("Space")
    expect(doer).not_to_be_checked()
    left = sum(LEVELS[index % len(LEVELS)] != "doer" for index in range(everything))
    expect(points(page)).to_have_count(left)
    page.emulate_media(color_scheme="dark")
    expect(points(page)).to_have_count(left)
    page.keyboard.press("Space")
    expect(points(page)).to_have_count(everything)


def test_a_goal_of_one_source_has_no_toggle(page, team):
    open_goal(page, team, team.goals.exclude(name="Torque").first().name)
    expect(page.get_by_role("group", name="Points by source")).to_have_count(0)


def test_the_team_page_loads_its_small_multiples_and_shows_all_of_them(page, team):
    page.goto(team.get_absolute_url())
    panel = page.locator("#team-multiples")
    expect(panel.locator("svg.small-fan")).to_have_count(12)
    panel.get_by_role("link", name="Show all 14").click()
    expect(panel.locator("svg.small-fan")).to_have_count(14)
    expect(page.get_by_role("heading", name="Drive", level=1)).to_be_visible()
    panel.get_by_role("link", name="Torque").click()
    expect(page.get_by_role("heading", name="Torque", level=1)).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_no_chart_is_wider_than_the_screen(page, team, width):
    page.set_viewport_size({"width": width, "height": 900})
    open_goal(page, team)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(team.get_absolute_url())
    expect(page.locator("#team-multiples svg.small-fan")).to_have_count(12)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
