"""The API put together: its addresses, who may ask, and how it refuses."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig, ValidationError
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.log import log_response
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as WrongShape

from config.api.auth import CsrfRefused, Session, Token
from config.api.door import refusal
from config.outage import answer, outage_of
from projects.api import router as programs
from projects.services.tokens import NoSuchToken, TooManyRequests
from reviews.api import router as datapoints
from reviews.services.datapoints import KeyReused

api = NinjaAPI(
    title="Limiting Factor",
    version="1",
    description="What limits each program, the goals behind it, and their datapoints. docs/api.md has examples.",
    urls_namespace="api",
    auth=[Token(), Session()],
    docs_url=None,  # a page of other people's scripts, which the Content-Security-Policy would stop
    openapi_url=None,  # below, for who is signed in
)
api.add_router("", programs)
api.add_router("", datapoints)


@api.get("/openapi.json", include_in_schema=False, url_name="openapi")
def openapi(request: HttpRequest):
    return api.get_openapi_schema(path_prefix="/api/")


# ---- refusals: each says what to do ---------------------------------------------------------------------------------


@api.exception_handler(AuthenticationError)
def nobody(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("Sign in, or send “Authorization: Bearer …” with a token that you made on your account page.")
    return refusal(401, "not_signed_in", said, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(NoSuchToken)
def wrong_token(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("This token opens nothing: it was mistyped or revoked. Make another one on your account page.")
    return refusal(401, "wrong_token", said, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


@api.exception_handler(TooManyRequests)
def too_many(request: HttpRequest, exc: TooManyRequests) -> HttpResponse:
    said = _("Too many requests. Try again in %(seconds)s seconds.") % {"seconds": exc.seconds}
    return refusal(429, "too_many", said, headers={"Retry-After": str(exc.seconds)})


@api.exception_handler(CsrfRefused)
def no_csrf_token(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("With a session's cookie, send its CSRF token as X-CSRFToken. A program sends a personal token instead.")
    return refusal(403, "csrf", said)


@api.exception_handler(PermissionDenied)
def read_only(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("You may read this program, and not change it. One of its admins can make you a manager.")
    return refusal(403, "read_only", said)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("There is none, or it is not yours to see. GET /api/limiting-factors lists your programs.")
    return refusal(404, "not_found", said)


@api.exception_handler(WrongShape)
def wrong_shape(request: HttpRequest, exc: WrongShape) -> HttpResponse:
    """What was sent is not what the address takes; nothing of it is sent back, only where it is wrong."""
    fields: dict[str, list[str]] = {}
    for error in exc.errors:
        named = [str(part) for part in error["loc"][1:] if part != "body"]
        fields.setdefault(".".join(named) or "body", []).append(error["msg"])
    return refused(fields)


@api.exception_handler(ValidationError)
def not_taken(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    found = exc.message_dict if hasattr(exc, "error_dict") else {NON_FIELD_ERRORS: exc.messages}
    return refused({"datapoint" if name == NON_FIELD_ERRORS else name: texts for name, texts in found.items()})


def refused(fields: dict[str, list[str]]) -> HttpResponse:
    said = " ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
    return refusal(
        422, "refused", _("Not saved. Correct this and send it again: %(fields)s") % {"fields": said}, fields=fields
    )


@api.exception_handler(KeyReused)
def key_reused(request: HttpRequest, _exc: Any) -> HttpResponse:
    said = _("This UUID was sent before with other content; the first one stands. Make a new UUID for a new datapoint.")
    return refusal(422, "key_reused", said)


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, _exc: Any) -> HttpResponse:
    return refusal(413, "too_big", _("More than 2.5 MB was sent. A datapoint is a few hundred bytes."))


@api.exception_handler(HttpError)
def malformed(request: HttpRequest, exc: HttpError) -> HttpResponse:
    return refusal(exc.status_code, "malformed", _("The body could not be read: send one JSON object, as UTF-8."))


@api.exception_handler(Exception)
def server_error(request: HttpRequest, exc: Any) -> HttpResponse:
    got_request_exception.send(sender=None, request=request)
    outage = outage_of(exc)
    said = _("This is our mistake, and it was logged. Sending it again is safe.")
    response = answer(request, outage) if outage else refusal(500, "server_error", said)
    log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request, exception=exc)
    return response


urlpatterns = [path("api/", api.urls)]
