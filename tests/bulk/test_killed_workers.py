"""What was acknowledged is there, once, however often a web worker is killed in the middle of its work."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reviews.models import Datapoint

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc, which only Linux has")


def test_a_worker_killed_again_and_again(server, review, managers, size):
    count, crew = size(90, 10_000), managers(4, server.port)
    entries = [(crew[n % 4], crew[n % 4].entry(n)) for n in range(count)]
    kills, answered = [], threading.Semaphore(0)

    def kill() -> None:
        """A worker each 1.5 s, or each so many answers in the short form; never two without an answer between, for a
        slow machine needs longer to start one."""
        while len(kills) < size(2, 10**6):
            for _ in range(size(30, 1)):
                answered.acquire()
            if done.wait(size(0, 1.5)):
                return
            while size(False, True) and answered.acquire(blocking=False):
                pass  # before this kill
            kills.append(server.kill_a_worker())

    def log(work) -> int:
        status = work[0].log(work[1], most=200)
        answered.release()
        return status

    done, killer = threading.Event(), threading.Thread(target=kill, daemon=True)
    killer.start()
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(log, entries))
    done.set()
    answered.release()
    killer.join(10)
    assert set(statuses) == {200}
    assert sum(kills) >= 2, "no worker was killed"
    found = [str(key) for key in Datapoint.objects.filter(review=review).values_list("uuid", flat=True)]
    assert sorted(found) == sorted(entry["uuid"] for _, entry in entries)
