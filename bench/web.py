"""How fast pages open and a datapoint is logged, against a floor in the same run.

    python -m bench.web [--data FOLDER] [--rounds 3] [--requests 200] [--connections 1,8,32]

The floor is a bare Django view on the same server, through the same middleware, signed in: one query for 50 rows and a
template written by hand; for writes one bare insert. Floor and product alternate, three rounds or more; what counts is
the median of the rounds' ratios, because machines drift. The database (300 programs, 6,000 goals, 300,000 datapoints)
is made once and kept in FOLDER. The server is the one of production: granian, two workers of one thread.

Wanted: board 1.5 x the floor, program and goal page 2 x, logging without the engines 2.5 x the bare insert, and with
refit and ranking of a 20-goal program 15 ms more. Pages are asked for of 20 programs and 20 goals, as people do, and
once of ones that were never drawn.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import itertools
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
OPEN = 20  # programs and goals that people look at these days: drawn before, until something in them changes
ROOT = Path(__file__).resolve().parent.parent


# ---- the server and its data -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """What the requests are about."""

    cookies: str
    token: str
    slugs: list[str]
    goals: list[int]
    engineers: dict[int, int]  # goal -> who may say its number


def prepare(folder: Path, programs: int = 300) -> World:
    """The database, made where it is not there yet, and a session of its reader."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "DATA_DIR": str(folder)}
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.db import connections
    from django.middleware.csrf import _get_new_csrf_string

    from bench import web_data
    from projects.models import Goal, Program, Seat

    call_command("migrate", verbosity=0)
    if not Program.objects.exists():
        print("making the database, once", flush=True)
        web_data.fill(programs)
    call_command("collectstatic", interactive=False, verbosity=0)
    reader = get_user_model().objects.get(username=web_data.READER)
    session = SessionStore()
    session[SESSION_KEY] = str(reader.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session.save()
    token = _get_new_csrf_string()
    goals = list(Goal.objects.active().order_by("pk"))
    seats = dict(Seat.objects.values_list("team", "engineer"))
    world = World(
        cookies=f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}",
        token=token,
        slugs=list(Program.objects.order_by("pk").values_list("slug", flat=True)),
        goals=[goal.pk for goal in goals],
        engineers={goal.pk: seats[goal.team_id] for goal in goals},
    )
    connections.close_all()
    return world


