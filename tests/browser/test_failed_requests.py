"""An htmx form whose request fails: what is shown is true, what was typed stays, and nothing looks saved that is not.

The form says why an engineer is absent; how a failure is told lies in static/app.js, alike for each htmx form. The line
of the live review has its own tests in tests/browser/live.
"""

import pytest
from playwright.sync_api import Page, Route, expect

from projects.models import Role
from reviews.models import Review, Turn
from tests import factories as make

WHY = "On leave until Monday."
FRAGMENT = '<ul class="roster" id="roster-{pk}"><li>Somebody else marked her.</li></ul>'


@pytest.fixture
def review(live_server) -> Review:
    program = make.make_program("Engines")
    make.make_engineer(make.make_team(program, "Blades"), "Ada")
    return make.open_review(program, make.join(program, Role.MANAGER))


@pytest.fixture
def form(page: Page, review, sign_in):
    """Filled in, not yet sent."""
    sign_in(review.led_by)
    page.goto(review.get_absolute_url())
    page.get_by_label("Ada is absent", exact=True).click()
    page.get_by_label("Why Ada is absent").fill(WHY)
    return page.locator("form", has=page.get_by_label("Why Ada is absent"))


def send(form) -> None:
    form.get_by_role("button").click()


def saved() -> bool:
    turn = Turn.objects.get()
    assert (turn.state, turn.absence) in {("waiting", ""), ("absent", WHY)}
    return turn.state == "absent"


def told(page: Page, words: str) -> None:
    """A toast says it, what was typed is still there and can be sent again, and the roster says what it said."""
    expect(page.locator("#toasts")).to_contain_text(words)
    expect(page.get_by_label("Why Ada is absent")).to_have_value(WHY)
    expect(page.get_by_label("Why Ada is absent").locator("xpath=..").get_by_role("button")).to_be_enabled()
    expect(page.locator(".roster")).to_contain_text("Not heard yet")


def test_what_succeeds_is_shown_and_saved(page, form):
    send(form)
    expect(page.locator(".roster")).to_contain_text(f"Absent: {WHY}")
    assert saved()


@pytest.mark.console_errors_expected
def test_an_expired_session(page, context, form):
    context.clear_cookies(name="sessionid")
    send(form)
    told(page, "You are signed out, and nothing was saved.")
    expect(page.locator("#toasts").get_by_role("link", name="Sign in in a new tab")).to_have_attribute(
        "target", "_blank"
    )
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(0)
    assert not saved()


def test_a_token_that_another_tab_turned(page, context, form, live_server):
    context.add_cookies([{"name": "csrftoken", "value": "n" * 32, "url": live_server.url}])
    send(form)
    expect(page.locator(".roster")).to_contain_text(f"Absent: {WHY}")
    assert saved()


@pytest.mark.console_errors_expected
def test_a_token_that_is_refused(page, context, form):
    context.clear_cookies(name="csrftoken")
    send(form)
    told(page, "This was not saved")
    assert not saved()


@pytest.mark.console_errors_expected
def test_a_conflict_page(page, form):
    page.route("**/absent/", lambda route: route.fulfill(status=409, body="<!doctype html><h1>Changed</h1>"))
    send(form)
    told(page, "Not saved: somebody else changed this since you opened it.")
    assert not saved()


def test_a_conflict_made_for_this_place(page, form, review):
    page.route("**/absent/", lambda route: route.fulfill(status=409, body=FRAGMENT.format(pk=review.pk)))
    send(form)
    expect(page.locator(".roster")).to_have_text("Somebody else marked her.")
    assert not saved()


def test_what_the_server_refuses(page, form):
    page.get_by_label("Why Ada is absent").fill("n/a")
    send(form)
    expect(page.get_by_role("alert").filter(has_text="n/a")).to_be_visible()
    assert Turn.objects.get().state == "waiting"


@pytest.mark.console_errors_expected
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_fault_of_the_server(status, page, form):
    page.route("**/absent/", lambda route: route.fulfill(status=status, body="<h1>Fault</h1>"))
    send(form)
    told(page, "Whether it was saved is not known: reload to see before you send it again.")
    assert not saved()


@pytest.mark.console_errors_expected
@pytest.mark.parametrize("reached", [True, False], ids=["saved", "not saved"])
def test_a_lost_reply(reached, page, form):
    def lose(route: Route) -> None:
        if reached:
            route.fetch()
        route.abort("connectionreset")

    page.route("**/absent/", lose)
    send(form)
    told(page, "Whether it was saved is not known: check your connection and reload to see before you send it again.")
    assert saved() == reached
    page.unroute("**/absent/")
    send(form)  # sent again all the same: it is marked once
    expect(page.locator(".roster")).to_contain_text(f"Absent: {WHY}")
    assert saved()
