"""Data three weeks old say so, per program: on its row of the board and on its page."""

import datetime as dt

import pytest

from projects.models import Role
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("age", "stale"), [(20, False), (21, False), (22, True), (400, True)])
def test_board_and_page(age, stale, client):
    program = make.make_world("Engines")
    type(program.ranking).objects.update(newest_data=make.today() - dt.timedelta(days=age))
    client.force_login(make.join(program, Role.VIEWER))
    board, page = (client.get(url).content.decode() for url in ("/", program.get_absolute_url()))
    assert ("newest data" in board) == stale
    assert ("The newest data are from" in page) == stale


def test_a_program_without_data_says_that_instead(client):
    program = make.make_program("New")
    make.refit_program(program)
    client.force_login(make.join(program, Role.VIEWER))
    assert "no data yet" in client.get("/").content.decode()
    page = client.get(program.get_absolute_url()).content.decode()
    assert "no data yet" in page
    assert "The newest data are from" not in page
