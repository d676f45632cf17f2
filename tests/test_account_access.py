"""Who may open what of the account pages and of the administration: every address of theirs, by every method."""

import pytest
from django.contrib import admin
from django.urls import reverse

from projects.models import Role
from tests import factories as make
from tests.test_access import METHODS, as_user, everything, statements, undone
from tests.test_login import account_addresses

pytestmark = pytest.mark.django_db

# What a signed-in person may not be spared: these are there to get in, or to get in again.
OPEN = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
}
# These send on to the sign-in page by themselves; sent without what they need they change nothing.
TO_SIGN_IN = {"account_confirm_login_code", "account_logout", "mfa_authenticate"}


def people() -> dict:
    ours, theirs = make.make_program("Ours"), make.make_program("Theirs")
    roles = {role.value: make.join(ours, role) for role in Role}
    return {"anonymous": None, "outsider": make.join(theirs, Role.MANAGER), **roles}


@pytest.mark.parametrize("name", sorted(account_addresses()))
def test_an_account_page_is_open_to_get_in_and_else_for_who_is_in(name):
    url = account_addresses()[name]
    for actor, user in people().items():
        client = as_user(user)
        before = everything()
        for method in METHODS:
            with undone(), statements() as sent:
                response = getattr(client, method)(url, {"unknown": "field"})
            assert response.status_code < 500, (method, actor)
            assert not sent or everything() == before, (method, actor, sent)
            if actor == "anonymous" and name not in OPEN and method != "options" and response.status_code != 405:
                assert response.status_code == 302, method
                assert response.headers["Location"].startswith(reverse("account_login")), method


def test_each_of_the_open_ones_is_there():
    assert account_addresses().keys() >= OPEN | TO_SIGN_IN


def admin_addresses() -> list[str]:
    names = {pattern.name: pattern for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
    fixed = [reverse(f"admin:{name}") for name in ("index", "password_change", "password_change_done", "jsi18n")]
    assert len(names) > 5
    rows = []
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows += [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
        rows += [reverse(f"{base}_{page}", args=[1]) for page in ("change", "delete", "history")]
    return fixed + rows


@pytest.mark.parametrize("actor", ["anonymous", "outsider", *Role.values])
def test_the_administration_is_closed_to_everyone_but_staff(actor):
    client = as_user(people()[actor])
    before = everything()
    for url in admin_addresses():
        for method in METHODS:
            response = getattr(client, method)(url, {"username": "eve"})
            assert response.status_code == 302, (method, url)
            assert response.headers["Location"].startswith((reverse("account_login"), reverse("admin:login")))
    assert everything() == before


def test_staff_without_a_permission_change_nothing_in_the_administration():
    client = as_user(make.make_user(is_staff=True))
    before = everything()
    for url in admin_addresses():
        if "/password_change/" in url or url in (reverse("admin:index"), reverse("admin:jsi18n")):
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            assert getattr(client, method)(url, {"username": "eve"}).status_code in (302, 403), (method, url)
    assert everything() == before


def test_superusers_open_the_administration():
    client = as_user(make.make_user(is_superuser=True, is_staff=True))
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 200
