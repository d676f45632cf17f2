"""Alerts between digests: told once a cause, with two edges, and not of what was so before anybody watched."""

import datetime as dt
import itertools

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from projects.models import Program, Ranking, Role
from reviews.digests.alarms import MARGIN, crossed
from reviews.digests.build import Weeks
from reviews.digests.value import Alert, from_json
from reviews.models import Delivery, Watch
from reviews.services import alerts, deliveries, sending
from reviews.services.subscriptions import subscribe
from tests import factories as make

NOW = timezone.now()


# ---- two edges -------------------------------------------------------------------------------------------------------


def told(course, bound=0.25) -> list[int]:
    """At which of these odds an alert is told."""
    below, found = None, []
    for n, odds in enumerate(course):
        below, tell = crossed(below, odds, bound)
        if tell:
            found.append(n)
    return found


@pytest.mark.parametrize(
    ("course", "when"),
    [
        ([0.3, 0.24], [1]),
        ([0.3, 0.24, 0.26, 0.24, 0.26, 0.2], [1]),  # it hovers: once
        ([0.3, 0.24, 0.36, 0.24], [1, 3]),  # it had recovered
        ([0.2, 0.1], []),  # so before anybody watched
        ([0.2, 0.4, 0.2], [2]),
        ([0.3, None, 0.24], [2]),  # unknown says nothing, neither that it fell nor that it recovered
        ([0.3, 0.24, None, 0.3, 0.2], [1]),
        ([None, 0.1], []),
    ],
)
def test_when_it_is_told(course, when):
    assert told(course) == when


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=40), st.floats(0.01, 0.99))
def test_between_two_alerts_the_odds_recovered(course, bound):
    when = told(course, bound)
    for first, second in itertools.pairwise(when):
        between = [odds for odds in course[first:second] if odds is not None]
        assert max(between) >= min(bound + MARGIN, 1.0)
    assert all(course[n] < bound for n in when)


# ---- with rows -------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(db):
    return make.make_user("ada", email="ada@example.org")


@pytest.fixture
def program(ada):
    made = make.make_world("Engines", by=ada)
    deadline = make.today() + dt.timedelta(days=70)
    Program.objects.filter(pk=made.pk).update(deadline=deadline, last_acceptable=deadline + dt.timedelta(days=70))
    set_odds(made, 0.6)
    make.make_subscription(ada)
    alerts.watch(NOW)
    return made


def set_odds(program, p: float) -> None:
    Ranking.objects.filter(program=program).update(p_deadline=p)


def causes() -> list[str]:
    rows = Delivery.objects.filter(kind="alert").order_by("pk").values_list("value", flat=True)
    return [from_json(Alert, value).cause for value in rows]


def test_the_first_look_tells_nothing_and_nothing_new_tells_nothing(program):
    assert Watch.objects.count() == 1
    assert [alerts.watch(NOW) for _ in range(3)] == [0, 0, 0]


def test_another_factor(program):
    make.declare(program, "Sand", memo="Seen on the floor.")
    assert alerts.watch(NOW) == 1
    make.declare(program, "Foundries", memo="Three of them.")
    assert alerts.watch(NOW) == 1
    assert alerts.watch(NOW) == 0
    newest = from_json(Alert, Delivery.objects.order_by("pk").last().value)
    assert (newest.cause, newest.was, newest.now, newest.memo) == ("factor", "Sand", "Foundries", "Three of them.")


def test_success_that_became_impossible_until_it_is_decided_and_comes_again(program):
    for _ in range(2):
        Program.objects.filter(pk=program.pk).update(decision_due_since=timezone.now())
        assert alerts.watch(NOW) == 1
        assert alerts.watch(NOW) == 0
        Program.objects.filter(pk=program.pk).update(decision_due_since=None)
        assert alerts.watch(NOW) == 0
    assert causes() == ["impossible", "impossible"]


def test_odds_through_the_bound_once_until_they_recover_and_the_alert_was_seen(program):
    set_odds(program, 0.2)
    assert alerts.watch(NOW) == 1
    told = Delivery.objects.get()
    value = from_json(Alert, told.value)
    assert (value.then, value.odds, value.bound, value.deadline_of) == (0.6, 0.2, 0.25, "")
    for p in (0.27, 0.2, 0.6, 0.2):  # it hovers; then it recovers and falls again, but nobody has seen the first one
        set_odds(program, p)
        assert alerts.watch(NOW) == 0
    Delivery.objects.update(acknowledged_at=NOW)
    for p, n in ((0.6, 0), (0.1, 1), (0.1, 0)):
        set_odds(program, p)
        assert alerts.watch(NOW) == n
    assert causes() == ["odds", "odds"]


def test_another_bound_begins_anew_without_an_alert(program, ada):
    set_odds(program, 0.4)
    alerts.watch(NOW)
    subscribe(user=ada, now=NOW, bound=0.5)
    assert alerts.watch(NOW) == 0
    set_odds(program, 0.7)
    assert alerts.watch(NOW) == 0
    set_odds(program, 0.45)
    assert alerts.watch(NOW) == 1


def test_two_who_look_at_once_tell_once(program, ada):
    set_odds(program, 0.2)
    (facts,) = alerts.read_facts()
    known = Watch.objects.get()
    mine = known.subscription
    assert [alerts._compare(mine, facts, known, NOW) for _ in range(2)] == [1, 0]
    assert Delivery.objects.count() == 1


def test_nobody_is_told_of_what_they_may_not_see_or_did_not_choose(program):
    outsider, chooser = (make.make_user(email=f"{name}@example.org") for name in ("out", "choose"))
    other = make.make_world("Other")
    make.join(program, Role.ENGINEER, outsider)
    for one in (program, other):
        make.join(one, Role.VIEWER, chooser)
    make.make_subscription(outsider)
    make.make_subscription(chooser, every_program=False).programs.set([other])
    make.make_subscription(make.join(program), alerts=False)
    alerts.watch(NOW)
    make.declare(program, "Sand")
    alerts.watch(NOW)
    assert [row.user.username for row in Delivery.objects.all()] == ["ada"]


def test_who_left_before_it_is_sent_is_not_told(program):
    make.declare(program, "Sand")
    alerts.watch(NOW)
    row = deliveries.claim_next(timezone.now())
    program.memberships.all().delete()
    with pytest.raises(sending.Nobody):
        sending.letter(row, NOW, Weeks())


@pytest.mark.django_db  # first of all: it empties the mailbox
def test_the_mail_and_the_page_and_that_it_was_seen(program, ada, client, mailoutbox):
    make.declare(program, "R&D <b>", memo="So it is.")
    alerts.watch(NOW)
    assert sending.send_due() == 1
    assert (Delivery.objects.get().state, Delivery.objects.get().why) == ("sent", "")
    (mail,) = mailoutbox
    assert mail.subject == "Engines: limiting factor is now R&D <b>"
    assert "R&D <b> limits it now." in mail.body
    assert "So it is." in mail.body
    row = Delivery.objects.get()
    client.force_login(ada)
    assert "R&amp;D &lt;b&gt; limits it now." in client.get(row.get_absolute_url()).content.decode()
    for _ in range(2):
        assert client.post(reverse("alert_seen", args=[row.uuid])).status_code == 302
    row.refresh_from_db()
    assert row.acknowledged_at
    assert "alerts-title" not in client.get(reverse("digests")).content.decode()


def test_a_channel_is_told_too(program):
    make.make_hook(program)
    alerts.watch(NOW)
    make.declare(program, "Sand")
    assert alerts.watch(NOW) == 2
    assert sorted(Delivery.objects.values_list("channel", flat=True)) == ["hook", "mail"]
