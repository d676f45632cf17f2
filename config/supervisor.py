"""Several processes as one: started together, shown in one log, ended together.

Each gets a session of its own, so a Ctrl-C in the terminal reaches only this process, which then asks every other to
finish. If one ends by itself, all end: a web server without its worker would take entries and never act on them.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


class Supervisor:
    def __init__(self, commands: dict[str, list[str]], environment: dict[str, str], *, patience: float = 10) -> None:
        self.commands = commands
        self.environment = environment
        self.patience = patience  # seconds between asking a process to end and ending it
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.unfinished: dict[str, bytes] = {}  # the start of a line whose end has not come yet
        self.width = max(map(len, [*commands, "start"]))
        self.asked_by: str | None = None
        self.died: str | None = None

    def run(self, once_started: Callable[[], None]) -> int:
        """Block until every process has ended. 0 where that was asked for, else 1."""
        for number in STOPS:
            signal.signal(number, self._ask)
        with selectors.DefaultSelector() as selector:
            try:
                for name, command in self.commands.items():
                    self.processes[name] = process = self._spawn(command)
                    assert process.stdout is not None  # noqa: S101  (it is a pipe)
                    selector.register(process.stdout, selectors.EVENT_READ, name)
                once_started()
                self._watch(selector)
            finally:
                self._kill()
        if self.died:
            self.say(f"{self.died}, so everything was stopped.")
            return 1
        return 0

    def say(self, text: str) -> None:
        self._write("start", text)

    def give_up(self, reason: str) -> None:
        """End everything as a failure."""
        self.died = reason

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked_by = signal.Signals(number).name  # only noted: a print here could interrupt a print

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  (our own commands)
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  (no thread yet)
        )

    def _watch(self, selector: selectors.BaseSelector) -> None:
        kill_at = None
        while any(process.poll() is None for process in self.processes.values()) or selector.get_map():
            for key, _ in selector.select(timeout=0.1):
                if not self._relay(key.data, key.fd):
                    selector.unregister(key.fileobj)
            for name, process in self.processes.items():
                if process.poll() is not None:
                    _signal_group(process, signal.SIGKILL)  # what it left behind, which may still hold its pipe
                    if not (kill_at or self.asked_by):
                        self.died = f"{name} ended by itself ({_how(process.returncode)})"
            if kill_at is None and (self.asked_by or self.died):
                self.say(f"{self.died or self.asked_by}: stopping")
                kill_at = time.monotonic() + self.patience
                for process in self.processes.values():
                    if process.poll() is None:
                        process.terminate()
            elif kill_at and time.monotonic() > kill_at:
                self._kill()

    def _kill(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                _signal_group(process, signal.SIGKILL)

    def _relay(self, name: str, descriptor: int) -> bool:
        """Print the whole lines that have come; False when the process has closed its output."""
        chunk = os.read(descriptor, 65536)
        *lines, rest = (self.unfinished.pop(name, b"") + chunk).split(b"\n")
        if not chunk and rest:
            lines.append(rest)
        elif chunk:
            self.unfinished[name] = rest
        for line in filter(None, lines):
            self._write(name, line.decode("utf-8", "replace"))
        return bool(chunk)

    def _write(self, name: str, text: str) -> None:
        now = datetime.now().astimezone()
        line = f"{now:%H:%M:%S} {name:<{self.width}} | {text}\n"
        with contextlib.suppress(OSError):  # the terminal is gone: ending in order matters more than the log
            os.write(1, line.encode())


def _end_with_parent() -> None:
    """Linux ends the process with its supervisor, even one that was killed outright."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody left; macOS says so by the latter
        os.killpg(process.pid, number)


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
