"""Out of the database: one moment of it, row by row, into a file that is there whole or not at all."""

import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from reviews.backups.tables import FORMAT, as_line, columns_of, heads_of, models_at, rows_of

AT_ONCE = 2000  # rows in memory


class CannotBackUp(Exception):
    """Says why, to who asked."""


def write_backup(path: Path) -> int:
    """Write all of the database as it is at one moment; how many rows. Whoever writes meanwhile is not held up.

    Raises CannotBackUp where the database waits for migrations, and OSError where the file cannot be written.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CannotBackUp("The database waits for migrations of this version. First: manage.py migrate")
    draft = path.with_name(f"{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds the hashes of passwords
    try:
        with os.fdopen(descriptor, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as file:
            digest, rows = hashlib.sha256(), 0
            with snapshot():
                for line in _lines():
                    digest.update(line)
                    file.write(line)
                    rows += line.startswith(b"[")
            file.write(as_line({"end": True, "rows": rows, "sha256": digest.hexdigest()}))
            file.close()
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return rows


def _lines() -> Iterator[bytes]:
    heads = heads_of(connection)
    made = {"made_at": timezone.now().isoformat(), "database": connection.vendor}
    yield as_line({"limiting_factor_backup": FORMAT, "heads": heads} | made)
    for label, model in models_at(connection, heads).items():
        yield as_line({"table": label, "columns": [field.attname for field in columns_of(model)]})
        for row in rows_of(model, AT_ONCE):
            yield as_line(row)


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction in which every read sees the same moment, and which keeps nobody from writing."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        usual = connection.transaction_mode
        connection.transaction_mode = "DEFERRED"  # ours is IMMEDIATE, which takes the write lock
        try:
            with transaction.atomic():
                yield
        finally:
            connection.transaction_mode = usual
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
