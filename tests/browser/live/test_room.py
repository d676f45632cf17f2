"""What the room shows and refuses: the prediction only after the number, the gate at once, a phone, axe, no scripts."""

import pytest
from playwright.sync_api import Page, expect

from projects.models import Engineer, Goal
from projects.time import WEEK
from tests import factories as make
from tests.browser.live.conftest import goal_of, open_room
from tests.browser.test_accessibility import AXE, FOUND


def test_what_is_expected_is_hidden_until_the_number_is_entered(room):
    goal = goal_of("Ada")
    for age in range(2, 9):
        make.make_point(goal, 45.0 - 5 * age, observed_on=make.today() - age * WEEK)
    make.refit_program(goal.team.program)
    room.page.reload()
    text = room.page.locator("main").inner_text()
    for word in ("P50 finish", "(before", "expected"):
        assert word not in text
    room.say("48 three more ! no foundry")
    result = room.page.locator("#result")
    for word in ("expected", "P50 finish", "(before"):
        expect(result).to_contain_text(word)


@pytest.mark.parametrize(
    ("memo", "why"),
    [
        ("", "A memo is needed"),
        ("-", "A memo is needed"),
        ("n/a", "says nothing"),
        ("seven vanes", "repeats the last"),
    ],
)
def test_the_gate_refuses_at_once_and_keeps_what_was_typed(memo, why, room):
    if memo == "seven vanes":
        room.say("47 seven vanes ! no foundry")
        room.saved(1)
    asked = []
    room.page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    room.say(f"48 {memo}")
    expect(room.page.locator("#line-parse")).to_contain_text(why)
    expect(room.page.locator("#line")).to_have_value(f"48 {memo}".strip() + " ")
    expect(room.page.locator("#outbox > li")).to_have_count(0)
    assert not asked


def test_what_the_server_refuses_stands_with_its_reason_and_can_be_edited(room):
    goal = goal_of("Ada")
    goal.archived_at = room.review.opened_at
    goal.save(update_fields=["archived_at"])
    room.say("48 seven vanes ! no foundry")
    refused = room.page.locator(".outbox-entry.is-refused")
    expect(refused).to_contain_text("48 seven vanes")
    expect(room.page.locator("#queue-state")).to_have_text("1 not saved")
    room.page.locator("#closing > summary").click()
    room.page.get_by_role("button", name="Close the review").click()
    expect(room.page.get_by_text("Entries on this machine are not saved yet")).to_be_visible()
    refused.get_by_role("button", name="Edit").click()
    expect(room.page.locator("#line")).to_have_value("48 seven vanes ! no foundry")
    expect(refused).to_have_count(0)


def test_one_metric_from_two_levels_shows_the_gap(room):
    room.say("50 half of them ! no foundry")
    room.in_focus("Bo")
    room.page.get_by_role("button", name="Lead", exact=True).click()
    room.say("Vanes of Ada 60 well ahead ! no foundry")
    result = room.page.locator("#result")
    expect(result).to_contain_text("Told at several levels today")
    expect(result).to_contain_text("doer 50 %, lead 60 %")
    expect(result).to_contain_text("The curve uses the first.")


def test_the_answer_of_last_time_is_offered(room):
    room.say("50 half of them")
    expect(room.page.locator("#stop")).to_be_focused()
    room.page.locator("#stop").fill("No foundry")
    room.page.wait_for_timeout(260)
    room.page.keyboard.press("Enter")
    room.saved(2)
    room.page.reload()
    room.in_focus("Ada")
    expect(room.page.locator("#stop")).to_have_value("No foundry")


def serious(page: Page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(FOUND)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_the_flow(theme, room):
    page = room.page
    page.emulate_media(color_scheme=theme)
    page.goto("/reviews/")
    assert serious(page) == []
    open_room(page, room.review)
    page.locator("#line").fill("48 seven")
    assert serious(page) == []
    room.say("48 seven vanes ! no foundry")
    room.saved(1)
    page.locator("#line").fill("")
    page.locator("#line").press("?")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.locator("#closing > summary").click()
    assert serious(page) == []
    make.close(room.review)
    page.goto(room.review.get_absolute_url())
    assert serious(page) == []


def test_by_thumb_on_a_phone(room):
    page = room.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.locator("#line").fill("48 seven vanes")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, .form-control, .roster-turn')].filter((b) =>"
        " b.checkVisibility() && b.getBoundingClientRect().height < 43).map((b) => b.textContent.trim())"
    )
    assert small == []
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.wait_for_timeout(260)
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#room-name")).to_have_text("Bo")
    page.get_by_role("button", name="Nothing new").click()
    expect(page.locator("#line")).to_have_value("= ")
    page.get_by_role("button", name="Previous engineer").click()
    expect(page.locator("#room-name")).to_have_text("Ada")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_an_ordinary_form_logs_one_entry(page, review, manager, sign_in):
    sign_in(manager)
    page.goto(review.get_absolute_url())
    page.get_by_text("The whole form").click()
    form = page.locator("#entry-form")
    form.get_by_label("Engineer").select_option(label="Ada")
    form.get_by_label("Goal").select_option(label="Vanes of Ada (Blades)")
    form.get_by_label("Value").fill("48")
    form.get_by_label("Memo").fill("Seven more vanes.")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#entries tr")).to_have_count(1)


