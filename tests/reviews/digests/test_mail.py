"""The digest as a mail: its headers, its two parts, its pictures; other people's words in each."""

import datetime as dt
import email
import email.policy
import re
import struct
import subprocess
import sys
import zlib

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from projects.models import Program, Role
from projects.services.sealing import latest_head, seal_events
from reviews.digests import pictures, words
from reviews.digests.build import Weeks
from reviews.digests.render import subscription_of, unsubscribe_token
from reviews.models import Delivery, Subscription
from reviews.services import sending
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db
HOSTILE = "R&D <script>alert(1)</script> \r\nBcc: all@example.org"


@pytest.fixture
def mine():
    return make.make_subscription(make.make_user("ada", email="ada@example.org"), zone="Europe/Berlin")


def mail(subscription, **fields):
    """What a server receives: parsed from its bytes."""
    row = make.make_delivery(subscription.user, subscription=subscription, **fields)
    message, _value = sending.letter(Delivery.objects.get(pk=row.pk), timezone.now(), Weeks())
    return email.message_from_bytes(message.as_bytes(), policy=email.policy.default)


def parts(message) -> tuple[str, str]:
    return message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


def world(by, name="Engines", **fields) -> Program:
    program = make.make_world(name, by=by)
    Program.objects.filter(pk=program.pk).update(deadline=make.today() + dt.timedelta(days=70), **fields)
    refit_program(Program.objects.get(pk=program.pk))
    return program


def test_subject_names_what_limits_and_for_how_long(mine):
    program = world(mine.user, "AI5")
    make.declare(program, "Memory bandwidth", since=make.today() - dt.timedelta(days=15))
    assert mail(mine)["Subject"] == "AI5: limiting factor is Memory bandwidth, 3rd week"
    world(mine.user, "Wings")
    assert mail(mine)["Subject"].endswith("(and 1 more program)")


@pytest.mark.parametrize(("later", "said"), [(12, "+12 days"), (-9, "\u22129 days"), (1, None)])
def test_subject_says_by_how_much_the_finish_moved(mine, later, said):
    program = world(mine.user, "AI5")
    make.declare(program, "Memory bandwidth")
    day = program.ranking_days.get()
    p50 = day.p50
    day.pk, day.day = None, make.today() - dt.timedelta(days=8)
    day.p50 = p50 - dt.timedelta(days=later)
    day.save()
    subject = mail(mine)["Subject"]
    assert (said in subject) if said else ("days" not in subject)


def test_names_and_memos_inject_nothing(mine):
    program = world(mine.user, "Engines")
    Program.objects.filter(pk=program.pk).update(name=HOSTILE)
    make.declare(program, HOSTILE.replace("\r\n", " ")[:80], memo=f"Memo {HOSTILE}")
    message = mail(mine)
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert message["Subject"].startswith("R&D <script>")
    text, html = parts(message)
    assert "R&D <script>alert(1)</script>" in text
    assert "&amp;" not in text
    assert "<script" not in html
    assert "R&amp;D &lt;script&gt;" in html


def test_a_name_in_any_script_comes_through(mine):
    program = world(mine.user, "兆瓦 – Größe Ω")
    make.declare(program, "Ελικόπτερο " * 14)
    message = mail(mine)
    assert message["Subject"].startswith("兆瓦 – Größe Ω: limiting factor is Ελικόπτερο")
    assert len(message["Subject"]) <= words.LONGEST_SUBJECT
    assert "兆瓦 – Größe Ω" in parts(message)[0]


def test_headers_that_mail_programs_act_on(mine):
    world(mine.user)
    row = make.make_delivery(mine.user, subscription=mine)
    message, _value = sending.letter(row, timezone.now(), Weeks())
    raw = message.as_bytes().decode()
    (line,) = re.findall(r"^List-Unsubscribe: <(\S+)>\r$", raw, flags=re.MULTILINE)  # whole, in one line
    token = line.rstrip("/").rpartition("/")[2]  # signed with the second, so not to be made again
    assert line == f"http://127.0.0.1:8000{reverse('digest_unsubscribe', args=[token])}"
    assert subscription_of(token) == mine.pk
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert f"\r\nMessage-ID: {row.message_id}\r\n" in raw
    assert "\r\nAuto-Submitted: auto-generated\r\n" in raw


