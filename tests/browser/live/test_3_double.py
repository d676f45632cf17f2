"""Double click, double Enter, and a replayed request: one datapoint."""

from urllib.parse import parse_qs

from playwright.sync_api import expect

from reviews.models import Statement


def test_double_click_and_double_enter_are_one(room):
    page = room.page
    page.locator("#line").fill("50 vanes cast")
    page.get_by_role("button", name="Save").first.dblclick()
    expect(page.locator("#entries tr")).to_have_count(1)
    room.in_focus("Bo")
    page.locator("#line").fill("60 vanes cast")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    room.saved(2)
    assert [point.value for point in room.points] == [50, 60]
    assert not Statement.objects.exists()  # the second press answered nothing for the engineer


def test_a_replayed_request_is_the_same_row(room):
    page = room.page
    with page.expect_request("**/log/") as sent:
        room.say("50 vanes cast")
    room.saved(1)
    body = {name: values[0] for name, values in parse_qs(sent.value.post_data, keep_blank_values=True).items()}
    replay = """async ([url, body, token]) => (await fetch(url, {method: 'POST', body: new URLSearchParams(body),
        headers: {Accept: 'application/json', 'X-CSRFToken': token}})).status"""
    token = sent.value.headers["x-csrftoken"]
    assert page.evaluate(replay, [sent.value.url, body, token]) == 200
    assert page.evaluate(replay, [sent.value.url, body | {"value": "51"}, token]) == 422
    assert [point.value for point in room.points] == [50]


def test_two_tabs_send_what_waits_once(room, context):
    other = context.new_page()
    other.goto(room.review.get_absolute_url())
    for n in range(5):
        room.say(f"{50 + n} vane number {n} ! no foundry")
    room.saved(5)
    expect(other.locator("#entries tr")).to_have_count(5)
    expect(other.locator("#outbox > li")).to_have_count(0)
    assert [point.value for point in room.points] == [50 + n for n in range(5)]
