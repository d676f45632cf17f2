"""Each reader gets exactly one mail, whatever is killed, stopped, emptied, doubled or refused (docs/digest.md).

Real beats and workers over both set-ups: what needs no server, and PostgreSQL with Redis. Each reader is four weeks
behind, so that one digest is due and three are superseded.
"""

import itertools
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from tests.bulk.mailing.stage import EMBEDDED, SERVERS, STEPS, UNKNOWN_FROM, broker, stage
from tests.bulk.test_stopped_database import Cluster
from tests.mail_server import OK, mail_server

BOTH = pytest.mark.parametrize("which", [EMBEDDED, SERVERS])
SECONDS = 240


@pytest.fixture
def mail():
    with mail_server() as (server, url):
        yield server, url


@pytest.fixture
def cluster():
    folder = Path(tempfile.mkdtemp(prefix="limiting-factor-cluster-"))  # pytest's own folders are closed to postgres
    made = Cluster(folder)
    yield made
    made.stop_hard()
    shutil.rmtree(folder, ignore_errors=True)


@BOTH
def test_killed_at_every_step(which, tmp_path, clean_environment, mail, size):
    """SIGKILL before and after each step of a delivery; in the long form 20 kills in 200 deliveries."""
    server, url = mail
    kills = size(len(STEPS), 20)
    steps = list(itertools.islice(itertools.cycle(STEPS), kills))
    random.shuffle(steps)
    with stage(which, tmp_path, clean_environment, server, url) as here:
        here.fill(size(20, 200))
        here.beat()
        here.shoot_at(steps, seconds=SECONDS)
        found = here.wait(seconds=SECONDS)
        assert here.deaths == kills
        here.check(found, unknown_at_most=sum(step in UNKNOWN_FROM for step in steps))


@BOTH
def test_two_beats_and_four_workers(which, tmp_path, clean_environment, mail, size):
    server, url = mail
    server.answers["RCPT"] = lambda session, envelope: time.sleep(0.02) or OK  # so that they meet
    with stage(which, tmp_path, clean_environment, server, url) as here:
        here.fill(size(24, 200))
        for name in ("one", "two"):
            here.beat(name)
        for name in ("one", "two", "three", "four"):
            here.worker(name)
        here.check(here.wait(seconds=SECONDS))
        received = len(server.received)
        time.sleep(3)  # the sweeps go on, and find nothing
        assert len(server.received) == received == len(here.readers)
        late = [str(message["Subject"]) for message in server.received]
        assert all(subject.startswith("Late: ") for subject in late)


def test_a_mail_server_that_says_no_hangs_and_hangs_up(tmp_path, clean_environment, mail):
    """For each reader another misfortune; whoever can be reached is, once."""
    server, url = mail
    tried: dict[str, int] = {}

    def answer(session, envelope) -> str | None:
        reader = envelope.rcpt_tos[-1].partition("@")[0]
        tried[reader] = tried.get(reader, 0) + 1
        first = tried[reader] == 1
        if reader == "reader0":
            return "550 No such person"
        if reader == "reader1" and first:
            return "451 Come again"
        if reader == "reader2" and first:
            return None  # hangs up
        if reader == "reader3" and first:
            time.sleep(12)  # longer than EMAIL_TIMEOUT, and every other conversation hangs with it
        return OK

    server.answers["RCPT"] = answer
    server.answers["TEXT"] = lambda session, envelope: (
        "452 Full" if envelope.rcpt_tos == ["reader4@example.org"] and tried["reader4"] == 1 else OK
    )
    with stage(EMBEDDED, tmp_path, clean_environment | {"LEASE_SECONDS": "60"}, server, url) as here:
        here.fill(7)
        here.beat()
        here.worker()
        found = here.wait(seconds=SECONDS)
        assert found.pop("reader0@example.org") == {"superseded": 3, "failed": 1}
        assert "550 No such person" in here.run("reasons")
        here.readers.remove("reader0@example.org")
        here.check(found)
        assert [tried[f"reader{n}"] for n in (0, 1, 2, 4, 5)] == [1, 2, 2, 2, 1]


def test_a_server_that_takes_it_and_hangs_up_before_it_says_so(tmp_path, clean_environment, mail):
    """The one fate that nobody here can know: marked as such, and not sent again."""
    server, url = mail
    server.answers["TEXT"] = lambda session, envelope: None if "reader1@" in envelope.rcpt_tos[-1] else OK
    with stage(EMBEDDED, tmp_path, clean_environment, server, url) as here:
        here.fill(3)
        here.beat()
        here.worker()
        here.check(here.wait(seconds=SECONDS), unknown_at_most=1)
        time.sleep(3)
        assert len(server.of("reader1@example.org")) == 1


def test_a_broker_that_is_down_emptied_and_started_again(tmp_path, clean_environment, mail):
    server, url = mail
    with broker(tmp_path) as redis, stage(EMBEDDED, tmp_path, clean_environment, server, url) as here:
        here.environment["BROKER_URL"] = redis.url
        here.fill(16)
        slow_down(server)
        here.beat()
        here.worker()
        wait_for(server, 3)
        redis.stop()  # which keeps nothing
        time.sleep(4)
        redis.start()
        here.check(here.wait(seconds=SECONDS))


@pytest.mark.soak
def test_a_database_that_is_stopped_hard_in_the_middle(tmp_path, clean_environment, mail, cluster):
    server, url = mail
    slow_down(server)
    with stage(EMBEDDED, tmp_path, clean_environment, server, url) as here:
        here.environment |= {"DATABASE_URL": cluster.url}
        here.fill(60)
        here.beat()
        here.worker()
        for stops in range(3):
            wait_for(server, 10 * (stops + 1))
            cluster.stop_hard()
            time.sleep(2)
            cluster.start()
        here.check(here.wait(seconds=SECONDS))


def slow_down(server) -> None:
    server.answers["MAIL"] = lambda session, envelope: time.sleep(0.2) or OK


def wait_for(server, received: int) -> None:
    give_up = time.monotonic() + SECONDS
    while len(server.received) < received:
        assert time.monotonic() < give_up, "nothing arrives"
        time.sleep(0.05)
