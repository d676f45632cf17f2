"""Personal tokens: made after the password, shown once, kept as a fingerprint, throttled, revoked."""

import datetime as dt
import logging

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.api import urls as api_urls
from projects.models import AccessToken, Event
from projects.models.tokens import MOST_IN_A_WINDOW, WINDOW
from projects.services import tokens as service
from projects.services.accounts import deactivate_account
from tests import factories as make

pytestmark = pytest.mark.django_db

URL = "/api/limiting-factors"
PASSWORD = "a long secret"


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture
def ada():
    return make.make_user("ada")


@pytest.fixture
def secret(ada):
    return service.make_token(user=ada, name="Night")[1]


def ask(secret: str, **headers):
    return Client().get(URL, headers={"authorization": f"Bearer {secret}", **headers})


@pytest.fixture
def signed_in(client, ada):
    """And the password was asked for again, just now."""
    client.force_login(ada)
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


# ---- the account page ------------------------------------------------------------------------------------------------


def test_it_is_shown_once_and_works(signed_in, ada):
    page = signed_in.post(reverse("token_create"), {"name": "Night"})
    made = page.context["secret"]
    assert made in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert ask(made).status_code == 200
    account = signed_in.get(reverse("account")).content.decode()
    assert made not in account
    assert "Night" in account
    assert made[-4:] in account


def test_sent_twice_it_is_made_once(signed_in):
    assert signed_in.post(reverse("token_create"), {"name": "Night"}).status_code == 200
    again = signed_in.post(reverse("token_create"), {"name": " NIGHT "})
    assert again.status_code == 422
    assert "You have a token of this name." in again.content.decode()
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x00b"])
def test_a_name_is_needed(name, signed_in):
    assert signed_in.post(reverse("token_create"), {"name": name}).status_code == 422
    assert not AccessToken.objects.exists()


def test_the_password_is_asked_for_first(client, ada):
    """A browser that was left open makes no key that outlasts it."""
    client.force_login(ada)
    answer = client.post(reverse("token_create"), {"name": "Night"})
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not AccessToken.objects.exists()
    page = client.post(answer.headers["Location"], {"password": PASSWORD})
    assert ask(page.context["secret"]).status_code == 200


def test_who_revokes_it_closes_it(client, ada, secret):
    client.force_login(ada)
    token = AccessToken.objects.get()
    assert client.post(reverse("token_revoke", args=[token.pk])).status_code == 302
    refused = ask(secret)
    assert (refused.status_code, refused.json()["error"]) == (401, "wrong_token")
    assert client.post(reverse("token_revoke", args=[token.pk])).status_code == 404
    assert service.make_token(user=ada, name="Night")  # the name is free again


def test_making_and_revoking_are_in_the_history(ada, secret):
    service.revoke_token(token=AccessToken.objects.get())
    events = Event.objects.filter(subject="accesstoken").order_by("pk")
    assert [(event.verb, event.by, event.program) for event in events] == [
        ("made a token", ada, None),
        ("revoked a token", ada, None),
    ]


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_the_database_holds_no_token(secret):
    rows = str(list(AccessToken.objects.values())) + str(list(Event.objects.values()))
    assert secret not in rows
    assert secret.removeprefix(service.PREFIX)[:20] not in rows


def test_no_log_holds_a_token(ada, secret, caplog, monkeypatch):
    """Right, wrong, malformed, and where the API itself fails."""
    caplog.set_level(logging.DEBUG)
    client = Client(raise_request_exception=False)
    monkeypatch.setattr("projects.api.read_limiting_factors", lambda programs: 1 / 0)
    for value in (f"Bearer {secret}", f"Bearer {secret}x", f"Basic {secret}", secret, f"Bearer  {secret} {secret}"):
        answer = client.get(URL, headers={"authorization": value})
        assert secret not in answer.content.decode()
    client.get(URL + "x", headers={"authorization": f"Bearer {secret}"})
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text


def test_where_the_api_fails_it_says_so_as_json(secret, monkeypatch):
    monkeypatch.setattr("projects.api.read_limiting_factors", lambda programs: 1 / 0)
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})
    answer = client.get(URL)
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")


# ---- signing in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Bearer x", "bearer \u00e9", "Token x", "Bearer lf_" + "x" * 9000]
)
def test_what_is_no_token_opens_nothing(value):
    answer = Client().get(URL, headers={"authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_opens_nothing(secret):
    assert Client().get(f"{URL}?token={secret}&access_token={secret}").status_code == 401


def test_a_wrong_token_beside_a_session_opens_nothing(client, ada):
    client.force_login(ada)
    assert client.get(URL).status_code == 200
    assert client.get(URL, headers={"authorization": "Bearer lf_wrong"}).status_code == 401


def test_a_token_opens_no_page(secret):
    answer = Client().get(reverse("board"), headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 302


def test_an_account_that_was_deactivated_has_no_token_that_works(ada, secret):
    deactivate_account(user=ada, by=make.make_user())
    assert ask(secret).status_code == 401


def test_its_use_is_seen(secret):
    assert AccessToken.objects.get().last_used_at is None
    ask(secret)
    assert timezone.now() - AccessToken.objects.get().last_used_at < dt.timedelta(minutes=1)


# ---- throttled -------------------------------------------------------------------------------------------------------


def test_more_than_so_many_in_a_minute_wait(ada, secret):
    now = timezone.now()
    for _ in range(MOST_IN_A_WINDOW):
        assert service.use_token(secret, now) == ada
    with pytest.raises(service.TooManyRequests) as waits:
        service.use_token(secret, now + WINDOW / 4)
    assert waits.value.seconds == 45
    assert service.use_token(secret, now + WINDOW) == ada


def test_one_that_waits_is_told_for_how_long(secret):
    AccessToken.objects.update(window_from=timezone.now(), window_requests=MOST_IN_A_WINDOW)
    answer = ask(secret)
    assert (answer.status_code, answer.json()["error"]) == (429, "too_many")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_one_token_waits_for_no_other(ada, secret):
    other = service.make_token(user=ada, name="Day")[1]
    AccessToken.objects.filter(name="Night").update(window_from=timezone.now(), window_requests=MOST_IN_A_WINDOW)
    assert ask(other).status_code == 200


def test_many_wrong_ones_from_one_address_wait_and_a_right_one_does_not(secret):
    answers = [ask(f"lf_wrong{n}").status_code for n in range(31)]
    assert answers == [401] * 30 + [429]
    assert ask(secret).status_code == 200


def test_revoked_between_being_found_and_being_used(ada, secret, monkeypatch):
    found = AccessToken.objects.select_related("user").get()
    AccessToken.objects.update(revoked_at=timezone.now())
    monkeypatch.setattr(type(AccessToken.objects.all()), "first", lambda rows: found)
    with pytest.raises(service.NoSuchToken):
        service.use_token(secret, timezone.now())


def test_a_name_that_is_taken_is_refused_by_name(ada, secret):
    with pytest.raises(ValidationError, match="You have a token of this name"):
        service.make_token(user=ada, name="night")
    assert connection.needs_rollback is False
    assert service.make_token(user=make.make_user(), name="Night")


def test_the_api_is_put_together_once():
    assert api_urls.api.urls_namespace == "api"
