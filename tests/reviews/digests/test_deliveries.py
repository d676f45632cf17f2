"""Planned once, claimed by one, marked once: the rows themselves, with a simulated clock."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from projects.models import Role
from reviews.models import Delivery, Hook, Subscription
from reviews.services import deliveries as service
from tests import factories as make

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 11, 23, 6, tzinfo=dt.UTC)  # 07:00 in Berlin
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)
State = Delivery.State


def subscribe(**fields) -> Subscription:
    user = make.make_user(email=f"person-{next(make.number)}@example.org")
    fields = {"zone": "Europe/Berlin", "planned_to": dt.date(2026, 11, 16), "changed_at": MONDAY - WEEK} | fields
    return Subscription.objects.create(user=user, **fields)


def states() -> dict[str, str]:
    return dict(Delivery.objects.order_by("key").values_list("key", "state"))


# ---- planning --------------------------------------------------------------------------------------------------------


def test_a_week_is_planned_when_it_has_ended_and_once():
    mine = subscribe()
    assert service.plan(MONDAY - dt.timedelta(seconds=1)) == 0
    assert service.plan(MONDAY) == 1
    row = Delivery.objects.get()
    assert (row.key, row.state, row.since, row.until) == ("week 2026-11-23", State.DUE, MONDAY - WEEK, MONDAY)
    assert row.user == mine.user
    assert row.message_id.endswith("@localhost>")
    assert [service.plan(MONDAY + n * HOUR) for n in range(5)] == [0] * 5


def test_two_planners_at_once_make_one_row():
    """Both have read the same subscription; the second to write finds it planned."""
    mine = subscribe()
    stale = Subscription.objects.get(pk=mine.pk)
    assert service._plan_weeks(mine, MONDAY) == 1
    assert service._plan_weeks(stale, MONDAY) == 0
    Subscription.objects.update(planned_to=dt.date(2026, 11, 16))  # and even where that is lost, there is one row
    service.plan(MONDAY)
    assert Delivery.objects.count() == 1


def test_off_for_three_weeks_is_one_digest_over_all_of_them():
    subscribe()
    assert service.plan(MONDAY + 2 * WEEK + 5 * HOUR) == 1
    assert list(states().values()) == [State.SUPERSEDED, State.SUPERSEDED, State.DUE]
    due = Delivery.objects.get(state=State.DUE)
    assert (due.since, due.until) == (MONDAY - WEEK, MONDAY + 2 * WEEK)


def test_what_could_not_be_sent_is_told_by_the_next():
    subscribe()
    service.plan(MONDAY)
    first = claimed(MONDAY)
    assert service.hand_over(first, {}, MONDAY)
    assert service.mark_sent(first, MONDAY)
    service.plan(MONDAY + WEEK)  # never taken by the mail server
    service.plan(MONDAY + 2 * WEEK)
    assert states() == {
        "week 2026-11-23": State.SENT,
        "week 2026-11-30": State.SUPERSEDED,
        "week 2026-12-07": State.DUE,
    }
    assert Delivery.objects.get(state=State.DUE).since == MONDAY  # it begins where the last one that was told ends


def test_nobody_is_planned_for_who_is_off_deactivated_or_without_an_address():
    subscribe(on=False)
    away, silent = subscribe(), subscribe()
    away.user.is_active = False
    away.user.save()
    silent.user.email = ""
    silent.user.save()
    assert service.plan(MONDAY + WEEK) == 0


def test_a_program_posts_its_week_to_a_channel():
    program = make.make_program()
    fields = {"planned_to": dt.date(2026, 11, 16), "changed_at": MONDAY - WEEK}
    Hook.objects.create(program=program, name="#engines", url="https://chat.example.org/x", **fields)
    service.plan(MONDAY + HOUR)
    row = Delivery.objects.get()
    assert (row.channel, row.program, row.user, row.key) == ("hook", program, None, "week 2026-11-23")


def test_after_each_review_on_the_readers_next_morning():
    mine = subscribe(pace=Subscription.Pace.REVIEW, changed_at=timezone.now() - WEEK)
    program = make.make_program()
    make.join(program, Role.VIEWER, mine.user)
    make.close(make.open_review(make.make_program()))  # not one of mine
    first, second = (make.close(make.open_review(program)) for _ in range(2))
    assert service.plan(timezone.now()) == 0
    assert service.plan(timezone.now() + 2 * DAY) == 1
    assert states() == {f"review {first.pk}": State.SUPERSEDED, f"review {second.pk}": State.DUE}
    assert service.plan(timezone.now() + 2 * DAY) == 0
    assert Delivery.objects.get(state=State.DUE).program == program


def test_send_me_one_now_is_one_however_often_it_is_asked():
    mine, key = subscribe(), uuid.uuid4()
    assert {service.plan_now(owner=mine, key=key, now=MONDAY).pk for _ in range(3)} == {Delivery.objects.get().pk}


# ---- one worker ------------------------------------------------------------------------------------------------------


def planned(n: int = 1) -> None:
    for _ in range(n):
        subscribe()
    service.plan(MONDAY)


def claimed(now: dt.datetime) -> Delivery:
    found = service.claim_next(now)
    assert found is not None
    return found


def test_a_row_is_claimed_once():
    planned()
    assert claimed(MONDAY).attempts == 1
    assert service.claim_next(MONDAY) is None
    assert service.claim(Delivery.objects.get().pk, MONDAY) is False


def test_a_worker_that_ended_before_it_handed_over_leaves_it_due():
    planned()
    lost = claimed(MONDAY)
    assert service.sweep(MONDAY + service.LEASE) == 0
    assert service.sweep(MONDAY + service.LEASE + HOUR) == 1
    again = claimed(MONDAY + service.LEASE + HOUR)
    assert again.message_id == lost.message_id
    # The first was only slow: it finds that the row is another's, before it has said anything to the server.
    assert service.hand_over(lost, {}, MONDAY) is False
    assert service.put_back(lost, "slow", MONDAY) is False
    assert service.hand_over(again, {}, MONDAY) is True


def test_a_worker_that_ended_after_it_leaves_it_of_unknown_fate_and_nobody_sends_it_again():
    planned()
    lost = claimed(MONDAY)
    service.hand_over(lost, {}, MONDAY)
    service.sweep(MONDAY + HOUR)
    assert states() == {"week 2026-11-23": State.UNKNOWN}
    assert service.claim_next(MONDAY + DAY) is None
    assert service.mark_sent(lost, MONDAY + HOUR)  # it was only slow, and has heard that it was taken
    assert states() == {"week 2026-11-23": State.SENT}


def test_a_person_may_have_it_sent_again():
    planned()
    service.hand_over(claimed(MONDAY), {}, MONDAY)
    service.sweep(MONDAY + HOUR)
    row = Delivery.objects.get()
    assert service.send_again(row=row, now=MONDAY + HOUR)
    assert not service.send_again(row=row, now=MONDAY + HOUR)
    assert claimed(MONDAY + HOUR).pk == row.pk


def test_not_taken_now_is_tried_again_ever_less_often_and_given_up_after_days():
    planned()
    now, waits = MONDAY, []
    while (row := service.claim_next(now)) is not None:
        service.put_back(row, "451 Later", now)
        row.refresh_from_db()
        if row.state == State.FAILED:
            break
        waits.append(row.next_try - now)
        assert service.claim_next(row.next_try - dt.timedelta(seconds=1)) is None
        now = row.next_try
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (dt.timedelta(minutes=1), HOUR)
    assert now - MONDAY > service.GIVE_UP
    assert (row.state, row.why) == (State.FAILED, "451 Later")


def test_each_step_twice_does_nothing_the_second_time():
    planned()
    row = claimed(MONDAY)
    assert service.hand_over(row, {"a": 1}, MONDAY)
    assert [service.mark_sent(row, MONDAY), service.mark_sent(row, MONDAY)] == [True, False]
    before = Delivery.objects.values().get()
    for step in (
        lambda: service.put_back(row, "x", MONDAY),
        lambda: service.refuse(row, "x", MONDAY),
        lambda: service.mark_unknown(row, "x"),
        lambda: service.drop(row, "x"),
        lambda: service.sweep(MONDAY + DAY),
        lambda: service.plan(MONDAY + HOUR),
        lambda: service.send_again(row=row, now=MONDAY),
    ):
        assert not step()
    assert Delivery.objects.values().get() == before


def test_what_is_refused_is_told_to_who_runs_it_once_a_day():
    boss = make.make_user(is_superuser=True, email="boss@example.org")
    planned(2)
    for _ in range(2):
        row = claimed(MONDAY)
        assert service.refuse(row, "550 No such person", MONDAY)
    report = Delivery.objects.get(kind=Delivery.Kind.REPORT)
    assert (report.user, report.state, report.key) == (boss, State.DUE, "refused 2026-11-23")
    assert len(service.refused_for(boss, MONDAY - WEEK)) == 2
    service.report_refused(report, MONDAY)  # a report that is refused is not reported
    assert Delivery.objects.filter(kind=Delivery.Kind.REPORT).count() == 1


def test_what_is_refused_after_the_day_s_report_is_in_the_next_day_s():
    boss = make.make_user(is_superuser=True, email="boss@example.org")
    planned(3)
    service.refuse(claimed(MONDAY), "550 No such person", MONDAY)
    report = Delivery.objects.get(kind=Delivery.Kind.REPORT)
    assert service.claim(report.pk, MONDAY + HOUR)  # from here on it may have been written
    for hours in (1, 2):
        service.refuse(claimed(MONDAY), "551 Moved", MONDAY + hours * HOUR)
    later = Delivery.objects.filter(kind=Delivery.Kind.REPORT).exclude(pk=report.pk).get()
    assert (later.user, later.state, later.key) == (boss, State.DUE, "refused 2026-11-24")
    assert MONDAY + DAY <= later.due_at <= MONDAY + DAY + 2 * HOUR
    assert len(service.refused_for(boss, later.due_at - 2 * DAY)) == 3


def test_what_was_given_up_long_after_it_was_due_is_reported():
    boss = make.make_user(is_superuser=True, email="boss@example.org")
    planned(1)
    row = claimed(MONDAY)
    service.refuse(row, "451 Later", MONDAY + 20 * DAY)
    assert service.refused_for(boss, MONDAY + 18 * DAY) == [row]


def test_a_clock_that_was_set_back_leaves_nothing_waiting_for_it():
    """Tried, and claimed, while the clock was ten days ahead."""
    planned(2)
    ahead = MONDAY + 10 * DAY
    tried, held = claimed(ahead), claimed(ahead)
    service.put_back(tried, "451 Later", ahead)
    service.sweep(MONDAY + HOUR)
    tried.refresh_from_db()
    held.refresh_from_db()
    assert tried.next_try <= MONDAY + 2 * HOUR
    assert held.lease_until <= MONDAY + 2 * HOUR
