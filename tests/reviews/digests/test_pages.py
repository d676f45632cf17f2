"""One's digests in the browser: the archive, the next one, one now, settings, and who may see what."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Membership, Role
from reviews import tasks
from reviews.digests.build import Weeks
from reviews.models import Delivery, Subscription
from reviews.services import deliveries, sending
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    user = make.make_user("ada", email="ada@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def sent(ada):
    """A digest of one program that was sent."""
    program = make.make_world("Engines", by=ada)
    make.declare(program, "R&D", memo="<b>So</b> it is.")
    row = make.make_delivery(ada, subscription=make.make_subscription(ada))
    _mail, value = sending.letter(row, timezone.now(), Weeks())
    now = timezone.now()
    Delivery.objects.filter(pk=row.pk).update(value=value, state="sent", sent_at=now, handed_at=now)
    row.refresh_from_db()
    return row


def page(client, name, *args, **kwargs) -> str:
    response = client.get(reverse(name, args=args), **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def test_the_archive_and_the_digest_as_it_was_told(client, sent):
    assert "Engines: limiting factor is R&amp;D, 1st week" in page(client, "digests")
    told = page(client, "digest", sent.uuid)
    assert "&lt;b&gt;So&lt;/b&gt; it is." in told
    assert 'id="finish-engines"' in told  # its chart


def test_what_one_may_no_longer_see_is_gone_from_what_one_was_told(client, ada, sent):
    Membership.objects.filter(user=ada).delete()
    assert "Engines" not in page(client, "digests")
    assert "Engines" not in page(client, "digest", sent.uuid)


def test_nobody_else_reads_it(client, sent):
    for other in (make.join(make.make_program()), make.make_user(is_superuser=True)):
        client.force_login(other)
        assert client.get(sent.get_absolute_url()).status_code == 404
        assert client.post(reverse("digest_again", args=[sent.uuid])).status_code == 404


def test_the_next_one_so_far_with_and_without_a_subscription(client, ada):
    make.make_world("Engines", by=ada)
    assert "Engines" in page(client, "digest_preview")
    make.make_subscription(ada)
    assert "So it would be if it were sent now" in page(client, "digest_preview")
    assert not Delivery.objects.exists()


def test_send_me_one_now_however_often_it_is_pressed(client, ada, mailoutbox):
    make.make_world("Engines", by=ada)
    make.make_subscription(ada)
    data = {"key": str(uuid.uuid4())}
    for _ in range(3):
        assert client.post(reverse("digest_now"), data).status_code == 302
    assert 'hx-trigger="every 2s"' in page(client, "digests")  # it is under way
    tasks.send_deliveries()
    tasks.send_deliveries()
    assert len(mailoutbox) == 1
    assert "every 2s" not in page(client, "digests")


def test_who_has_no_address_or_no_subscription_is_asked_first(client):
    client.force_login(make.make_user("silent"))
    response = client.post(reverse("digest_now"), {"key": str(uuid.uuid4())})
    assert response.headers["Location"] == reverse("subscription")


def test_a_mail_of_unknown_fate_is_sent_again_only_when_asked(client, ada, sent, mailoutbox):
    Delivery.objects.update(state="unknown", why="The worker ended.")
    deliveries.sweep(timezone.now() + dt.timedelta(days=1))
    tasks.send_deliveries()
    assert len(mailoutbox) == 0
    assert "Fate unknown" in page(client, "digests")
    client.post(reverse("digest_again", args=[sent.uuid]))
    tasks.send_deliveries()
    assert len(mailoutbox) == 1


BODY = {"pace": "weekly", "weekday": "2", "hour": "9", "zone": "Asia/Tokyo", "which": "all", "bound": "0.1"}


def test_what_i_am_mailed(client, ada):
    program, other = make.make_world("Engines", by=ada), make.make_world("Theirs")
    assert "Theirs" not in page(client, "subscription")
    assert client.post(reverse("subscription"), BODY | {"on": "on"}).status_code == 302
    mine = Subscription.objects.get()
    assert (mine.weekday, mine.hour, mine.zone, mine.bound, mine.alerts) == (2, 9, "Asia/Tokyo", 0.1, False)
    some = BODY | {"on": "on", "which": "some", "programs": [program.pk]}
    assert client.post(reverse("subscription"), some).status_code == 302
    assert list(Subscription.objects.get().programs.all()) == [program]
    for wrong in ({"programs": [other.pk]}, {"zone": "Mars/Olympus"}, {"programs": []}, {"hour": "24"}):
        assert client.post(reverse("subscription"), some | wrong).status_code == 422
    client.post(reverse("subscription"), BODY)
    assert not Subscription.objects.get().on


def test_switched_on_again_begins_with_the_week_that_ends_next(client, ada):
    mine = make.make_subscription(ada, on=False)
    client.post(reverse("subscription"), BODY | {"on": "on"})
    before = mine.planned_to
    mine.refresh_from_db()
    assert mine.planned_to > before
    tasks.sweep_deliveries()
    assert not Delivery.objects.exists()


def test_a_channel_is_posted_to_at_once_once_however_often_it_is_pressed(client, ada):
    program = make.make_world("Engines", by=ada)
    hook = make.make_hook(program, name="#engines")
    (key,) = re.findall(r'name="key" value="([^"]+)"', page(client, "channels", program.slug))
    for _ in range(2):
        assert client.post(reverse("channel_now", args=[hook.pk]), {"key": key}).status_code == 302
    row = Delivery.objects.get()
    assert (row.channel, row.hook, row.program, row.key) == ("hook", hook, program, f"now {key}")
    assert row.until - row.since == dt.timedelta(days=7)
    client.post(reverse("channel_now", args=[hook.pk]), {"key": "no key"})
    assert Delivery.objects.count() == 1


def test_channels_are_for_admins_and_checked(client, ada):
    program = make.make_world("Engines", by=ada)
    url = reverse("channels", args=[program.slug])
    data = {"name": "#engines", "url": "https://hooks.slack.com/services/x", "weekday": "0", "hour": "7"}
    assert client.post(url, data | {"url": "https://127.0.0.1/"}).status_code == 422
    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 422
    shown = page(client, "channels", program.slug)
    assert "#engines" in shown
    assert "hooks.slack.com" not in shown.replace("placeholder", "")  # a secret
    client.force_login(make.join(program, Role.MANAGER))
    assert client.get(url).status_code == 403
