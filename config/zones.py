"""The reader's time zone: instants are stored in UTC and shown in the zone of the browser that asks."""

from collections.abc import Callable
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

COOKIE = "zone"  # set by static/app.js
KNOWN = available_timezones()


def reader_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: dates and times of this answer are those of the reader; the server's where the browser says none."""

    def answer(request: HttpRequest) -> HttpResponse:
        name = unquote(request.COOKIES.get(COOKIE, ""))
        if name not in KNOWN:
            return get_response(request)
        with timezone.override(ZoneInfo(name)):
            return get_response(request)

    return answer
