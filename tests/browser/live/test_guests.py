"""Somebody joins a review under way: seen without a reload, heard like the others, and nothing half typed is lost."""

from playwright.sync_api import expect

from projects.models import Team
from reviews.services.cadences import add_guest
from tests import factories as make


def ask(page, name: str) -> None:
    form = page.locator("#guest-form")
    if not form.is_visible():
        page.get_by_text("Ask a guest").click()
    form.get_by_label("Name of the guest").fill(name)
    form.get_by_role("button", name="Ask").click()


def test_a_guest_asked_here_is_on_the_roster_and_is_heard(room):
    page = room.page
    page.locator("#line").fill("48 three mo")
    page.get_by_text("The whole form").click()
    page.locator("#id_memo").fill("half typed")
    ask(page, "Mae Foundry")
    expect(page.locator(".roster")).to_contain_text("Mae Foundry")
    expect(page.locator("#line")).to_have_value("48 three mo")
    expect(page.locator("#id_memo")).to_have_value("half typed")
    expect(page.locator("#id_engineer option", has_text="Mae Foundry")).to_have_count(1)
    page.locator("#id_memo").fill("")
    room.in_focus("Mae Foundry")
    goal = page.locator("#room-goals button span").first.inner_text()
    room.say(f"{goal} 50 five vanes are on their way ! no foundry")
    room.saved(1)
    assert room.points[0].engineer.name == "Mae Foundry"
    room.in_focus("Ada")
    expect(page.locator("#line")).to_have_value("48 three mo")


def test_a_guest_asked_by_another_manager_appears(room):
    page = room.page
    page.locator("#line").fill("48 three mo")
    add_guest(review=room.review, team=Team.objects.get(), name="Mae Foundry", by=room.manager)
    expect(page.locator(".roster")).to_contain_text("Mae Foundry", timeout=10_000)
    expect(page.locator("#line")).to_have_value("48 three mo")
    expect(page.locator("#line")).to_be_focused()
    room.in_focus("Mae Foundry")


def test_a_guest_who_does_not_come_is_taken_off(room):
    page = room.page
    ask(page, "Mae Foundry")
    entry = page.locator(".roster-turn", has_text="Mae Foundry")
    entry.locator("summary").click()
    entry.get_by_role("button", name="Take off the roster: Mae Foundry").click()
    expect(page.locator(".roster")).not_to_contain_text("Mae Foundry")


def test_a_name_that_is_none_is_refused_in_place(room):
    page = room.page
    page.locator("#line").fill("48 three mo")
    page.get_by_text("Ask a guest").click()
    page.evaluate("document.querySelector('#guest-form').noValidate = true")
    page.locator("#guest-form").get_by_role("button", name="Ask").click()
    expect(page.locator("#guest-form .is-invalid")).to_be_visible()
    expect(page.locator("#line")).to_have_value("48 three mo")


def test_whoever_gets_a_seat_on_the_team_joins_the_roster(room):
    page = room.page
    page.locator("#line").fill("48 three mo")
    make.make_engineer(Team.objects.get(), "Dee")
    expect(page.locator(".roster")).to_contain_text("Dee", timeout=5_000)
    expect(page.locator(".roster-turn", has_text="Dee")).not_to_contain_text("guest")
    expect(page.locator("#line")).to_have_value("48 three mo")
    expect(page.locator("#line")).to_be_focused()
    room.in_focus("Dee")
