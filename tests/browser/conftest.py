"""A real Chromium. A script error, a broken security policy or a request to elsewhere fails the test."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from tests.needs import missing
from tools.chromium import HOW, find_chromium

# Playwright's loop runs in the thread that also asks the database: nothing here is truly asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update"]
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    path = find_chromium()
    if path is None and not Path(playwright.chromium.executable_path).exists():
        missing("No Chromium for the browser tests", fix=f"make test installs one, or {HOW}")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": path, "args": [*QUIET, *sandbox]}


@pytest.fixture(scope="session")
def base_url(live_server):
    """`page.goto("/")` is the product."""
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "reduced_motion": "reduce", "locale": "en-GB"}


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of so far."""
    return []


@pytest.fixture
def new_context(new_context, complaints, request):
    """Playwright's, watched: `page` and `context` come from it."""

    def make(**options) -> BrowserContext:
        context = new_context(**options)
        watch(context, complaints)
        return context

    yield make
    if complaints and not request.node.get_closest_marker("console_errors_expected"):
        pytest.fail("The browser complained:\n" + "\n".join(complaints), pytrace=False)


# Chromium logs these as errors, but they are answers: a form with what is wrong in it (422), a conflict (409).
ANSWERS = ("status of 409", "status of 422")


def watch(context: BrowserContext, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        wrong = message.type == "error" and not any(answer in message.text for answer in ANSWERS)
        if wrong or message.text.startswith("WARN "):  # of Vega: a picture that may not be as it is meant
            complaints.append(f"console: {message.text}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
    context.on("request", lambda asked: is_elsewhere(asked.url) and complaints.append(f"fetched from {asked.url}"))


def is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}


@pytest.fixture
def sign_in(context, client, live_server):
    """Signed in without the form: `sign_in(user)`, then use `page`."""

    def sign_in_as(user) -> None:
        client.force_login(user)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return sign_in_as
