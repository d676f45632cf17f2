"""What is to be told to whom: planned once, claimed by one worker, and marked with what became of it.

The database holds all of it; a broker only wakes workers. Each step is one statement, or one short transaction, that
only one of several workers can win, so any of them may be killed, slow, doubled or late.
"""

import datetime as dt
import logging
import random
import uuid
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from projects.access import READERS, programs_of
from projects.models import Membership, Program
from reviews.digests.periods import Period, due, morning_after
from reviews.models import Delivery, Hook, Review, Subscription

log = logging.getLogger(__name__)

State, Kind, Channel = Delivery.State, Delivery.Kind, Delivery.Channel

LEASE = dt.timedelta(minutes=10)  # longer than any conversation with a mail server that still says something
BACKOFF = (1, 2, 5, 10, 20, 40, 60)  # minutes before the next try; the last again and again
GIVE_UP = dt.timedelta(days=5)  # as long as mail servers keep trying among each other
LOOK_BACK = dt.timedelta(days=35)  # a review closed longer ago is no news
LATE = dt.timedelta(hours=1)  # from here on what is sent says that it is late
AT_ONCE = 16


# ---- planning --------------------------------------------------------------------------------------------------------


def plan(now: dt.datetime) -> int:
    """Rows for every week and review that has become due; how many are to be sent."""
    reachable = Subscription.objects.filter(on=True, user__is_active=True).exclude(user__email="")
    weekly = reachable.filter(pace=Subscription.Pace.WEEKLY).select_related("user")
    made = sum(_plan_weeks(one, now) for one in weekly)
    made += sum(_plan_weeks(one, now) for one in Hook.objects.filter(on=True, program__archived_at__isnull=True))
    return made + _plan_reviews(reachable.filter(pace=Subscription.Pace.REVIEW).select_related("user"), now)


def _plan_weeks(owner: Subscription | Hook, now: dt.datetime) -> int:
    """The newest week that ended is due; those before it that nobody was told of are superseded, each with its row."""
    weeks = list(due(owner.rhythm, owner.planned_to, now))
    if not weeks:
        return 0
    with transaction.atomic():
        mine = type(owner).objects.filter(pk=owner.pk, planned_to=owner.planned_to, on=True)
        if not mine.update(planned_to=weeks[-1].week):
            return 0  # another worker did, or its owner changed it just now
        told = _digests_of(owner).filter(state__in=Delivery.TOLD, key__startswith="week ")
        last = told.order_by("-until").values_list("until", flat=True).first()
        first = (
            _digests_of(owner).filter(key__startswith="week ").order_by("since").values_list("since", flat=True).first()
        )
        rows = [_week(owner, week, since=week.start) for week in weeks]
        rows[-1].since = min(last or first or weeks[0].start, weeks[0].start)
        supersede(_digests_of(owner).filter(state=State.DUE, key__startswith="week "))
        for row in rows[:-1]:
            row.state, row.why = State.SUPERSEDED, str(_superseded())
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return 1


def supersede(rows: QuerySet[Delivery]) -> int:
    return rows.update(state=State.SUPERSEDED, why=str(_superseded()))


def _superseded() -> str:
    return _("A later one tells all of it.")


def _digests_of(owner: Subscription | Hook) -> QuerySet[Delivery]:
    return owner.deliveries.filter(kind=Kind.DIGEST)


def _week(owner: Subscription | Hook, week: Period, *, since: dt.datetime) -> Delivery:
    row = _row(owner, key=f"week {week.week}", due_at=max(week.end, owner.changed_at))
    row.since, row.until = since, week.end
    return row


def _row(owner: Subscription | Hook, *, key: str, due_at: dt.datetime) -> Delivery:
    row = Delivery(kind=Kind.DIGEST, key=key, due_at=due_at, next_try=due_at)
    if isinstance(owner, Hook):
        row.channel, row.hook, row.program = Channel.HOOK, owner, owner.program
    else:
        row.channel, row.subscription, row.user = Channel.MAIL, owner, owner.user
        row.message_id = new_message_id(row)
    return row


