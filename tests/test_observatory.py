"""Mozilla's HTTP Observatory gives our pages 115 points or more, as they are served in production."""

import json
import os
import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.observatory import Answer, score

ROOT = Path(__file__).resolve().parent.parent
WANTED = 115

# Every page under production settings, in a process of its own: settings are read once.
ASK = """
import django
django.setup()
import json, logging
logging.disable()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.test_access import NEVER, ROWS, address, build
from tests.test_login import account_addresses

world = build("Ours")
make.refit_program(world.program)
root = make.make_user("root", is_superuser=True, is_staff=True)
probes = {"healthz", "metrics"}  # for programs of this machine, which ask without TLS
shown = {name for name, (get, _) in ROWS.items() if get != NEVER} - probes
pages = {name: address(name, world) for name in sorted(shown)} | account_addresses()
pages |= {"404": "/nowhere/", "admin": "/admin/"}

def ask(client, path):
    response = client.get(path, secure=True, headers={"Host": "factor.example.org"})
    return {
        "status": response.status_code,
        "headers": dict(response.headers),
        "cookies": response.cookies.output(header=""),
        "html": "" if response.streaming else response.content.decode(errors="replace"),
        "http_location": Client().get(path, headers={"Host": "factor.example.org"}).headers.get("Location", ""),
    }

inside = Client()
answers = {}
data = {"login": "root", "password": "a long secret"}
response = inside.post(reverse("account_login"), data, secure=True, headers={"Host": "factor.example.org"})
answers["signing in"] = {**ask(Client(), reverse("account_login")), "cookies": response.cookies.output(header="")}
for name, path in pages.items():
    answers[f"{name} signed out"] = ask(Client(), path)
    if name != "account_logout":
        answers[name] = ask(inside, path)
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory, clean_environment) -> dict[str, Answer]:
    folder = tmp_path_factory.mktemp("production")
    environment = {
        **clean_environment,
        "PRODUCTION": "1",
        "SECRET_KEY": os.urandom(40).hex(),
        "ALLOWED_HOSTS": "factor.example.org",
        "DATABASE_URL": f"sqlite:///{folder}/test.sqlite3",
        "BROKER_URL": "memory://",
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    run = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()[-3000:]
    return {name: to_answer(**sent) for name, sent in json.loads(run.stdout.splitlines()[-1]).items()}


def to_answer(*, status: int, headers: dict, cookies: str, html: str, http_location: str) -> Answer:
    assert status < 500
    jar = SimpleCookie()
    for line in cookies.splitlines():
        jar.load(line.strip())
    return Answer({name.lower(): value for name, value in headers.items()}, list(jar.values()), html, http_location)


@pytest.mark.slow
def test_every_page_scores(answers):
    assert len(answers) > 80
    for name, answer in answers.items():
        points, findings = score(answer)
        assert points >= WANTED, (name, points, [one for one in findings if one.points < 0], findings)


@pytest.mark.slow
def test_signing_in_has_the_bonus_of_every_rule_that_a_server_can_win(answers):
    points, findings = score(answers["signing in"])
    given = {one.rule: one.points for one in findings}
    assert given == {
        "content-security-policy": 10,
        "cookies": 5,
        "cross-origin-resource-sharing": 0,
        "redirection": 0,
        "referrer-policy": 5,
        "strict-transport-security": 0,  # five more once the site is on the browsers' own list
        "subresource-integrity": 0,  # five more for integrity on scripts of our own, which the policy protects already
        "x-content-type-options": 0,
        "x-frame-options": 5,
        "cross-origin-resource-policy": 10,
    }
    assert points == 135
    assert {cookie.key for cookie in answers["signing in"].cookies} >= {"sessionid", "csrftoken", "device"}


# ---- the scoring takes points off ------------------------------------------------------------------------------------

GOOD = {
    "content-security-policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


def points_with(cookie: str = "", html: str = "", http: str = "https://x.org/", **changed: str) -> int:
    headers = {**GOOD, **{name.replace("_", "-"): value for name, value in changed.items()}}
    return score(Answer(headers, list(SimpleCookie(cookie).values()), html, http))[0]


def test_a_good_answer_scores_130_without_cookies():
    assert points_with() == 130


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"content_security_policy": ""}, 55),  # the policy and the frames; below 90 there is no bonus
        ({"content_security_policy": "default-src 'self'; frame-ancestors 'none'"}, 125),
        ({"content_security_policy": "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'"}, 80),
        ({"content_security_policy": "default-src 'none'; script-src 'unsafe-eval'; frame-ancestors 'none'"}, 110),
        ({"content_security_policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}, 120),
        ({"content_security_policy": "default-src 'none'; img-src http:; frame-ancestors 'none'"}, 110),
        ({"content_security_policy": "default-src 'none'"}, 80),
        ({"referrer_policy": "unsafe-url"}, 120),
        ({"strict_transport_security": ""}, 80),
        ({"strict_transport_security": "max-age=3600"}, 120),
        ({"x_content_type_options": ""}, 125),
        ({"cross_origin_resource_policy": "nonsense"}, 115),
        ({"access_control_allow_origin": "https://y.org", "access_control_allow_credentials": "true"}, 50),
        ({"http": ""}, 80),
        ({"html": "<script src='//cdn.example/x.js'></script>"}, 50),
        ({"html": "<script src='https://cdn.example/x.js'></script>"}, 125),
        ({"html": "<script src='https://cdn.example/x.js' integrity='sha384-x'></script>"}, 135),
        ({"html": "<script src='/x.js'></script>"}, 130),
        ({"cookie": "sessionid=x; Secure; HttpOnly; SameSite=Lax"}, 135),
        ({"cookie": "sessionid=x; Secure; HttpOnly"}, 130),
        ({"cookie": "sessionid=x; Secure; SameSite=Lax"}, 70),
        ({"cookie": "sessionid=x; HttpOnly; SameSite=Lax"}, 120),
        ({"cookie": "csrftoken=x; Secure"}, 80),
        ({"cookie": "zone=x; SameSite=Lax"}, 125),
    ],
)
def test_what_is_wanting_costs_its_points(change, points):
    assert points_with(**change) == points
