"""Another person signs in on the same machine while entries wait: they stay the first one's."""

import pytest
from playwright.sync_api import expect

from projects.models import Role
from tests import factories as make
from tests.browser.live.conftest import open_room

pytestmark = pytest.mark.console_errors_expected


def test_entries_are_sent_only_under_the_login_that_made_them(room, context, program, client, sign_in):
    context.set_offline(True)
    room.say("50 vanes cast ! no foundry")
    expect(room.page.locator("#queue-state")).to_have_text("1 waiting")
    client.logout()
    sign_in(make.join(program, Role.MANAGER, make.make_user("second")))  # one cookie jar: the old page has it too
    context.set_offline(False)
    expect(room.page.locator("#room-notice")).to_contain_text("Somebody else is signed in now")

    theirs = context.new_page()
    open_room(theirs, room.review)
    expect(theirs.locator("#outbox")).to_contain_text("Entries of somebody else wait on this machine: 1")
    expect(theirs.locator("#outbox")).not_to_contain_text("vanes cast")
    expect(theirs.locator("#queue-state")).to_have_text("All saved")
    assert room.points == []
    theirs.close()

    client.logout()
    sign_in(room.manager)
    room.page.reload()
    room.saved(1)
    assert [(point.value, point.recorded_by.username) for point in room.points] == [(50, "manager")]
