"""What if, in a real browser: a slider is dragged by keyboard, the answer follows, and the address can be shared."""

import re

import pytest
from playwright.sync_api import expect

from projects.models import Role
from reviews.services.forecasting import refit_program
from tests import factories as make

SLOW = (0, 4, 9, 12, 17, 21, 25, 30)


@pytest.fixture
def program(live_server, sign_in):
    program = make.make_program("Engine", deadline=make.later(1))
    team = make.make_team(program)
    make.make_goal(team, "Tanks", values=make.STEADY)
    make.make_goal(team, "Turbine", values=SLOW)
    refit_program(program)
    sign_in(make.join(program, Role.MANAGER))
    return program


def test_a_dragged_date_moves_the_finish_and_nothing_is_saved(page, program):
    page.goto(program.get_absolute_url())
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="What if").click()
    answer = page.locator("#what-if-answer")
    expect(answer.get_by_role("row", name=re.compile("What limits"))).to_contain_text("Turbine")
    slider = page.get_by_role("slider", name=re.compile("Finish of Turbine"))
    slider.focus()
    page.keyboard.press("Home")
    row = answer.get_by_role("row", name=re.compile("What limits"))
    expect(row.get_by_role("cell").nth(1)).to_have_text("Tanks")
    expect(page).to_have_url(re.compile(r"\?days-\d+=0$"))  # only what differs
    page.reload()
    expect(row.get_by_role("cell").nth(1)).to_have_text("Tanks")
    expect(slider).to_have_value("0")
    page.get_by_role("link", name="As it stands").click()
    expect(row.get_by_role("cell")).to_have_count(1)


def test_a_target_leads_to_its_revision(page, program):
    page.goto(f"{program.get_absolute_url()}what-if/")
    target = page.locator("li", has=page.get_by_role("link", name="Turbine")).get_by_label("Target")
    target.fill("45")
    page.get_by_role("link", name="Change the target of Turbine").click()
    expect(page.get_by_label("Target")).to_have_value("45")
