"""Two people edit the same goal or factor: the second gets both versions and loses nothing."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.live.conftest import goal_of


@pytest.fixture
def shared(program, request):
    if request.param == "goal":
        return goal_of("Ada"), "goal_edit"
    factor = make.make_factor("Foundries")
    make.declare(program, factor)
    return factor, "factor_edit"


@pytest.mark.parametrize("shared", ["goal", "factor"], indirect=True)
def test_the_second_to_save_sees_both_and_decides(shared, page, context, manager, sign_in):
    row, name = shared
    sign_in(manager)
    other = context.new_page()
    for each in (page, other):
        each.goto(reverse(name, args=[row.pk]))
    page.get_by_label("Name", exact=False).first.fill("Named by the first")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Named by the first")
    other.get_by_label("Name", exact=False).first.fill("Named by the second")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("Named by the first").first).to_be_visible()
    expect(other.get_by_label("Name", exact=False).first).to_have_value("Named by the second")
    row.refresh_from_db()
    assert row.name == "Named by the first"
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("Named by the second")
