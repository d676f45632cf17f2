"""The login expires in mid-review: sign in again in place, and nothing typed is lost."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect


def test_signed_out_in_mid_review(room):
    page = room.page
    Session.objects.all().delete()
    room.say("50 vanes cast ! no foundry")
    notice = page.locator("#room-notice")
    expect(notice).to_contain_text("You are signed out")
    expect(page.locator("#queue-state")).to_have_text("1 waiting")
    page.locator("#line").fill("62 half a sen")
    with page.expect_popup() as opened:
        notice.get_by_role("button", name="Sign in").click()
    popup = opened.value
    popup.get_by_label("Login").or_(popup.get_by_label("Username")).fill("manager")
    popup.get_by_label("Password").fill("a long secret")
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Sign in").click()
    room.saved(1)
    expect(notice).to_be_hidden()
    expect(page.locator("#line")).to_have_value("62 half a sen")
    assert [(point.value, point.origin) for point in room.points] == [(50, "live")]


@pytest.mark.console_errors_expected  # the refusal of the old token
def test_the_token_that_another_sign_in_turned_eats_nothing(room, context):
    for cookie in context.cookies():
        if cookie["name"] == "csrftoken":
            context.add_cookies([{**cookie, "value": "x" * len(cookie["value"])}])
    room.say("50 vanes cast ! no foundry")
    room.saved(1)
    assert len(room.points) == 1
