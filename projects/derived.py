"""Where forecasts, outlooks and rankings are written: what can be computed again need not wait for the disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def derived() -> Iterator[None]:
    """A transaction whose end does not wait until the disk has it.

    A power cut may lose the last of what was derived, never what a person entered: that is on the disk before it is
    acknowledged. What was lost is missed (`reviews.services.forecasting.behind`) and computed again. Inside another
    transaction this is a part of that one, and waits with it.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            (usual,) = cursor.execute("PRAGMA synchronous").fetchone()
            cursor.execute("PRAGMA synchronous = NORMAL")  # cannot be said inside a transaction
            try:
                with transaction.atomic():
                    yield
            finally:
                cursor.execute(f"PRAGMA synchronous = {int(usual)}")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL synchronous_commit = off")
            yield
