"""What limits, in a real browser: declared, drilled into, challenged, predicted, closed with its successor."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from projects.models import Factor, Role
from projects.services.goals import set_needs
from projects.time import WEEK
from reviews.services.forecasting import refit_program
from tests import factories as make


@pytest.fixture
def program(transactional_db, sign_in):
    """Two goals, one of which waits for the other; signed in as its manager."""
    made = make.make_program("Orbit")
    team = make.make_team(made, engineers=1)
    tanks = make.make_goal(team, "Tanks", values=make.STEADY, deadline=make.today() + 30 * WEEK)
    stack = make.make_goal(team, "Stack", values=(0, 0, 1, 2, 2, 3), deadline=make.today() + 30 * WEEK)
    set_needs(goal=stack, needs=[tanks], by=None)
    refit_program(made)
    sign_in(make.join(made, Role.MANAGER, make.make_user("ada")))
    return made


def test_declared_drilled_into_predicted_and_closed_with_its_successor(page, program):
    page.goto(program.get_absolute_url())
    page.get_by_role("link", name="Name it").click()
    page.get_by_label("Factor", exact=True).fill("Power")
    page.get_by_label("Kind").select_option("physical")
    page.get_by_label("Memo").fill("Racks stand dark until the grid connects them.")
    page.get_by_role("button", name="Declare").click()
    expect(page.locator(".limiting-name")).to_have_text("Power")

    for part in ("Gas turbines", "Cast vanes"):
        page.get_by_role("link", name="Drill down").click()
        page.get_by_label("The part that binds").fill(part)
        page.get_by_label("Memo").fill(f"Everything else is on order; {part} are not.")
        page.get_by_role("button", name="This part binds").click()
    expect(page.locator(".limiting-name")).to_have_text("Power")
    layers = page.locator(".limit-layers li")
    expect(layers).to_have_count(2)
    expect(layers.nth(1)).to_contain_text("Cast vanes")
    expect(layers.nth(1)).to_contain_text("binds deepest")
    expect(layers.nth(0)).not_to_contain_text("binds deepest")

    page.get_by_role("link", name="Predict", exact=True).click()
    page.get_by_label("Factor", exact=True).fill("Chips")
    page.locator("#id_window_to").fill((make.today() + 100 * WEEK).isoformat())
    page.get_by_label("Probability, %").fill("70")
    page.get_by_label("On the condition that").fill("power is solved")
    page.get_by_label("Memo").fill("Order books of chips are full to then.")
    page.get_by_role("button", name="File it").click()
    expect(page.locator("#next")).to_contain_text("Chips, 70\u00a0%")
    expect(page.locator('[data-spec="limit-ribbon"] svg').first).to_be_visible()

    page.get_by_role("link", name="Relieved: name the next").click()
    page.get_by_label("Factor", exact=True).fill("Chips")
    page.get_by_label("Memo").fill("Turbines run since Monday; chips do not come.")
    page.get_by_role("button", name="Close it and name the next").click()
    expect(page.locator(".limiting-name")).to_have_text("Chips")
    expect(page.locator(".limit-layers")).to_have_count(0)
    page.goto(reverse("calibration"))
    expect(page.get_by_role("row").filter(has_text="Chips")).to_contain_text("It came")


def test_challenged_and_answered(page, program):
    factor = make.make_factor("Power")
    make.declare(program, factor)
    page.goto(program.get_absolute_url())
    page.get_by_role("link", name="Challenge due").click()
    page.get_by_label("Strongest counter-argument").fill("Energy is 15 % of the cost; chips are 70 %.")
    page.get_by_role("button", name="Keep the argument").click()
    expect(page.locator("#challenge")).to_contain_text("Not answered yet.")
    page.get_by_role("link", name="Challenge it").click()
    page.get_by_label("Answer to it").fill("Cost share is not what binds: chips without power compute nothing.")
    page.get_by_role("button", name="Keep the argument").click()
    expect(page.locator("#challenge")).to_contain_text("chips without power compute nothing")
    page.get_by_text("Add a note or a link").click()
    page.get_by_label("What speaks for it").fill("The utility offers a connection in four years.")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#evidence")).to_contain_text("four years")
    page.goto(program.get_absolute_url())
    expect(page.get_by_role("link", name="Challenge due")).to_have_count(0)


def test_a_part_is_taken_back_and_a_refused_memo_keeps_what_was_typed(page, program):
    make.declare(program, "Power")
    make.drill(program, "Gas turbines")
    page.goto(program.get_absolute_url())
    page.get_by_role("link", name="Gas turbines does not bind").click()
    page.get_by_label("Memo").fill("n/a")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("says nothing")).to_be_visible()
    expect(page.get_by_label("Memo")).to_have_value("n/a")
    page.get_by_label("Memo").fill("Turbines were bought second hand.")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator(".limit-layers")).to_have_count(0)
    assert Factor.objects.filter(name="Gas turbines").exists()


def test_the_chain_is_walked_with_the_keyboard(page, program):
    page.goto(program.get_absolute_url())
    box = page.locator(".chain a").filter(has_text="Tanks")
    box.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tanks", level=1)).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_screen(page, program, width):
    make.declare(program, "Power")
    factor = Factor.objects.get(name="Power")
    page.set_viewport_size({"width": width, "height": 900})
    places = [program.get_absolute_url(), reverse("factors"), factor.get_absolute_url(), reverse("calibration")]
    places += [reverse("factor_challenge", args=[factor.pk]), reverse("factor_edit", args=[factor.pk])]
    places += [reverse(name, args=[program.slug]) for name in ("limit_deeper", "prediction_create")]
    for place in places:
        page.goto(place)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place
