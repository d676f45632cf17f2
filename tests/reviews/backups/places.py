"""Databases to restore into, and commands run on them as an administrator does."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.needs import missing
from tools.test import HOW, another_database, find_postgresql

ROOT = Path(__file__).resolve().parents[3]
KINDS = ("sqlite", "postgresql")


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'{secrets.token_hex(4)}.sqlite3'}"
        return
    server = find_postgresql()
    if not server:
        missing("No PostgreSQL to restore into", fix=HOW)
    name = f"limiting_factor_restore_{secrets.token_hex(4)}"
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield another_database(server, name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(database: str, *arguments: str, folder: Path, fails: bool = False) -> str:
    environment = {**os.environ, "DATABASE_URL": database, "DATA_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


# Read apart from the code that wrote the backup: whatever the database's own driver gives, table by table.
DUMP = """
import json
from django.db import connection
with connection.cursor() as cursor:
    for name in sorted(connection.introspection.table_names(cursor)):
        cursor.execute(f'SELECT * FROM "{name}"')
        columns = [one[0] for one in cursor.description]
        for row in cursor:
            print(json.dumps([name, dict(zip(columns, row))], default=str, sort_keys=True))
"""


def rows_in(database: str, folder: Path) -> dict[str, list[str]]:
    """{table: its rows as text}."""
    found: dict[str, list[str]] = {}
    for line in manage(database, "shell", "--no-imports", "-c", DUMP, folder=folder).splitlines():
        if line.startswith("["):
            table, row = json.loads(line)
            found.setdefault(table, []).append(json.dumps(row, sort_keys=True))
    return {table: sorted(rows) for table, rows in found.items()}
