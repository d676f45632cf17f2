"""Whatever is sent to the API: a refusal as JSON, never a server error, and no row."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from reviews.models import Datapoint
from tests import factories as make
from tests.test_access import as_user

BAD = [
    {"uuid": "x"},
    {"uuid": None},
    {"uuid": 7},
    {"engineer": 0},
    {"engineer": 2**63},
    {"engineer": 10**40},
    {"engineer": "1"},
    {"engineer": True},
    {"engineer": None},
    {"value": "5"},
    {"value": True},
    {"value": None},
    {"value": [5]},
    {"value": 1e301},
    {"value": 10**400},
    {"value": float("nan")},
    {"value": float("inf")},
    {"level": "unknown"},
    {"level": "boss"},
    {"level": ""},
    {"memo": None},
    {"memo": 5},
    {"memo": "a\x00b"},
    {"memo": " \u200b "},
    {"memo": "\ud800"},
    {"observed_on": "0001-01-01"},
    {"observed_on": "9999-12-31"},
    {"observed_on": "2026-02-30"},
    {"observed_on": "01/02/2026"},
    {"observed_on": "2026-01-01T00:00:00"},
    {"observed_on": 1},
    {"blocker": "x" * 201},
    {"blocker": "a\x00b"},
    {"prepared": "yes"},
    {"origin": "live"},
    {"review": 1},
    {"recorded_by": 1},
]


def good(engineer) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": engineer.pk,
        "value": 5,
        "level": "doer",
        "memo": "The parser works.",
    }


@pytest.fixture
def engineer(db):
    return make.make_engineer(make.make_team())


@pytest.fixture
def goal(engineer):
    return make.make_goal(make.seat_of(engineer).team)


@pytest.fixture
def client(goal):
    return as_user(make.join(goal.team.program))


def send(client, goal, content, kind="application/json"):
    return client.post(f"/api/goals/{goal.pk}/datapoints", data=content, content_type=kind)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: " ".join(f"{k}={str(v)[:14]!r}" for k, v in bad.items()))
def test_it_is_refused_by_the_name_of_the_field(bad, client, goal, engineer):
    answer = send(client, goal, json.dumps(good(engineer) | bad))
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == list(bad)
    assert not Datapoint.objects.exists()


def test_the_same_without_what_is_bad_is_taken(client, goal, engineer):
    assert send(client, goal, json.dumps(good(engineer))).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"uuid":' * 5000,
        b"a=1",
        b"{}" * 2,
        b"1" * 9000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_datapoint_is_refused(content, client, goal):
    answer = send(client, goal, content)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
def test_another_kind_of_body_is_refused(kind, client, goal, engineer):
    """A form of another site is one of these kinds: that it is no JSON stops it besides the CSRF token."""
    assert send(client, goal, "uuid=1&value=2", kind).status_code in (400, 422)
    assert not Datapoint.objects.exists()


def test_more_than_a_request_may_hold_is_refused(client, goal, engineer):
    answer = send(client, goal, json.dumps(good(engineer) | {"memo": "x" * 3_000_000}))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_big")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=6,
)


class AnyDatapoint(TestCase):
    """A good datapoint with any of its fields replaced by any JSON at all."""

    def setUp(self):
        self.engineer = make.make_engineer(make.make_team())
        self.goal = make.make_goal(make.seat_of(self.engineer).team)
        self.client = as_user(make.join(self.goal.team.program))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.dictionaries(
            st.sampled_from(["uuid", "engineer", "value", "level", "memo", "observed_on", "blocker", "prepared"]),
            ANY_JSON,
            min_size=1,
        )
    )
    def test_is_saved_or_refused(self, changed):
        before = Datapoint.objects.count()
        answer = send(self.client, self.goal, json.dumps(good(self.engineer) | changed))
        assert answer.status_code in (200, 201, 422), answer.content
        assert Datapoint.objects.count() - before == (answer.status_code == 201)
        if answer.status_code == 422:
            assert answer.json()["message"]
