"""Who can sign in: listed, deactivated and reactivated by those who manage accounts, with nothing lost."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from projects.models import Event, Membership, Role
from projects.services.programs import LastAdmin, remove_member
from tests import factories as make

pytestmark = pytest.mark.django_db

SECRET = "a long secret"


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture
def root(client):
    user = make.make_user("root", is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def ada():
    return make.make_user("ada", email="ada@example.org", first_name="Ada", last_name="Lovelace")


def signed_in_as(name: str) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": name, "password": SECRET})
    return client


def deactivate(client, user, **data):
    return client.post(reverse("person_deactivate", args=[user.pk]), data)


def test_lists_everyone_with_their_programs(client, root, ada):
    program = make.make_program("Engines")
    make.join(program, Role.MANAGER, ada)
    html = client.get(reverse("people")).content.decode()
    for text in ("Ada Lovelace (ada)", "ada@example.org", "Engines", "Manager", "root"):
        assert text in html


@pytest.mark.parametrize(("sought", "found"), [("love", True), ("ADA@", True), ("ada lovelace", True), ("bob", False)])
def test_is_searched_by_name_and_address(sought, found, client, root, ada):
    html = client.get(reverse("people"), {"search": sought}).content.decode()
    assert ("ada@example.org" in html) == found
    assert ("Nobody of this name" in html) != found


def test_sessions_end_at_once_and_nothing_is_lost(client, root, ada):
    program = make.make_program("Engines")
    make.join(program, Role.MANAGER, ada)
    make.join(program, Role.ADMIN)
    browser = signed_in_as("ada")
    assert browser.get(program.get_absolute_url()).status_code == 200
    assert deactivate(client, ada).headers["Location"] == reverse("people")
    assert browser.get(program.get_absolute_url()).status_code == 302
    assert signed_in_as("ada").get("/").status_code == 302
    assert Membership.objects.filter(user=ada, program=program, role=Role.MANAGER).exists()
    assert "ada" in client.get(reverse("members", args=[program.slug])).content.decode()
    assert "deactivated the account ada" in client.get(reverse("history", args=[program.slug])).content.decode()


def test_reactivated_signs_in_again(client, root, ada):
    deactivate(client, ada)
    assert client.post(reverse("person_reactivate", args=[ada.pk])).status_code == 302
    assert signed_in_as("ada").get("/").status_code == 200


def test_twice_is_once(client, root, ada):
    for _ in range(2):
        deactivate(client, ada)
    for _ in range(2):
        client.post(reverse("person_reactivate", args=[ada.pk]))
    verbs = Event.objects.filter(subject="user").values_list("verb", flat=True)
    assert sorted(verbs) == ["deactivated the account", "reactivated the account"]


def test_programs_that_lose_their_last_admin_are_named_and_asked_about(client, root, ada):
    _alone, shared, archived = (make.make_program(name, by=ada) for name in ("Alone", "Shared", "Archived"))
    make.join(shared, Role.ADMIN)
    type(archived).objects.filter(pk=archived.pk).update(archived_at="2026-01-01T00:00Z")
    html = client.get(reverse("person_deactivate", args=[ada.pk])).content.decode()
    assert "This program has no other admin" in html
    assert "Alone" in html
    assert "Shared" not in html
    assert "Archived" not in html
    response = deactivate(client, ada)
    assert response.status_code == 422
    ada.refresh_from_db()
    assert ada.is_active
    assert deactivate(client, ada, understood="on").status_code == 302
    ada.refresh_from_db()
    assert not ada.is_active


def test_a_deactivated_admin_is_no_other_admin(client, root, ada):
    program = make.make_program(by=ada)
    other = make.join(program, Role.ADMIN)
    deactivate(client, other)
    with pytest.raises(LastAdmin):
        remove_member(member=Membership.objects.get(program=program, user=ada), by=root)


def test_nobody_deactivates_themselves(client, root):
    response = deactivate(client, root)
    assert response.status_code == 422
    assert "This is your own account" in response.content.decode()
    assert client.get("/").status_code == 200


def test_who_manages_accounts_does_not_touch_a_superuser(client, root):
    clerk = make.make_user("clerk")
    clerk.user_permissions.add(Permission.objects.get(codename="change_user"))
    client.force_login(clerk)
    assert client.get(reverse("people")).status_code == 200
    assert deactivate(client, root).status_code == 403
    root.refresh_from_db()
    assert root.is_active
    assert deactivate(client, make.make_user()).status_code == 302


def test_programs_of_a_deactivated_account_keep_its_history(client, root, ada):
    program = make.make_program(by=ada)
    deactivate(client, ada, understood="on")
    assert User.objects.filter(pk=ada.pk).exists()
    assert Event.objects.filter(program=program, by=ada, verb="created").exists()


@pytest.mark.parametrize("rows", [3, 30])
def test_asks_the_same_number_of_queries_however_many_there_are(rows, client, root, django_assert_num_queries):
    for _ in range(rows):
        make.join(make.make_program(), Role.VIEWER)
    client.get(reverse("people"))
    with django_assert_num_queries(5):
        assert client.get(reverse("people")).status_code == 200
