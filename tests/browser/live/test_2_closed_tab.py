"""The tab is closed, or crashes, with entries waiting: opened again they are there, and are sent."""

import contextlib

import pytest
from playwright.sync_api import Error, expect

from tests.browser.live.conftest import open_room

pytestmark = pytest.mark.console_errors_expected


@pytest.mark.parametrize("end", ["closed", "crashed"])
def test_what_waited_is_sent_by_the_next_tab(end, room, context):
    context.set_offline(True)
    for n in range(3):
        room.say(f"{50 + n} vane number {n} ! no foundry")
    expect(room.page.locator("#queue-state")).to_have_text("3 waiting")
    if end == "crashed":
        with contextlib.suppress(Error):
            room.page.goto("chrome://crash")
    room.page.close()
    assert room.points == []
    context.set_offline(False)
    room.page = context.new_page()
    open_room(room.page, room.review)
    room.saved(3)
    assert [point.value for point in room.points] == [50, 51, 52]
    assert {point.origin for point in room.points} == {"live"}


def test_half_typed_text_survives_a_reload(room):
    room.page.locator("#line").fill("62 half a sen")
    room.page.reload()
    expect(room.page.locator("#line")).to_have_value("62 half a sen")
