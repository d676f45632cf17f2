"""The main job, walked as a new user would: from signing in to a board that says what limits what."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from projects.models import Limit, Outlook, Program
from reviews.models import Datapoint, Turn


@pytest.fixture
def demo(live_server):
    call_command("load_demo", verbosity=0)


def sign_in(page: Page, name: str = "manager") -> None:
    page.goto("/")
    page.get_by_label("Username").or_(page.get_by_label("Login")).fill(name)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()


def row_of(page: Page, program: str):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=program, exact=True))


def test_a_review_changes_a_verdict_and_the_board_and_a_limiting_factor_gets_its_successor(page, demo):
    sign_in(page)
    gcc = row_of(page, "GCC Rust front-end")
    expect(gcc).to_contain_text("Type checking of core")
    before = gcc.locator(".vcounts").get_attribute("title")

    gcc.get_by_role("link", name="GCC Rust front-end").click()
    page.get_by_role("button", name="Start a review").click()
    expect(page.get_by_role("heading", name="Review of GCC Rust front-end")).to_be_visible()

    expect(page.get_by_label("What is said", exact=True)).to_be_focused()
    page.get_by_text("The whole form").click()
    form = page.locator("#entry-form")
    form.get_by_label("Engineer").select_option(label="Jun Castellane")
    form.get_by_label("Goal").select_option(label="Final core attributes (Core and attributes)")
    form.get_by_label("Value").fill("100")
    form.get_by_label("Memo").fill("The last attributes of core are handled since Tuesday.")
    form.get_by_label("What is stopping you now?").fill("Waiting for typecheck of core")
    form.get_by_role("button", name="Save").click()
    result = page.locator("#result")
    expect(result).to_contain_text("Final core attributes: 100 % saved.")
    expect(result).to_contain_text("Stalled")
    expect(result).to_contain_text("Done")
    expect(form.get_by_label("Memo")).to_have_value("")
    expect(page.locator(".roster")).to_contain_text("Heard")
    saved = Datapoint.objects.get(value=100, origin="live")
    assert (saved.engineer.name, saved.level, saved.recorded_by.username) == ("Jun Castellane", "doer", "manager")
    assert saved.goal.outlook.verdict == "done"

    page.get_by_text("Close the review", exact=True).first.click()
    page.get_by_role("button", name="Close the review").click()
    expect(page.get_by_text("Not heard yet:")).to_be_visible()
    for engineer in Turn.objects.filter(state="waiting").values_list("engineer__name", flat=True):
        page.get_by_label(f"{engineer} is absent", exact=True).click()
        page.get_by_label(f"Why {engineer} is absent").fill("At the conference")
        page.get_by_label(f"Why {engineer} is absent").press("Enter")
        expect(page.get_by_label(f"{engineer} is there", exact=True)).to_be_visible()
    page.get_by_role("button", name="Close the review").click()
    expect(page.get_by_role("heading", name="What it came to")).to_be_visible()
    expect(page.get_by_text("Final core attributes").first).to_be_visible()
    expect(page.get_by_text("What is stopping you now?")).to_be_visible()

    page.get_by_role("link", name="Board").first.click()
    after = row_of(page, "GCC Rust front-end").locator(".vcounts").get_attribute("title")
    assert after != before

    page.get_by_role("link", name="Dependabot: typed Ruby").click()
    page.get_by_role("button", name="Declare it").click()
    expect(page.get_by_role("status").filter(has_text="limits Dependabot")).to_be_visible()
    program = Program.objects.get(name__startswith="Dependabot")
    first = program.limits.get(until=None)
    assert first.state == Limit.State.FACTOR

    page.get_by_role("link", name="Relieved: name the next").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{first.factor.name} is relieved")
    page.get_by_label("Factor", exact=True).fill("Reviewers who know Sorbet")
    page.get_by_label("Kind").select_option("capability")
    page.get_by_label("Memo").fill("Two of three moved on; every change waits for the one who is left.")
    page.get_by_role("button", name="Close it and name the next").click()
    expect(page.locator(".limiting-name")).to_have_text("Reviewers who know Sorbet")
    timeline = list(program.limits.order_by("pk").values_list("since", "until"))
    assert [until for _since, until in timeline[:-1]] == [since for since, _until in timeline[1:]]

    page.get_by_role("button", name=re.compile("Menu of")).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/programs/gcc-rust-front-end/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_sorting_and_searching_the_board_keep_each_other_and_survive_back(page, demo):
    sign_in(page)
    page.keyboard.press("/")
    page.keyboard.type("interop")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("search=interop"))
    page.get_by_role("columnheader", name="Odds").get_by_role("link").click()
    expect(page).to_have_url(re.compile("sort=odds"))
    expect(page).to_have_url(re.compile("search=interop"))
    page.get_by_role("link", name="Interop 2024", exact=True).click()
    expect(page.get_by_role("heading", name="Interop 2024", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("banner")).to_be_visible()


def test_the_goal_page_draws_points_fan_target_and_deadline(page, demo):
    sign_in(page)
    goal = Outlook.objects.filter(goal__deadline__isnull=False, p_never__gt=0, goal__archived_at=None).first().goal
    page.goto(goal.get_absolute_url())
    chart = page.locator("figure.chart svg, figure.chart canvas").first
    expect(chart).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("columnheader", name="50 %")).to_be_visible()


def test_a_reader_sees_the_same_and_finds_no_way_to_change_it(page, demo):
    sign_in(page, "viewer")
    page.get_by_role("link", name="GCC Rust front-end", exact=True).click()
    expect(page.get_by_text("What is stopping you now?")).to_be_visible()
    expect(page.get_by_role("button", name="Start a review")).to_have_count(0)
    expect(page.get_by_role("button", name="Declare it")).to_have_count(0)
    expect(page.get_by_role("link", name="Relieved: name the next")).to_have_count(0)


def test_the_theme_that_was_chosen_stays(page, demo):
    sign_in(page)
    page.get_by_role("button", name=re.compile("Menu of")).click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("width", [390, 768, 1440, 1920])
def test_no_page_is_wider_than_the_screen(page, demo, width):
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page)
    page.goto("/programs/gcc-rust-front-end/")
    page.get_by_role("button", name="Start a review").click()
    review = page.url
    goal = Outlook.objects.exclude(verdict="done").first().goal
    places = ["/", "/programs/gcc-rust-front-end/", review, goal.get_absolute_url(), goal.team.get_absolute_url()]
    places += ["/programs/gcc-rust-front-end/limit/", "/programs/gcc-rust-front-end/history/", "/factors/", "/reviews/"]
    for place in places:
        page.goto(place)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
