"""Scripted meetings over every fault: each entry is saved once, or stands there as not saved, with its text."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from reviews.models import Datapoint
from tests.fault_proxy import FaultProxy, running

pytestmark = pytest.mark.console_errors_expected

REFUSED = "[...document.querySelectorAll('.outbox-entry.is-refused .outbox-text')].map((line) => line.textContent)"


def test_meetings(review, manager, new_context, client, live_server, size):
    meetings, at_once, entries = size(1, 30), size(1, 6), size(10, 40)
    upstream = int(live_server.url.rsplit(":", 1)[1])
    client.force_login(manager)
    session = client.cookies["sessionid"].value

    def hold(number: int, proxy: FaultProxy):
        """The page of a meeting in which everything was typed, and what."""
        there = f"http://localhost:{proxy.port}"
        context = new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": there}])
        page = context.new_page()
        page.goto(there + review.get_absolute_url())
        expect(page.locator("#line")).to_be_focused()
        lines = [f"{50 + n} meeting {number} entry {n} ! no foundry" for n in range(entries)]
        for line in lines:
            page.locator("#line").fill(line)
            page.locator("#line").press("Enter")
        return page, lines

    for numbers in batched(range(meetings), at_once):
        with ExitStack() as proxies:
            held = []
            for number in numbers:
                proxy = FaultProxy(upstream, paths="/log/", share=0.4, late=size(1, 5), hold=size(1, 60), seed=number)
                proxies.enter_context(running(proxy))
                held.append((number, proxy, *hold(number, proxy)))
            for number, proxy, page, lines in held:
                waiting = page.locator(".outbox-entry:not(.is-refused)")
                expect(waiting).to_have_count(0, timeout=size(60, 900) * 1000)
                refused = page.evaluate(REFUSED)
                page.context.close()
                check(review, number, lines, refused)
                assert proxy.met.total() > proxy.met["none"], "no fault was met"


def check(review, number: int, lines: list[str], refused: list[str]) -> None:
    """Each line is saved once, or stands there as refused."""
    saved = Datapoint.objects.filter(review=review, memo__startswith=f"meeting {number} entry").order_by("pk")
    memos = list(saved.values_list("memo", flat=True))
    for line in lines:
        memo = line.split(" ", 1)[1].split(" !")[0]
        assert memos.count(memo) + sum(line in text for text in refused) == 1, line


def batched(numbers: range, size: int) -> list[range]:
    return [numbers[first : first + size] for first in range(0, len(numbers), size)]
