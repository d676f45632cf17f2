"""Every page of the URL list in a real browser: nothing in the console, no broken policy, nothing fetched elsewhere.

`conftest.py` watches for all three; this walk only has to go everywhere.
"""

import pytest
from django.core.cache import cache

from tests import factories as make
from tests.test_access import KEYED, NEVER, OF_ONE_PERSON, ROWS, address, build, text_of
from tests.test_login import account_addresses

SECRET = "a long secret"
WITHIN = 30_000  # milliseconds: charts load four packages


def walk(page, live_server, paths) -> dict[str, int]:
    """{name: status} of each; every one is drawn to the end. What a page asks for besides must be there."""
    found, missing = {}, []
    page.on("response", lambda response: missing.append(response.url) if response.status >= 400 else None)
    for name, path in paths.items():
        response = page.goto(live_server.url + path, wait_until="load", timeout=WITHIN)
        page.wait_for_load_state("networkidle", timeout=WITHIN)
        found[name] = response.status
    assert not [url for url in missing if not url.endswith("/")], missing
    return found


@pytest.fixture
def world(live_server):
    cache.clear()
    world = build("Ours")
    for weeks in range(6):
        make.make_point(world.goals, 10 + weeks, observed_on=make.today() - weeks * make.WEEK)
    make.log(world.goals, 17, engineer=world.engineers, review=world.reviews, blocker="No foundry")
    make.refit_program(world.program)
    return world


@pytest.mark.slow
def test_every_page_as_admin(page, live_server, client, sign_in, world):
    sign_in(make.make_user("root", is_superuser=True, is_staff=True))
    shown = {name for name, (get, _post) in ROWS.items() if get not in (NEVER, KEYED)} - OF_ONE_PERSON
    paths = {name: address(name, world) for name in sorted(shown)}
    # What a script asks for is no page; nor is a download.
    paths = {name: path for name, path in paths.items() if "</html>" in text_of(client.get(path))}
    assert len(paths) > 20
    statuses = walk(page, live_server, paths)
    assert {name: status for name, status in statuses.items() if status != 200} == {}


@pytest.mark.slow
@pytest.mark.console_errors_expected  # what an address made up answers is logged as an error: see below
def test_every_account_page_signed_out_and_in(page, live_server, world, complaints):
    make.make_user("ada", email="ada@example.org")
    paths = {name: path for name, path in account_addresses().items() if name != "account_logout"}
    signed_out = walk(page, live_server, paths)
    page.goto(live_server.url + paths["account_login"])
    page.locator("[name=login]").fill("ada")
    page.locator("[name=password]").fill(SECRET)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(live_server.url + "/")
    page.goto(live_server.url + paths["account_reauthenticate"])
    page.locator("[name=password]").fill(SECRET)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_load_state("networkidle")
    signed_in = walk(page, live_server, paths)
    assert signed_in["mfa_activate_totp"] == 200
    assert {*signed_out.values(), *signed_in.values()} <= {200, 404, 405}
    assert not [said for said in complaints if "status of 40" not in said]


@pytest.mark.slow
def test_two_factor_sign_in_is_set_up_with_its_picture_drawn(page, live_server, world):
    make.make_user("ada", email="ada@example.org")
    page.goto(live_server.url + "/accounts/login/?next=/account/")
    page.locator("[name=login]").fill("ada")
    page.locator("[name=password]").fill(SECRET)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Set up").click()
    page.get_by_role("link", name="Set it up").click()
    page.locator("[name=password]").fill(SECRET)
    page.get_by_role("button", name="Go on").click()
    drawn = page.locator("img.qr").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert drawn > 0, "the policy lets the picture of the secret through"


@pytest.mark.slow
def test_the_pages_of_an_invitation(page, live_server, world):
    paths = {"invitation": address("invitation", world), "sign in": "/accounts/login/"}
    assert set(walk(page, live_server, paths).values()) == {200}
    page.goto(live_server.url + paths["invitation"])
    page.get_by_label("User name").fill("grace")
    page.get_by_label("Password").fill("another longer secret")
    page.get_by_role("button", name="Accept and sign in").click()
    page.wait_for_url(live_server.url + world.program.get_absolute_url())
