"""The network is lost for two minutes and ten entries are made: all arrive once, in order, with their true times."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

pytestmark = pytest.mark.console_errors_expected  # Chromium logs every request that fails


def test_ten_entries_made_offline_arrive_once_in_order_with_their_true_times(room, context):
    page = room.page
    page.clock.install()
    room.page.reload()
    expect(page.locator("#line")).to_be_focused()
    context.set_offline(True)
    made = []
    for n in range(10):
        made.append(timezone.now() + dt.timedelta(seconds=12 * n))
        room.say(f"{50 + n} vane number {n} ! no foundry")
        expect(page.locator("#outbox > li")).to_have_count(n + 1)
        page.clock.fast_forward(12_000)
    expect(page.locator("#queue-state")).to_have_text("10 waiting")
    expect(page.locator(".outbox-state").first).to_have_text("waiting")
    assert room.points == []
    context.set_offline(False)
    room.saved(10)
    points = room.points
    assert [point.value for point in points] == [50 + n for n in range(10)]
    assert {point.origin for point in points} == {"live"}
    ages = [(points[-1].said_at - point.said_at).total_seconds() for point in points]
    wanted = [(made[-1] - at).total_seconds() for at in made]
    assert all(abs(age - want) < 4 for age, want in zip(ages, wanted, strict=True)), (ages, wanted)
