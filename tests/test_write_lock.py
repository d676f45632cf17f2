"""Nothing slow happens while the write lock is held: no engine, mail, file, network or job queue inside a transaction.

Every address that takes a POST is walked, every command that writes and every job. What runs is watched, not what is
written in the source: engines and mail by profiling, files and sockets by the interpreter's own audit events.
"""

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

import celery
import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection, transaction

from projects import bottleneck
from projects.models import Program, Role
from projects.services.outlooks import record_outlooks
from reviews import curves, tasks
from reviews.models import Forecast
from tests import factories as make
from tests.reviews.archive.build import empty_the_database
from tests.test_access import NEVER, NOTHING, ROWS, address, build, undone
from tests.test_foreign_ids import BODIES, entry, goal_data, intervention_data, limit_data, statement

pytestmark = pytest.mark.django_db

# Asked under the lock with a reason.
ALLOWED = {"find_cycle": "two people who add a dependency each must not make a circle; it takes microseconds"}
SLOW_EVENTS = ("open", "socket.connect", "subprocess.Popen", "os.system", "smtplib.connect")
NOT_OURS = (".py", ".pyc", ".mo", ".so", "zoneinfo", "tzdata", "site-packages")  # read once, by an import


def public_functions(package) -> dict[CodeType, str]:
    found = ((name, getattr(package, name)) for name in package.__all__)
    return {function.__code__: name for name, function in found if inspect.isfunction(function)}


SLOW = public_functions(bottleneck) | public_functions(curves)
SLOW |= {backend.send_messages.__code__: "send_messages" for backend in (BaseEmailBackend, EmailBackend)}
SLOW |= {celery.Task.apply_async.__code__: "apply_async"}
held: list = []  # what asks whether the lock is held; empty while nobody watches
seen: list[str] = []


def on_event(event: str, arguments: tuple) -> None:
    if held and event in SLOW_EVENTS and held[0]():
        what = str(arguments[0])
        if not any(part in what for part in NOT_OURS):
            seen.append(f"{event} {what}")


sys.addaudithook(on_event)  # it cannot be taken away again; it does nothing while `held` is empty


def on_call(frame, event: str, _argument) -> None:
    if event == "call" and frame.f_code in SLOW and held and held[0]():
        name = SLOW[frame.f_code]
        if name not in ALLOWED:
            seen.append(f"{name}, from {frame.f_back.f_code.co_filename}:{frame.f_back.f_lineno}")


@contextmanager
def watching() -> Iterator[list[str]]:
    """What was done inside a transaction, beyond the one around the test."""
    outer = len(connection.savepoint_ids)
    seen.clear()
    held.append(lambda: len(connection.savepoint_ids) > outer)
    before = sys.getprofile()
    sys.setprofile(on_call)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        held.clear()


@pytest.fixture
def world():
    return build("Ours")


# ---- it finds what it is for -----------------------------------------------------------------------------------------


def test_what_is_slow_is_found_inside_and_left_alone_outside(tmp_path, mailoutbox):
    (tmp_path / "a.csv").write_text("x")
    with watching() as found:
        (tmp_path / "a.csv").read_text()
        EmailBackend().send_messages([])
        bottleneck.joint_chance([], {})
        tasks.refit_what_is_behind()
        assert found == []
        with transaction.atomic():
            (tmp_path / "a.csv").read_text()
            EmailBackend().send_messages([])
            bottleneck.joint_chance([], {})
            record_outlooks([])
    assert [line.split()[0].rstrip(",") for line in found][:3] == ["open", "send_messages", "joint_chance"]


# ---- every POST ------------------------------------------------------------------------------------------------------


def ours(name: str, world) -> dict:
    """A body of `name` that is taken; the cases of tests/test_foreign_ids.py, with our own ids."""
    day = make.today().isoformat()
    known = {
        "program_create": {"name": "Wings", "kind": "delivery", "start": day, "zone": "UTC"},
        "program_edit": {"name": "Wings", "kind": "delivery", "start": day, "zone": "UTC", "version": "1"},
        "members": {"username": make.make_user().username, "role": "viewer"},
        "limit_declare": limit_data(gates=[world.goals.pk]),
        "limit_accept": {"kind": "goal", "line": world.goals.pk},
        "limit_confirm": {"limit": world.limit.pk},
        "team_create": {"name": "Vanes"},
        "team_edit": {"name": "Vanes", "version": "1"},
        "seat_create": {"name": "Ada"},
        "roster_copy": {"source": make.make_team(world.program, engineers=1).pk},
        "engineer_edit": {"name": "Ada"},
        "gate_create": {"factor": "Sand"},
        "review_log": entry(world),
        "goal_log": entry(world),
        "review_say": statement(world),
        "turn_absent": {"absent": "1", "why": "On leave."},
        "goal_create": goal_data(),
        "goal_edit": goal_data(),
        "program_revise": {"deadline": make.later(1).isoformat(), "memo": "The pad is late.", "version": "1"},
        "decision_create": {"choice": "scope", "memo": "Half of the vanes ship."},
        "goal_revise": {"target": "90", "on": day, "memo": "The scope was cut.", "version": "1"},
        "datapoint_correct": {"value": "3", "memo": "It was misread."},
        "intervention_create": intervention_data(goal=world.goals.pk),
        "weeks_off_create": {"first_day": day, "last_day": day, "reason": "Summer"},
        "invitation_create": {"email": "eve@example.org", "role": "viewer"},
    }
    if name in known:
        return known[name]
    case = next((case for case in BODIES if case.split()[0] == name), None)
    return BODIES[case](world, world) if case else NOTHING


@pytest.mark.parametrize("name", sorted(name for name, (_get, post) in ROWS.items() if post != NEVER))
def test_post(name, client, world):
    client.force_login(make.join(world.program, Role.ADMIN, make.make_user(may_create=True, is_superuser=True)))
    with undone():
        body = ours(name, world)
        with watching() as found:
            client.post(address(name, world), body)
        assert found == []


# ---- jobs and commands -----------------------------------------------------------------------------------------------


def test_jobs(world):
    with watching() as found:
        tasks.refit_everything()
        tasks.refit_what_is_behind()
        tasks.refit_programs([world.program.pk])
        tasks.judge_program(world.program.pk)
        tasks.remove_abandoned_archives()
    assert found == []


def test_mail(world, mailoutbox):
    """Planned, claimed and marked in the database; built, written and handed over outside of any transaction."""
    make.make_subscription(make.join(world.program, Role.VIEWER, make.make_user(email="reader@example.org")))
    with watching() as found:
        tasks.watch_programs()
        tasks.sweep_deliveries()
        tasks.send_deliveries()
    assert found == []
    assert len(mailoutbox) == 1


def test_loading_the_demo():
    with watching() as found:
        call_command("load_demo", verbosity=0)
    assert found == []
    assert Program.objects.exists()


def test_importing_datapoints(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("series_id,date,value,target_value,direction\nA/B,2026-01-05,1,10,up\nA/B,2026-01-12,2,10,up\n")
    with watching() as found:
        call_command("import_datapoints", file, program="Engines", verbosity=0)
    assert found == []


def test_a_program_out_and_in_again_and_a_forecast_replayed(tmp_path):
    program = make.make_world("Engines")
    file = tmp_path / "engines.zip"
    with watching() as found:
        call_command("replay_forecast", Forecast.objects.first().pk)
        call_command("export_program", program.slug, file, verbosity=0)
        empty_the_database()
        call_command("import_program", file, verbosity=0)
    assert found == []
