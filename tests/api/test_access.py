"""Who may ask what of the API: every address, by every method, as everyone, by session and by token.

The addresses come from the API itself: a new one fails here until it has its row in ROWS.
"""

import re
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from projects.services.tokens import make_token
from tests import factories as make
from tests.many import make_programs
from tests.test_access import (
    METHODS,
    as_user,
    build,
    everything,
    joined_account,
    statements,
    text_of,
    undone,
)
from tests.test_access import people as people_of

pytestmark = pytest.mark.django_db
people = people_of

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = "config.api.urls"
ACTORS = ("anonymous", "outsider", "engineer", "viewer", "manager", "admin")
ANYONE = "401 200 200 200 200 200"
READ = "401 404 404 200 200 200"
LOGGED = "401 404 404 403 201 201"
NEVER = "405 405 405 405 405 405"

# path: (GET, POST); what is sent is a datapoint of the goal
ROWS = {
    "openapi.json": (ANYONE, NEVER),
    "limiting-factors": (ANYONE, NEVER),
    "programs/<slug:slug>/limiting-factor": (READ, NEVER),
    "programs/<slug:slug>/goals": (READ, NEVER),
    "programs/<slug:slug>/engineers": (READ, NEVER),
    "goals/<int:pk>/datapoints": (READ, LOGGED),
}
# How many queries each GET asks with a session: two of them say who it is.
PINNED = {
    "openapi.json": 2,
    "limiting-factors": 4,
    "programs/<slug:slug>/limiting-factor": 5,
    "programs/<slug:slug>/goals": 4,
    "programs/<slug:slug>/engineers": 4,
    "goals/<int:pk>/datapoints": 4,
}
BY_TOKEN = 0  # as many as with a session: the token is found, and its use is noted


def paths() -> set[str]:
    """Of every address that the API routes, without its namespace's root, which routes nothing."""
    (api,) = get_resolver(ADDRESSES).url_patterns
    return {str(pattern.pattern) for pattern in api.url_patterns} - {""}


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture
def world():
    return build("Ours")


@pytest.fixture
def other():
    return build("Theirs")


def address(path: str, world) -> str:
    known = {"<slug:slug>": world.program.slug, "<int:pk>": str(world.goals.pk)}
    return "/api/" + re.sub(r"<\w+:\w+>", lambda part: known[part[0]], path)


def datapoint(world) -> dict:
    said = {"value": 5, "level": "doer", "memo": "The first vane came out whole."}
    return {"uuid": str(uuid.uuid4()), "engineer": world.engineers.pk, **said}


def by_token(user) -> Client:
    _token, secret = make_token(user=user, name=f"Of {user}")
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_every_address_has_its_row():
    assert paths() == ROWS.keys() == PINNED.keys()


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("path", sorted(ROWS))
def test_row(path, way, world, people):
    """Every method as everyone: the answer is JSON that says what to do, and a refusal changes no row."""
    url = address(path, world)
    get, post = ROWS[path]
    clients = [(actor, by_token(user) if user and way == "token" else as_user(user)) for actor, user in people]
    before = everything()
    found, wanted = {}, {}
    for actor, client in clients:
        for method in METHODS:
            row = {"get": get, "head": get, "post": post}.get(method, NEVER)
            want = int(row.split()[ACTORS.index(actor)])
            with undone(), statements() as sent:
                sends = method not in ("get", "head")
                body = {"data": datapoint(world), "content_type": "application/json"} if sends else {}
                response = getattr(client, method)(url, **body)
                noted = [sql for sql in sent if "accesstoken" not in sql]  # a token notes its use
                if noted and want != 201:
                    assert everything() == before, f"{method} by {actor} wrote: {noted}"
            if response.status_code != want:
                found[method, actor], wanted[method, actor] = response.status_code, want
            if method == "head":
                assert text_of(response) == ""
            elif want >= 400:
                assert response.json().keys() >= {"error", "message"}
    assert found == wanted, f"ROWS[{path!r}] says otherwise: correct the API, or the row"


