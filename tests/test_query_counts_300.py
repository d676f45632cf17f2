"""How many queries every page of the URL list asks: its number, the same with 3 programs and with 300.

Rows within a program are counted in test_query_counts.py.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.kept import fragments
from projects.models import Role
from tests import factories as make
from tests.many import make_programs
from tests.test_access import HIDDEN, NEVER, ROWS, address, build

pytestmark = pytest.mark.django_db

PINNED = {
    "board": 5,
    "program_create": 3,
    "archive": 4,
    "program": 19,
    "program_edit": 5,
    "history": 5,
    "members": 6,
    "limit_declare": 7,
    "supply_create": 7,
    "supply_edit": 8,
    "claim_create": 5,
    "intervention_create": 6,
    "intervention_edit": 8,
    "limit_deeper": 7,
    "layer_lift": 4,
    "prediction_create": 7,
    "team_create": 4,
    "team": 15,
    "team_edit": 5,
    "team_multiples": 9,
    "engineer_edit": 5,
    "factors": 7,
    "factor_names": 3,
    "factor": 19,
    "factor_edit": 6,
    "factor_challenge": 4,
    "reviews": 6,
    "review": 19,
    "review_changes": 7,
    "signed_in": 2,
    "goal_create": 5,
    "goal": 17,
    "goal_edit": 7,
    "goal_revise": 4,
    "datapoint_correct": 4,
    "what_if": 8,
    "mine": 3,
    "invitation": 3,
    "calibration": 3,
    "account": 8,
    "program_export": 127,
    "program_from_archive": 3,
}


def test_every_page_asks_as_many_with_300_programs_as_with_3(client):
    world = build("Ours")
    reader = make.join(world.program, Role.ADMIN, make.make_user(may_create=True))
    client.force_login(reader)
    pages = {name: address(name, world) for name, (get, _post) in ROWS.items() if get not in (NEVER, HIDDEN)}
    make_programs(2, reader)
    few = {name: queries(client, url) for name, url in pages.items()}
    make_programs(297, reader)
    many = {name: queries(client, url) for name, url in pages.items()}
    assert many == few
    assert few == PINNED


def queries(client, url: str) -> int:
    client.get(url)  # what is kept between requests, such as content types, is kept now
    fragments.clear()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code in (200, 302), url
    return len(asked)
