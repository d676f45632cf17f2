"""Digests built and sent by one worker, database and mail server included, and what share of it goes into charts.

    python -m bench.digests [--people 1000] [--programs 50] [--follow 10] [--database URL]

Makes a database in a temporary folder (or fills the empty one at URL), fills it with the demo's series (20 goals a
program), lets a week pass in what the model said, subscribes people who each follow some of the programs, and times
what one worker does on Monday at seven: plan, claim, build, draw, write and hand over, to a mail server in a process of
its own.
"""

import argparse
import datetime as dt
import multiprocessing
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from typing import Any

GOALS = 20  # of a program


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=1000)
    arguments.add_argument("--programs", type=int, default=50)
    arguments.add_argument("--follow", type=int, default=10)
    arguments.add_argument("--database", default="")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": folder}
        os.environ.pop("DATABASE_URL", None)
        if asked.database:
            os.environ["DATABASE_URL"] = asked.database
        with multiprocessing.get_context("spawn").Pool(1) as elsewhere:
            port = elsewhere.apply(listen)
            os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
            run(asked.people, asked.programs, asked.follow)
            received, octets = elsewhere.apply(how_many)
        print(f"the mail server has {received} mails of {octets / max(received, 1) / 1024:.0f} KB")


# ---- the mail server's process ---------------------------------------------------------------------------------------

there: dict[str, Any] = {}


def listen() -> int:
    from tests.mail_server import mail_server

    there["context"] = mail_server()
    there["server"], address = there["context"].__enter__()
    return int(address.rpartition(":")[2])


def how_many() -> tuple[int, int]:
    received = there["server"].received
    octets = sum(len(message.as_bytes()) for message in received)
    there["context"].__exit__(None, None, None)
    return len(received), octets


# ---- the worker ------------------------------------------------------------------------------------------------------


def run(people: int, programs: int, follow: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from bench.nightly_refit import fill
    from projects.models import Program
    from reviews.digests import pictures, render
    from reviews.digests.post import Post
    from reviews.models import Delivery
    from reviews.services import deliveries, sending
    from reviews.services.forecasting import refit_programs

    call_command("migrate", verbosity=0)
    fill(programs * GOALS)
    found = list(Program.objects.all())
    refit_programs(found)
    week_ago(found)
    subscribe(found, people, follow)
    charts, mail = timed(render, "png"), timed(Post, "send")
    pictures._drawn('{"mark": "point", "data": {"values": []}}')  # its start, once a worker
    began, cpu = time.perf_counter(), time.process_time()
    planned = deliveries.plan(timezone.now())
    plan = time.perf_counter() - began
    while sending.send_due():
        pass
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    sent = Delivery.objects.filter(state="sent").count()
    print(
        f"{people} people who follow {follow} of {programs} programs: {sent} of {planned} sent in {seconds:.1f} s "
        f"({cpu:.1f} s of processor), {sent / seconds:.1f} a second\n"
        f"planning {plan:.1f} s; charts {100 * charts[0] / seconds:.0f} % ({charts[0]:.1f} s), "
        f"the conversation {100 * mail[0] / seconds:.0f} % ({mail[0]:.1f} s)\n"
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def timed(holder: Any, name: str) -> list[float]:
    """Seconds spent in a function from now on."""
    spent, function = [0.0], getattr(holder, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[0] += time.perf_counter() - began

    made: Callable = wrapped
    setattr(holder, name, made)
    return spent


def week_ago(programs: list) -> None:
    """What the model said eight days ago: as now, but with other odds, so that there is something to tell."""
    from projects.models import RankingDay

    rows = list(RankingDay.objects.all())
    for n, row in enumerate(rows):
        row.pk, row.day = None, row.day - dt.timedelta(days=8)
        if n % 2:
            row.p_deadline = min((row.p_deadline or 0.0) + 0.2, 1.0)
    RankingDay.objects.bulk_create(rows)


def subscribe(programs: list, people: int, follow: int) -> None:
    from django.contrib.auth.models import User
    from django.utils import timezone

    from projects.models import Membership
    from projects.time import WEEK, monday
    from reviews.models import Subscription

    chance, now = random.Random(20), timezone.now()
    users = User.objects.bulk_create(User(username=f"reader{n}", email=f"reader{n}@example.org") for n in range(people))
    Membership.objects.bulk_create(
        Membership(program=program, user=user, role="viewer")
        for user in users
        for program in chance.sample(programs, min(follow, len(programs)))
    )
    last = monday(now.date()) - 2 * WEEK
    Subscription.objects.bulk_create(
        Subscription(user=user, planned_to=last, changed_at=now - 4 * WEEK) for user in users
    )


if __name__ == "__main__":
    main()
