"""The plan for next week's hours, in a real browser: changed, kept, and minutes logged."""

import re

import pytest
from playwright.sync_api import expect

from projects.models import Role
from reviews.models import AttentionPlan
from tests import factories as make
from tests.reviews.test_attention import late_program


@pytest.fixture
def program(live_server, sign_in):
    user = make.make_user("ada")
    program = late_program(user, role=Role.MANAGER)
    sign_in(user)
    return program


def test_hours_are_planned_kept_and_spent(page, program):
    page.goto("/")
    page.get_by_role("link", name="Attention").click()
    hours = page.get_by_label("Hours that I have")
    hours.fill("3")
    hours.blur()
    row = page.get_by_role("row", name=re.compile("Engine"))
    expect(row.get_by_label("Hours for Engine")).to_have_attribute("placeholder", "3")
    row.get_by_label("Days expected of Engine").fill("100")
    row.get_by_label("Days expected of Engine").blur()
    expect(row).to_contain_text("53 days")  # 100 x (1 - exp(-3/4))
    page.get_by_role("button", name="Keep this plan").click()
    expect(page.get_by_text("kept", exact=True)).to_be_visible()
    assert AttentionPlan.objects.get().lines.get().minutes == 180
    form = page.locator("form", has=page.get_by_role("button", name="Log it"))
    form.get_by_label("Program").select_option(label="Engine")
    form.get_by_label("Minutes").fill("45")
    form.get_by_label("What for").fill("Called the foundry.")
    form.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("row", name=re.compile("Called the foundry"))).to_contain_text("Blades of Engine")