def test_one_click_of_a_mail_program_unsubscribes_and_looking_does_not(mine):
    address = reverse("digest_unsubscribe", args=[unsubscribe_token(mine)])
    robot = Client(enforce_csrf_checks=True)
    assert robot.get(address).status_code == 200
    assert Subscription.objects.get().on
    for _ in range(2):
        assert robot.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.get().on
    assert robot.post(address.replace(":", ";")).status_code == 404
    assert subscription_of("1") is None


def test_both_parts_say_the_same(mine):
    program = world(mine.user)
    make.declare(program, "Foundries", memo="Three of them, sold out.")
    seal_events(everything=True)
    text, html = parts(mail(mine))
    head = latest_head(program).short
    told = ("Engines", "Foundries, 1st week", "P50 finish", "Three of them, sold out.", "The same in the browser", head)
    for said in told:
        assert said in text
        assert said in html


def test_times_are_those_of_the_reader(mine):
    world(mine.user)
    until = dt.datetime(2026, 7, 6, 5, tzinfo=dt.UTC)
    text, _html = parts(mail(mine, since=until - dt.timedelta(days=7), until=until))
    assert "From Monday 29 June 2026, 07:00 to Monday 6 July 2026, 07:00 (Europe/Berlin)" in text


def test_pictures_are_inline_with_their_words(mine):
    world(mine.user)
    message = mail(mine)
    html = parts(message)[1]
    (picture,) = [part for part in message.walk() if part.get_content_type() == "image/png"]
    content = picture.get_payload(decode=True)
    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24])[0] > 600
    assert picture["Content-Disposition"].startswith("inline")
    source, alt = re.search(r'<img [^>]*src="cid:([^"]+)" alt="([^"]+)"', html).groups()
    assert picture["Content-ID"] == f"<{source}>"
    assert "When Engines is finished" in alt


def test_the_picture_is_drawn_from_the_spec_of_the_page(mine, client):
    """The same function makes both; the mail's has its colours looked up in app.css, as the browser does."""
    program = world(mine.user)
    (week,) = Weeks().of([program], timezone.now() - dt.timedelta(days=7), timezone.now(), timezone.now())
    spec = pictures.finish_spec(week)
    assert "token:" in repr(spec)
    painted = repr(pictures.paint(spec, pictures.palette()))
    assert "token:" not in painted
    assert pictures.palette()["accent"] in painted
    assert pictures.png(spec) is pictures.png(spec)  # drawn once


def test_a_picture_packed_again_is_the_same_picture():
    raw = b"".join(b"\0" + bytes(range(40)) for _ in range(10))
    head = pictures._part(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 6, 0, 0, 0))
    data = zlib.compress(raw, 0)
    made = pictures.PNG_HEAD + head + pictures._part(b"IDAT", data[:50]) + pictures._part(b"IDAT", data[50:])
    made += pictures._part(b"IEND", b"")
    found = pictures.smaller(made)
    assert len(found) < len(made)
    at = found.index(b"IDAT")
    size = struct.unpack(">I", found[at - 4 : at])[0]
    assert zlib.decompress(found[at + 4 : at + 4 + size]) == raw


def test_nothing_that_draws_is_loaded_by_the_web():
    code = "import config.wsgi, reviews.views.digests, sys; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_who_follows_nothing_is_told_so(mine):
    message = mail(mine)
    assert "Nothing to report" in message["Subject"]
    assert "You follow no program" in parts(message)[0]


def test_who_is_a_viewer_only_has_no_plan(mine):
    make.join(world(None), Role.VIEWER, mine.user)
    assert "Your hours" not in parts(mail(mine))[0]
