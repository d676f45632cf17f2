"""What every page sends beside its text, the security policy first; and that no page breaks that policy itself."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Role
from tests import factories as make
from tests.test_access import KEYED, NEVER, OF_ONE_PERSON, ROWS, address, build

pytestmark = pytest.mark.django_db

ACCOUNT_PAGES = ["account_login", "account_signup", "account_reset_password"]
SIGNED_IN_PAGES = ["account_logout", "account_change_password", "account_email"]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


class Violations(HTMLParser):
    """What the policy would block: scripts and styles in the page, handlers in attributes, addresses elsewhere."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        line = f"line {self.getpos()[0]}: <{tag}"
        if tag == "script" and "src" not in at and at.get("type") != "application/json":
            self.found.append(f"{line}> without a src")
        if tag in ("style", "base", "iframe", "object", "embed"):
            self.found.append(f"{line}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{line} {name}={value}>")
            if name in ("src", "href", "action", "formaction", "xlink:href") and re.match(
                r"\s*(javascript|vbscript|data):", value or "", re.IGNORECASE
            ):
                self.found.append(f"{line} {name}={value}>")
            if name in ("src", "action", "formaction") and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{line} {name}={value}>")
        if tag == "link" and re.match(r"(https?:)?//", at.get("href") or ""):
            self.found.append(f"{line} href={at['href']}>")


def violations(html: str) -> list[str]:
    parser = Violations()
    parser.feed(html)
    return parser.found


def check(response) -> None:
    """The headers of every answer, and the page behind them."""
    sent = response.headers
    policy = dict(part.strip().split(" ", 1) for part in sent["Content-Security-Policy"].split(";") if part.strip())
    assert policy == POLICY
    assert sent["X-Frame-Options"] == "DENY"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Referrer-Policy"] == "same-origin"
    assert sent["Cross-Origin-Opener-Policy"] == "same-origin"
    assert sent["Cross-Origin-Resource-Policy"] == "same-origin"
    if sent.get("Content-Type", "").startswith("text/html"):
        assert violations(response.content.decode()) == []


@pytest.fixture
def world(client):
    world = build("Ours")
    make.make_point(world.goals, 3)
    make.log(world.goals, 5, engineer=world.engineers, review=world.reviews, blocker="No foundry")
    client.force_login(make.join(world.program, Role.ADMIN, make.make_user(is_staff=True, is_superuser=True)))
    return world


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a onclick="x()">',
        '<a href="javascript:x()">',
        '<script src="https://elsewhere.example/x.js"></script>',
        '<form action="//elsewhere.example">',
        '<button hx-on:click="x()">',
    ],
)
def test_scanner_finds(html):
    assert violations(html)


def test_scanner_leaves_alone_what_is_allowed():
    allowed = '<script src="/x.js"></script><script type="application/json">{}</script><a href="https://x.example">'
    assert violations(allowed) == []


@pytest.mark.parametrize(
    "name", sorted(name for name, (get, _) in ROWS.items() if get not in (NEVER, KEYED) and name not in OF_ONE_PERSON)
)
def test_page(name, client, world):
    response = client.get(address(name, world))
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("name", sorted(name for name, (_, post) in ROWS.items() if post != NEVER))
def test_answer_to_a_form(name, client, world):
    check(client.post(address(name, world), {"unknown": "field"}))


def test_answer_to_a_logged_entry(client, world):
    data = {
        "uuid": "5f0f7d4e-7f3c-4c2b-9a39-0c5f3f1d2a11",
        "engineer": world.engineers.pk,
        "goal": world.goals.pk,
        "value": "7",
        "level": "doer",
        "observed_on": make.today().isoformat(),
        "memo": "Another vane.",
    }
    response = client.post(address("review_log", world), data, headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert violations(response.json()["row"] + response.json()["result"]) == []
    check(response)


@pytest.mark.parametrize("name", ["program", "team", "goal", "history", "board", "factor", "archive"])
def test_page_of_what_is_archived(name, client, world):
    for part in ("goal_archive", "team_archive", "program_archive"):
        client.post(address(part, world))
    check(client.get(address(name, world)))


def test_closed_review(client, world):
    make.close(world.reviews)
    check(client.get(address("review", world)))


@pytest.mark.parametrize("may_create", [True, False])
def test_empty_pages(may_create, client):
    client.force_login(make.make_user(may_create=may_create))
    for name in ("board", "factors", "reviews", "mine", "archive"):
        check(client.get(reverse(name)))


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_account_page_signed_out(name, client):
    check(client.get(reverse(name)))


@pytest.mark.parametrize("name", SIGNED_IN_PAGES)
def test_account_page_signed_in(name, client, world):
    check(client.get(reverse(name)))


def test_refusals(client, world):
    check(client.get("/nowhere/"))
    check(client.put("/"))
    check(client.get("/programs/nobody/"))
    client.force_login(make.join(world.program, Role.VIEWER))
    forbidden = client.get(address("program_edit", world))
    assert forbidden.status_code == 403
    check(forbidden)
    strict = Client(enforce_csrf_checks=True)
    check(strict.post(reverse("account_login"), {}))


def test_server_error(client, world):
    """The page of a fault is drawn without a user, a request and a database."""
    client.raise_request_exception = False
    type(world.program).objects.filter(pk=world.program.pk).update(zone="Mars/Olympus")
    response = client.get(address("program", world))
    assert response.status_code == 500
    assert "The fault is ours" in response.content.decode()
    check(response)


def test_cookies_cannot_be_read_by_scripts_or_sent_along(client):
    user = make.make_user()
    client.post(reverse("account_login"), {"login": user.username, "password": "a long secret"})
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_page_varies_by_who_asks(client, world):
    assert "Cookie" in client.get("/").headers["Vary"]
