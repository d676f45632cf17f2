"""The server is killed between receiving and answering: the retry finds the entry or makes it, once."""

import pytest
from playwright.sync_api import Route, expect

from projects.models import Event

pytestmark = pytest.mark.console_errors_expected


@pytest.mark.parametrize("reached", [True, False], ids=["it was written", "it was not"])
def test_without_an_answer_it_is_sent_again_and_is_one_row(reached, room):
    page, tries = room.page, []

    def lose_the_first_two(route: Route) -> None:
        tries.append(route.request.post_data)
        if len(tries) > 2:
            route.continue_()
        else:
            if reached:
                route.fetch()
            route.abort("connectionreset")

    page.route("**/log/", lose_the_first_two)
    room.say("50 vanes cast ! no foundry")
    room.saved(1)
    expect(page.locator("#result")).to_contain_text("Vanes of Ada: 50")
    assert len(tries) == 3
    assert [point.value for point in room.points] == [50]
    assert Event.objects.filter(verb="logged").count() == 1


def test_a_server_that_fails_again_and_again_lets_the_others_pass(room):
    page = room.page

    def fail_the_first(route: Route) -> None:
        if "value=50" in route.request.post_data:
            route.fulfill(status=500)
        else:
            route.continue_()

    page.route("**/log/", fail_the_first)
    page.clock.install()
    page.reload()
    expect(page.locator("#line")).to_be_focused()
    room.say("50 vanes cast ! no foundry")
    room.say("51 one more vane ! no foundry")
    for _pause in range(12):
        page.clock.fast_forward(20_000)
        page.wait_for_timeout(100)
    refused = page.locator(".outbox-entry.is-refused")
    expect(refused).to_contain_text("The server failed again and again")
    expect(refused).to_contain_text("50 vanes cast")
    expect(page.locator("#entries tr")).to_have_count(1)
    page.unroute("**/log/")
    refused.get_by_role("button", name="Try again").click()
    room.saved(2)
    assert [point.value for point in room.points] == [51, 50]
