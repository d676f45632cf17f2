from allauth.account import auth_backends
from allauth.account.internal.userkit import get_user_by_username
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.http import HttpRequest


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    """Signs in by address or by name, hashing exactly one password whatever was typed.

    allauth's own tries a known address twice and an unknown one once, which tells them apart by the clock.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials) -> User | None:
        return self._check_password(find_account(**credentials), credentials["password"])


def find_account(username: str = "", email: str = "", **_other) -> User | None:
    """The account of an address, else of a name.

    A confirmed address has one owner. One that was never confirmed counts where an administrator typed it into one
    account alone; what somebody merely asks to have as an address is nobody's.
    """
    address = email or username
    if "@" in address:
        confirmed = EmailAddress.objects.filter(email=address.lower(), verified=True).select_related("user").first()
        claimants = [confirmed.user] if confirmed else list(User.objects.filter(email__iexact=address)[:2])
        if len(claimants) == 1:
            return claimants[0]
    return get_user_by_username(username) if username else None
