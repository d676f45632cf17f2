"""Several queries that see one state of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def reading() -> Iterator[None]:
    """Everything read inside sees the same moment, and nobody waits for it.

    `atomic()` will not do: on SQLite it takes the write lock, on PostgreSQL each query sees a later moment. Inside a
    transaction that runs already there is nothing to begin. Only reads belong in here.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
