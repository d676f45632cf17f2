"""Both commands in a fresh clone, as a newcomer meets them: `make run` twice, signed in to the board, then `make test`.

    .venv/bin/python -m tools.two_commands

Measures, and fails on: a second start slower than 5 s, a page or static file that does not come, anything that
listens beyond this machine, anything left running after Ctrl-C.
"""

import http.cookiejar
import os
import re
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from tests.processes import free_port, listening, processes_with, wait_until
from tools.test import OUR_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
SMOKE = "tests/test_architecture.py tests/test_checks.py tests/browser/test_watch.py"
SECOND_START = 5.0  # seconds, at most


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fresh-clone-") as folder:
        clone = Path(folder) / "limiting-factor"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)

        print("make run, in a fresh clone:", flush=True)
        first = Run(clone)
        page = first.first_page(within=600)
        print(f"  first page after {page:.1f} s, {first.seconds_to('Database:'):.1f} s of it to install", flush=True)
        walk(first)
        first.stop()

        print("make run again:", flush=True)
        for _ in range(3):  # a machine that is busy with other things gets another chance
            again = Run(clone)
            page = again.first_page(within=60)
            print(f"  first page after {page:.1f} s", flush=True)
            walk(again)
            again.stop()
            if page < SECOND_START:
                break
        assert page < SECOND_START, f"the second start took {page:.1f} s, more than {SECOND_START}"

        print(f"make test, in the fresh clone, of {SMOKE}:", flush=True)
        subprocess.run(["make", "test", f"ARGS={SMOKE}"], cwd=clone, env=clean_environment(), check=True)


class Run:
    """`make run` in a terminal of its own."""

    def __init__(self, clone: Path) -> None:
        self.mark = f"{clone.parent.name}-{time.monotonic_ns()}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = clone.parent / f"{self.mark}.log"
        self.began = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=clone,
                env={**clean_environment(), "PORT": str(self.port), "RUN": self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def first_page(self, *, within: float) -> float:
        """Seconds until the sign-in page came."""
        self.wait_for("Database:", seconds=within)
        self.seen = {"Database:": time.monotonic() - self.began}

        def came() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            try:
                with urllib.request.urlopen(f"{self.address}/accounts/login/", timeout=10) as page:
                    return bool(page.status == 200)
            except OSError:
                return False

        wait_until(came, seconds=within, what=f"a page; so far:\n{self.log.read_text()}")
        return time.monotonic() - self.began

    def seconds_to(self, text: str) -> float:
        return self.seen[text]

    def wait_for(self, text: str, *, seconds: float) -> None:
        def said() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return text in self.log.read_text()

        wait_until(said, seconds=seconds, what=text)

    def stop(self) -> None:
        """Ctrl-C: the terminal tells the whole foreground."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=30)
        wait_until(lambda: not processes_with("RUN", self.mark), seconds=5, what="nothing left running")
        print(f"  Ctrl-C ended everything in {time.monotonic() - began:.1f} s", flush=True)


def walk(run: Run) -> None:
    """Sign in by the form, see the board and its stylesheet."""
    run.wait_for("Demo login: viewer / demo", seconds=60)
    run.wait_for("ready.", seconds=60)
    run.wait_for("beat: Starting", seconds=60)
    addresses = listening(set(processes_with("RUN", run.mark)))
    assert {(str(address), port) for address, port in addresses} == {("127.0.0.1", run.port)}, addresses

    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    sign_in = f"{run.address}/accounts/login/"
    with browser.open(sign_in, timeout=10) as page:
        token = found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    form = {"login": "manager", "password": "demo", "csrfmiddlewaretoken": token}
    asked = urllib.request.Request(sign_in, urllib.parse.urlencode(form).encode(), headers={"Referer": sign_in})
    with browser.open(asked, timeout=30) as page:
        assert page.url == f"{run.address}/", f"signed in, but landed on {page.url}"
        board = page.read().decode()
    assert "GCC Rust" in board, "the board does not show the demo"
    sheet = found(r'<link[^>]+href="(/static/[^"]+\.css)"', board)
    with browser.open(f"{run.address}{sheet}", timeout=10) as file:
        assert file.status == 200
        assert "immutable" in file.headers["Cache-Control"], "the stylesheet's name has no hash"
        size = len(file.read())
    print(f"  signed in, the board has {len(board)} characters, {sheet} has {size}", flush=True)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"no {pattern} in:\n{text[:2000]}"
    return match[1]


def clean_environment() -> dict[str, str]:
    ours = {*OUR_VARIABLES, "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in ours}


if __name__ == "__main__":
    main()
