"""A full disk and a read-only database, for a while: what is refused says so and what to do, what is there stays whole,
and all goes on by itself afterwards.

A real web server, worker and beat. The disk is one of a few megabytes that the test fills and empties: with SQLite all
of the product's files lie there; of PostgreSQL the tables do, and its log has room, as docs/running.md advises.
"""

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from tests.bulk.client import Manager
from tests.bulk.conftest import web_server
from tests.bulk.mailing.stage import Stage
from tests.bulk.mailing.test_never_lost_never_twice import cluster  # noqa: F401  (a fixture)
from tests.bulk.small_disk import small_disk
from tests.bulk.test_stopped_database import elsewhere
from tests.mail_server import mail_server
from tests.processes import wait_until

pytestmark = pytest.mark.slow
MOST = 4000  # entries until the last free page of a database is used up


@dataclass(frozen=True)
class Trouble:
    begin: Callable[[], object]
    end: Callable[[], object]
    says: tuple[str, str]  # what is so, and what to do
    reads: bool = False  # whether pages can be read meanwhile


FULL = ("The server's disk is full.", "has to make room")
READ_ONLY = ("The database takes no changes now.", "has to make it writable again")


def post(manager: Manager, entry: dict) -> tuple[int, str]:
    status, answer = manager.send("POST", manager.url, urlencode(entry))
    return status, answer.get("message", "")


def all_seen(port: int) -> bool:
    """Beat and worker have begun, as /healthz tells."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return all(part["says"] != "was never seen" for part in found["parts"].values())


def refused_entries(manager: Manager, trouble: Trouble, saved: list[dict]) -> list[dict]:
    """Five that were not saved, each with true words; those that still fitted go to `saved`."""
    refused: list[dict] = []
    for n in range(MOST):
        entry = manager.entry(n)
        status, said = post(manager, entry)
        if status == 200:
            saved.append(entry)
            continue
        assert status == 503, (status, said)
        assert all(words in said for words in (*trouble.says, "was not saved")), said
        refused.append(entry)
        if len(refused) == 5:
            return refused
    raise AssertionError("nothing was ever refused")


def rehearse(trouble: Trouble, environment: dict[str, str], folder: Path) -> None:
    with mail_server() as (server, url):
        environment = environment | {"SECRET_KEY": "trouble" * 10, "EMAIL_URL": url}
        environment |= {"DEBUG": "0", "DJANGO_SETTINGS_MODULE": "tests.bulk.plain"}
        stage = Stage(folder, environment, server)
        stage.environment["DATA_DIR"] = data = environment["DATA_DIR"]
        world = elsewhere("build", stage.environment)
        try:
            with web_server(Path(data), environment, environment["DATABASE_URL"], environment["SECRET_KEY"]) as web:
                manager = Manager(**world, port=web.port)
                processes = [stage.beat(), stage.worker()]
                wait_until(lambda: all_seen(web.port), seconds=120, what="all parts are at work", each=0.5)
                saved = [manager.entry(n) for n in range(5)]
                assert {post(manager, entry)[0] for entry in saved} == {200}

                trouble.begin()
                refused = refused_entries(manager, trouble, saved)
                if trouble.reads:
                    assert manager.send("GET", f"{manager.changes}?after=")[0] == 200
                time.sleep(8)  # beat and worker meet it too
                assert [process.poll() for process in processes] == [None, None], stage.log()

                trouble.end()
                assert {manager.log(entry) for entry in refused} == {200}
                stage.fill(5)
                stage.check(stage.wait(seconds=120))
                assert [process.poll() for process in processes] == [None, None], stage.log()
        finally:
            stage.stop()
        sent = sorted(entry["uuid"] for entry in saved + refused)
        assert sorted(elsewhere("keys", stage.environment)) == sent


def check_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def check_postgresql(cluster) -> None:  # noqa: F811
    where = ("-U", "postgres", "-h", "127.0.0.1", "-p", str(cluster.port))
    cluster.run("pg_amcheck", "--all", "--install-missing", *where)


def test_full_disk_with_sqlite(tmp_path, clean_environment):
    with small_disk(tmp_path / "data", 24) as disk:
        file = disk.folder / "limiting_factor.sqlite3"
        here = {"DATA_DIR": str(disk.folder), "DATABASE_URL": f"sqlite:///{file}"}
        rehearse(Trouble(disk.fill, disk.make_room, FULL), clean_environment | here, tmp_path)
        check_sqlite(file)


def test_full_disk_with_postgresql(tmp_path, clean_environment, cluster):  # noqa: F811
    with small_disk(cluster.folder / "small", 32) as disk:
        cluster.own(disk.folder)
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{disk.folder}'")
            connection.execute("CREATE DATABASE small TABLESPACE small")
        here = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": cluster.url.rpartition("/")[0] + "/small"}
        rehearse(Trouble(disk.fill, disk.make_room, FULL, reads=True), clean_environment | here, tmp_path)
        check_postgresql(cluster)


def test_read_only_sqlite(tmp_path, clean_environment):
    flag, file = tmp_path / "read-only", tmp_path / "data" / "limiting_factor.sqlite3"
    here = {"DATA_DIR": str(file.parent), "DATABASE_URL": f"sqlite:///{file}", "READ_ONLY": str(flag)}
    rehearse(Trouble(flag.touch, flag.unlink, READ_ONLY, reads=True), clean_environment | here, tmp_path)
    check_sqlite(file)


def test_read_only_postgresql(tmp_path, clean_environment, cluster):  # noqa: F811
    """As a standby or a server in maintenance is; and whoever is connected is thrown out, at both turns."""

    def turn(to: str) -> None:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE postgres SET default_transaction_read_only = {to}")
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    here = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": cluster.url}
    trouble = Trouble(lambda: turn("on"), lambda: turn("off"), READ_ONLY, reads=True)
    rehearse(trouble, clean_environment | here, tmp_path)
    check_postgresql(cluster)
