"""What a page weighs: requests, bytes with an empty cache and with a full one, elements. Measured as in bench/pages.py.

Files count as WhiteNoise sends them, Brotli at its best, and pages as they are sent; headers are left out.
"""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from projects.models import Goal
from tests import factories as make
from tests.many import make_programs

pytestmark = pytest.mark.django_db

MOST_REQUESTS, COLD, COLD_WITH_CHARTS, WARM, MOST_ELEMENTS = 12, 150_000, 350_000, 15_000, 1500
HEADERS = 500  # bytes of a request's answer, about
PACKED = (".woff2", ".png")  # compressed already


class Elements(HTMLParser):
    """Counts the elements, and gathers the static files that they make a browser load."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.files = 0, set()

    def handle_starttag(self, tag, attrs) -> None:
        self.count += 1
        found = dict(attrs)
        values = [found.get("src"), found.get("href"), *(found.get("data-charts") or "").split()]
        self.files |= {value.split("#")[0] for value in values if value and value.startswith("/static/")}


@cache
def size(path: str) -> int:
    content = Path(finders.find(path.removeprefix("/static/"))).read_bytes()
    return len(content) if path.endswith(PACKED) else len(brotli.compress(content))


def weigh(client, url: str, *, charts: bool) -> dict[str, int]:
    page = client.get(url)
    squeezed = client.get(url, headers={"accept-encoding": "br"})
    assert squeezed["Content-Encoding"] == "br"
    elements = Elements()
    elements.feed(page.content.decode())
    files = elements.files if charts else {path for path in elements.files if not re.search("chart", path)}
    warm = len(squeezed.content) + HEADERS
    return {
        "requests": 1 + len(files),
        "cold": warm + sum(size(path) + HEADERS for path in files),
        "warm": warm,
        "elements": elements.count,
    }


@pytest.fixture
def manager(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


def test_board_of_50_programs(client, manager):
    make_programs(60, manager)
    found = weigh(client, "/", charts=False)
    assert client.get("/").content.decode().count("row-title") == 50
    assert found["requests"] <= MOST_REQUESTS
    assert found["cold"] <= COLD
    assert found["warm"] <= WARM
    assert found["elements"] <= MOST_ELEMENTS


def test_goal_of_50_datapoints_with_its_charts(client, manager):
    program = make.make_program(by=manager)
    goal = make.make_goal(make.make_team(program, engineers=5), values=range(50), start=make.today() - 51 * make.WEEK)
    make.log(goal, 51, by=manager, observed_on=make.today())
    found = weigh(client, Goal.objects.get(pk=goal.pk).get_absolute_url(), charts=True)
    assert found["requests"] <= MOST_REQUESTS
    assert found["cold"] <= COLD_WITH_CHARTS
    assert found["warm"] <= WARM


@pytest.mark.parametrize("path", ["/reviews/", "/factors/", "/archive/", "/mine/"])
def test_lists_of_300_programs(path, client, manager):
    make_programs(300, manager)
    found = weigh(client, path, charts=False)
    assert found["requests"] <= MOST_REQUESTS
    assert found["cold"] <= COLD
    assert found["warm"] <= WARM


def test_what_a_browser_is_told_to_load_exists(client, manager):
    elements = Elements()
    elements.feed(client.get("/").content.decode())
    assert {path for path in elements.files if not finders.find(path.removeprefix("/static/"))} == set()
    assert any(path.endswith("charts.min.js") for path in elements.files)
