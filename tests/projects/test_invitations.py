"""People are asked into a program by mail; the link works once, and says kindly where it does not."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Invitation, Membership, Role
from projects.services import invitations as service
from tests import factories as make

pytestmark = pytest.mark.django_db

SECRET = "a long secret"
CHOSEN = {"username": "grace", "password": "another longer secret"}


@pytest.fixture(autouse=True)
def no_counts_of_other_tests():
    cache.clear()


@pytest.fixture
def ada(client):
    user = make.make_user("ada", email="ada@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def program(ada):
    return make.make_program("Engines", by=ada)


def invite(client, program, email="grace@example.org", role=Role.MANAGER):
    return client.post(reverse("invitation_create", args=[program.slug]), {"email": email, "role": role})


@pytest.fixture
def link(client, program, mailoutbox) -> str:
    invite(client, program)
    return link_in(mailoutbox[-1])


def link_in(mail) -> str:
    return re.findall(r"https?://[^/\s]+(/\S+)", mail.body)[0]


def follow(link: str, client: Client | None = None) -> str:
    return (client or Client()).get(link).content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def let_go(days: float) -> None:
    """Every invitation is older by so many days."""
    for found in Invitation.objects.all():
        past = dt.timedelta(days=days)
        sent = found.sent_at and found.sent_at - past
        Invitation.objects.filter(pk=found.pk).update(expires_at=found.expires_at - past, sent_at=sent)


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_mail_says_who_asks_into_what_as_what_and_until_when(client, program, mailoutbox):
    assert invite(client, program, "Grace@Example.org").headers["Location"] == reverse("members", args=[program.slug])
    (mail,) = mailoutbox
    assert mail.to == ["grace@example.org"]
    assert mail.subject == "Invitation to Engines"
    until = timezone.localdate() + dt.timedelta(days=14)
    for words in ('"Engines"', "as Manager", "from ada", f"{until:%B %Y}"):
        assert words in mail.body
    assert "grace@example.org" in client.get(reverse("members", args=[program.slug])).content.decode()
    assert "invited grace@example.org" in client.get(reverse("history", args=[program.slug])).content.decode()


def test_names_with_markup_are_plain_in_the_mail(client, ada, mailoutbox):
    invite(client, make.make_program("R&D <b>", by=ada))
    assert '"R&D <b>"' in mailoutbox[0].body
    assert mailoutbox[0].subject == "Invitation to R&D <b>"


@pytest.mark.parametrize("email", ["", "grace", "grace@", "a@b\nBcc: eve@example.org", "x" * 250 + "@example.org"])
def test_what_is_no_address_is_refused(email, client, program, mailoutbox):
    response = invite(client, program, email)
    assert response.status_code == 422
    assert not mailoutbox
    assert not Invitation.objects.exists()


def test_what_is_no_role_is_refused(client, program, mailoutbox):
    assert invite(client, program, role="owner").status_code == 422
    assert not mailoutbox


def test_asking_reads_the_same_whether_the_address_has_an_account_or_not(client, program):
    make.make_user("grace", email="grace@example.org")
    pages = []
    for email in ("grace@example.org", "nobody@example.org"):
        invite(client, program, email)
        html = client.get(reverse("members", args=[program.slug])).content.decode()
        pages.append(re.search(r"An invitation is on its way to (\S+)\.", html)[1])
        client.post(reverse("invitation_revoke", args=[program.slug, Invitation.objects.last().pk]))
    assert pages == ["grace@example.org", "nobody@example.org"]


def test_a_second_click_is_one_invitation_and_one_mail(client, program, mailoutbox):
    invite(client, program)
    response = invite(client, program)
    assert response.status_code == 422
    assert "Too many invitations in a short while" in response.content.decode()
    assert Invitation.objects.count() == len(mailoutbox) == 1


def test_nobody_floods_strangers_with_mail(client, program, mailoutbox):
    for n in range(service.AN_HOUR_AT_MOST + 3):
        response = invite(client, program, f"person{n}@example.org")
    assert response.status_code == 422
    assert len(mailoutbox) == service.AN_HOUR_AT_MOST


def test_a_mail_server_that_fails_is_said_and_the_invitation_kept(client, program, monkeypatch):
    def fail(_mail):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)
    invite(client, program)
    html = client.get(reverse("members", args=[program.slug])).content.decode()
    assert "did not take the invitation of grace@example.org" in html
    assert "not sent" in html
    monkeypatch.undo()
    client.post(reverse("invitation_resend", args=[program.slug, Invitation.objects.get().pk]))
    assert Invitation.objects.get().sent_at


# ---- a new account ---------------------------------------------------------------------------------------------------


def test_who_has_no_account_chooses_a_name_and_a_password_and_is_in(program, link):
    browser = Client()
    html = follow(link, browser)
    assert "Invitation to Engines" in html
    assert browser.post(link, CHOSEN).headers["Location"] == program.get_absolute_url()
    assert browser.get(program.get_absolute_url()).status_code == 200
    grace = User.objects.get(username="grace")
    assert Membership.objects.get(program=program, user=grace).role == Role.MANAGER
    assert EmailAddress.objects.get(user=grace, primary=True, verified=True).email == "grace@example.org"
    again = Client()
    again.post(reverse("account_login"), {"login": "grace@example.org", "password": CHOSEN["password"]})
    assert again.get("/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ada", "another longer secret"),
        ("ADA", "another longer secret"),
        ("", "another longer secret"),
        ("grace@example.org", "another longer secret"),
        ("gr ace", "another longer secret"),
        ("g" * 151, "another longer secret"),
        ("grace", ""),
        ("grace", "short"),
        ("grace", "password1234"),
        ("grace", "grace@example.org"),
    ],
)
def test_a_name_or_password_that_will_not_do_is_refused_and_nothing_is_used_up(username, password, link):
    response = Client().post(link, {"username": username, "password": password})
    assert response.status_code == 422
    assert response.context["form"].errors
    assert User.objects.count() == 1
    assert Invitation.objects.get().state is Invitation.State.OPEN


def test_a_press_too_many_makes_one_account(link):
    assert Client().post(link, CHOSEN).status_code == 302
    second = Client().post(link, CHOSEN | {"username": "grace2"})
    assert second.status_code == 410
    assert User.objects.count() == 2


def test_a_name_that_somebody_took_a_moment_ago_is_told(link, monkeypatch):
    make.make_user("grace")
    monkeypatch.setattr("config.accounts.adapter.AccountAdapter.clean_username", lambda self, name: name)
    response = Client().post(link, CHOSEN)
    assert response.status_code == 422
    assert "This name is taken" in response.content.decode()
    assert Invitation.objects.get().state is Invitation.State.OPEN


# ---- an account already ----------------------------------------------------------------------------------------------


def test_who_has_an_account_with_the_address_signs_in_and_accepts(program, link):
    grace = make.make_user("grace", email="grace@example.org")
    browser = Client()
    html = follow(link, browser)
    assert "You have an account already" in html
    assert "password" not in html
    assert browser.post(link, CHOSEN | {"username": "other"}).status_code == 302
    assert not User.objects.filter(username="other").exists()
    sign_in = f"{reverse('account_login')}?next={link}"
    assert sign_in in html
    response = browser.post(sign_in, {"login": "grace", "password": SECRET})
    assert response.headers["Location"] == link
    assert "signed in as <strong>grace</strong>" in follow(link, browser)
    assert browser.post(link + "accept/").headers["Location"] == program.get_absolute_url()
    assert Membership.objects.get(program=program, user=grace).role == Role.MANAGER


def test_who_is_signed_in_accepts_with_another_address_too(program, link):
    bob = make.make_user("bob")
    signed_in(bob).post(link + "accept/")
    assert Membership.objects.filter(program=program, user=bob).exists()


def test_an_engineer_is_led_to_the_board(client, program, mailoutbox):
    invite(client, program, role=Role.ENGINEER)
    browser = signed_in(make.make_user("bob"))
    assert browser.post(link_in(mailoutbox[-1]) + "accept/").headers["Location"] == reverse("board")


def test_a_role_that_one_has_stays(client, ada, program, mailoutbox):
    """Else an admin who follows an invitation as viewer could leave the program without one."""
    invite(client, program, role=Role.VIEWER)
    client.post(link_in(mailoutbox[-1]) + "accept/")
    assert Membership.objects.get(program=program, user=ada).role == Role.ADMIN


def test_accepting_needs_a_login_and_a_press(link):
    browser = Client()
    assert browser.post(link + "accept/").headers["Location"].startswith(reverse("account_login"))
    assert signed_in(make.make_user("bob")).get(link + "accept/").status_code == 405
    assert not Invitation.objects.get().accepted_by


# ---- links that lead no further --------------------------------------------------------------------------------------


def test_accepted_once_it_is_used_up(program, link):
    signed_in(make.make_user("bob")).post(link + "accept/")
    eve = make.make_user("eve")
    response = signed_in(eve).post(link + "accept/", follow=True)
    assert response.status_code == 410
    assert "This invitation was accepted" in response.content.decode()
    assert not Membership.objects.filter(program=program, user=eve).exists()


def test_withdrawn(client, program, link):
    pk = Invitation.objects.get().pk
    for _ in range(2):
        assert client.post(reverse("invitation_revoke", args=[program.slug, pk])).status_code == 302
    assert "This invitation was withdrawn" in follow(link)
    assert Client().post(link, CHOSEN).status_code == 410
    assert User.objects.count() == 1
    assert "Invited, not here yet" not in client.get(reverse("members", args=[program.slug])).content.decode()
    assert program.events.filter(verb="withdrew the invitation of").count() == 1


def test_run_out(client, program, link):
    let_go(days=14)
    assert "This invitation has run out" in follow(link)
    assert Client().post(link, CHOSEN).status_code == 410
    assert "ran out" in client.get(reverse("members", args=[program.slug])).content.decode()


def test_sent_again_the_newest_link_works_and_the_old_one_says_so(client, program, link, mailoutbox):
    let_go(days=14)
    client.post(reverse("invitation_resend", args=[program.slug, Invitation.objects.get().pk]))
    assert len(mailoutbox) == 2
    assert "a newer mail has taken its place" in follow(link)
    assert Client().post(link_in(mailoutbox[-1]), CHOSEN).status_code == 302


def test_asked_again_with_another_role_it_is_the_same_invitation(client, program, link, mailoutbox):
    let_go(days=1)
    invite(client, program, role=Role.VIEWER)
    assert Invitation.objects.get().role == Role.VIEWER
    assert len(mailoutbox) == 2


def test_not_twice_within_a_minute(client, program, link, mailoutbox):
    client.post(reverse("invitation_resend", args=[program.slug, Invitation.objects.get().pk]))
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("token", ["x", "WzEsIm4iXQ:made-up", "eyJ9:a", "%00", "é", "a" * 3000])
def test_made_up(token):
    response = Client().get(f"/invitations/{token}/")
    assert response.status_code == 410
    assert "This link is no invitation" in response.content.decode()


def test_a_token_of_another_kind_is_none(program, link):
    other = signing.dumps([Invitation.objects.get().pk, Invitation.objects.get().nonce])
    assert Client().get(reverse("invitation", args=[other])).status_code == 410


def test_the_page_is_not_kept_by_a_cache(link):
    assert "no-store" in Client().get(link).headers["Cache-Control"]
