"""Who asks: a program by its personal token, a page of ours by its session."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from projects.services.tokens import NoSuchToken, TooManyRequests, use_token

WRONG_TOKENS = {"wrong_token": "30/5m/ip"}
WAIT = 300  # seconds


class CsrfRefused(Exception):
    """A session's request that changes something came without the token of its page."""


class Token(AuthBase):
    """`Authorization: Bearer lf_…`. It stands alone: with a wrong one nobody is signed in by a cookie beside it."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> User | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            request.user = use_token(secret.strip(), timezone.now())
        except NoSuchToken:
            if not ratelimit.consume(
                request, app="config.api", action="wrong_token", config=WRONG_TOKENS, limit_get=True
            ):
                raise TooManyRequests(WAIT) from None
            raise
        return request.user


class Session(AuthBase):
    """The cookie of somebody signed in. What changes something needs the CSRF token too, in `X-CSRFToken`."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise CsrfRefused
        return request.user
