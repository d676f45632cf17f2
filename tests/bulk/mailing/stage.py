"""Everything for real around a mail: a database, a broker, beats and workers as processes, a mail server."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from tests.mail_server import MailServer
from tests.needs import missing
from tests.processes import free_port, wait_until
from tools.test import drop_leftovers, find_postgresql

ROOT = Path(__file__).resolve().parent.parent.parent.parent
APP = "tests.bulk.mailing.app"
STEPS = (
    *("before the claim", "after the claim", "after the value", "after it is written", "before the server is asked"),
    *("before it is handed over", "after it is handed over", "before it is marked", "after it is marked"),
)
UNKNOWN_FROM = STEPS[6:8]  # killed there, only the mail server knows
EMBEDDED, SERVERS = "embedded", "PostgreSQL and Redis"


class Stage:
    """`environment`: of every process here. Readers are made by `fill`, and are four weeks behind: each has one digest
    to get, and three that are superseded."""

    def __init__(self, folder: Path, environment: dict[str, str], mail: MailServer) -> None:
        self.folder, self.mail = folder, mail
        self.bullets = folder / "bullets"
        self.bullets.mkdir()
        self.environment = environment | {"DATA_DIR": str(folder / "data"), "BULLETS": str(self.bullets)}
        self.processes: list[subprocess.Popen] = []
        self.deaths = 0

    # ---- processes ---------------------------------------------------------------------------------------------------

    def start(self, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "--quiet", "-A", APP, *arguments, "--loglevel", "WARNING"]
        with (self.folder / f"{arguments[0]}.log").open("a") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def worker(self, name: str = "one") -> subprocess.Popen:
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.start("worker", "--pool", "solo", "-n", f"{name}@here", *quiet)

    def beat(self, name: str = "one") -> subprocess.Popen:
        return self.start("beat", "--pidfile=", "-s", str(self.folder / f"schedule-{name}"))

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log"))

    # ---- the database, seen from outside -----------------------------------------------------------------------------

    def run(self, what: str, *arguments: str):
        command = [sys.executable, "-m", "tests.bulk.mailing.elsewhere", what, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def fill(self, readers: int) -> None:
        self.readers = self.run("fill", str(readers))

    def states(self) -> dict[str, dict[str, int]]:
        """{address: {state: how many deliveries}}"""
        return self.run("states")

    def wait(self, *, seconds: float) -> dict[str, dict[str, int]]:
        """Until nothing is due or being sent any more, and everybody has a row."""
        found: dict[str, dict[str, int]] = {}

        def over() -> bool:
            nonlocal found
            found = self.states()
            going = any({"due", "claimed"} & states.keys() for states in found.values())
            return len(found) == len(self.readers) and not going

        wait_until(over, seconds=seconds, each=0.5, what="all is sent")
        return found

    # ---- what must be so ---------------------------------------------------------------------------------------------

    def check(self, found: dict[str, dict[str, int]], *, unknown_at_most: int = 0) -> None:
        unknown = 0
        for reader in self.readers:
            got, states = self.mail.of(reader), found[reader]
            assert states.pop("superseded") == 3, states
            assert len(got) <= 1, f"{reader} got {len(got)}"
            if states == {"sent": 1}:
                assert len(got) == 1, f"{reader} is marked as sent and got nothing"
            else:
                assert states == {"unknown": 1}, states
                unknown += 1
        assert unknown <= unknown_at_most
        everything = [str(message["Message-ID"]) for message in self.mail.received]
        assert len(everything) == len(set(everything))

    def shoot_at(self, steps: list[str], *, seconds: float) -> None:
        """Kill the worker at each of these steps, one after the other, and start another each time."""
        give_up = time.monotonic() + seconds
        for step in steps:
            worker = self.worker()
            (self.bullets / step).touch()
            while worker.poll() is None:
                assert time.monotonic() < give_up, f"nobody came to “{step}”:\n{self.log()}"
                time.sleep(0.05)
            assert worker.returncode == -signal.SIGKILL, self.log()
            self.deaths += 1
        self.worker()


@contextlib.contextmanager
def stage(which: str, folder: Path, environment: dict[str, str], mail: MailServer, url: str) -> Iterator[Stage]:
    environment = environment | {"EMAIL_URL": url, "SECRET_KEY": "stage" * 10}
    with contextlib.ExitStack() as stack:
        if which == SERVERS:
            environment |= {
                "DATABASE_URL": stack.enter_context(database()),
                "BROKER_URL": stack.enter_context(broker(folder)).url,
            }
        made = Stage(folder, environment, mail)
        stack.callback(made.stop)
        yield made


@contextlib.contextmanager
def database() -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    server = find_postgresql()
    if server is None:
        missing("No PostgreSQL for the proofs of mail", fix="start one where this account may create databases")
    name = f"lf_mailing_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        drop_leftovers(server, name)


class Broker:
    """A Redis of this test's own, which can be stopped, emptied and started again."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.process: subprocess.Popen | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        if not shutil.which("redis-server"):
            missing("No redis-server", fix="apt-get install redis-server")
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = redis.Redis.from_url(self.url)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

        wait_until(answers, seconds=20, what="Redis answers")
        client.close()

    def stop(self) -> None:
        """It keeps nothing: what was queued is gone."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    made = Broker(folder)
    try:
        yield made
    finally:
        made.stop()
