import logging
from smtplib import SMTPException

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.accounts import throttle
from config.accounts.devices import remember_device

logger = logging.getLogger(__name__)

# Besides Django's own rule. A name with an @ could be somebody else's address.
USERNAME_VALIDATORS = [
    User.username_validator,
    RegexValidator("@", _("A user name has no @: it would look like an address."), inverse_match=True),
]


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks us."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The name and the password do not belong together."),
        "email_password_mismatch": _("The name and the password do not belong together."),
        "too_many_login_attempts": _(
            "Too many wrong passwords. Wait a few minutes, or choose a new password by mail: that works at once."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by an invitation or an administrator; nobody signs up by themselves."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials) -> None:
        self._login_failed_rl_usage = throttle.count_attempt(request, typed_name(credentials))
        if self._login_failed_rl_usage is None:
            raise self.validation_error("too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials) -> None:
        """After a password was reset: whoever reads the mail is no guesser."""
        throttle.forget_attempts(request, typed_name(credentials))

    def post_login(self, request: HttpRequest, user: User, **kwargs) -> HttpResponse:
        vouch_for_address(user)
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        return response

    def send_notification_mail(self, *args, **kwargs) -> None:
        """What it tells of is done: a mail server that fails must not make it look undone."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except (OSError, SMTPException):
            logger.exception("A notice about an account could not be mailed")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


def typed_name(credentials: dict) -> str:
    """What stood in the first field, whichever way allauth read it."""
    return (credentials.get("email") or credentials.get("username") or "").strip().lower()


def vouch_for_address(user: User) -> None:
    """The address that an administrator typed into an account counts as its own until it is changed.

    Without this a change of address would drop the old one before the new one is confirmed, and tell nobody.
    """
    address = user.email.lower()
    if not address or EmailAddress.objects.filter(user=user).exists():
        return
    if not EmailAddress.objects.filter(email=address, verified=True).exists():
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
