"""A public server never runs with the demo's accounts: their password is printed in the README."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

DEMO_USERNAMES = ("manager", "viewer")
DEMO_PASSWORD = "demo"  # noqa: S105  (public on purpose; refused in production by what follows)

REFUSAL = (
    "The demo's accounts are in this database with their public password: {names}. PRODUCTION=1 does not start with "
    "them. Give each a password of its own (manage.py changepassword NAME) or delete it."
)


def refuse_demo_in_production() -> None:
    """Called by every process that serves: web, worker and beat."""
    if not settings.PRODUCTION:
        return
    names = demo_accounts()
    if names:
        raise ImproperlyConfigured(REFUSAL.format(names=", ".join(names)))


def demo_accounts(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the demo's users that can sign in with the demo's password; none in a database without tables."""
    model = get_user_model()
    if model._meta.db_table not in connections[using].introspection.table_names():
        return []
    users = model._default_manager.using(using).filter(username__in=DEMO_USERNAMES, is_active=True)
    # Not `user.check_password`: that writes the row where the hash is of an older kind.
    return [user.get_username() for user in users.order_by("username") if check_password(DEMO_PASSWORD, user.password)]


def check_demo_accounts(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """For `check --deploy --database default`: tells of demo accounts before a start is tried."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(REFUSAL.format(names=", ".join(names)), id="limiting_factor.E001")
        for alias in databases or []
        if (names := demo_accounts(alias))
    ]
