"""`manage.py doctor`: each thing that installations trip over is found, and what is well is left alone."""

import datetime as dt
import socket

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from reviews import doctor
from reviews.doctor import Level, address, machine, mail, parts, setup
from reviews.models import Heartbeat
from reviews.services.jobs import record_heartbeat
from tests import factories as make
from tests.processes import free_port

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def wrong(findings) -> list[str]:
    """What is said of things that are wrong, each with how to mend it."""
    found = [one for one in findings if one.level is not Level.FINE]
    assert all(one.fix for one in found)
    return [f"{one.level.value} {one.about}: {one.says}" for one in found]


@pytest.mark.parametrize("key", ["short", "x" * 60, "django-insecure-" + "abcdefgh" * 8])
def test_a_key_that_can_be_guessed(key):
    assert setup.check_key(key).level is Level.WRONG


def test_a_good_key():
    assert setup.check_key("f8Gk2-" * 10).level is Level.FINE


@pytest.mark.parametrize(
    ("hosts", "origins", "about"),
    [
        (["*"], [], "ALLOWED_HOSTS"),
        (["https://factor.example.org"], [], "ALLOWED_HOSTS"),
        (["factor.example.org:443"], [], "ALLOWED_HOSTS"),
        (["127.0.0.1", "localhost"], [], "ALLOWED_HOSTS"),
        (["factor.example.org"], ["factor.example.org"], "CSRF_TRUSTED_ORIGINS"),
        (["factor.example.org"], ["http://factor.example.org"], "CSRF_TRUSTED_ORIGINS"),
    ],
)
def test_names_and_origins_that_cannot_work(hosts, origins, about, settings):
    settings.PRODUCTION = True
    assert any(line.startswith(f"WRONG {about}") for line in wrong(setup.check_names(hosts, origins)))


def test_names_that_work(settings):
    settings.PRODUCTION = True
    assert wrong(setup.check_names(["factor.example.org", "[::1]"], ["https://factor.example.org:8443"])) == []


@pytest.mark.parametrize(("production", "behind", "level"), [(True, False, "warning"), (False, True, "warning")])
def test_a_proxy_that_is_not_believed_or_believed_in_the_open(production, behind, level):
    assert setup.check_proxy(production, behind).level.value == level


@pytest.mark.parametrize(("production", "behind"), [(True, True), (False, False)])
def test_a_proxy_as_it_should_be(production, behind):
    assert setup.check_proxy(production, behind).level is Level.FINE


@pytest.mark.parametrize(
    ("port", "tls", "wrapped", "clash"),
    [
        *[(465, True, False, True), (465, False, False, True), (465, False, True, False), (587, True, False, False)],
        *[(587, False, True, True), (25, False, True, True), (25, False, False, False)],
    ],
)
def test_ports_of_mail_that_hang(port, tls, wrapped, clash):
    assert bool(mail.check_port(port, tls=tls, wrapped=wrapped)) == clash


@pytest.fixture
def silent_server():
    """Takes connections and never says a word: what port 465 does with plain text."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_mail_server_that_says_nothing_is_given_up(settings, silent_server, monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE", 0.3)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", silent_server
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "factor@example.org"
    (line,) = wrong(mail.check_mail())
    assert "did not answer within" in line


def test_no_mail_server_there(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "factor@localhost"
    first, second = wrong(mail.check_mail())
    assert "most servers refuse it" in first
    assert "cannot be reached" in second


def test_it_waits_ten_seconds_for_mail():
    assert mail.PATIENCE == 10


@pytest.mark.parametrize(("version", "level"), [((3, 40, 1), Level.WRONG), ((3, 51, 3), Level.FINE)])
def test_sqlite_with_the_wal_reset_bug(version, level):
    assert machine.check_sqlite(version).level is level


@pytest.mark.parametrize(("free", "level"), [(10**6, Level.WRONG), (5 * 10**8, Level.WARNING), (5 * 10**9, Level.FINE)])
def test_room_on_the_disk(free, level, tmp_path):
    assert machine.check_room("DATA_DIR", free, tmp_path).level is level


@pytest.mark.django_db
def test_a_clock_that_jumped():
    now = timezone.now()
    assert wrong(machine.check_clock(now)) == []
    make.make_job_run(started_at=now + dt.timedelta(days=1), finished_at=now + dt.timedelta(days=1))
    (line,) = wrong(machine.check_clock(now))
    assert "a clock jumped" in line


@pytest.mark.django_db
def test_parts_that_are_silent():
    lines = wrong(parts.check_parts())
    assert [line.split(":")[0] for line in lines] == ["WRONG Worker", "WRONG Beat"]
    for part in Heartbeat.Part.values:
        record_heartbeat(part)
    assert wrong(parts.check_parts()) == []


def test_broker_and_cache_in_one_database_of_redis():
    url = "redis://127.0.0.1:1/0"
    assert any("cleared together" in line for line in wrong(parts.check_redis(url, url)))


@pytest.mark.django_db
def test_migrations_that_wait(monkeypatch):
    monkeypatch.setattr(setup.MigrationExecutor, "migration_plan", lambda *_: [("projects.0001", False)])
    assert any(line.startswith("WRONG Migrations") for line in wrong(setup.check_database()))


@pytest.mark.django_db
def test_a_zone_that_nobody_knows():
    program = make.make_program()
    type(program).objects.update(zone="Mars/Olympus")
    assert any("Mars/Olympus" in line for line in wrong(setup.check_zones()))


@pytest.mark.django_db(transaction=True)
def test_the_address_as_a_browser_sees_it(live_server):
    (finding,) = doctor.check_address(live_server.url)
    assert (finding.level, "forms are taken" in finding.says) == (Level.FINE, True)


@pytest.mark.django_db(transaction=True)
def test_a_name_that_is_not_allowed(live_server, settings):
    settings.ALLOWED_HOSTS = ["factor.example.org"]
    (finding,) = doctor.check_address(live_server.url)
    assert "ALLOWED_HOSTS" in finding.fix


def test_nobody_at_the_address():
    (finding,) = doctor.check_address(f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in finding.says


@pytest.mark.parametrize(("code", "fix"), [(403, "CSRF_TRUSTED_ORIGINS"), (302, "BEHIND_PROXY"), (502, "start web")])
def test_what_a_proxy_gets_wrong(code, fix):
    error = address.urllib.error.HTTPError("https://factor.example.org", code, "", None, None)
    assert fix in address.explain(error, "https://factor.example.org").fix


@pytest.mark.django_db
def test_the_command_ends_with_1_where_something_is_wrong(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "WRONG" in said
    assert "→" in said


@pytest.mark.django_db
def test_a_database_that_takes_no_changes():
    if connection.vendor != "postgresql":
        return  # of SQLite the files are looked at
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        assert any("takes no changes" in said for said in wrong(setup.check_database()))
        transaction.set_rollback(True)
    assert not any("takes no changes" in said for said in wrong(setup.check_database()))
