"""What becomes of a mail, by what the server says at which step."""

import socket
from email.message import EmailMessage

import pytest

from reviews.digests.post import Fate, Post
from tests.mail_server import mail_server
from tests.processes import free_port


def letter(text: str = "What limits.", to: str = "ada@example.org") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "Fan", "Limiting Factor <lf@example.org>", to
    made["Message-ID"] = "<1@example.org>"
    made.set_content(text)
    return made


@pytest.fixture
def server(settings):
    with mail_server() as (server, address):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(address.rpartition(":")[2])
        settings.EMAIL_TIMEOUT = 1
        yield server


@pytest.fixture
def asked():
    """Send one mail: its outcome, and how often it was about to be handed over."""

    def send(message=None, yes: bool = True):
        times = []
        with Post() as post:
            outcome = post.send(message or letter(), lambda: times.append(1) or yes)
        return outcome, len(times)

    return send


def says(text):
    return lambda session, envelope: text


def test_taken(server, asked):
    outcome, handed = asked(letter("A line.\n.\n..two\nÄ Ω 兆瓦"))
    assert (outcome.fate, handed) == (Fate.SENT, 1)
    (got,) = server.received
    assert got.get_content().splitlines() == ["A line.", ".", "..two", "Ä Ω 兆瓦"]
    assert got["Message-ID"] == "<1@example.org>"


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
@pytest.mark.parametrize(
    ("answer", "fate"),
    [("451 Later", Fate.LATER), ("550 No such person", Fate.REFUSED), ("421 Closing", Fate.LATER), (None, Fate.LATER)],
)
def test_before_the_text(server, asked, step, answer, fate):
    """Nothing was handed over, so nothing can be doubled."""
    server.answers[step] = says(answer)
    outcome, handed = asked()
    assert (outcome.fate, handed, server.received) == (fate, 0, [])
    assert outcome.why


@pytest.mark.parametrize(("answer", "fate"), [("452 Full", Fate.LATER), ("554 Spam", Fate.REFUSED)])
def test_the_text_is_not_taken(server, asked, answer, fate):
    server.answers["TEXT"] = says(answer)
    outcome, handed = asked()
    assert (outcome.fate, handed, server.received) == (fate, 1, [])
    assert answer in outcome.why


def test_closed_without_a_word_after_the_text(server, asked):
    """The one case in which nobody here can know: the server has it."""
    server.answers["TEXT"] = says(None)
    outcome, handed = asked()
    assert (outcome.fate, handed, len(server.received)) == (Fate.UNKNOWN, 1, 1)


def test_another_worker_has_it_by_now(server, asked):
    outcome, _handed = asked(yes=False)
    assert (outcome.fate, server.received) == (Fate.NOT_MINE, [])


def test_nobody_listens(settings, asked):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert asked()[0].fate == Fate.LATER


def test_a_server_that_hangs(settings, asked):
    """It accepts and says nothing: the timeout ends it, in each step."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.3
        assert asked()[0].fate == Fate.LATER


def test_one_connection_serves_many_and_a_closed_one_is_opened_again(server):
    seen = set()
    server.answers["MAIL"] = lambda session, envelope: seen.add(session.peer) or "250 OK"
    with Post() as post:
        for _ in range(3):
            assert post.send(letter(), lambda: True).fate == Fate.SENT
        assert len(seen) == 1
        post.connection.connection.sock.close()  # as if it had timed out between two mails
        assert post.send(letter(), lambda: True).fate in (Fate.SENT, Fate.LATER)
    assert len(server.received) >= 3


def test_an_address_that_is_none(server, asked):
    assert asked(letter(to=""))[0].fate == Fate.REFUSED


def test_an_address_under_an_international_domain(server, asked):
    assert asked(letter(to="ada@müller.example"))[0].fate == Fate.SENT


def test_backends_that_are_no_mail_server_take_it_too(settings, asked, mailoutbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert asked()[0].fate == Fate.SENT
    (sent,) = mailoutbox
    assert (sent.subject, sent.to, sent.body) == ("Fan", ["ada@example.org"], "What limits.\n")
