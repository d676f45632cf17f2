"""A clock in the browser that is wrong by a day puts no point in the future or out of the review."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.live.conftest import open_room

DAY = dt.timedelta(days=1)


def near_now(point) -> bool:
    return abs(timezone.now() - point.said_at) < dt.timedelta(seconds=30)


@pytest.mark.parametrize("wrong", [DAY, -DAY], ids=["fast", "slow"])
def test_a_clock_that_is_wrong_all_the_time(wrong, room):
    room.page.clock.install(time=timezone.now() + wrong)
    room.page.reload()
    room.say("50 vanes cast ! no foundry")
    room.saved(1)
    point = room.points[0]
    assert (point.origin, point.observed_on) == ("live", make.today())
    assert near_now(point)


@pytest.mark.console_errors_expected
@pytest.mark.parametrize("moved", [DAY, -DAY], ids=["forward", "back"])
def test_a_clock_that_is_moved_while_an_entry_waits_for_the_next_tab(moved, room, context):
    context.set_offline(True)
    room.say("50 vanes cast ! no foundry")
    expect(room.page.locator("#queue-state")).to_have_text("1 waiting")
    room.page.close()
    context.set_offline(False)
    room.page = context.new_page()
    room.page.clock.install(time=timezone.now() + moved)
    open_room(room.page, room.review)
    room.saved(1)
    point = room.points[0]
    assert point.observed_on == make.today()
    if moved > dt.timedelta():
        assert (point.origin, point.said_at) == ("live", room.review.opened_at)
    else:
        assert (point.origin, point.said_at) == ("late", None)  # of unknown age
