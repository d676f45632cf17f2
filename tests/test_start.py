"""`manage.py start`, as `make run` calls it: the real processes, looked at from outside."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest

from projects.management.commands.start import wal_reset_bug
from tests.processes import free_port, listening, processes_with, wait_until
from tools.test import OUR_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
real_processes = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")


class Start:
    """One `manage.py start` in its own data folder."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.log = data.parent / f"{time.monotonic_ns()}.log"
        self.port = int(environment.get("PORT") or free_port())
        clean = {name: value for name, value in os.environ.items() if name not in OUR_VARIABLES}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env={**clean, "DEMO": "0", "PORT": str(self.port), **environment, "DATA_DIR": str(data)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, *, seconds: float = 120) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None, seconds=seconds, what=text)
        assert text in self.output, self.output

    def wait_for_first_page(self) -> None:
        self.wait_for("Limiting Factor: ")

    def alive(self) -> dict[int, str]:
        return processes_with("DATA_DIR", str(self.data))

    def pid_of(self, command: str) -> int:
        """The oldest process of that command: the parent of its workers."""
        found: list[int] = []

        def looked() -> bool:
            found[:] = [pid for pid, name in self.alive().items() if command in name]
            return bool(found)

        wait_until(looked, seconds=60, what=f"{command} runs")  # the web server may answer before
        return min(found)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(timeout=60)
        wait_until(lambda: not self.alive(), seconds=30, what="nothing left running")
        return code


@pytest.fixture
def start():
    started = []

    def begin(data: Path, **environment: str) -> Start:
        started.append(Start(data, **environment))
        return started[-1]

    yield begin
    for one in started:
        for pid in one.alive():
            os.kill(pid, signal.SIGKILL)
        one.process.wait()


@dataclass(frozen=True)
class FirstRun:
    """What was seen of a first start, while it ran."""

    data: Path
    port: int
    output: str
    commands: str
    listens: set
    code: int


@pytest.fixture(scope="module")
def first_run(tmp_path_factory) -> FirstRun:
    first = Start(tmp_path_factory.mktemp("start") / "var")
    first.wait_for_first_page()
    first.wait_for("ready.")
    first.wait_for("beat: Starting")
    alive = first.alive()
    listens = listening(set(alive))
    code = first.stop(signal.SIGINT)
    return FirstRun(first.data, first.port, first.output, "\n".join(alive.values()), listens, code)


class TestRunning:
    pytestmark = real_processes

    def test_a_first_start_says_what_runs_and_where(self, first_run):
        said = first_run.output
        assert re.search(r"SQLite \d+\.\d+\.\d+ \(free of the WAL-reset bug\), .*limiting_factor.sqlite3", said)
        assert f"Broker: files in {first_run.data / 'broker'}" in said
        assert f"http://127.0.0.1:{first_run.port}/" in said
        assert re.search(r"The first account: admin / \S{12,}", said)
        assert "Demo login" not in said

    def test_web_worker_and_beat_are_processes_of_their_own(self, first_run):
        for part in ("granian", "celery.* worker ", "celery.* beat "):
            assert re.search(part, first_run.commands)

    def test_nothing_listens_beyond_this_machine(self, first_run):
        assert first_run.listens == {(ip_address("127.0.0.1"), first_run.port)}

    def test_ctrl_c_ends_it_and_is_no_failure(self, first_run):
        assert first_run.code == 0

    def test_a_second_start_keeps_the_data_and_prepares_nothing_again(self, start, first_run):
        second = start(first_run.data)
        second.wait_for_first_page()
        for once in ("The first account", "Collecting", "up to date"):
            assert once not in second.output

        beside = start(first_run.data)
        assert beside.process.wait(timeout=60) == 1
        assert f"Already running from {first_run.data}: process {second.process.pid}, " in beside.output

        other = first_run.data.parent / "other"
        same_port = start(other, PORT=str(second.port))
        assert same_port.process.wait(timeout=60) == 1
        assert f"Port {second.port} of 127.0.0.1 cannot be used (Address already in use)" in same_port.output
        assert not (other / "limiting_factor.sqlite3").exists()

        assert second.stop(signal.SIGHUP) == 0

    def test_a_crash_blocks_no_start_and_a_killed_worker_ends_everything(self, start, first_run):
        crashed = start(first_run.data)
        crashed.wait_for_first_page()
        crashed.process.kill()
        crashed.ended()
        for leftover in ("celerybeat.pid", "beat-schedule", "beat-schedule.db"):
            (first_run.data / leftover).write_text("99999999 is not a schedule")

        again = start(first_run.data)
        again.wait_for_first_page()
        again.wait_for("ready.")
        again.wait_for("beat: Starting")
        time.sleep(1)
        assert again.process.poll() is None, again.output

        os.kill(again.pid_of(" worker --pool"), signal.SIGKILL)
        assert again.ended() == 1
        assert "worker ended by itself (SIGKILL), so everything was stopped." in again.output


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_a_port_that_is_none_is_refused(start, tmp_path, port):
    refused = subprocess.run(
        [sys.executable, "manage.py", "start"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), "PORT": port},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.strip().splitlines()[-1].endswith(f"PORT={port} is no port: 1 to 65535.")


@pytest.mark.parametrize(
    ("version", "sound"),
    [((3, 6, 23), True), ((3, 7, 0), False), ((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True)],
)
def test_versions_with_the_wal_reset_bug_are_known(version, sound):
    assert ("WARNING" not in wal_reset_bug(version)) == sound
