"""From an empty database to the first verdict, by clicks alone."""

import datetime as dt
import re
import time

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Goal


@pytest.fixture
def newcomer(live_server):
    user = User.objects.create_user("newcomer", password="a-long-enough-secret")
    user.user_permissions.add(Permission.objects.get(codename="add_program"))
    return user


def test_first_program_team_engineer_goal_and_three_datapoints_give_a_verdict_in_two_minutes(page, newcomer, sign_in):
    sign_in(newcomer)
    began = time.monotonic()
    page.goto("/")
    page.get_by_role("link", name="Make the first program").click()
    page.get_by_label("Name").fill("Methane engine")
    page.get_by_label("Deadline").fill((timezone.localdate() + dt.timedelta(days=200)).isoformat())
    page.get_by_role("button", name="Make the program").click()

    page.get_by_label("Name").fill("Turbopump")
    page.get_by_role("button", name="Make the team").click()
    page.get_by_label("Name of the engineer").fill("Ines Marlowe")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Ines Marlowe")).to_be_visible()

    page.get_by_role("link", name="New goal").click()
    page.get_by_label("Name").fill("Seconds at full thrust")
    page.get_by_label("Target").fill("300")
    page.get_by_label("Unit").fill("s")
    page.get_by_label("Start").fill((timezone.localdate() - dt.timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Make the goal").click()

    for weeks, value, memo in [(2, "40", "First hot fire"), (1, "90", "New seal"), (0, "150,5", "New impeller")]:
        form = page.locator("#log")
        form.get_by_label("Value").fill(value)
        form.get_by_label("Observed on").fill((timezone.localdate() - dt.timedelta(weeks=weeks)).isoformat())
        form.get_by_label("Engineer").select_option(label="Ines Marlowe")
        form.get_by_label("Memo").fill(memo)
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_role("cell", name=re.compile(memo))).to_be_visible()
    seconds = time.monotonic() - began

    goal = Goal.objects.get()
    assert list(goal.outlook.curve[-1])[1] == 150.5
    assert goal.outlook.verdict != "unknown"
    expect(page.locator(".subtitle .verdict")).not_to_have_text("Unknown")
    page.goto("/")
    expect(page.get_by_role("row").filter(has_text="Methane engine")).not_to_contain_text("unknown")
    assert seconds < 120


@pytest.mark.console_errors_expected  # Chromium logs every 422
def test_what_is_typed_wrong_is_said_where_it_is_wrong_and_nothing_is_lost(page, newcomer, sign_in):
    sign_in(newcomer)
    page.goto("/programs/new/")
    page.get_by_label("Name").fill("Backwards")
    page.get_by_label("Outcome").fill("Something worth keeping")
    page.get_by_label("Start").fill("2026-06-01")
    page.get_by_label("Deadline").fill("2026-05-01")
    page.get_by_role("button", name="Make the program").click()
    expect(page.get_by_text("The deadline must lie after the start.")).to_be_visible()
    expect(page.get_by_label("Outcome")).to_have_value("Something worth keeping")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_it_works_without_scripts_too(page, newcomer, sign_in):
    sign_in(newcomer)
    page.goto("/programs/new/")
    page.get_by_label("Name").fill("Plain")
    page.get_by_role("button", name="Make the program").click()
    page.get_by_label("Name").fill("Team of one")
    page.get_by_role("button", name="Make the team").click()
    page.goto("/")
    page.get_by_role("columnheader", name="Program").get_by_role("link").click()
    expect(page.get_by_role("link", name="Plain")).to_be_visible()