def test_minutes_of_a_turn_are_kept(room):
    page = room.page
    page.clock.install()
    page.reload()
    expect(page.locator("#line")).to_be_focused()
    page.clock.run_for(150_000)
    with page.expect_response("**/spell/"):
        room.in_focus("Bo")
    expect(page.locator(".roster")).to_contain_text("min")
    assert room.review.turns.get(engineer__name="Ada").minutes in (2, 3)


def test_what_was_refused_can_be_entered_again_with_the_same_memo(room):
    """What the server did not take is nobody's last memo and no base of a "+3"."""
    goal = goal_of("Ada")
    Goal.objects.filter(pk=goal.pk).update(archived_at=room.review.opened_at)
    room.say("+3 seven vanes ! no foundry")
    refused = room.page.locator(".outbox-entry.is-refused")
    refused.get_by_role("button", name="Edit").click()
    Goal.objects.filter(pk=goal.pk).update(archived_at=None)
    room.page.wait_for_timeout(260)
    expect(room.page.locator("#line-parse")).to_contain_text("43 %")
    room.page.locator("#line").press("Enter")
    room.saved(1)
    assert [(point.value, point.memo) for point in room.points] == [(43, "seven vanes")]


def test_what_comes_back_into_the_line_counts_from_the_value_before_it(room):
    room.say("+3 seven vanes ! no foundry")
    room.saved(1)
    top = room.page.locator("#line").bounding_box()["y"]
    room.in_focus("Ada")
    room.page.locator("#line").press("<")
    expect(room.page.locator("#line")).to_have_value("+3 seven vanes ! no foundry")
    expect(room.page.locator("#line-parse")).to_contain_text("43 %")
    expect(room.page.locator("#result")).to_have_text("Taken back. It is in the line again.")
    assert room.page.locator("#line").bounding_box()["y"] == top, "nothing moves under the finger"


def test_a_press_on_who_is_in_focus_leads_back_to_the_line(room):
    room.in_focus("Ada")
    room.page.keyboard.type("48 seven")
    expect(room.page.locator("#line")).to_have_value("48 seven")


def test_a_blocker_that_is_too_long_is_refused_at_once(room):
    room.say("48 seven vanes ! " + "no foundry " * 20)
    expect(room.page.locator("#line-parse")).to_contain_text("At most 200 characters")
    expect(room.page.locator("#outbox > li")).to_have_count(0)


def test_a_goal_that_is_done_is_no_longer_offered(room):
    goal = goal_of("Ada")
    done = make.make_goal(goal.team, "Drawings", values=())
    for age, value in ((3, 60.0), (2, 100.0), (1, 100.0)):
        when = make.today() - age * WEEK
        make.make_point(done, value, engineer=Engineer.objects.get(name="Ada"), observed_on=when)
    make.refit_program(goal.team.program)
    room.page.reload()
    expect(room.page.locator("#room-goals button")).to_have_count(1)
    room.say("draw 90 two of them were wrong ! no foundry")
    expect(room.page.locator("#room-goals button")).to_have_count(2)


def test_a_word_without_end_widens_nothing(room):
    room.page.set_viewport_size({"width": 390, "height": 800})
    room.say("48 " + "x" * 300 + " ! " + "y" * 150)
    room.saved(1)
    assert room.page.evaluate("document.documentElement.scrollWidth") <= 390
    room.page.set_viewport_size({"width": 1440, "height": 800})
    table = room.page.locator("#entries").locator("xpath=ancestor::div[1]")
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
    name = room.page.locator("#entries .row-title").first
    assert name.evaluate("name => name.getClientRects().length") <= 3, "other columns are not squeezed"
