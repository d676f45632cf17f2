"""A database that takes nothing now: its disk is full, it is read-only, or away. The answer says so, and what to do.

503 and not 500: the browser keeps an entry and sends it again, proxies and monitors know that it passes.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from django.db import Error, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.api.door import refusal

AGAIN_AFTER = 30  # seconds
LITTLE = 1_000_000  # bytes


@dataclass(frozen=True)
class Outage:
    """name: for programs. what, way: for people; what is so, what to do. refused: whether nothing can have got in."""

    name: str
    what: str | Promise
    way: str | Promise
    refused: bool = True


FULL = Outage(
    "disk_full",
    _("The server's disk is full."),
    _("Whoever looks after this installation has to make room on the disk of the database."),
)
READ_ONLY = Outage(
    "read_only_database",
    _("The database takes no changes now."),
    _("Whoever looks after this installation has to make it writable again. Pages can be read meanwhile."),
)
BUSY = Outage("database_busy", _("The database was busy for too long."), _("This passes by itself, in a minute or so."))
AWAY = Outage(
    "no_database",
    _("The database does not answer."),
    _("Whoever looks after this installation sees at /healthz which part is down."),
    refused=False,
)
NOT_SAVED = _("What you sent was not saved. Send it again then: what is there already is not saved twice.")
NOT_KNOWN = _("Whether what you sent was saved is not known. Send it again then: it is not saved twice.")
SQLITE = {13: FULL, 8: READ_ONLY, 5: BUSY, 6: BUSY, 10: AWAY, 14: AWAY}  # sqlite.org/rescode.html, primary codes
POSTGRESQL = {"53100": FULL, "25006": READ_ONLY, "55P03": BUSY, "40P01": BUSY}  # SQLSTATE


def outage_of(error: BaseException | None) -> Outage | None:
    """What `error`, or what it came from, says of the database; None where the fault is another one."""
    while error is not None and not isinstance(error, Error):
        error = error.__cause__
    driver = error.__cause__ if error else None
    if hasattr(driver, "sqlite_errorcode"):
        found = SQLITE.get(driver.sqlite_errorcode & 0xFF)
        return FULL if found == AWAY and no_room() else found
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return POSTGRESQL.get(getattr(driver, "sqlstate", None) or "", AWAY)
    return None


def no_room() -> bool:
    """SQLite that cannot open a file beside its own says that it cannot be opened, not why."""
    folder = Path(connection.settings_dict["NAME"]).parent
    return folder.is_dir() and shutil.disk_usage(folder).free < LITTLE


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the error is being handled."""
    outage = outage_of(sys.exc_info()[1])
    return answer(request, outage) if outage else render(None, "500.html", status=500)


def answer(request: HttpRequest, outage: Outage) -> HttpResponse:
    fate = "" if request.method in ("GET", "HEAD") else str(NOT_SAVED if outage.refused else NOT_KNOWN)
    said = f"{outage.what} {outage.way} {fate}".strip()
    response: HttpResponse
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
        response = refusal(503, outage.name, said)
    else:
        response = render(None, "503.html", {"outage": outage, "fate": fate}, status=503)  # no request: no query
    response["Retry-After"] = str(AGAIN_AFTER)
    response["X-Message"] = said  # static/app.js shows it where a fragment was awaited
    return response
