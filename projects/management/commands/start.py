"""Everything on one machine: `make run`. In production each process has a service of its own, see docs/running.md."""

import fcntl
import hashlib
import os
import secrets
import socket
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from kombu.utils.url import maybe_sanitize_url

from config.supervisor import Supervisor
from projects.checks import DEMO_PASSWORD, demo_accounts
from projects.models import Program

HOST = "127.0.0.1"  # never more: a public address belongs to a proxy with TLS before it
READY_WITHIN = 120  # seconds
WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))  # first and last version with it


class Command(BaseCommand):
    help = "Prepare the database and the static files, then run web server, worker and schedule until Ctrl-C."

    def handle(self, *args, **options):
        if settings.PRODUCTION:
            raise CommandError("`start` is for one machine without PRODUCTION=1: see docs/running.md")
        try:
            port = to_port(settings.PORT)
            with only_one(settings.DATA_DIR / "start.lock", port):
                require_free(port)
                self.stdout.write(f"Database: {describe_database()}\nBroker: {describe_broker()}")
                prepare_database(self.stdout.write)
                collect_static(self.stdout.write)
                connections.close_all()
                sys.exit(supervise(port))
        except KeyboardInterrupt:
            sys.exit(130)


# ---- before anything starts ----------------------------------------------------------------------------------------


@contextmanager
def only_one(path: Path, port: int) -> Iterator[None]:
    """Two in one DATA_DIR would share a broker and a schedule. The lock ends with the process, however it ends."""
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"Already running from {path.parent}: {lock.read().strip()}. "
                "Stop that one first, or set DATA_DIR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, http://{HOST}:{port}/")
        lock.flush()
        yield


def to_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise CommandError(f"PORT={text} is no port: 1 to 65535.")
    return int(text)


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {HOST} cannot be used ({error.strerror}). Choose another: PORT=8001 make run"
            ) from None


def describe_database() -> str:
    if connection.vendor != "sqlite":
        server = ".".join(map(str, connection.get_database_version()))
        return f"{connection.display_name} {server}, {connection.settings_dict['NAME']}"
    safety = wal_reset_bug(sqlite3.sqlite_version_info)
    return f"SQLite {sqlite3.sqlite_version} ({safety}), {connection.settings_dict['NAME']}"


def wal_reset_bug(version: tuple[int, ...]) -> str:
    first, last = WAL_RESET_BUG
    if first <= version <= last:
        return (
            "WARNING: has the WAL-reset bug, which can damage the database; "
            "install the wheel pysqlite3 or use SQLite 3.51.3 or newer"
        )
    return "free of the WAL-reset bug"


def describe_broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("filesystem://"):
        return f"files in {settings.DATA_DIR / 'broker'}"
    return maybe_sanitize_url(settings.CELERY_BROKER_URL)


# ---- preparing -----------------------------------------------------------------------------------------------------


def prepare_database(write) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        write("Bringing the database up to date")
        call_command("migrate", interactive=False, verbosity=0)
    users = get_user_model()._default_manager
    if Program.objects.exists() or users.exists():
        return
    if settings.DEMO:
        write("Loading the demo (DEMO=0 starts empty)")
        call_command("load_demo")
    else:
        password = secrets.token_urlsafe(12)
        users.create_superuser("admin", password=password)
        write(f"The first account: admin / {password} (shown only now)")


def collect_static(write) -> None:
    """Only when a file changed: hashing and compressing them all takes longer than the rest of a start."""
    if settings.DEBUG:  # served from where they lie
        return
    stamp = settings.DATA_DIR / "static.stamp"
    now = static_digest()
    if stamp.exists() and stamp.read_text() == now and settings.STATIC_ROOT.exists():
        return
    write("Collecting the static files")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)


def static_digest() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


# ---- running -------------------------------------------------------------------------------------------------------


def supervise(port: int) -> int:
    python = [sys.executable, "-m"]
    background = ["nice", "-n", "10"]  # a refit of everything must not slow a page
    celery = [*background, *python, "celery", "--quiet", "--app", "config", "--no-color", "--skip-checks"]
    supervisor = Supervisor(
        {
            "web": [
                *(*python, "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
                *("--workers", "2", "--blocking-threads", "1", "--no-ws", "--respawn-failed-workers"),
                "config.wsgi:application",
            ],
            # One process without a pool: 70 MB less, and it ends in 3 s instead of 6.
            "worker": [
                *(*celery, "worker", "--pool", "solo", "--loglevel", "INFO"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            # No pid file: one left by a killed beat would keep the next from starting.
            "beat": [*celery, "beat", "--pidfile=", "--loglevel", "INFO"],
        },
        {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"},
    )
    announcement = threading.Thread(target=announce, args=(supervisor, port), daemon=True)
    return supervisor.run(once_started=announcement.start)


def announce(supervisor: Supervisor, port: int) -> None:
    """Say where it is once it answers there."""
    address = f"http://{HOST}:{port}/"
    give_up = time.monotonic() + READY_WITHIN
    while not answers(address):
        if time.monotonic() > give_up:
            supervisor.give_up(f"web did not answer within {READY_WITHIN} s")
            return
        time.sleep(0.1)
    supervisor.say(f"Limiting Factor: {address}  (Ctrl-C ends it)")
    for name in demo_accounts():
        supervisor.say(f"Demo login: {name} / {DEMO_PASSWORD}")
    connections.close_all()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310  (our own address)
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
