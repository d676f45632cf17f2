"""The web server is reloaded eight times under eight writers: each request is answered the first time it is sent."""

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviews.models import Datapoint
from tests.bulk.conftest import database_url, web_server
from tests.processes import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc, which only Linux has")
WRITERS = 8


@pytest.fixture
def server(transactional_db, tmp_path, clean_environment):
    """As deploy/ starts it: the old worker goes once the new one has had time to begin."""
    with web_server(tmp_path, clean_environment, database_url(), respawn_after=10) as started:
        yield started


def test_reloads_under_writers_fail_no_request(server, review, managers, size):
    reloads, crew, done = size(2, 8), managers(WRITERS, server.port), threading.Event()
    for manager in crew:
        manager.patience = 60  # a slow machine fails nothing; what is lost never answers
    statuses: list[int] = []
    keys: list[str] = []

    def write(manager) -> None:
        n = 0
        while not done.is_set():
            entry = manager.entry(n)
            statuses.append(manager.log(entry, most=1))  # no second try: one that fails raises
            keys.append(entry["uuid"])
            n += 1

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, manager) for manager in crew]
        try:
            for _ in range(reloads):
                before = set(server.workers())
                os.kill(server.process.pid, signal.SIGHUP)
                wait_until(lambda old=before: replaced(server, old), seconds=90, what="every worker is another one")
        finally:
            done.set()
    for one in writing:
        one.result()
    assert set(statuses) == {200}
    assert len(statuses) > WRITERS * reloads
    found = Datapoint.objects.filter(review=review).values_list("uuid", flat=True)
    assert sorted(map(str, found)) == sorted(keys)


def replaced(server, old: set[int]) -> bool:
    now = set(server.workers())
    return len(now) == 2 and not now & old