@pytest.mark.parametrize("path", ["", "nothing", "goals/", "goals/1", "programs/a/b/c/d", "goals/x/datapoints", "\x00"])
def test_no_such_address(path, world):
    response = as_user(make.make_user()).get(f"/api/{path}")
    assert response.status_code == 404
    assert response.json()["error"] == "no_address"


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**40])
def test_an_id_that_nothing_has_is_not_found(number, world):
    client = as_user(make.make_user(is_superuser=True))
    url = f"/api/goals/{number}/datapoints"
    assert client.get(url).status_code == 404
    assert client.post(url, datapoint(world), content_type="application/json").status_code == 404


def test_nothing_of_another_program_is_shown(world, other):
    client = as_user(make.join(world.program))
    for path in ROWS:
        assert "Theirs" not in text_of(client.get(address(path, world)))
    assert [found["slug"] for found in client.get("/api/limiting-factors").json()] == [world.program.slug]


def test_an_engineer_without_a_membership_sees_no_program(world):
    assert as_user(joined_account(world.engineers)).get("/api/limiting-factors").json() == []


# ---- a session changes something only from a page of ours ----------------------------------------------------------


def test_a_session_without_the_csrf_token_reads_and_does_not_write(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.join(world.program))
    url = address("goals/<int:pk>/datapoints", world)
    assert client.get(url).status_code == 200
    before = everything()
    refused = client.post(url, data="{}", content_type="application/json")
    assert (refused.status_code, refused.json()["error"]) == (403, "csrf")
    assert everything() == before


def test_a_session_with_the_csrf_token_writes(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.join(world.program))
    client.get(reverse("account"))
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    response = client.post(
        address("goals/<int:pk>/datapoints", world), data="{}", content_type="application/json", headers=headers
    )
    assert response.status_code == 422  # it is let in, and asked for the datapoint


def test_a_token_needs_no_csrf_token(world):
    _token, secret = make_token(user=make.join(world.program), name="Night")
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {secret}"})
    url = address("goals/<int:pk>/datapoints", world)
    assert client.post(url, data="{}", content_type="application/json").status_code == 422


# ---- queries ---------------------------------------------------------------------------------------------------------


def test_every_address_asks_as_many_with_300_programs_as_with_3(world):
    user = make.join(world.program)
    session, token = as_user(user), by_token(user)
    make_programs(2, user)
    few = {path: asked(session, address(path, world)) for path in ROWS}
    make_programs(297, user)
    assert {path: asked(session, address(path, world)) for path in ROWS} == few
    assert few == PINNED
    assert {path: asked(token, address(path, world)) - few[path] for path in ROWS} == dict.fromkeys(ROWS, BY_TOKEN)


def test_datapoints_ask_as_many_for_200_as_for_2(world):
    client = as_user(make.join(world.program))
    url = address("goals/<int:pk>/datapoints", world)
    few = asked(client, url)
    engineer = world.engineers
    for n in range(60):
        old = make.make_point(world.goals, n, engineer=engineer, recorded_by=make.make_user())
        make.make_point(world.goals, n + 1, engineer=engineer, supersedes=old)
    assert asked(client, url) == few


def asked(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# ---- the description -------------------------------------------------------------------------------------------------


def test_openapi_names_every_address_and_how_to_sign_in(world):
    described = as_user(make.make_user()).get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    named = {re.sub(r"{(\w+)}", "", path.removeprefix("/api/")) for path in described["paths"]}
    assert named == {re.sub(r"<\w+:(\w+)>", "", path) for path in ROWS if path != "openapi.json"}
    assert {scheme["type"] for scheme in described["components"]["securitySchemes"].values()} == {"http", "apiKey"}


# ---- what it costs a page --------------------------------------------------------------------------------------------

ROUTED = """
import sys
import config.wsgi
from django.urls import get_resolver, reverse
assert reverse("board") == "/" and get_resolver().resolve("/api/limiting-factors")
print(sorted({"ninja", "pydantic"} & sys.modules.keys()))
"""


def test_a_worker_that_answers_pages_alone_does_not_load_it(clean_environment, tmp_path):
    environment = clean_environment | {"DATA_DIR": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    asked = subprocess.run(
        [sys.executable, "-c", ROUTED], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert asked.stdout.strip() == "[]", asked.stderr
