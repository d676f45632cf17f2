"""A database that takes nothing now: the page, the words for htmx and the API's answer say so, and what to do."""

import sqlite3
import uuid

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection, transaction
from django.urls import reverse

from config import outage
from projects.models import Role
from tests import factories as make

READ_ONLY = "The database takes no changes now."


@pytest.fixture
def program(db):
    return make.make_world("Engines", by=None)


@pytest.fixture
def asked(client, program):
    client.force_login(make.join(program, Role.MANAGER))
    client.raise_request_exception = False
    return client


@pytest.fixture
def read_only(asked):
    """From here on, by the database's own means."""
    is_sqlite = connection.vendor == "sqlite"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if is_sqlite else "SET TRANSACTION READ ONLY")
        yield
        if is_sqlite:
            cursor.execute("PRAGMA query_only = OFF")
        transaction.set_rollback(True)  # which PostgreSQL's own ends with


def add_team(client, program, **headers):
    return client.post(reverse("team_create", args=[program.slug]), {"name": "Blades"}, headers=headers)


def test_a_form_that_was_sent(asked, program, read_only):
    response = add_team(asked, program)
    page = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert all(words in page for words in (READ_ONLY, "What you sent was not saved.", "Go back for it"))


def test_htmx_is_told_the_same(asked, program, read_only):
    response = add_team(asked, program, **{"HX-Request": "true"})
    assert response.status_code == 503
    assert response["X-Message"].startswith(READ_ONLY)
    assert "was not saved" in response["X-Message"]


def test_the_api(asked, program, read_only):
    """By its own door, with a body that asks for JSON or not."""
    goal, engineer = program.teams.get().goals.get(), program.teams.get().seats.get().engineer_id
    entry = {"uuid": str(uuid.uuid4()), "engineer": engineer, "value": 61, "level": "doer", "memo": "Blades cast"}
    response = asked.post(
        f"/api/goals/{goal.pk}/datapoints", entry, "application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert (response.status_code, response.json()["error"]) == (503, "read_only_database"), response.content
    assert add_team(asked, program, Accept="application/json").json()["error"] == "read_only_database"


def test_reading_goes_on(asked, program, read_only):
    assert asked.get(program.get_absolute_url()).status_code == 200


def test_a_page_that_cannot_be_read(asked, program):
    def gone(execute, sql, params, many, context):
        raise InterfaceError("the connection is closed")

    with connection.execute_wrapper(gone):
        response = asked.get(program.get_absolute_url())
    assert response.status_code == 503
    assert "does not answer" in response.content.decode()
    assert "you sent" not in response.content.decode()


def test_another_fault_is_no_outage():
    assert outage.outage_of(ProgrammingError("no such table")) is None
    assert outage.outage_of(ValueError("database")) is None
    assert outage.outage_of(None) is None


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (13, outage.FULL),
        (8, outage.READ_ONLY),
        (776, outage.READ_ONLY),
        (5, outage.BUSY),
        (517, outage.BUSY),
        (1, None),
    ],
)
def test_what_sqlite_says(number, found):
    """By its result codes, extended ones too."""
    assert outage.outage_of(raised(sqlite3.OperationalError("words"), "sqlite_errorcode", number)) == found


def test_sqlite_that_cannot_open_a_file_for_want_of_room(monkeypatch):
    error = raised(sqlite3.OperationalError("unable to open database file"), "sqlite_errorcode", 14)
    assert outage.outage_of(error) == outage.AWAY
    monkeypatch.setattr(outage, "no_room", lambda: True)
    assert outage.outage_of(error) == outage.FULL


@pytest.mark.parametrize(
    ("state", "found"),
    [("53100", outage.FULL), ("25006", outage.READ_ONLY), ("57P01", outage.AWAY), (None, outage.AWAY)],
)
def test_what_postgresql_says(state, found):
    assert outage.outage_of(raised(Exception("words"), "sqlstate", state)) == found


def raised(driver: Exception, name: str, value) -> OperationalError:
    setattr(driver, name, value)
    error = OperationalError("words")
    error.__cause__ = driver
    return error
