"""The clock of the machine jumps ahead by a week and is set back: nobody is told twice, and nothing waits for that week
to pass again. Real beat, worker and mail; the clock is moved in
them alone (clock.c)."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bulk.mailing.stage import EMBEDDED, stage
from tests.mail_server import mail_server
from tests.needs import missing
from tests.processes import wait_until

pytestmark = pytest.mark.slow


def moving_clock(folder: Path) -> Path:
    """The library to be loaded before any other."""
    compiler = shutil.which("cc")
    if not compiler:
        missing("No C compiler: no clock was set ahead and back", fix="apt-get install gcc libc6-dev")
    made = folder / "clock.so"
    source = Path(__file__).parent / "clock.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(source), "-ldl"], check=True)
    return made


def test_ahead_by_a_week_and_back(tmp_path, clean_environment):
    clock = tmp_path / "clock"
    faked = {"LD_PRELOAD": str(moving_clock(tmp_path)), "CLOCK": str(clock)}
    with mail_server() as (server, url), stage(EMBEDDED, tmp_path, clean_environment, server, url) as here:
        here.fill(4)
        real, here.environment = here.environment, here.environment | faked
        processes = [here.beat(), here.worker()]
        here.environment = real
        here.wait(seconds=120)
        assert [len(here.mail.of(reader)) for reader in here.readers] == [1] * 4

        clock.write_text(str(7 * 86_400))
        told = lambda: sum(len(here.mail.of(reader)) for reader in here.readers)  # noqa: E731
        wait_until(lambda: told() == 8, seconds=60, what="the week that has not been is told, early")

        clock.unlink()
        before = here.run("runs")
        wait_until(lambda: here.run("runs") >= before + 3, seconds=60, what="beat asks again", each=1)
        here.run("send_now", "reader0")
        wait_until(lambda: told() == 9, seconds=60, what="what is asked for now is sent now")
        found = here.states()
        assert found["reader0@example.org"] == {"superseded": 3, "sent": 3}
        assert all(found[f"reader{n}@example.org"] == {"superseded": 3, "sent": 2} for n in (1, 2, 3))
        assert [process.poll() for process in processes] == [None, None], here.log()
