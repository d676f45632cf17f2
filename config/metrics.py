"""How many requests there were and how long they took, counted across all web processes of a server.

Loaded only where `METRICS_TOKEN` is set. Each process counts in a file of its own (prometheus_client's multi-process
mode), in a folder that all workers of one server share; what asks reads them all. A worker that is replaced leaves its
file, so that no count falls while the server runs.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

SECONDS = Histogram(
    "limiting_factor_request_seconds",
    "Time from a request to its answer",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
ANSWERS = Counter("limiting_factor_answers", "Answers by status", ["route", "status"])
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


def make_folder(folder: Path) -> None:
    """The folder of this server, whose name ends in its process id; those of servers that ended go."""
    name = folder.name.rpartition("-")[0]
    for other in folder.parent.glob(f"{name}-*"):
        if other != folder and not Path(f"/proc/{other.name.rpartition('-')[2]}").exists():
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def measure(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. Labels are names of routes, never paths: as many as there are routes, and nobody's ids."""
    make_folder(settings.METRICS_FOLDER)

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = (match.view_name or "unnamed") if match else "none"
        method = request.method if request.method in METHODS else "other"
        SECONDS.labels(route, method).observe(time.perf_counter() - began)
        ANSWERS.labels(route, str(response.status_code)).inc()
        return response

    return answer
