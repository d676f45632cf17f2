"""One's own account: the page that ties it together, the address, the second factor, and where one is signed in."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from projects.templatetags.people import browser
from tests import factories as make

pytestmark = pytest.mark.django_db

SECRET = "a long secret"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture(autouse=True)
def ada():
    return make.make_user("ada", email="ada@example.org")


@pytest.fixture
def browser_of_ada(client):
    return signed_in(client)


def signed_in(client: Client, password: str = SECRET, **headers) -> Client:
    data = {"login": "ada", "password": password}
    assert client.post(reverse("account_login"), data, **headers).status_code == 302
    return client


def confirm_password(client: Client) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": SECRET}).status_code == 302


def page(client: Client, name: str = "account") -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def link_in(mail) -> str:
    return re.findall(r"https?://[^/\s]+(/\S+)", mail.body)[0]


# ---- the page --------------------------------------------------------------------------------------------------------


def test_ties_everything_together(browser_of_ada):
    html = page(browser_of_ada)
    for name in ("account_email", "account_change_password", "mfa_index"):
        assert f'href="{reverse(name)}"' in html
    assert "ada@example.org" in html
    assert "Off: the password alone" in html
    assert f'href="{reverse("account")}"' in browser_of_ada.get("/").content.decode()


def test_says_in_which_zone_times_are_shown(browser_of_ada):
    assert "<strong>UTC</strong>" in page(browser_of_ada)
    browser_of_ada.cookies["zone"] = "Europe%2FBerlin"
    assert "<strong>Europe/Berlin</strong>" in page(browser_of_ada)


def test_name_is_changed(browser_of_ada, ada):
    data = {"first_name": "Ada", "last_name": "<Lovelace>", "is_superuser": "1", "username": "eve"}
    assert browser_of_ada.post(reverse("account"), data).status_code == 302
    ada.refresh_from_db()
    assert (ada.get_full_name(), ada.username, ada.is_superuser) == ("Ada <Lovelace>", "ada", False)
    assert "&lt;Lovelace&gt;" in page(browser_of_ada)


def test_a_name_that_is_too_long_is_refused_and_kept_in_its_field(browser_of_ada, ada):
    response = browser_of_ada.post(reverse("account"), {"first_name": "A" * 151, "last_name": ""})
    assert response.status_code == 422
    assert "A" * 151 in response.content.decode()
    ada.refresh_from_db()
    assert ada.first_name == ""


# ---- the address -----------------------------------------------------------------------------------------------------


def test_a_new_address_takes_its_place_once_confirmed_and_the_old_one_is_told(browser_of_ada, ada, mailoutbox):
    confirm_password(browser_of_ada)
    browser_of_ada.post(reverse("account_email"), {"email": "ada@new.example", "action_add": ""})
    (asked,) = mailoutbox
    assert asked.to == ["ada@new.example"]
    assert EmailAddress.objects.get_primary(ada).email == "ada@example.org"
    assert "ada@new.example waits to be confirmed" in page(browser_of_ada)
    browser_of_ada.post(link_in(asked))
    ada.refresh_from_db()
    assert ada.email == "ada@new.example"
    assert [(a.email, a.verified) for a in EmailAddress.objects.filter(user=ada)] == [("ada@new.example", True)]
    told = mailoutbox[-1]
    assert told.to == ["ada@example.org"]
    assert "ada@new.example" in told.body


def test_the_address_is_not_changed_without_the_password(browser_of_ada, ada, mailoutbox):
    response = browser_of_ada.post(reverse("account_email"), {"email": "eve@example.org", "action_add": ""})
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not mailoutbox
    assert not EmailAddress.objects.filter(email="eve@example.org").exists()


def test_asking_for_the_address_of_another_account_tells_nothing_and_takes_nothing(browser_of_ada, ada, mailoutbox):
    make.make_user("bob", email="bob@example.org")
    confirm_password(browser_of_ada)
    browser_of_ada.post(reverse("account_email"), {"email": "BOB@example.org", "action_add": ""})
    assert "bob@example.org waits to be confirmed" in page(browser_of_ada)
    assert [mail.to for mail in mailoutbox] == [["bob@example.org"]]
    data = {"login": "bob@example.org", "password": SECRET}
    bob = Client()
    assert bob.post(reverse("account_login"), data).status_code == 302
    assert "bob@example.org" in page(bob)
    browser_of_ada.post(link_in(mailoutbox[0]))
    assert EmailAddress.objects.get_primary(ada).email == "ada@example.org"


def test_a_mail_server_that_fails_does_not_undo_what_it_should_tell(browser_of_ada, monkeypatch):
    def fail(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)
    data = {"oldpassword": SECRET, "password1": "another longer secret", "password2": "another longer secret"}
    assert browser_of_ada.post(reverse("account_change_password"), data).headers["Location"] == reverse("account")
    signed_in(Client(), "another longer secret")


def test_a_change_of_the_password_is_told_and_ends_the_other_sessions(browser_of_ada, mailoutbox):
    elsewhere = signed_in(Client())
    confirm_password(browser_of_ada)
    data = {"oldpassword": SECRET, "password1": "another longer secret", "password2": "another longer secret"}
    assert browser_of_ada.post(reverse("account_change_password"), data).headers["Location"] == reverse("account")
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert browser_of_ada.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_and_one_is_ended(browser_of_ada, ada):
    phone = signed_in(Client(), headers={"User-Agent": FIREFOX}, REMOTE_ADDR="198.51.100.23")
    html = page(browser_of_ada)
    assert "Firefox on Linux" in html
    assert "198.51.100.23" in html
    assert html.count("this browser</span>") == 1
    session = UserSession.objects.get(ip="198.51.100.23")
    assert browser_of_ada.post(reverse("session_end", args=[session.pk])).status_code == 302
    assert phone.get("/").status_code == 302
    assert browser_of_ada.get("/").status_code == 200
    assert "198.51.100.23" not in page(browser_of_ada)
    assert browser_of_ada.post(reverse("session_end", args=[session.pk])).status_code == 404


def test_everywhere_else_at_once(browser_of_ada):
    others = [signed_in(Client()) for _ in range(3)]
    assert "You are signed in in 4 browsers" in page(browser_of_ada, "usersessions_list")
    browser_of_ada.post(reverse("usersessions_list"))
    assert [other.get("/").status_code for other in others] == [302, 302, 302]
    assert browser_of_ada.get("/").status_code == 200


def test_a_session_of_somebody_else_is_not_found(browser_of_ada):
    make.make_user("bob")
    bob = Client()
    bob.post(reverse("account_login"), {"login": "bob", "password": SECRET})
    session = UserSession.objects.get(user__username="bob")
    assert browser_of_ada.post(reverse("session_end", args=[session.pk])).status_code == 404
    assert bob.get("/").status_code == 200


def test_one_that_ran_out_is_no_longer_listed(browser_of_ada, ada):
    phone = signed_in(Client(), headers={"User-Agent": FIREFOX})
    phone.session.flush()
    assert "Firefox" not in page(browser_of_ada)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_by_its_name(sent, words):
    assert browser(sent) == words


# ---- the second factor -----------------------------------------------------------------------------------------------


def code_of(secret: str, later: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


@pytest.fixture
def secret(browser_of_ada):
    """Two-factor sign-in turned on; the secret of the app."""
    confirm_password(browser_of_ada)
    form = browser_of_ada.get(reverse("mfa_activate_totp"))
    secret = form.context["form"].secret
    html = form.content.decode()
    assert 'src="data:image/svg+xml;base64,' in html
    assert browser_of_ada.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.mark.django_db(transaction=True)  # it is told once it is committed
def test_it_is_set_up_with_recovery_codes_and_told(browser_of_ada, secret, ada, mailoutbox):
    assert set(Authenticator.objects.filter(user=ada).values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert "On: a code from your app" in page(browser_of_ada)
    assert "10 of 10 are left" in page(browser_of_ada, "mfa_index")
    assert len(re.findall(r"<li><code>", page(browser_of_ada, "mfa_view_recovery_codes"))) == 10


def test_the_password_alone_no_longer_lets_in(secret):
    client = Client()
    response = client.post(reverse("account_login"), {"login": "ada", "password": SECRET})
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert client.get("/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.get("/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)}).status_code == 302
    assert client.get("/").status_code == 200


def test_a_recovery_code_lets_in_once(browser_of_ada, secret):
    code = re.search(r"<li><code>(\w+)</code>", page(browser_of_ada, "mfa_view_recovery_codes"))[1]
    answers = []
    for _ in range(2):
        client = Client()
        client.post(reverse("account_login"), {"login": "ada", "password": SECRET})
        client.post(reverse("mfa_authenticate"), {"code": code})
        answers.append(client.get("/").status_code)
    assert answers == [200, 302]


def test_codes_cannot_be_guessed_on_and_on(secret):
    client = Client()
    client.post(reverse("account_login"), {"login": "ada", "password": SECRET})
    for _ in range(6):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)})
    assert client.get("/").status_code == 302


def test_it_is_turned_off_with_the_password_and_told(browser_of_ada, secret, ada, mailoutbox):
    assert browser_of_ada.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert not Authenticator.objects.filter(user=ada).exists()
    assert mailoutbox[-1].to == ["ada@example.org"]


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_generate_recovery_codes"])
def test_the_second_factor_is_not_touched_without_the_password(name, browser_of_ada, ada):
    response = browser_of_ada.post(reverse(name), {"code": "000000"})
    assert response.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not Authenticator.objects.filter(user=ada).exists()
