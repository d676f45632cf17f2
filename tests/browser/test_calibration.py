"""Calibration in a real browser: its pictures are drawn, what nobody issued stands apart, and each has its table."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests import factories as make
from tests.browser.test_accessibility import violations
from tests.browser.test_audit import tab_to

FIGURES = ("met-here", "reliability-issued", "reliability-replayed")


@pytest.fixture
def judged(transactional_db, sign_in):
    """Eight goals with seven dates each that fell due, issued and replayed forecasts of theirs; signed in."""
    program = make.make_program("Rig")
    team = make.make_team(program)
    for n in range(8):
        make.make_judged(make.make_goal(team, f"Goal {n}"))
    sign_in(make.join(program, user=make.make_user("ada")))
    return program


def figure(page: Page, name: str) -> Locator:
    return page.locator(f"figure[data-spec='{name}']")


def test_pictures_are_drawn_and_say_what_they_show(page, judged):
    page.goto(reverse("calibration"))
    for name in FIGURES:
        figure(page, name).scroll_into_view_if_needed()
        drawn = page.locator(f"figure[data-spec='{name}'][data-mounted='done'] svg")
        expect(drawn).to_be_visible()
        assert len(drawn.evaluate("svg => svg.closest('[aria-label]').getAttribute('aria-label')")) > 20


def test_what_nobody_issued_stands_apart_and_says_so(page, judged):
    page.goto(reverse("calibration"))
    issued = page.get_by_role("region", name="Forecasts as they were issued")
    replayed = page.get_by_role("region", name="What would have been said of imported histories")
    expect(issued.locator("figure")).to_have_count(1)
    expect(replayed.locator("figure")).to_have_count(1)
    expect(replayed).to_contain_text("Nobody issued these")
    expect(issued).not_to_contain_text("Nobody issued these")


def test_the_table_behind_a_picture_opens_with_the_keyboard(page, judged):
    page.goto(reverse("calibration"))
    shown = figure(page, "reliability-issued")
    expect(shown.get_by_role("table")).to_be_hidden()
    tab_to(page, shown.locator("summary"))
    page.keyboard.press("Enter")
    expect(shown.get_by_role("table")).to_be_visible()
    expect(shown.get_by_role("row")).to_have_count(8)  # seven tenths that were said, and the head


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_clean_and_fits(page, judged, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    assert violations(page, reverse("calibration")) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
