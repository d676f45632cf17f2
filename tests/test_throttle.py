"""Guessing a password is slowed down, without keeping out whose password it is."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from config.accounts import throttle
from config.accounts.devices import COOKIE
from tests import factories as make

pytestmark = pytest.mark.django_db

SECRET = "a long secret"
ATTACKER, HOME, OFFICE = "203.0.113.7", "198.51.100.23", "198.51.100.99"


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture(autouse=True)
def ada():
    return make.make_user("ada", email="ada@example.org")


def try_password(address: str, password: str = "wrong", login: str = "ada", client: Client | None = None):
    client = client or Client()
    return client.post(reverse("account_login"), {"login": login, "password": password}, REMOTE_ADDR=address)


def gets_in(address: str, client: Client | None = None, login: str = "ada") -> bool:
    return try_password(address, SECRET, login, client).status_code == 302


def slowed_down(response) -> bool:
    return "Too many wrong passwords" in response.content.decode()


def test_five_wrong_passwords_from_one_address_are_enough():
    assert not any(slowed_down(try_password(ATTACKER)) for _ in range(5))
    assert slowed_down(try_password(ATTACKER))
    assert not gets_in(ATTACKER), "the right one is no longer tried either"


def test_fifty_wrong_passwords_from_elsewhere_do_not_hinder_the_owner():
    for _ in range(50):
        try_password(ATTACKER)
    assert gets_in(HOME)


def test_a_flood_of_names_is_stopped_by_its_address():
    answers = [slowed_down(try_password(ATTACKER, login=f"person{n}")) for n in range(31)]
    assert answers == [False] * 30 + [True]
    assert gets_in(HOME)


def test_guesses_from_very_many_addresses_stop_strangers_but_not_a_known_browser():
    home = Client()
    assert gets_in(HOME, home)
    home.post(reverse("account_logout"))
    for n in range(100):
        assert not slowed_down(try_password(f"192.0.2.{n}"))
    assert slowed_down(try_password(OFFICE)), "a browser that nobody knows"
    assert gets_in(HOME, home)
    home.post(reverse("account_logout"))
    assert gets_in(OFFICE, home), "the browser is known, wherever it is"


def test_a_known_browser_passes_an_address_that_was_stopped():
    home = Client()
    assert gets_in(HOME, home)
    home.post(reverse("account_logout"))
    for n in range(31):
        try_password(HOME, login=f"person{n}")
    assert gets_in(HOME, home)


def test_a_known_browser_has_a_limit_of_its_own():
    home = Client()
    assert gets_in(HOME, home)
    home.post(reverse("account_logout"))
    answers = [slowed_down(try_password(HOME, client=home)) for _ in range(11)]
    assert answers == [False] * 10 + [True]


def test_a_browser_is_known_for_the_accounts_that_signed_in_there_only():
    home = Client()
    assert gets_in(HOME, home)
    home.post(reverse("account_logout"))
    make.make_user("eve")
    assert [slowed_down(try_password(HOME, login="eve", client=home)) for _ in range(6)] == [False] * 5 + [True]


@pytest.mark.parametrize("cookie", ["", "made-up", "WzEsIngiXQ:1abcde:made-up", "\x00", "[]"])
def test_a_made_up_device_is_no_device(cookie):
    client = Client()
    client.cookies[COOKIE] = cookie
    assert [slowed_down(try_password(ATTACKER, client=client)) for _ in range(6)] == [False] * 5 + [True]


def test_the_device_lets_nobody_in_and_cannot_be_read_by_scripts(settings):
    settings.SESSION_COOKIE_SECURE = True
    home = Client()
    gets_in(HOME, home)
    cookie = home.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    thief = Client()
    thief.cookies[COOKIE] = cookie.value
    assert thief.get("/").status_code == 302


def test_right_passwords_count_against_nobody():
    for _ in range(40):
        assert gets_in(HOME)


def test_an_unknown_name_is_slowed_down_in_the_same_way():
    known = [slowed_down(try_password(ATTACKER)) for _ in range(7)]
    unknown = [slowed_down(try_password(OFFICE, login="nobody")) for _ in range(7)]
    assert known == unknown


def test_a_password_chosen_by_mail_lets_in_at_once(mailoutbox):
    for n in range(100):
        try_password(f"192.0.2.{n}", login="ada@example.org")
    assert slowed_down(try_password(OFFICE, login="ada@example.org"))
    browser = Client()
    browser.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    form = browser.get(link, follow=True).redirect_chain[-1][0]
    data = {"password1": "another longer secret", "password2": "another longer secret"}
    assert browser.post(form, data).status_code == 302
    assert browser.get("/").status_code == 200
    browser.post(reverse("account_logout"))
    answer = try_password(OFFICE, "another longer secret", "ada", browser)
    assert answer.status_code == 302


def test_neighbours_in_one_ipv6_network_are_one_address():
    for n in range(5):
        try_password(f"2001:db8::{n}")
    assert slowed_down(try_password("2001:db8::ffff"))
    assert gets_in("2001:db8:1::1")


# ---- addresses behind a proxy ----------------------------------------------------------------------------------------


def try_from(forwarded: str) -> bool:
    data = {"login": "ada", "password": "wrong"}
    headers = {"X-Forwarded-For": forwarded}
    answer = Client().post(reverse("account_login"), data, headers=headers, REMOTE_ADDR="127.0.0.1")
    return slowed_down(answer)


def test_what_a_client_claims_to_be_is_not_believed():
    assert [try_from(f"192.0.2.{n}") for n in range(6)] == [False] * 5 + [True]


def test_behind_a_proxy_its_own_entry_counts_and_no_other(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    claimed = [try_from(f"192.0.2.{n}, {ATTACKER}") for n in range(6)]
    assert claimed == [False] * 5 + [True], "what stands before the proxy's entry is the client's own claim"
    assert not try_from(HOME)


# ---- the same work for everybody -------------------------------------------------------------------------------------


@pytest.fixture
def hashed(monkeypatch):
    """Every password that was hashed."""
    runs = []
    encode = MD5PasswordHasher.encode

    def count(hasher, password, salt):
        runs.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return runs


@pytest.mark.parametrize(
    "login",
    [
        "ada",
        "ADA",
        "ada@example.org",
        "nobody",
        "nobody@example.org",
        "gone",
        "gone@example.org",
        "passwordless",
        "two@x.org",
    ],
)
@pytest.mark.parametrize("password", ["wrong", SECRET])
def test_one_password_is_hashed_whoever_asks(login, password, hashed):
    make.make_user("gone", email="gone@example.org", is_active=False)
    keyless = make.make_user("passwordless")
    keyless.set_unusable_password()
    keyless.save()
    for name in ("one", "two"):
        make.make_user(name, email="two@x.org")
    hashed.clear()
    try_password(HOME, password, login)
    assert len(hashed) == 1


def test_an_address_that_two_accounts_claim_signs_in_to_neither():
    for name in ("one", "two"):
        make.make_user(name, email="two@example.org")
    assert not gets_in(HOME, login="two@example.org")
    assert gets_in(HOME, login="two")


# ---- the counts ------------------------------------------------------------------------------------------------------


def test_counts_lie_where_every_web_process_finds_them(settings):
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000


def test_every_limit_is_one_that_allauth_understands():
    for rate in (throttle.DEVICE, throttle.HERE, throttle.ADDRESS, throttle.ACCOUNT):
        (action,) = rate
        (parsed,) = throttle.ratelimit.get_rates(app="config.accounts", action=action, config=rate)
        assert parsed.amount > 0
