"""A server that says a byte now and then holds no worker: an attempt is over after a while, whatever it hears."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from reviews.digests import channel, post
from reviews.digests.post import Fate, Post, at_most
from tests.reviews.digests.test_post import letter

EACH = 0.1  # seconds between two bytes: each is well within the limits of a socket


@contextlib.contextmanager
def dripping(first: bytes = b"", after: bytes | None = None, drops: bytes = b"250-still here ") -> Iterator[int]:
    """The port of a server that says `first`, waits for what ends in `after`, and then drips for ever."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    lines = [line for line in first.splitlines(keepends=True) if line]

    def serve() -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as heard:
                for line in lines:
                    connection.sendall(line)
                    if line is not lines[-1]:
                        heard.readline()
                while after is not None and not heard.readline().endswith(after):
                    pass
                for byte in itertools.cycle(drops):
                    if over.wait(EACH):
                        return
                    connection.sendall(bytes([byte]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join(5)


@pytest.fixture(autouse=True)
def hurried(monkeypatch, settings):
    monkeypatch.setattr(post, "PATIENCE", 1)
    monkeypatch.setattr(channel, "PATIENCE", 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.HOOK_HOSTS, settings.EMAIL_TIMEOUT = ["127.0.0.1"], 10


def mail(port: int, settings) -> tuple[Fate, int]:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    handed: list[int] = []
    with Post() as connection:
        return connection.send(letter(), lambda: handed.append(1) or True).fate, len(handed)


def test_a_mail_server_that_drips_before_the_text(settings):
    began = time.monotonic()
    with dripping() as port:
        assert mail(port, settings) == (Fate.LATER, 0)
    assert time.monotonic() - began < 5


def test_a_mail_server_that_drips_after_the_text(settings):
    """It may have the mail: that is not known."""
    began = time.monotonic()
    greeting = b"220 here\r\n250 hello\r\n250 sender\r\n250 receiver\r\n354 go on\r\n"
    with dripping(greeting, after=b".\r\n") as port:
        assert mail(port, settings) == (Fate.UNKNOWN, 1)
    assert time.monotonic() - began < 5


def test_a_channel_whose_server_drips():
    began = time.monotonic()
    with dripping() as port:
        assert channel.post(f"http://127.0.0.1:{port}/hook", "text", lambda: True).fate == Fate.UNKNOWN
    assert time.monotonic() - began < 5


def test_a_channel_whose_server_drips_its_certificate():
    """Nothing was handed over."""
    began, handed = time.monotonic(), []
    record = bytes.fromhex("16 0303 3fff 02 003ffb") + bytes(1000)  # TLS: the beginning of a long "server hello"
    with dripping(drops=record) as port:
        found = channel.post(f"https://127.0.0.1:{port}/hook", "text", lambda: handed.append(1) or True)
    assert (found.fate, handed) == (Fate.LATER, [])
    assert "not done within" in found.why
    assert time.monotonic() - began < 5


def test_what_is_done_in_time_is_left_alone():
    with at_most(0.2):
        pass
    time.sleep(0.3)  # no alarm comes after it
