"""What all tests share. Browser fixtures are in tests/browser/conftest.py."""

import os
import shutil
from collections.abc import Callable

import django.test
import hypothesis
import pytest
from django.conf import settings

from projects.kept import Kept
from tests.needs import CI
from tools.test import OUR_VARIABLES

# In CI the same examples every time; a slow machine is no failure anywhere.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("ci" if CI else "here")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_client", "admin_user"}


def pytest_addoption(parser):
    parser.addoption("--database-only", action="store_true", help="only tests that touch the database")
    parser.addoption("--soak", action="store_true", help="the long form of the tests that have one")


def pytest_collection_modifyitems(config, items):
    kept = list(items)
    if config.getoption("--database-only"):
        kept = [item for item in kept if touches_database(item)]
    if not config.getoption("--soak"):
        kept = [item for item in kept if not item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def touches_database(item) -> bool:
    cls = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or (cls is not None and issubclass(cls, django.test.TransactionTestCase))
    )


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
        for reason in sorted({report.longrepr[2].removeprefix("Skipped: ") for report in skipped}):
            count = sum(report.longrepr[2].endswith(reason) for report in skipped)
            terminalreporter.line(f"{count} x {reason}", red=True)


def pytest_unconfigure(config):
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def clean_environment() -> dict[str, str]:
    """For processes that a test starts: this one's environment without the product's own settings."""
    return {name: value for name, value in os.environ.items() if name not in OUR_VARIABLES}


@pytest.fixture(autouse=True)
def kept_fragments_are_drawn_again(monkeypatch):
    """A fragment that shows more than it is kept under fails the test in which it is met a second time."""
    monkeypatch.setattr(Kept, "verify", True)


@pytest.fixture
def size(request) -> Callable[[int, int], int]:
    """`size(short, long)`: how many, here (tests/bulk)."""
    soak = request.config.getoption("--soak")
    return lambda short, long: long if soak else short


@pytest.fixture(autouse=True)
def no_mail_leaves(mailoutbox):
    """Mail goes to `mailoutbox`."""
