"""`manage.py start`, as `make run` calls it: the real processes, looked at from outside."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from ipaddress import ip_address
from pathlib import Path

import pytest

from projects.management.commands.start import wal_reset_bug
from tests.processes import free_port, listening, processes_with, wait_until
from tools.test import OUR_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
real_processes = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has"),
    pytest.mark.xdist_group("start"),  # one after the other: they share a data folder
]


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

    def wait_for(self, text: str, *, seconds: float = 30) -> None:
        wait_until(lambda: text in self.output or self.process.poll() is not None, seconds=seconds, what=text)
        assert text in self.output, self.output

    def wait_for_first_page(self) -> None:
        self.wait_for("Limiting Factor: ")

    def alive(self) -> dict[int, str]:
        return processes_with("DATA_DIR", str(self.data))

    def pid_of(self, command: str) -> int:
        """The oldest process of that command: the parent of its workers."""
        return min(pid for pid, name in self.alive().items() if command in name)

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(timeout=20)
        wait_until(lambda: not self.alive(), seconds=10, what="nothing left running")
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


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A data folder where the product has run once."""
    data = tmp_path_factory.mktemp("start") / "var"
    first = Start(data)
    first.wait_for_first_page()
    assert first.stop() == 0
    return data


class TestRunning:
    pytestmark = real_processes

    def test_a_first_start_says_what_runs_and_where_and_ends_on_ctrl_c(self, start, tmp_path):
        first = start(tmp_path / "var")
        first.wait_for_first_page()

        assert re.search(
            r"SQLite \d+\.\d+\.\d+ \(free of the WAL-reset bug\), .*limiting_factor\.sqlite3", first.output
        )
        assert f"Broker: files in {tmp_path / 'var' / 'broker'}" in first.output
        assert f"http://127.0.0.1:{first.port}/" in first.output
        assert re.search(r"The first account: admin / \S{12,}", first.output)
        assert "Demo login" not in first.output

        first.wait_for("ready.")
        commands = " ".join(first.alive().values())
        for part in ("granian", "config worker", "config beat"):
            assert part in commands.replace("--no-color --skip-checks ", "")
        assert listening(set(first.alive())) == {(ip_address("127.0.0.1"), first.port)}

        assert first.stop(signal.SIGINT) == 0

    def test_a_second_start_prepares_nothing_again_and_keeps_the_data(self, start, installed):
        second = start(installed)
        second.wait_for_first_page()
        for once in ("The first account", "Collecting", "up to date"):
            assert once not in second.output
        with urllib.request.urlopen(f"http://127.0.0.1:{second.port}/accounts/login/", timeout=5) as page:
            assert page.status == 200
        assert second.stop(signal.SIGTERM) == 0

    def test_a_second_one_beside_it_is_refused(self, start, installed):
        first = start(installed)
        first.wait_for_first_page()

        beside = start(installed)
        assert beside.process.wait(timeout=20) == 1
        assert f"Already running from {installed}: process {first.process.pid}, " in beside.output

        same_port = start(installed.parent / "other", PORT=str(first.port))
        assert same_port.process.wait(timeout=20) == 1
        assert f"Port {first.port} of 127.0.0.1 cannot be used (Address already in use)" in same_port.output
        assert not (installed.parent / "other" / "limiting_factor.sqlite3").exists()

        assert first.stop(signal.SIGHUP) == 0

    def test_what_a_crash_left_behind_does_not_block_a_start(self, start, installed):
        crashed = start(installed)
        crashed.wait_for_first_page()
        crashed.process.kill()
        crashed.ended()
        for leftover in ("celerybeat.pid", "beat-schedule", "beat-schedule.db"):
            (installed / leftover).write_text("99999999 is not a schedule")

        again = start(installed)
        again.wait_for_first_page()
        again.wait_for("ready.")
        again.wait_for("beat: Starting")
        time.sleep(1)
        assert again.process.poll() is None, again.output
        assert again.stop() == 0

    def test_a_killed_worker_ends_everything_and_says_so(self, start, installed):
        one = start(installed)
        one.wait_for("ready.")
        os.kill(one.pid_of(" worker --pool"), signal.SIGKILL)
        assert one.ended() == 1
        assert "worker ended by itself (SIGKILL), so everything was stopped." in one.output


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
