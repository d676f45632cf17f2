"""A post to a channel: to public addresses only, to the number that was looked up, and what becomes of it."""

import contextlib
import http.server
import json
import threading
import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from projects.models import Role
from reviews.digests import channel
from reviews.digests.channel import check_address, harmless, post
from reviews.digests.post import Fate
from reviews.models import Delivery, Hook
from reviews.services import deliveries, sending
from reviews.services.subscriptions import add_hook
from tests import factories as make
from tests.processes import free_port


@contextlib.contextmanager
def chat(answer=None, status: int = 200):
    """A chat server on this machine: what it received, and its port."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if answer:
                answer(self)
                return
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received, server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def inside(settings):
    """As if this machine were named by the administrator."""
    settings.HOOK_HOSTS = ["127.0.0.1"]


def yes() -> bool:
    return True


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example.org/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
        "https://user:secret@chat.example.org/",
        "https://chat.example.org:8443/",
        "https://chat.example.org/ x",
        "https://chat.example.org/\r\nHost: x",
        "https:///x",
        "file:///etc/passwd",
        "gopher://chat.example.org/",
        "https://[::1",
        "https://chat.example.org:99999/",
        "nonsense",
    ],
)
def test_an_address_that_is_refused_before_anything_is_looked_up(url, monkeypatch):
    monkeypatch.setattr(channel.socket, "getaddrinfo", None)
    with pytest.raises(ValidationError):
        check_address(url)
    assert post(url, "x", yes).fate == Fate.REFUSED


def test_an_address_that_is_taken():
    check_address("https://hooks.slack.com/services/T0/B0/x")
    check_address("https://chat.example.org/hooks/x?y=z")


@pytest.mark.parametrize("numbers", [["10.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_a_name_that_leads_into_the_own_network(numbers, monkeypatch):
    """One private number among several is enough: which of them is connected to is not the asker's to choose."""
    found = [(2, 1, 6, "", (number, 443)) for number in numbers]
    monkeypatch.setattr(channel.socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(channel.socket, "create_connection", None)
    outcome = post("https://rebind.example.org/x", "x", yes)
    assert (outcome.fate, "private" in outcome.why) == (Fate.REFUSED, True)


def test_it_connects_to_the_number_that_was_looked_up(monkeypatch):
    """A name that answers otherwise the second time is not asked a second time."""
    asked, connected = [], []
    monkeypatch.setattr(
        channel.socket, "getaddrinfo", lambda *a, **_k: asked.append(a) or [(2, 1, 6, "", ("8.8.8.8", 443))]
    )
    monkeypatch.setattr(
        channel.socket, "create_connection", lambda where, _timeout: connected.append(where) or _refuse()
    )
    assert post("https://rebind.example.org/x", "x", yes).fate == Fate.LATER
    assert (len(asked), connected) == (1, [("8.8.8.8", 443)])


def _refuse():
    raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, Fate.SENT),
        (204, Fate.SENT),
        (301, Fate.REFUSED),
        (307, Fate.REFUSED),
        (404, Fate.REFUSED),
        (410, Fate.REFUSED),
        (429, Fate.LATER),
        (500, Fate.LATER),
        (503, Fate.LATER),
    ],
)
def test_by_what_it_answers(status, fate, inside):
    with chat(status=status) as (received, port):
        assert post(f"http://127.0.0.1:{port}/x", "R&D", yes).fate == fate
        assert received == [{"text": "R&D"}]


def test_no_answer_is_a_fate_that_nobody_knows(inside):
    with chat(answer=lambda handler: handler.connection.close()) as (received, port):
        assert post(f"http://127.0.0.1:{port}/x", "x", yes).fate == Fate.UNKNOWN
        assert len(received) == 1


def test_an_answer_that_takes_too_long(inside, monkeypatch):
    monkeypatch.setattr(channel, "TIMEOUT", 0.2)
    with chat(answer=lambda _handler: time.sleep(1)) as (_received, port):
        assert post(f"http://127.0.0.1:{port}/x", "x", yes).fate == Fate.UNKNOWN


def test_nobody_listens_and_nobody_wants_it_any_more(inside):
    assert post(f"http://127.0.0.1:{free_port()}/x", "x", yes).fate == Fate.LATER
    with chat() as (received, port):
        assert post(f"http://127.0.0.1:{port}/x", "x", lambda: False).fate == Fate.NOT_MINE
        assert received == []


def test_other_peoples_words_call_nobody_and_link_nowhere():
    said = harmless("<!channel> @here [x](https://evil.example) R&D")
    for part in ("<!", "@here", "](http", "https://"):
        assert part not in said
    assert said.endswith("R&amp;D")  # as both servers want it: they show R&D


@pytest.mark.django_db
def test_a_programs_week_and_its_alert_arrive_once(inside, settings):
    program = make.make_world("R&D")
    make.declare(program, "Sand <!here>")
    with chat() as (received, port):
        fields = {"weekday": 0, "hour": 7, "alerts": True, "now": timezone.now(), "by": make.join(program, Role.ADMIN)}
        hook = add_hook(program=program, name="#rd", url=f"http://127.0.0.1:{port}/x", **fields)
        now = timezone.now()
        weeks = Hook.objects.filter(pk=hook.pk)
        weeks.update(planned_to=hook.planned_to - 2 * make.WEEK, changed_at=now - 4 * make.WEEK)
        assert deliveries.plan(now) == 1
        assert [sending.send_due(), sending.send_due()] == [1, 0]
        (said,) = received
        assert said["text"].startswith("*R&amp;D*: limiting factor is Sand &lt;!here&gt;")
        assert said["text"].endswith(f"{settings.SITE_URL}/programs/rd/")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sent", "superseded"]


@pytest.mark.django_db
def test_what_it_refuses_is_told_to_who_added_it(inside, mailoutbox):
    program = make.make_world("Engines")
    boss = make.join(program, Role.ADMIN, make.make_user(email="boss@example.org"))
    with chat(status=410) as (_received, port):
        fields = {"weekday": 0, "hour": 7, "alerts": True, "now": timezone.now(), "by": boss}
        hook = add_hook(program=program, name="#gone", url=f"http://127.0.0.1:{port}/x", **fields)
        Hook.objects.filter(pk=hook.pk).update(planned_to=hook.planned_to - make.WEEK)
        deliveries.plan(timezone.now())
        sending.send_due()
    Delivery.objects.filter(kind="report").update(next_try=timezone.now())
    sending.send_due()
    (mail,) = mailoutbox
    assert mail.to == ["boss@example.org"]
    assert "Engines, #gone" in mail.body
    assert "410" in mail.body
