"""axe-core finds nothing on any page of the URL list: light and dark, at the width of a desk and of a phone.

axe is evaluated in the page: a script tag of it would break the page's own security policy.
"""

from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver
from playwright.sync_api import BrowserContext, Page

from projects.models import Role
from reviews.models import Datapoint
from reviews.services.forecasting import refit_program
from reviews.services.sessions import close_review
from tests import factories as make
from tests.test_access import NEVER, ROWS, address, build

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
FOUND = "axe.run().then(({violations}) => violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 300))}`))"
SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/", "/no/such/page/")


@pytest.fixture
def pages(client) -> dict[str, str]:
    """{name: address} of every page that a person may open, with something of everything on it."""
    world = build("Ours")
    reader = make.make_user("reader", is_staff=True, is_superuser=True, email="reader@example.org")
    make.join(world.program, Role.ADMIN, reader)
    goal = make.make_goal(world.teams, "Blades", values=make.STEADY)
    make.log(goal, 61, by=reader, engineer=world.engineers, blocker="Foundry slots")
    held = make.open_review(make.make_program("Held", by=reader))
    close_review(review=held, by=reader)
    refit_program(world.program)
    make.make_judged(goal, by=reader)
    client.force_login(reader)
    found = {name: address(name, world) for name, (get, _post) in ROWS.items() if get != NEVER}
    found |= {
        "goal with a forecast": goal.get_absolute_url(),
        "review that was held": held.get_absolute_url(),
        "correction": f"/datapoints/{Datapoint.objects.latest('pk').pk}/correct/",
    }
    for told in (make.make_told(reader), make.make_alert(reader, world.program)):
        found[f"{told.kind} that was told"] = told.get_absolute_url()
    found |= {f"account {path}": path for path in account_pages()}
    return {name: url for name, url in found.items() if is_page(client.get(url))}


def is_page(response) -> bool:
    """Whether it is whole, and not a fragment, a file or a way to elsewhere."""
    whole = response.status_code == 200 and not response.streaming
    return whole and response.content.lstrip()[:9].lower() == b"<!doctype"


def account_pages(patterns=None, before: str = "/") -> list[str]:
    """Addresses below accounts/ that take no argument."""
    found = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern).strip("^$")
        if "<" in path or "(" in path or (before == "/" and not path.startswith("/accounts/")):
            continue
        found += account_pages(pattern.url_patterns, path) if isinstance(pattern, URLResolver) else [path]
    return found


def violations(page: Page, url: str) -> list[str]:
    page.goto(url)
    for chart in page.locator("figure.chart").all():
        chart.scroll_into_view_if_needed()
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE)
    return page.evaluate(FOUND)


def look(context: BrowserContext, pages: dict[str, str], width: int) -> dict[str, list[str]]:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    found = {f"{name} ({url})": violations(page, url) for name, url in pages.items()}
    return {name: what for name, what in found.items() if what}


@pytest.mark.console_errors_expected  # the page that is not found is one of them
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(theme, width, pages, new_context, client, live_server):
    signed_in = new_context(color_scheme=theme)
    signed_in.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    found = look(signed_in, pages, width)
    found |= look(new_context(color_scheme=theme), {url: url for url in SIGNED_OUT}, width)
    assert len(pages) > 25
    assert not found, "\n".join(f"{name}\n  " + "\n  ".join(what) for name, what in found.items())