def new_message_id(row: Delivery) -> str:
    """Of this row, in every try: a server that has it already may know it again."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "localhost"
    return f"<{row.uuid.hex}@{domain}>"


def _plan_reviews(subscriptions: QuerySet[Subscription], now: dt.datetime) -> int:
    """Of each program whose review closed, a digest on the reader's morning after; of several, the newest. A fixed
    number of queries, and one more for each program of which somebody is to be told."""
    closed = Review.objects.filter(closed_at__gte=now - LOOK_BACK, program__archived_at=None)
    reviews = list(closed.order_by("closed_at").select_related("program"))
    if not reviews:
        return 0
    keys = [_review_key(review) for review in reviews]
    known = Delivery.objects.filter(subscription__in=subscriptions, key__in=keys)
    seen = set(known.values_list("subscription", "key"))
    made = 0
    for one, programs in programs_of_each(subscriptions):
        found: dict[int, list[Review]] = {}
        for review in reviews:
            news = review.program_id in programs and review.closed_at >= one.changed_at  # type: ignore[operator]
            if not news or (one.pk, _review_key(review)) in seen:
                continue
            if morning_after(review.closed_at, one.hour, one.zone) <= now:  # type: ignore[arg-type]
                found.setdefault(review.program_id, []).append(review)
        made += sum(_plan_program(one, some) for some in found.values())
    return made


def _review_key(review: Review) -> str:
    return f"review {review.pk}"


def _plan_program(subscription: Subscription, reviews: list[Review]) -> int:
    program = reviews[-1].program
    with transaction.atomic():
        Subscription.objects.select_for_update(no_key=True).get(pk=subscription.pk)  # of two sweeps, one plans these
        keys = [_review_key(review) for review in reviews]
        known = set(subscription.deliveries.filter(key__in=keys).values_list("key", flat=True))
        reviews = [review for review in reviews if _review_key(review) not in known]
        if not reviews:
            return 0
        mine = _digests_of(subscription).filter(program=program)
        last = mine.filter(state__in=Delivery.TOLD).order_by("-until").values_list("until", flat=True).first()
        supersede(mine.filter(state=State.DUE))
        rows = []
        for review in reviews:
            until = morning_after(review.closed_at, subscription.hour, subscription.zone)  # type: ignore[arg-type]
            row = _row(subscription, key=_review_key(review), due_at=until)
            row.program, row.until = program, until
            row.since = min(last or until - dt.timedelta(days=7), until)
            if review is not reviews[-1]:
                row.state, row.why = State.SUPERSEDED, str(_superseded())
            rows.append(row)
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return 1


def programs_followed(subscription: Subscription) -> QuerySet[Program]:
    """What the subscription is of, among what its person may see now."""
    mine = programs_of(subscription.user).active()
    if subscription.every_program:
        return mine
    return mine.filter(pk__in=subscription.programs.values("pk"))


def programs_of_each(subscriptions: QuerySet[Subscription]) -> Iterator[tuple[Subscription, set[int]]]:
    """What each is of, among what its person may see now; four queries, however many there are."""
    seen: dict[int, set[int]] = {}
    for user, program in Membership.objects.filter(role__in=READERS).values_list("user", "program"):
        seen.setdefault(user, set()).add(program)
    active = set(Program.objects.active().values_list("pk", flat=True))
    for one in subscriptions.select_related("user").prefetch_related("programs"):
        mine = active if one.user.is_superuser else seen.get(one.user_id, set()) & active
        yield one, mine if one.every_program else mine & {program.pk for program in one.programs.all()}


def plan_now(*, owner: Subscription | Hook, key: uuid.UUID, now: dt.datetime) -> Delivery:
    """One more digest, at once: of the last week, or of all since the last one where that is longer ago.

    The same key again is the same row.
    """
    row = _row(owner, key=f"now {key}", due_at=now)
    told = _digests_of(owner).filter(state__in=Delivery.TOLD, program=row.program).exclude(key__startswith="now ")
    last = told.order_by("-until").values_list("until", flat=True).first()
    row.since, row.until = min(last or now - dt.timedelta(days=7), now - dt.timedelta(days=7)), now
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    return _digests_of(owner).get(key=row.key)


# ---- one worker has it -----------------------------------------------------------------------------------------------


def claim_next(now: dt.datetime) -> Delivery | None:
    """A row that is due, for this worker alone until its lease ends; None where none is due."""
    while True:
        waiting = Delivery.objects.filter(state=State.DUE, next_try__lte=now).order_by("next_try", "pk")
        found = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
        if not found:
            return None
        random.shuffle(found)  # several workers at once reach for different ones
        for pk in found:
            if claim(pk, now):
                rows = Delivery.objects.select_related("user", "subscription__user", "hook__program", "program")
                return rows.get(pk=pk)


def claim(pk: int, now: dt.datetime) -> bool:
    return bool(
        Delivery.objects.filter(pk=pk, state=State.DUE, next_try__lte=now).update(
            state=State.CLAIMED, claim=uuid.uuid4(), lease_until=now + LEASE, attempts=F("attempts") + 1
        )
    )


def _mine(row: Delivery, *states: str) -> QuerySet[Delivery]:
    """The row, where it is still this worker's."""
    return Delivery.objects.filter(pk=row.pk, claim=row.claim, state__in=states or (State.CLAIMED,))


def hand_over(row: Delivery, value: dict | None, now: dt.datetime) -> bool:
    """From now on its fate is the receiver's to know. False where it is another worker's by now: send nothing."""
    return bool(_mine(row).update(handed_at=now, value=value))


