"""Writes retried under faults with the same key end as exactly one row each."""

from concurrent.futures import ThreadPoolExecutor

from django.db.models import Count

from projects.models import Event
from reviews.models import Datapoint
from tests.fault_proxy import FAULTS, FaultProxy, running


def test_every_write_is_one_row_and_another_content_is_refused(server, review, managers, size):
    count = size(60, 1000)
    proxy = FaultProxy(server.port, paths="/log/", share=0.5, late=size(1, 5), hold=size(3, 60), seed=7)
    with running(proxy):
        crew = managers(4, proxy.port)
        for one in crew:
            one.patience = size(2, 10)
        entries = [(crew[n % 4], crew[n % 4].entry(n)) for n in range(count)]
        with ThreadPoolExecutor(4) as pool:
            first = list(pool.map(lambda work: work[0].log(work[1]), entries))
            other = list(pool.map(lambda work: work[0].log(work[1] | {"value": 1}), entries[::5]))
    assert set(first) == {200}
    assert set(other) == {422}
    assert set(FAULTS) <= set(proxy.met), proxy.met
    rows = Datapoint.objects.filter(review=review)
    assert sorted(str(key) for key in rows.values_list("uuid", flat=True)) == sorted(e["uuid"] for _, e in entries)
    assert Event.objects.filter(verb="logged").count() == count
    assert not rows.values("memo").annotate(n=Count("pk")).filter(n__gt=1).exists()


def test_two_managers_at_once_each_see_all_of_the_other(server, review, managers, size):
    """Over the changes endpoint, asked as the page does: every row of the other, once."""
    each = size(12, 200)
    first, second = managers(2, server.port)

    def log_and_follow(manager) -> tuple[list[str], list[str]]:
        cursor, seen, mine = "", [], []
        for n in range(each):
            entry = manager.entry(n)
            assert manager.log(entry) == 200
            mine.append(entry["uuid"])
            cursor, new = manager.follow(cursor)
            seen += new
        return mine, [cursor, *seen]

    with ThreadPoolExecutor(2) as pool:
        (mine, [cursor, *seen]), (theirs, [their_cursor, *they_saw]) = pool.map(log_and_follow, (first, second))
    seen += first.follow(cursor)[1]
    they_saw += second.follow(their_cursor)[1]
    assert sorted(seen) == sorted(they_saw) == sorted(mine + theirs)
    assert Datapoint.objects.filter(review=review).count() == 2 * each