@contextlib.contextmanager
def server(port: int) -> Iterator[int]:
    """The web server as docs/running.md starts it; its process id."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)),
            *("--workers", "2", "--blocking-threads", "1", "--no-ws", "config.wsgi:application"),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_until_it_answers(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_it_answers(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/accounts/login/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("the server does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


# ---- the client ------------------------------------------------------------------------------------------------------

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Failed(Exception):
    """The server answered something else than expected."""


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, wanted: bytes) -> int:
    """One request over a connection that stays open; how many bytes came."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    if found:
        body = await reader.readexactly(int(found[1])) if int(found[1]) else b""
    else:
        body = b""
        while size := int((await reader.readline()).strip() or b"0", 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readexactly(2)
    if head.split(b" ", 2)[1] != wanted:
        raise Failed(head.decode("latin-1") + body[:2000].decode("latin-1"))
    return len(head) + len(body)


async def load(port: int, connections: int, requests: Iterator[bytes], count: int, wanted: bytes) -> list[float]:
    """Seconds of each of `count` requests, sent over `connections` at once."""
    taken: list[float] = []
    left = iter(range(count))

    async def one() -> None:
        reader, writer = await asyncio.open_connection(HOST, port, limit=1 << 20)
        try:
            for _ in left:
                request = next(requests)
                began = time.perf_counter()
                await ask(reader, writer, request, wanted)
                taken.append(time.perf_counter() - began)
        finally:
            writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return taken


# ---- what is asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    name: str
    floor: str  # the name of the case it is measured against; its own for a floor
    target: float | None  # times the floor, or milliseconds more where `more`
    requests: Callable[[], bytes]
    wanted: bytes = b"200"
    more: bool = False


def get(world: World, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        f"Accept: text/html\r\nCookie: {world.cookies}\r\n\r\n"
    ).encode()


def post(world: World, path: str, **fields) -> bytes:
    from urllib.parse import urlencode

    body = urlencode({"csrfmiddlewaretoken": world.token, **fields})
    return (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        f"Cookie: {world.cookies}\r\n\r\n{body}"
    ).encode()


def cases(world: World) -> list[Case]:
    rng = random.Random(7)
    today = dt.datetime.now(dt.UTC).date()
    number = itertools.count(1)
    unseen = itertools.cycle(world.slugs[OPEN:]), itertools.cycle(world.goals[OPEN:])

    def entry(goal: int) -> dict:
        """What the form of a goal sends: each time another number and another memo."""
        return {
            "uuid": str(uuid.uuid4()),
            "engineer": world.engineers[goal],
            "value": str(round(rng.uniform(20, 99), 1)),
            "level": "doer",
            "observed_on": today.isoformat(),
            "memo": f"Ran the tests of the week, {next(number)} of {uuid.uuid4().int % 10**9} pass.",
            "blocker": "",
        }

    def logged(path: str) -> bytes:
        goal = rng.choice(world.goals)
        return post(world, path.format(goal), **entry(goal))

    def inserted() -> bytes:
        goal = rng.choice(world.goals)
        return post(world, "/floor/insert/", goal=goal, **entry(goal))

    return [
        Case("floor: 50 rows", "floor: 50 rows", None, lambda: get(world, "/floor/list/")),
        Case("board, 50 of 300 programs", "floor: 50 rows", 1.5, lambda: get(world, f"/?page={rng.randrange(1, 7)}")),
        Case("program", "floor: 50 rows", 2.0, lambda: get(world, f"/programs/{rng.choice(world.slugs[:OPEN])}/")),
        Case("goal", "floor: 50 rows", 2.0, lambda: get(world, f"/goals/{rng.choice(world.goals[:OPEN])}/")),
        Case("program, first time", "floor: 50 rows", None, lambda: get(world, f"/programs/{next(unseen[0])}/")),
        Case("goal, first time", "floor: 50 rows", None, lambda: get(world, f"/goals/{next(unseen[1])}/")),
        Case("floor: bare insert", "floor: bare insert", None, inserted, b"302"),
        Case("log without engines", "floor: bare insert", 2.5, lambda: logged("/floor/log/{}/"), b"302"),
        Case("log, refit, rank", "log without engines", 15.0, lambda: logged("/goals/{}/log/"), b"302", more=True),
    ]


# ---- the run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    p50: float
    p95: float


def figure(seconds: list[float]) -> Figure:
    parts = statistics.quantiles(seconds, n=100, method="inclusive")
    return Figure(1000 * parts[49], 1000 * parts[94])


def run(world: World, port: int, rounds: int, count: int, connections: list[int], only: str) -> bool:
    asked = cases(world)
    if only:
        named = {c.name for c in asked if only in c.name}
        named |= {c.floor for c in asked if c.name in named}
        asked = [c for c in asked if c.name in named or c.name in {d.floor for d in asked if d.name in named}]
    met = True
    for at_once in connections:
        found: dict[str, list[Figure]] = {case.name: [] for case in asked}
        for turn in range(rounds + 1):
            for case in asked:
                make = iter(case.requests, None)
                taken = asyncio.run(load(port, at_once, make, count, case.wanted))
                if turn:  # the first round warms
                    found[case.name].append(figure(taken))
        print(f"\n{at_once} connection{'s' if at_once > 1 else ''}, {rounds} rounds of {count} requests, milliseconds")
        for case in asked:
            met &= report(case, found)
    return met


def report(case: Case, found: dict[str, list[Figure]]) -> bool:
    mine, floor = found[case.name], found[case.floor]
    p50, p95 = (statistics.median(getattr(f, name) for f in mine) for name in ("p50", "p95"))
    line = f"  {case.name:<28} p50 {p50:7.1f}  p95 {p95:7.1f}"
    if case.name == case.floor:
        print(line, flush=True)
        return True
    if case.more:
        value = statistics.median(a.p50 - b.p50 for a, b in zip(mine, floor, strict=True))
        line += f"  {value:+6.1f} ms, wanted {case.target:+.0f}"
    else:
        value = statistics.median(a.p50 / b.p50 for a, b in zip(mine, floor, strict=True))
        tail = statistics.median(a.p95 / b.p95 for a, b in zip(mine, floor, strict=True))
        line += f"  {value:5.2f} x (p95 {tail:.2f} x)" + (f", wanted {case.target:.1f} x" if case.target else "")
    if case.target is None:
        print(line, flush=True)
        return True
    ok = value <= case.target
    print(f"{line}  {'met' if ok else 'MISSED'}", flush=True)
    return ok


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "limiting-factor-bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--connections", default="1,8,32")
    parser.add_argument("--only", default="", help="cases with this in their name, and what they are measured against")
    asked = parser.parse_args()
    world = prepare(asked.data.resolve())
    port = free_port()
    with server(port):
        load_before = os.getloadavg()[0]
        connections = [int(n) for n in asked.connections.split(",")]
        met = run(world, port, max(asked.rounds, 1), asked.requests, connections, asked.only)
        print(f"\nload average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after; {os.cpu_count()} cores")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
