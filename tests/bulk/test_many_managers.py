"""Thirty managers log at once and look at the board: no error, and as many rows as acknowledgements."""

import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from reviews.models import Datapoint

MANAGERS = 30


def test_thirty_managers(server, review, managers, size, request):
    soak = request.config.getoption("--soak")
    until, entries = time.monotonic() + size(0, 600), size(2, 10**6)

    def meeting(manager) -> int:
        chance, saved, looked = random.Random(manager.owner), 0, time.monotonic()
        while saved < entries and (not soak or time.monotonic() < until):
            assert manager.log(manager.entry(saved)) == 200
            saved += 1
            if time.monotonic() - looked > size(0, 5):
                assert manager.send("GET", "/")[0] == 200
                looked = time.monotonic()
            if soak:
                time.sleep(chance.uniform(0.5, 2))
        return saved

    crew = managers(MANAGERS, server.port)
    with ThreadPoolExecutor(MANAGERS) as pool:
        saved = sum(pool.map(meeting, crew))
    assert Datapoint.objects.filter(review=review).count() == saved
    assert all(one.tries == len(one.seconds) for one in crew), "something was sent more than once"
    if soak:
        seconds = [second for one in crew for second in one.seconds]
        p95 = statistics.quantiles(seconds, n=20)[-1]
        print(f"\n{saved} entries of {MANAGERS} managers, p95 {p95 * 1000:.0f} ms")
        assert p95 <= 0.1
