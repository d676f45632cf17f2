"""Instants are shown in the zone of the reader's browser."""

import datetime as dt

import pytest
from django.utils import timezone

from projects.models import Event, Role
from tests.factories import join, make_program

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific%2FAuckland", "2026-03-11"),
        ("America/Los_Angeles", "2026-03-10"),
        ("Nowhere/Land", "2026-03-10"),
        ("../../etc/passwd", "2026-03-10"),
        ("", "2026-03-10"),
    ],
)
def test_the_day_of_a_change_is_the_readers(client, zone, day):
    program = make_program()
    Event._base_manager.filter(program=program).update(at=MOMENT)
    client.force_login(join(program, Role.VIEWER))
    client.cookies["zone"] = zone
    assert f'datetime="{day}"' in client.get(f"/programs/{program.slug}/history/").content.decode()
    assert timezone.get_current_timezone_name() == "UTC"
