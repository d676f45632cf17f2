"""Scripted meetings over every fault: each entry is saved once, or stands there as not saved, with its text."""

import pytest
from playwright.sync_api import expect

from reviews.models import Datapoint
from tests.fault_proxy import FaultProxy, running

pytestmark = pytest.mark.console_errors_expected

REFUSED = "[...document.querySelectorAll('.outbox-entry.is-refused .outbox-text')].map((line) => line.textContent)"


def test_meetings(review, manager, new_context, client, live_server, size):
    meetings, entries = size(1, 30), size(10, 40)
    upstream = int(live_server.url.rsplit(":", 1)[1])
    client.force_login(manager)
    session = client.cookies["sessionid"].value
    for number in range(meetings):
        proxy = FaultProxy(upstream, paths="/log/", share=0.4, late=size(1, 5), hold=size(1, 60), seed=number)
        with running(proxy):
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
            waiting = page.locator(".outbox-entry:not(.is-refused)")
            expect(waiting).to_have_count(0, timeout=size(60, 600) * 1000)
            refused = page.evaluate(REFUSED)
            context.close()
        saved = Datapoint.objects.filter(review=review, memo__startswith=f"meeting {number} entry").order_by("pk")
        memos = list(saved.values_list("memo", flat=True))
        for line in lines:
            memo = line.split(" ", 1)[1].split(" !")[0]
            assert memos.count(memo) + sum(line in text for text in refused) == 1, line
        assert proxy.met.total() > proxy.met["none"], "no fault was met"
