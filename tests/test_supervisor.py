"""config/supervisor.py: however it ends, everything ends."""

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import uuid
from pathlib import Path

import pytest

from tests.processes import processes_with, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")

ROOT = Path(__file__).resolve().parent.parent
SUPERVISE = """
import json, os, sys
from config.supervisor import Supervisor
supervisor = Supervisor(json.loads(sys.argv[1]), dict(os.environ), patience=1)
sys.exit(supervisor.run(once_started=lambda: supervisor.say("all started")))
"""
SLEEP = ["sleep", "60"]
# Its child holds the same pipe, as a web server's workers do when the server itself is killed.
FAMILY = ["sh", "-c", "sleep 60 & echo parent $$; wait"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo stubborn; while true; do sleep 0.1; done"]


class Supervised:
    def __init__(self, commands: dict[str, list[str]], *, terminal: bool = False) -> None:
        self.mark = uuid.uuid4().hex
        self.terminal, out = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(commands)],
            cwd=ROOT,
            env={**os.environ, "SUPERVISED": self.mark},
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(out, termios.TIOCSCTTY, 0)) if terminal else None,
        )
        os.close(out)
        self.output = ""

    def read_until(self, text: str) -> None:
        while text not in self.output:
            chunk = os.read(self.terminal, 4096)
            assert chunk, f"ended before {text!r}:\n{self.output}"
            self.output += chunk.decode()

    def ends(self, *, seconds: float = 5) -> int:
        """Its exit code, once it and everything it started have ended."""
        code = self.process.wait(timeout=seconds)
        wait_until(lambda: not self.alive(), seconds=2, what=f"nothing left: {self.alive()}")
        return code

    def alive(self) -> dict[int, str]:
        return processes_with("SUPERVISED", self.mark)

    def pid_of(self, command: str) -> int:
        return next(pid for pid, name in self.alive().items() if command in name and "Supervisor" not in name)


@pytest.fixture
def supervise():
    started = []

    def start(commands, **options) -> Supervised:
        started.append(Supervised(commands, **options))
        return started[-1]

    yield start
    for one in started:
        for pid in one.alive():
            os.kill(pid, signal.SIGKILL)
        one.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_ends_everything_and_that_is_no_failure(supervise, number):
    both = supervise({"one": SLEEP, "two": FAMILY})
    both.read_until("parent")
    both.process.send_signal(number)
    assert both.ends() == 0


def test_a_closed_terminal_ends_everything(supervise):
    one = supervise({"one": SLEEP, "chatty": ["sh", "-c", "while true; do echo on; sleep 0.01; done"]}, terminal=True)
    one.read_until("on\r\n")
    os.close(one.terminal)  # the kernel tells the terminal's foreground by SIGHUP
    assert one.ends() == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_ends_by_itself_ends_the_others_and_is_named(supervise, how):
    both = supervise({"quiet": SLEEP, "family": FAMILY})
    both.read_until("parent")
    os.kill(both.pid_of("sh -c"), how)
    both.read_until(f"family ended by itself ({how.name}), so everything was stopped.")
    assert both.ends() == 1


def test_one_that_ends_well_is_missed_all_the_same(supervise):
    both = supervise({"quiet": SLEEP, "short": ["true"]})
    both.read_until("short ended by itself (exit code 0)")
    assert both.ends() == 1


def test_a_command_that_does_not_exist_leaves_nothing_running(supervise):
    both = supervise({"quiet": SLEEP, "missing": ["/nowhere/at/all"]})
    both.read_until("FileNotFoundError")
    assert both.ends() == 1


def test_one_that_will_not_end_is_ended(supervise):
    both = supervise({"quiet": SLEEP, "stubborn": STUBBORN})
    both.read_until("stubborn")
    both.process.send_signal(signal.SIGTERM)
    assert both.ends() == 0


def test_a_killed_supervisor_leaves_nothing_running(supervise):
    both = supervise({"one": SLEEP, "two": ["sleep", "61"]})
    both.read_until("all started")
    both.process.kill()
    assert both.ends() == -signal.SIGKILL


def test_impatient_stops_while_it_starts_leave_nothing_running(supervise):
    many = supervise({f"number {at}": SLEEP for at in range(20)})
    wait_until(lambda: len(many.alive()) > 1, seconds=10, what="the first has started")
    for _ in range(5):
        many.process.send_signal(signal.SIGINT)
    assert many.ends() == 0


def test_lines_are_whole_and_say_whose_they_are(supervise):
    talk = supervise({"talk": ["sh", "-c", "printf 'half '; sleep 0.3; echo and half; printf last"]})
    talk.read_until("so everything was stopped")
    lines = [line[9:] for line in talk.output.splitlines()]
    assert "talk  | half and half" in lines
    assert "talk  | last" in lines
