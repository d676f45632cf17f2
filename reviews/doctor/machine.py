"""The machine: SQLite's version, room on the disk, folders that can be written, the clock."""

import datetime as dt
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.db.models import Max
from django.utils import timezone

from projects.management.commands.start import wal_reset_bug
from projects.models import Event
from reviews.doctor.findings import Finding, doubtful, fine, wrong
from reviews.models import Heartbeat, JobRun

MB = 1_000_000
TOO_LITTLE, LITTLE = 200 * MB, 1000 * MB
JUMP = dt.timedelta(minutes=5)
SLIGHT = dt.timedelta(seconds=5)


def check_machine() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        yield check_sqlite(sqlite3.sqlite_version_info)
    yield from check_folders()
    yield from check_clock(timezone.now())


def check_sqlite(version: tuple[int, ...]) -> Finding:
    says, number = wal_reset_bug(version), ".".join(map(str, version))
    if says.startswith("WARNING"):
        return wrong(
            "SQLite",
            f"{number} has the WAL-reset bug, which can damage the database (sqlite.org/wal.html#walresetbug)",
            "pip install pysqlite3 (a newer SQLite for Python alone), or SQLite 3.51.3 or newer, or PostgreSQL",
        )
    return fine("SQLite", f"{number}, {says}")


def check_folders() -> Iterator[Finding]:
    folders = {"DATA_DIR": settings.DATA_DIR}
    if connection.vendor == "sqlite":
        folders["Database"] = Path(connection.settings_dict["NAME"]).parent
    for name, folder in folders.items():
        if not os.access(folder, os.W_OK | os.X_OK):
            yield wrong(
                name, f"this user cannot write to {folder}", f"chown -R USER {folder}; systemd: ReadWritePaths="
            )
        else:
            yield check_room(name, shutil.disk_usage(folder).free, folder)
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        for one in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            if one.exists() and not os.access(one, os.W_OK):
                yield wrong(
                    "Database", f"this user cannot write to {one}", f"chown USER {one}: something ran as root once"
                )
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if settings.PRODUCTION and not manifest.exists():
        yield wrong("Static files", "were not collected: pages answer 500", "manage.py collectstatic --no-input")


def check_room(name: str, free: int, folder: Path) -> Finding:
    says = f"{free / MB:,.0f} MB free in {folder}"
    if free < TOO_LITTLE:
        return wrong(name, says, "make room: what is written fails on a full disk; what was acknowledged stays")
    if free < LITTLE:
        return doubtful(name, says, "make room soon")
    return fine(name, says)


def check_clock(now: dt.datetime) -> Iterator[Finding]:
    """What lies in the future was written before the clock was set back; another machine's clock may differ."""
    try:
        newest = max(
            filter(
                None,
                [
                    Event.objects.aggregate(at=Max("at"))["at"],
                    JobRun.objects.aggregate(at=Max("started_at"))["at"],
                    Heartbeat.objects.aggregate(at=Max("at"))["at"],
                ],
            ),
            default=now,
        )
        theirs = _clock_of_the_server(now)
    except Error:
        return  # said by check_database
    if newest > now + JUMP:
        yield wrong(
            "Clock",
            f"something was written at {newest:%Y-%m-%d %H:%M} UTC, which is still to come: a clock jumped",
            "timedatectl: is the time synchronised? Jobs go on by themselves; what was entered keeps its wrong day",
        )
    elif abs(theirs - now) > SLIGHT:
        yield doubtful(
            "Clock", f"that of the database differs by {abs(theirs - now).total_seconds():.0f} s", "NTP on both"
        )
    else:
        yield fine("Clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _clock_of_the_server(now: dt.datetime) -> dt.datetime:
    if connection.vendor != "postgresql":
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
