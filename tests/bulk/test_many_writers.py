"""Sixteen processes write at once: none is told that the database is locked, and every acknowledged row is there."""

import multiprocessing
import time
import traceback
import uuid

from django.db import connections

from projects.models import Goal
from reviews.models import Datapoint
from reviews.services.datapoints import log_datapoint
from tests import factories as make

PROCESSES = 16


def write(goal: Goal, review, by, until: float, told) -> None:
    """In a process of its own: log until the time is over; what was acknowledged, how long each took, what failed."""
    connections.close_all()
    engineer = review.turns.filter(team=goal.team_id).first().engineer
    keys, seconds, failure = [], [], ""
    try:
        while not keys or time.monotonic() < until:
            key = uuid.uuid4()
            entry = make.make_entry(uuid=key, value=60.0, memo=f"Entry {key}", engineer=engineer, observed_on=None)
            began = time.perf_counter()
            log_datapoint(goal=goal, entry=entry, by=by, review=review)
            seconds.append(time.perf_counter() - began)
            keys.append(str(entry.uuid))
    except Exception:
        failure = traceback.format_exc()
    told.put((keys, seconds, failure))
    told.close()
    told.join_thread()


def test_no_writer_is_told_that_the_database_is_locked(review, size, request):
    goals = list(Goal.objects.select_related("team__program").order_by("pk"))
    by, context = make.make_user(), multiprocessing.get_context("fork")
    connections.close_all()  # a connection is not shared between processes
    told, until = context.Queue(), time.monotonic() + size(1, 60)
    writers = [
        context.Process(target=write, args=(goals[n % len(goals)], review, by, until, told)) for n in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    answers = [told.get(timeout=size(60, 180)) for _ in writers]
    for writer in writers:
        writer.join()
    assert not [failure for _keys, _seconds, failure in answers if failure]
    acknowledged = sorted(key for keys, _seconds, _failure in answers for key in keys)
    found = Datapoint.objects.filter(review=review).values_list("uuid", flat=True)
    assert sorted(str(key) for key in found) == acknowledged
    if request.config.getoption("--soak"):
        seconds = sorted(second for _keys, taken, _failure in answers for second in taken)
        p99 = seconds[int(len(seconds) * 0.99)]
        print(f"\n{len(seconds)} writes by {PROCESSES} processes, p99 {p99 * 1000:.0f} ms")
        assert p99 <= 0.5
