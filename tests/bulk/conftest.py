"""Proofs in bulk. `make test` runs a short form of each, `make soak` the long one (--soak)."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from projects.models import Role
from reviews.models import Review
from tests import factories as make
from tests.bulk.client import Manager
from tests.bulk.world import build_review
from tests.processes import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]


# ---- the web server of production, on the tests' database ------------------------------------------------------------


def database_url() -> str:
    """The address of the database of the tests, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    login = f"{at['USER']}:{at['PASSWORD']}@" if at["USER"] else ""
    place = f"{at['HOST']}:{at['PORT']}" if at["PORT"] else at["HOST"]
    return f"postgres://{login}{place}/{at['NAME']}"


class Server:
    """granian as docs/running.md starts it: two workers, replaced when they are killed."""

    def __init__(self, environment: dict[str, str], respawn_after: float = 0.1):
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(self.port), "--workers", "2", "--blocking-threads", "1", "--no-ws"),
                *("--respawn-failed-workers", "--respawn-interval", str(respawn_after), "config.wsgi:application"),
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(self.answers, seconds=60, what="the web server answers")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def kill_a_worker(self) -> bool:
        """SIGKILL to one of its own workers, as an out-of-memory killer would."""
        for pid in self.workers()[:1]:
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def web_server(
    folder: Path, environment: dict[str, str], database: str, secret: str = "", **options
) -> Iterator[Server]:
    connections.close_all()
    server = Server(
        {"DEBUG": "1"}  # static files as they lie: nothing here looks at them
        | environment
        | {
            "DATABASE_URL": database,
            "DATA_DIR": str(folder),
            "SECRET_KEY": secret or settings.SECRET_KEY,
            "OMP_NUM_THREADS": "1",
        },
        **options,
    )
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(transactional_db, tmp_path, clean_environment) -> Iterator[Server]:
    with web_server(tmp_path, clean_environment, database_url()) as started:
        yield started


# ---- a review, and managers who log in it ----------------------------------------------------------------------------


@pytest.fixture
def review(transactional_db) -> Review:
    return build_review()


@pytest.fixture
def managers(review) -> Callable[[int, int], list[Manager]]:
    """`managers(n, port)`: so many members of the review's program, each signed in at the server on `port`."""
    return lambda n, port: [Manager.of(review, make.join(review.program, Role.MANAGER), port) for _ in range(n)]
