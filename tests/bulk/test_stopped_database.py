"""PostgreSQL stopped hard in the middle of saving: what was acknowledged is there, once. With `make soak` only.

The test starts a cluster of its own: it never touches a server that others use.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bulk.client import Manager
from tests.bulk.conftest import ROOT, web_server
from tests.needs import missing
from tests.processes import free_port

STOPS = 5


class Cluster:
    """PostgreSQL in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        programs = found[-1].parent if found else shutil.which("initdb") and Path(shutil.which("initdb") or "").parent
        if not programs:
            missing("No initdb: nothing can be stopped hard", fix="apt-get install postgresql")
        self.programs, self.folder, self.port = Path(str(programs)), folder, free_port()
        self.own(folder)
        self.run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "--no-sync")
        self.start()

    @staticmethod
    def own(folder: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")

    def run(self, program: str, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, str(self.programs / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", options, "start")

    def stop_hard(self) -> None:
        """As a power cut would: no process says good-bye."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"


def elsewhere(what: str, environment: dict[str, str]):
    command = [sys.executable, "-m", "tests.bulk.elsewhere", what]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.mark.soak
def test_a_database_stopped_hard_five_times(tmp_path, clean_environment, db):
    folder = Path(tempfile.mkdtemp(prefix="limiting-factor-cluster-"))  # pytest's own folders are closed to postgres
    cluster = Cluster(folder)
    try:
        here = clean_environment | {"DATABASE_URL": cluster.url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "soak" * 10}
        world = elsewhere("build", here)
        with web_server(tmp_path, here, cluster.url, secret=here["SECRET_KEY"]) as server:
            crew = [Manager(**world, port=server.port) for _ in range(4)]
            entries, done = [(crew[n % 4], crew[n % 4].entry(n)) for n in range(10_000)], threading.Event()

            def stop_and_start() -> None:
                for _ in range(STOPS):
                    if done.wait(8):
                        return
                    cluster.stop_hard()
                    cluster.start()

            stopper = threading.Thread(target=stop_and_start)
            stopper.start()
            with ThreadPoolExecutor(4) as pool:
                statuses = list(pool.map(lambda work: work[0].log(work[1], most=200), entries))
            done.set()
            stopper.join()
        assert set(statuses) == {200}
        assert sorted(elsewhere("keys", here)) == sorted(entry["uuid"] for _, entry in entries)
    finally:
        cluster.stop_hard()
        shutil.rmtree(folder, ignore_errors=True)
