"""The product's settings for tests of its processes: without DEBUG, without the half a minute in which static files are
made ready, and with a SQLite that takes no changes while the file READ_ONLY is there."""

import os
from pathlib import Path

from django.db.backends.signals import connection_created

from config.settings import *  # noqa: F403
from config.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
READ_ONLY = Path(os.environ.get("READ_ONLY", "/nonexistent"))


def read_only(connection, **_):
    if connection.vendor == "sqlite" and READ_ONLY.exists():
        connection.connection.execute("PRAGMA query_only = ON")


connection_created.connect(read_only)
