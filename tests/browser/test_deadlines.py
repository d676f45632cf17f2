"""Deadlines and decisions in a real browser: the offer taken, and a review that does not close before it is decided."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Decision, Goal, Program, ReviewOdds
from projects.time import WEEK
from reviews.models import Review
from reviews.services.forecasting import refit_program
from tests import factories as make


@pytest.fixture
def goal(transactional_db, sign_in):
    """A goal that gets there, in a program whose last acceptable date is tomorrow; signed in as its manager."""
    tomorrow = make.today() + dt.timedelta(days=1)
    program = make.make_program("Orbit", deadline=tomorrow, last_acceptable=tomorrow)
    made = make.make_goal(make.make_team(program), "Tanks", values=make.STEADY, deadline=make.today() + 40 * WEEK)
    refit_program(program)
    sign_in(make.join(program, user=make.make_user("ada")))
    return made


def test_the_offer_fills_the_date_and_keeps_what_was_typed(page, goal):
    page.goto(reverse("goal_revise", args=[goal.pk]))
    page.get_by_label("Why").fill("The foundry has a second line.")
    offered = page.get_by_role("link", name="Take this date").get_attribute("data-value")
    page.get_by_role("link", name="Take this date").click()
    expect(page.get_by_label("Deadline")).to_have_value(offered)
    expect(page.get_by_label("Deadline")).to_be_focused()
    expect(page.get_by_label("Why")).to_have_value("The foundry has a second line.")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator(f"#goal-outlook-{goal.pk}")).to_contain_text("when set")
    goal.refresh_from_db()
    assert goal.deadline.isoformat() == offered
    assert goal.odds_when_set >= 0.5


def test_the_offer_works_without_scripts(new_context, client, live_server, goal):
    client.force_login(make.join(goal.team.program))
    context = new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("goal_revise", args=[goal.pk]))
    offered = page.get_by_role("link", name="Take this date").get_attribute("data-value")
    page.get_by_role("link", name="Take this date").click()
    expect(page.locator("#id_deadline")).to_have_value(offered)
    page.locator("#id_memo").fill("The foundry has a second line.")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator(f"#goal-outlook-{goal.pk}")).to_contain_text("when set")
    assert Goal.objects.get(pk=goal.pk).deadline.isoformat() == offered


def test_a_far_deadline_asks_kindly_for_a_gate_and_nothing_typed_is_lost(page, goal):
    page.goto(reverse("program_revise", args=[goal.team.program.slug]))
    page.get_by_label("Deadline").fill(make.later(3).isoformat())
    page.get_by_label("Last acceptable date").fill(make.later(4).isoformat())
    page.get_by_label("Why").fill("The pad is booked until then.")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("main")).to_contain_text("more than 18 months away")
    expect(page.get_by_label("Why")).to_have_value("The pad is booked until then.")
    page.get_by_label("Gate on the way").fill("A first tank holds pressure")
    page.get_by_label("By when").fill(make.later(1).isoformat())
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("heading", name="Orbit")).to_be_visible()
    expect(page.get_by_text("A first tank holds pressure")).to_be_visible()


def close_the_review(page):
    """Closing is unfolded already where a decision is due."""
    if page.locator("#closing[open]").count() == 0:
        page.locator("#closing > summary").click()
    page.locator("#close-form").get_by_role("button", name="Close the review").click()


@pytest.mark.console_errors_expected  # the refused closing answers 422
def test_the_third_impossible_review_blocks_closing_until_it_is_decided(page, goal):
    program = Program.objects.get()
    goal.outlook.refresh_from_db()
    for weeks in (3, 2):  # two reviews that closed with what the model says of it
        ReviewOdds.objects.create(program=program, at=timezone.now() - weeks * WEEK, p=0.0,
                                  last_acceptable=program.last_acceptable)  # fmt: skip
    for expected in ("The review is closed", "Decide first"):
        page.goto(program.get_absolute_url())
        page.get_by_role("button", name="Start a review").click()
        close_the_review(page)
        expect(page.get_by_text(expected).first).to_be_visible()
    review = Review.objects.get(state="live")

    page.get_by_role("link", name="Record the decision").first.click()
    page.get_by_label("Cut scope").check()
    page.get_by_label("Memo").fill("Two tanks fly, four follow.")
    page.get_by_role("button", name="Put it on record").click()
    expect(page.locator("#decisions")).to_contain_text("Two tanks fly, four follow.")
    expect(page.locator("#decision-due")).to_have_count(0)
    expect(page.locator('[data-spec="review-odds"] svg').first).to_be_visible()
    assert Decision.objects.get().due_since is not None

    page.goto(review.get_absolute_url())
    close_the_review(page)
    expect(page.get_by_text("The review is closed")).to_be_visible()
