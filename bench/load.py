"""Fifty managers log live at once for two minutes, on PostgreSQL with four web workers: how long, and is anything lost?

    python -m bench.load [--managers 50] [--seconds 120] [--workers 4] [--database postgres:///name_of_a_new_one]

Each manager has a review of their own and logs an entry as soon as the one before is answered, as the live page's
scripts send it. First the floor, in the same way: a bare signed-in insert through the same server and middleware
(bench/floor). What counts is the ratio of the two, and that every entry that was acknowledged is in the database once.
The database is made before and dropped after; its server must let this account create databases.
"""

import argparse
import asyncio
import datetime as dt
import itertools
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from tools.test import find_postgresql

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parent.parent
DONE = (200, 302)
PATIENCE = 30  # seconds for one answer


@dataclass
class Taken:
    """What came of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)

    def describe(self, name: str, lasted: float) -> str:
        ms = sorted(1000 * one for one in self.seconds)
        p50, p95 = statistics.median(ms), ms[int(0.95 * len(ms))]
        wrong = {status: count for status, count in self.statuses.items() if status not in DONE}
        rate = f"{len(ms):>6} requests, {len(ms) / lasted:6.0f} a second"
        return f"{name:<12} {rate}, p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, errors {wrong or 'none'}"

    @property
    def p95(self) -> float:
        return sorted(self.seconds)[int(0.95 * len(self.seconds))]


@dataclass(frozen=True)
class Manager:
    cookies: str
    token: str
    review: int
    targets: tuple[tuple[int, int], ...]  # goal, engineer

    def request(self, path: str, data: dict) -> bytes:
        body = urlencode(data).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {self.cookies}\r\nX-CSRFToken: {self.token}\r\n"
            f"Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


# ---- the world -------------------------------------------------------------------------------------------------------


def prepare(managers: int) -> list[Manager]:
    """A program, a review that is open and a signed-in manager each."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from projects.models import Role
    from tests import factories as make

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    found = []
    for n in range(managers):
        program = make.make_program(f"Load {n}")
        team = make.make_team(program, engineers=2)
        goals = [make.make_goal(team, values=make.STEADY) for _ in range(5)]
        make.refit_program(program)
        manager = make.join(program, Role.MANAGER, make.make_user(f"load-{n}"))
        review = make.open_review(program, manager)
        client, token = Client(), secrets.token_hex(16)
        client.force_login(manager)
        engineers = [seat.engineer_id for seat in team.seats.all()]
        targets = tuple(zip([goal.pk for goal in goals], itertools.cycle(engineers), strict=False))
        cookies = f"sessionid={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={token}"
        found.append(Manager(cookies, token, review.pk, targets))
    return found


def entry(manager: Manager, n: int) -> tuple[str, bytes]:
    goal, engineer = manager.targets[n % len(manager.targets)]
    key = str(uuid.uuid4())
    data = {"uuid": key, "engineer": engineer, "goal": goal, "value": 40 + n % 50, "level": "doer", "age": "40"}
    data |= {"memo": f"Ran the tests of the week, run {uuid.uuid4().hex}.", "blocker": ""}
    return key, manager.request(f"/reviews/{manager.review}/log/", data)


def bare(manager: Manager, n: int) -> tuple[str, bytes]:
    key = str(uuid.uuid4())
    data = {"uuid": key, "goal": manager.targets[0][0], "value": n % 50, "memo": f"Bare {key}"}
    return key, manager.request("/floor/insert/", data | {"observed_on": str(dt.date.today())})  # noqa: DTZ011


# ---- the load --------------------------------------------------------------------------------------------------------


async def send(port: int, message: bytes) -> int:
    """The status; 0 where there was no answer."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(message)
                head = await reader.readline()
                await reader.read()
                return int(head.split()[1])
            finally:
                writer.close()
    except (OSError, TimeoutError, IndexError, ValueError):
        return 0


async def press(port: int, managers: list[Manager], make_one, seconds: float) -> Taken:
    taken, ends = Taken(), time.perf_counter() + seconds

    async def one(manager: Manager) -> None:
        for n in itertools.count():
            if time.perf_counter() > ends:
                return
            key, message = make_one(manager, n)
            began = time.perf_counter()
            status = await send(port, message)
            taken.seconds.append(time.perf_counter() - began)
            taken.statuses[status] += 1
            if status in DONE:
                taken.acknowledged.append(key)

    await asyncio.gather(*(one(manager) for manager in managers))
    return taken


def serve(port: int, workers: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "1", "--no-ws", "config.wsgi:application"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


def run(asked: argparse.Namespace) -> int:
    import django

    django.setup()
    from django.db import connections

    from bench.web import free_port, wait_until_it_answers
    from reviews.models import Datapoint

    managers = prepare(asked.managers)
    connections.close_all()
    port = free_port()
    web = serve(port, asked.workers)
    try:
        wait_until_it_answers(port)
        load_before = os.getloadavg()[0]
        asyncio.run(press(port, managers, entry, 2))  # every worker has drawn something
        floor = asyncio.run(press(port, managers, bare, asked.seconds / 4))
        live = asyncio.run(press(port, managers, entry, asked.seconds))
    finally:
        web.terminate()
        web.wait(timeout=30)
    there = Counter(str(key) for key in Datapoint.objects.values_list("uuid", flat=True))
    lost = [key for key in live.acknowledged if there[key] != 1]
    print(floor.describe("bare insert", asked.seconds / 4))
    print(live.describe("live entry", asked.seconds))
    print(f"p95 is {live.p95 / floor.p95:.1f} x that of the bare insert")
    print(f"{len(live.acknowledged)} acknowledged, {len(lost)} of them not in the database exactly once")
    print(f"load average {load_before:.1f} before; {os.cpu_count()} cores, {asked.workers} web workers")
    return 1 if lost or set(live.statuses) != {200} else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--managers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    server = find_postgresql()
    if not server:
        sys.exit("No PostgreSQL in which this account may create databases.")
    name = f"limiting_factor_load_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder, psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            os.environ |= {
                "DJANGO_SETTINGS_MODULE": "bench.settings",
                "DATA_DIR": folder,
                "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}",
                "OMP_NUM_THREADS": "1",
                "DEBUG": "0",
            }
            return run(asked)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    sys.exit(main())
