"""Signing in and out, through the real account pages, and that each of these pages is one of ours."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from projects.models import Role
from tests import factories as make

pytestmark = pytest.mark.django_db

SECRET = "a long secret"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    """allauth counts failed attempts in the cache."""
    cache.clear()


@pytest.fixture
def ada():
    return make.make_user("ada", email="ada@example.org")


def sign_in(client, login="ada", password=SECRET, **more):
    return client.post(reverse("account_login"), {"login": login, "password": password} | more)


def signed_in(client) -> bool:
    return client.get(reverse("board")).status_code == 200


# ---- in --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org"])
def test_by_name_or_address(login, client, ada):
    response = sign_in(client, login)
    assert response.headers["Location"] == reverse("board")
    assert signed_in(client)


@pytest.mark.parametrize(("login", "password"), [("ada", "wrong"), ("nobody", SECRET), ("ada", ""), ("", SECRET)])
def test_wrong_is_refused_and_says_so(login, password, client, ada):
    response = sign_in(client, login, password)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not signed_in(client)


def test_unknown_name_and_wrong_password_read_the_same(client, ada):
    pages = [sign_in(client, *pair).context["form"].errors.as_json() for pair in (("ada", "wrong"), ("eve", "wrong"))]
    assert pages[0] == pages[1]


def test_name_stays_in_its_field_and_the_password_does_not(client, ada):
    html = sign_in(client, "ada<b>", "wrong secret").content.decode()
    assert 'value="ada&lt;b&gt;"' in html
    assert "wrong secret" not in html


def test_deactivated_account_does_not_get_in(client, ada):
    ada.is_active = False
    ada.save()
    sign_in(client)
    assert not signed_in(client)


def test_leads_where_one_was_going(client, ada):
    program = make.make_program("Engines")
    make.join(program, Role.VIEWER, ada)
    first = client.get(program.get_absolute_url())
    login_page = client.get(first.headers["Location"]).content.decode()
    assert f'name="next" value="{program.get_absolute_url()}"' in login_page
    response = client.post(first.headers["Location"], {"login": "ada", "password": SECRET}, follow=True)
    assert response.redirect_chain[-1][0] == program.get_absolute_url()
    assert "Engines" in response.content.decode()


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"],
)
def test_leads_nowhere_else(target, client, ada):
    response = sign_in(client, next=target)
    assert response.headers["Location"] == reverse("board")


def test_session_is_a_new_one(client, ada):
    """An id that somebody planted before is worth nothing after."""
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_one_who_is_in_is_led_to_the_board(client, ada):
    sign_in(client)
    assert client.get(reverse("account_login")).headers["Location"] == reverse("board")


def test_form_without_a_token_is_refused_with_a_way_on(ada):
    client = Client(enforce_csrf_checks=True)
    response = sign_in(client)
    assert response.status_code == 403
    assert "this page was too old" in response.content.decode()


def test_guessing_is_slowed_down(client, ada):
    for _ in range(12):
        sign_in(client, password="wrong")
    sign_in(client)
    assert not signed_in(client)


# ---- out -------------------------------------------------------------------------------------------------------------


def test_out_by_post_only(client, ada):
    sign_in(client)
    page = client.get(reverse("account_logout"))
    assert page.status_code == 200
    assert "Sign out?" in page.content.decode()
    assert signed_in(client)
    assert client.post(reverse("account_logout")).headers["Location"] == reverse("account_login")
    assert not signed_in(client)


def test_menu_signs_out_by_post(client, ada):
    sign_in(client)
    html = client.get("/").content.decode()
    assert re.search(rf'<form method="post" action="{reverse("account_logout")}">', html)
    assert f'href="{reverse("account_logout")}"' not in html


def test_out_for_one_who_is_not_in(client):
    assert client.post(reverse("account_logout")).status_code == 302


# ---- accounts --------------------------------------------------------------------------------------------------------


def test_nobody_signs_up(client, django_user_model):
    page = client.get(reverse("account_signup"))
    assert "Accounts are made by invitation" in page.content.decode()
    data = {"username": "eve", "password1": SECRET, "password2": SECRET, "email": "eve@example.org"}
    client.post(reverse("account_signup"), data)
    assert not django_user_model.objects.exists()
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


def test_change_of_the_password(client, ada):
    sign_in(client)
    data = {"oldpassword": SECRET, "password1": "another longer secret", "password2": "another longer secret"}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    assert signed_in(client)
    client.logout()
    sign_in(client)
    assert not signed_in(client)
    sign_in(client, password="another longer secret")
    assert signed_in(client)


@pytest.mark.parametrize("password", ["short", "password1234", "13579135791357", "ada@example.org"])
def test_weak_password_is_refused(password, client, ada):
    sign_in(client)
    data = {"oldpassword": SECRET, "password1": password, "password2": password}
    response = client.post(reverse("account_change_password"), data)
    assert response.context["form"].errors


def test_reset_by_mail(client, ada, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    (mail,) = mailoutbox
    (link,) = re.findall(r"https?://[^/\s]+(/\S+)", mail.body)
    response = client.get(link, follow=True)
    data = {"password1": "another longer secret", "password2": "another longer secret"}
    client.post(response.redirect_chain[-1][0], data)
    sign_in(client, password="another longer secret")
    assert signed_in(client)
    again = Client().get(link, follow=True)
    assert again.status_code == 200
    assert "password1" not in again.content.decode()


def test_reset_says_the_same_of_an_unknown_address(client, ada):
    pages = []
    for address in ("ada@example.org", "eve@example.org"):
        response = Client().post(reverse("account_reset_password"), {"email": address}, follow=True)
        pages.append((response.redirect_chain, re.sub(r'value="[^"]*"', "", response.content.decode())))
    assert pages[0] == pages[1]


# ---- every page ------------------------------------------------------------------------------------------------------


def account_patterns() -> dict[str, list[str]]:
    """{name: what stands in its address}, of everything under accounts/."""
    found = {}

    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns)
            else:
                found[pattern.name] = list(pattern.pattern.regex.groupindex)

    walk([r for r in get_resolver().url_patterns if str(r.pattern).startswith("accounts/")])
    return found


def account_addresses() -> dict[str, str]:
    """{name: address} of every account page; what stands in an address is made up."""
    made_up = {"key": "made-up", "uidb36": "1"}
    return {
        name: reverse(name, kwargs={argument: made_up[argument] for argument in arguments})
        for name, arguments in account_patterns().items()
    }


def check(response, name: str) -> None:
    """A page in our design, or a step elsewhere; never an error, never the library's own look."""
    assert response.status_code in (200, 302, 404, 405), name
    if response.status_code == 200:
        html = response.content.decode()
        assert "app.css" in html, name
        assert 'class="entrance"' in html, name
        assert len(re.findall(r"<h1\b", html)) == 1, name
        assert "Menu:" not in html, name
        title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
        assert title, name
        assert title[1].strip(" ·\n") != "Limiting Factor", name


def test_every_account_page_signed_out(client):
    for name, url in account_addresses().items():
        check(client.get(url), name)


def test_every_account_page_signed_in(client, ada):
    sign_in(client)
    for name, url in account_addresses().items():
        if name != "account_logout":
            check(client.get(url), name)
    check(client.get(reverse("account_logout")), "account_logout")


def test_administration_is_for_staff(client, ada):
    sign_in(client)
    assert client.get("/admin/").status_code == 302
    assert "/admin/" not in client.get("/").content.decode()
    client.force_login(make.make_user(is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 200
    assert 'href="/admin/"' in client.get("/").content.decode()


def test_administration_has_no_door_of_its_own(client, ada):
    """Its own form would let one guess passwords without a limit."""
    response = client.get("/admin/login/", follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
    client.post("/admin/login/", {"username": "ada", "password": SECRET})
    assert not signed_in(client)
    sign_in(client)
    assert client.get("/admin/").status_code in (302, 403)
    assert client.get("/admin/", follow=True).status_code == 403
