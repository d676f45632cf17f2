"""How good predictions of what limits next were: people together and the model, each with its n; never one person."""

import datetime as dt

import pytest

from projects.models import Role, SuccessorPrediction
from projects.scores import score
from tests import factories as make

pytestmark = pytest.mark.django_db

URL = "/calibration/"
DAY = dt.timedelta(days=1)


def said(probability: float, outcome: str) -> SuccessorPrediction:
    return SuccessorPrediction(probability=probability, outcome=outcome)


def test_the_score_is_the_mean_square_of_what_was_said_less_what_came():
    found = score([said(0.8, "came"), said(0.3, "other"), said(0.9, "void"), said(0.5, "open")])
    assert found.brier == pytest.approx((0.04 + 0.09) / 2)
    assert (found.n, found.came, found.void, found.open) == (2, 1, 1, 1)
    assert found.expected == pytest.approx(1.1)
    assert not found.enough
    assert score([said(0.5, "came")] * 6).enough


def test_nothing_judged_is_unknown_and_not_0():
    assert score([said(0.5, "open")]).brier is None


@pytest.fixture
def viewer(client):
    user = make.make_user()
    client.force_login(user)
    return user


def judged(name: str, viewer=None):
    program = make.make_program(name)
    if viewer:
        make.join(program, Role.VIEWER, viewer)
    limit = make.declare(program, "Power", since=make.today() - 9 * DAY)
    make.predict(limit, f"{name} chips", by=make.make_user(f"{name}-seer"))
    make.declare(program, f"{name} chips")


def test_it_shows_predictions_of_my_programs_only(client, viewer):
    judged("Mine", viewer)
    judged("Theirs")
    page = client.get(URL).content.decode()
    assert "Mine chips" in page
    assert "It came" in page
    assert "Theirs" not in page
    assert "too few to say" in page


def test_nothing_judged_yet(client, viewer):
    page = client.get(URL).content.decode()
    assert "None is judged yet" in page
    assert "unknown" in page


def test_the_same_queries_for_many(client, viewer, django_assert_num_queries):
    judged("One", viewer)
    client.get(URL)
    with django_assert_num_queries(3) as few:
        client.get(URL)
    for n in range(9):
        judged(f"More {n}", viewer)
    with django_assert_num_queries(len(few)):
        client.get(URL)
