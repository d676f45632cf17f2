"""The calendar and the engineer's answer, by a person with a browser: at a desk and on a phone."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from projects.models import Role
from reviews.models import Cadence, Comment, Review, SlotChange
from tests import factories as make

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def program(live_server):
    made = make.make_program("Engines", zone="Europe/Berlin")
    make.make_engineer(make.make_team(made, "Blades"), "Grace")
    return made


@pytest.fixture
def manager(program, sign_in):
    user = make.join(program, Role.MANAGER)
    sign_in(user)
    return user


def test_every_page_is_reached_by_the_menu_of_a_phone(page: Page, manager):
    page.set_viewport_size(PHONE)
    for name in ("Reviews", "Factors", "Attention", "Audit", "Board"):
        page.goto(reverse("reviews"))
        link = page.get_by_role("navigation", name="Main").get_by_role("link", name=name)
        expect(link).to_be_hidden()
        page.get_by_role("button", name="Menu", exact=True).click()
        link.click()
        expect(page).to_have_title(re.compile(name if name != "Board" else "Programs|Board"))
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit")).to_be_visible()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_hidden()


def test_a_rhythm_is_set_a_review_moved_another_cancelled_and_one_started(page: Page, program, manager):
    page.goto(reverse("reviews"))
    page.get_by_role("link", name="Set a rhythm Engines").click()
    for day in ("Tuesday", "Saturday"):
        page.get_by_label(day).check()
    page.locator("[name=at]").fill("09:00")
    page.get_by_label("Length, minutes").fill("150")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Tuesday and Saturday, 09:00, 150 minutes")).to_be_visible()

    coming = make.make_slot(Cadence.objects.get(), ahead=2)
    page.goto(coming.get_absolute_url())
    expect(page.get_by_text("Upcoming")).to_be_visible()
    page.get_by_text("Move it", exact=True).first.click()
    page.locator("[name=move-day]").fill((coming.day + dt.timedelta(days=1)).isoformat())
    form = page.locator("form", has=page.get_by_role("button", name="Move it"))
    form.get_by_label("Why").fill("-")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("“-” says nothing.")).to_be_visible()
    form.get_by_label("Why").fill("The hall is taken.")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_text("moved: “The hall is taken.”")).to_be_visible()
    assert SlotChange.objects.get().moved_to is not None
    page.get_by_role("button", name="Back to its own time").click()
    expect(page.get_by_text("moved:")).to_have_count(0)

    page.get_by_text("Cancel it", exact=True).first.click()
    form = page.locator("form", has=page.get_by_role("button", name="Cancel it"))
    form.get_by_label("Why").fill("All at the fair.")
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    page.goto(f"{reverse('reviews')}?day={coming.day.isoformat()}")
    expect(page.locator(".calendar .slot-cancelled")).to_be_visible()

    following = make.make_slot(Cadence.objects.get(), ahead=3)
    page.goto(following.get_absolute_url())
    page.get_by_role("button", name="Start the review").dblclick()
    expect(page.get_by_role("heading", name="Review of Engines")).to_be_visible()
    assert Review.objects.get().slot_on == following.day


def test_on_a_phone_it_is_a_list_and_a_tap_leads_to_the_page_before_the_review(page: Page, program, manager):
    make.make_cadence(program)
    page.set_viewport_size(PHONE)
    page.goto(f"{reverse('reviews')}?view=week&day={make.today().isoformat()}")
    expect(page.locator(".calendar")).to_be_hidden()
    expect(page.locator(".agenda .slot").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator(".agenda .slot").last.click()
    expect(page.get_by_role("heading", name="Who is heard, in this order")).to_be_visible()
    expect(page.get_by_text("never heard")).to_be_visible()


def test_the_address_of_ones_own_calendar_is_made_and_made_anew(page: Page, program, manager):
    page.goto(reverse("reviews"))
    page.get_by_role("button", name="Make an address").click()
    first = page.get_by_label("Address of your calendar").input_value()
    page.get_by_role("button", name="Make a new address").click()
    page.get_by_role("button", name="Make a new one").click()
    expect(page.get_by_label("Address of your calendar")).not_to_have_value(first)
    assert page.request.get(first).status == 404
    assert page.request.get(page.get_by_label("Address of your calendar").input_value()).ok


def test_an_engineer_answers_and_the_manager_sees_it_and_answers_back(page: Page, program, sign_in, context):
    team = program.teams.get()
    grace, ada = make.make_user("grace"), make.join(program, Role.MANAGER, make.make_user("ada"))
    engineer = team.seats.get().engineer
    engineer.user = grace
    engineer.save()
    make.make_point(make.make_goal(team, "Cast vanes"), 62, engineer=engineer, memo="Macros expand.", recorded_by=ada)

    sign_in(grace)
    page.goto(reverse("mine"))
    page.get_by_role("link", name="Answer about Cast vanes").click()
    page.get_by_label("Your answer").fill("Only half of them do.")
    page.get_by_role("button", name="Answer").dblclick()
    expect(page.get_by_text("Only half of them do.")).to_be_visible()
    assert Comment.objects.count() == 1

    sign_in(ada)
    page.goto(reverse("reviews"))
    expect(page.get_by_text("Only half of them do.")).to_be_visible()
    page.get_by_role("link", name="Answer grace about Cast vanes").or_(
        page.get_by_role("link", name="Answer Grace about Cast vanes")
    ).click()
    page.get_by_label("Your answer").fill("Then I split the goal.")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".comments").get_by_text("Then I split the goal.")).to_be_visible()
    page.goto(reverse("reviews"))
    expect(page.get_by_text("Only half of them do.")).to_have_count(0)


def test_what_was_said_is_found_by_its_words(page: Page, program, manager):
    team = program.teams.get()
    then = timezone.now() - dt.timedelta(days=3)
    for memo in ("The mould cracks.", "Two coats are dry."):
        review = Review.objects.create(
            program=program, state="closed", scheduled_for=then, opened_at=then, closed_at=then, led_by=manager
        )
        make.make_point(make.make_goal(team), 5, review=review, engineer=team.seats.get().engineer, memo=memo)
    page.goto(reverse("review_history"))
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("searchbox").fill("mould")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_text("The mould cracks.")).to_be_visible()
    expect(page).to_have_url(re.compile("search=mould"))
