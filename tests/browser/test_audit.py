"""The audit in a real browser: a finding is put right, waived, kept out of the fit and released, also by keys alone."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from projects.models import Outlook, Program
from reviews.models import Datapoint, Finding
from reviews.services.audit import run_audit
from tests import factories as make
from tests.browser.test_accessibility import violations

BEYOND = "Beyond what is possible"


@pytest.fixture
def point(transactional_db, sign_in):
    """A value of 160 % among good ones, found by the audit; signed in as the manager of its program."""
    program = make.make_program("Rig")
    goal = make.make_goal(make.make_team(program), "Welds", values=make.STEADY)
    wrong = make.make_point(goal, 160, observed_on=make.today(), memo="Typed with a slip.")
    make.refit_program(program)
    run_audit(Program.objects.all())
    sign_in(make.join(program, user=make.make_user("ada")))
    return wrong


def finding() -> Finding:
    return Finding.objects.get(rule="beyond_bound")


def outlook(point: Datapoint) -> Outlook:
    return Outlook.objects.get(goal=point.goal)


def row(page: Page) -> Locator:
    return page.get_by_role("row").filter(has_text=BEYOND)


def tab_to(page: Page, wanted: Locator) -> None:
    """As who has no mouse: one key after another, and what has the focus is seen to have it."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            assert wanted.evaluate("one => one.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def open_it(page: Page) -> None:
    page.goto(reverse("audit"))
    row(page).get_by_role("link", name="Decide").click()
    expect(page.get_by_role("heading", name=BEYOND, level=1)).to_be_visible()


def test_a_value_is_put_right_where_the_finding_leads_and_the_next_look_finds_nothing(page, point):
    page.goto(reverse("audit"))
    row(page).get_by_role("link", name="Correct the value").click()
    correct = page.locator(f"#point-{point.pk}").get_by_role("link", name="Correct")
    expect(correct).to_be_in_viewport()
    correct.click()
    page.get_by_label("Value").fill("60")
    page.get_by_label("Why").fill("It was sixty, not a hundred and sixty.")
    page.get_by_role("button", name="Correct it").click()
    expect(page.get_by_role("heading", name="Welds", level=1)).to_be_visible()
    page.goto(reverse("audit"))
    page.get_by_role("button", name="Look again").click()
    expect(row(page)).to_have_count(0)
    assert finding().state == "fixed"


def test_a_waiver_needs_a_reason_and_a_day_and_ends_on_it_with_the_keyboard_alone(page, point):
    page.goto(reverse("audit"))
    tab_to(page, row(page).get_by_role("link", name="Decide"))
    page.keyboard.press("Enter")
    form = page.get_by_role("region", name="Let it stand for a while")
    memo = form.get_by_label("Memo")
    tab_to(page, memo)
    page.keyboard.type("n/a")
    page.keyboard.press("Enter")
    expect(form).to_contain_text("says nothing")
    expect(memo).to_have_value("n/a")
    assert finding().state == "open"
    tab_to(page, memo)
    page.keyboard.press("Control+a")
    page.keyboard.type("The gauge is being calibrated.")
    tab_to(page, form.get_by_role("button", name="Waive"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Waived")
    kept = finding()
    assert (kept.state, kept.memo) == ("waived", "The gauge is being calibrated.")
    assert kept.waived_until == make.today() + dt.timedelta(days=30)
    page.goto(reverse("audit"))
    expect(row(page)).to_have_count(0)
    Finding.objects.update(waived_until=make.today() - dt.timedelta(days=1))
    run_audit(Program.objects.all())
    page.reload()
    expect(row(page)).to_be_visible()


def test_a_value_in_quarantine_leaves_the_curve_at_once_and_comes_back_with_the_keyboard_alone(page, point):
    assert outlook(point).value == 160
    open_it(page)
    form = page.get_by_role("region", name="Keep it out of the fit")
    tab_to(page, form.get_by_label("Memo"))
    page.keyboard.type("The gauge was read upside down.")
    tab_to(page, form.get_by_role("button", name="Quarantine"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("In quarantine")
    assert outlook(point).value == make.STEADY[-1]
    page.goto(point.goal.get_absolute_url())
    expect(page.locator(f"#point-{point.pk}")).to_contain_text("The gauge was read upside down.")
    page.goto(reverse("audit") + "?state=quarantined")
    tab_to(page, row(page).get_by_role("link", name="Decide"))
    page.keyboard.press("Enter")
    form = page.get_by_role("region", name="Release")
    tab_to(page, form.get_by_label("Memo"))
    page.keyboard.type("It was right after all.")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("“It was right after all.”")
    assert outlook(point).value == 160


def test_who_may_only_look_sees_no_form(page, point, sign_in):
    sign_in(make.join(point.goal.team.program, role="viewer", user=make.make_user("viewer")))
    open_it(page)
    expect(page.locator("main form")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_both_pages_are_clean_and_fit(page, point, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    for url in (reverse("audit"), reverse("finding", args=[finding().pk])):
        assert violations(page, url) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