def mark_sent(row: Delivery, now: dt.datetime) -> bool:
    """It was taken. Also where its lease ended meanwhile and it was held to be of unknown fate."""
    return bool(_mine(row, State.CLAIMED, State.UNKNOWN).update(state=State.SENT, sent_at=now, why=""))


def mark_unknown(row: Delivery, why: str) -> bool:
    return bool(_mine(row).update(state=State.UNKNOWN, why=why[:500]))


@transaction.atomic
def refuse(row: Delivery, why: str, now: dt.datetime) -> bool:
    """Refused for good: no other try, and its owner hears of it."""
    if not _mine(row).update(state=State.FAILED, why=why[:500], claim=None, lease_until=None, next_try=now):
        return False
    log.error("Delivery %s was refused: %s", row.pk, why)
    report_refused(row, now)
    return True


def drop(row: Delivery, why: str) -> bool:
    """There is nobody to tell, or nothing any more."""
    return bool(_mine(row).update(state=State.SUPERSEDED, why=why[:500], claim=None, lease_until=None))


def put_back(row: Delivery, why: str, now: dt.datetime) -> bool:
    """Not taken: another try later, or none where that has gone on for days."""
    if row.attempts > len(BACKOFF) and now - row.due_at > GIVE_UP:
        return refuse(row, why, now)
    wait = dt.timedelta(minutes=BACKOFF[min(row.attempts, len(BACKOFF)) - 1])
    again = {"state": State.DUE, "claim": None, "lease_until": None, "handed_at": None}
    return bool(_mine(row).update(next_try=now + wait, why=why[:500], **again))


# ---- what was left ---------------------------------------------------------------------------------------------------


def sweep(now: dt.datetime) -> int:
    """Rows whose worker is gone: due again, or of unknown fate where the receiver may have it. How many."""
    bring_back(now)
    left = Delivery.objects.filter(state=State.CLAIMED, lease_until__lt=now)
    again = left.filter(handed_at__isnull=True).update(state=State.DUE, claim=None, lease_until=None, next_try=now)
    said = _("The worker ended after it had handed it over, before it heard whether it was taken.")
    return again + left.filter(handed_at__isnull=False).update(state=State.UNKNOWN, why=said)


def bring_back(now: dt.datetime) -> None:
    """A clock that ran ahead and was set back leaves tries and claims that lie further off than any can."""
    longest = dt.timedelta(minutes=BACKOFF[-1])
    due = Delivery.objects.filter(state=State.DUE, attempts__gt=0, due_at__lte=now, next_try__gt=now + 2 * longest)
    due.update(next_try=now + longest)
    Delivery.objects.filter(state=State.CLAIMED, lease_until__gt=now + 2 * LEASE).update(lease_until=now + LEASE)


def send_again(*, row: Delivery, now: dt.datetime) -> bool:
    """A person has looked, and wants it once more."""
    lost = Delivery.objects.filter(pk=row.pk, state__in=(State.UNKNOWN, State.FAILED))
    fresh = {"claim": None, "lease_until": None, "handed_at": None, "attempts": 0, "next_try": now, "due_at": now}
    return bool(lost.update(state=State.DUE, **fresh))


def how_many_due(now: dt.datetime) -> int:
    return Delivery.objects.filter(state=State.DUE, next_try__lte=now).count()


# ---- who hears of what was refused -----------------------------------------------------------------------------------


def report_refused(row: Delivery, now: dt.datetime) -> None:
    """One report a day and person: of a channel to who set it up, of a person's mail to who runs the installation.
    What is refused after the day's report has begun to be sent is in the next day's."""
    if row.kind == Kind.REPORT:
        return
    owners: Iterable[User | None] = User.objects.filter(is_superuser=True, is_active=True)
    if row.hook and row.hook.by and row.hook.by.is_active:
        owners = [row.hook.by]
    rows = []
    for owner in owners:
        if owner and owner.email and owner != row.user:
            soon = now + dt.timedelta(minutes=5)  # what else is refused by then is in it
            today = Delivery.objects.filter(user=owner, kind=Kind.REPORT, key=f"refused {now.date()}")
            # Written to and not only read: nobody takes it away to send it before this refusal is in it.
            begun = today.exists() and not today.filter(state=State.DUE).update(why="")
            at = soon + dt.timedelta(days=1) if begun else soon
            report = Delivery(kind=Kind.REPORT, channel=Channel.MAIL, user=owner, key=f"refused {at.date()}")
            report.due_at = report.next_try = at
            report.message_id = new_message_id(report)
            rows.append(report)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def refused_for(owner: User, since: dt.datetime) -> list[Delivery]:
    """What a report tells its reader. `next_try` of what failed is when it did."""
    failed = Delivery.objects.filter(state=State.FAILED, next_try__gte=since).exclude(kind=Kind.REPORT)
    if not owner.is_superuser:
        failed = failed.filter(hook__by=owner)
    return list(failed.select_related("user", "hook__program").order_by("pk")[:100])
