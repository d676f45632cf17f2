"""The whole review, once, by the keyboard alone: heard, asked, undone, absent, closed."""

from playwright.sync_api import expect

from projects.models import Evidence, Factor
from reviews.models import Datapoint, Review, Statement


def test_from_the_board_to_the_summary(page, review, manager, sign_in):
    sign_in(manager)
    keys = page.keyboard

    def tab_to(name: str, role: str = "button") -> None:
        target = page.get_by_role(role, name=name, exact=True).first
        for _press in range(80):
            if target.evaluate("element => element === document.activeElement"):
                return
            keys.press("Tab")
        raise AssertionError(f"no way to {name} by Tab")

    page.goto("/reviews/")
    tab_to("Engines", "link")
    keys.press("Enter")
    expect(page.locator("#line")).to_be_focused()
    expect(page.locator("#room-name")).to_have_text("Ada")

    keys.type("+2")  # a memo is asked for at once, and what was typed stays
    keys.press("Enter")
    expect(page.locator("#line-parse")).to_have_text("A memo is needed: what happened, in a few words.")
    keys.type("two more vanes")
    expect(page.locator("#line-parse")).to_contain_text("Vanes of Ada")
    expect(page.locator("#line-parse")).to_contain_text("42")
    keys.press("Enter")
    expect(page.locator("#stop")).to_be_focused()
    page.wait_for_timeout(260)
    keys.type("Cast vanes")
    keys.press("Shift+Enter")  # makes it a factor
    expect(page.locator("#room-name")).to_have_text("Bo")  # all of Ada was said

    keys.press("@")  # said by the lead, with prepared material
    keys.press("#")
    keys.type("50 half of them")
    keys.press("Enter")
    page.wait_for_timeout(260)
    keys.type("Cas")  # completed from what is known
    expect(page.locator("#stop")).to_have_value("Cast vanes")
    keys.press("Enter")
    expect(page.locator("#room-name")).to_have_text("Cem")
    keys.press("ArrowUp")
    expect(page.locator("#room-name")).to_have_text("Bo")
    keys.press("ArrowDown")

    keys.type("70 wrong number")
    keys.press("Enter")
    page.wait_for_timeout(260)
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    expect(page.locator("#entries")).to_contain_text("wrong number")
    keys.press("<")  # undo: it is in the line again
    expect(page.locator("#entries")).not_to_contain_text("wrong number")
    expect(page.locator("#line")).to_have_value("70 wrong number")
    keys.press("Control+A")
    keys.press("Backspace")
    keys.type("= waiting for the oven")
    expect(page.locator("#line-parse")).to_contain_text("nothing new")
    keys.press("Enter")
    page.wait_for_timeout(260)
    keys.press("Enter")  # nothing stops them

    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#queue-state")).to_have_text("All saved")
    expect(page.locator("#entries tr")).to_have_count(6)

    closing = page.locator("#closing > summary")
    closing.focus()
    keys.press("Enter")
    tab_to("Close the review")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="What it came to")).to_be_visible()

    summary = Review.objects.get(pk=review.pk).summary
    assert [(turn["engineer"], turn["state"]) for turn in summary["turns"]] == [
        ("Ada", "heard"),
        ("Bo", "heard"),
        ("Cem", "heard"),
    ]
    ada, bo = Datapoint.objects.in_force().filter(review=review).order_by("pk")
    assert (ada.value, ada.level, ada.memo) == (42, "doer", "two more vanes")
    assert (bo.value, bo.level, bo.prepared) == (50, "lead", True)
    factor = Factor.objects.get(name="Cast vanes")
    assert Evidence.objects.filter(factor=factor).count() == 2
    reasons = Statement.objects.in_force().filter(turn__review=review).values_list("kind", "text")
    assert sorted(reasons) == [
        ("blocked", "Cast vanes"),
        ("blocked", "Cast vanes"),
        ("free", ""),
        ("nothing_new", "waiting for the oven"),
    ]
    assert summary["blockers"] == [{"name": "Cast vanes", "factor": factor.pk, "by": ["Ada", "Bo"]}]
