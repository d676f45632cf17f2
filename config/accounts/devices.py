"""A browser in which somebody signed in once is known again, so that guesses made elsewhere do not lock it out.

After OWASP, "Slow Down Online Guessing Attacks with Device Cookies". The cookie lets nobody in: it only gives its
browser a count of wrong passwords of its own.
"""

import secrets
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
SALT = "config.accounts.devices"
MAX_AGE = 365 * 24 * 60 * 60  # seconds; a browser keeps none for longer than 400 days


@dataclass(frozen=True)
class Device:
    user: int
    nonce: str


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    known = read_device(request)
    nonce = known.nonce if known and known.user == user.pk else secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps([user.pk, nonce], salt=SALT),
        max_age=MAX_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read_device(request: HttpRequest) -> Device | None:
    try:
        user, nonce = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Device(user, nonce)


def known_device(request: HttpRequest, name: str) -> Device | None:
    """The device of this browser, if the account that is called `name` (lower case) signed in here before."""
    device = read_device(request)
    if device is None:
        return None
    user = User.objects.filter(pk=device.user).first()
    if user is None:
        return None
    names = {user.get_username().lower(), user.email.lower()}
    names.update(EmailAddress.objects.filter(user=user).values_list("email", flat=True))
    return device if name in names else None
