"""The history sealed, and held against its seals. A job seals: whoever writes an event waits for nothing."""

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from projects import seals
from projects.models import Event, Program, Seal
from projects.seals import COVERED, Fault, Head, Sealed

TOGETHER = 500  # seals in one transaction: a few milliseconds of SQLite's one write lock
FAR_BACK = 100_000  # events: of what is older than this, what has no seal is looked for at night only
TRIES = 5


def seal_events(*, everything: bool = False, now: dt.datetime | None = None) -> int:
    """Seal what is not sealed yet, in the order of ids; how many events that were. Two at once never fork a chain."""
    newest = Seal.objects.aggregate(newest=Max("event_id"))["newest"] or 0
    waiting = Event.objects.filter(seal=None, pk__gt=0 if everything else newest - FAR_BACK)
    done, failed = 0, 0
    while events := list(waiting.order_by("pk").values(*COVERED)[:TOGETHER]):
        made = list(_next_seals(events, now or timezone.now()))  # before the transaction, which holds SQLite's lock
        try:
            with transaction.atomic():
                Seal.objects.bulk_create(made)
        except IntegrityError:  # another sealer was there first: what it left is read anew
            failed += 1
            if failed == TRIES:
                raise
        else:
            done += len(events)
    return done


def _next_seals(events: list[dict], at: dt.datetime) -> Iterator[Seal]:
    heads: dict[int | None, Head] = {}
    for event in events:
        program = event["program_id"]
        before = heads.get(program) or _head(program) or Head(0, seals.FIRST)
        number = before.number + 1
        head = heads[program] = Head(number, seals.hash_of(before.hash, number, at, event))
        yield Seal(program_id=program, number=number, event_id=event["id"], at=at, hash=head.hash)


def _head(program: int | None) -> Head | None:
    last = Seal.objects.filter(program=program).order_by("-number").values_list("number", "hash").first()
    return Head(*last) if last else None


def latest_head(program: Program | None) -> Head | None:
    """The newest seal of a program's history (None: of what belongs to no program), for whatever leaves the house."""
    return _head(program.pk if program else None)


def latest_heads(programs: Iterable[Program]) -> dict[int, Head]:
    """{program id: its newest seal}, of programs that have one; one query."""
    last = Seal.objects.filter(program=OuterRef("pk")).order_by("-number").values("pk")[:1]
    newest = Program.objects.filter(pk__in=[program.pk for program in programs]).values(last=Subquery(last))
    rows = Seal.objects.filter(pk__in=newest)  # by programs: a look into an index each, however long the history
    return {pk: Head(number, hashed) for pk, number, hashed in rows.values_list("program", "number", "hash")}


def check_history(program: Program | None, *, kept: Head | None = None, now: dt.datetime | None = None) -> list[Fault]:
    """What of a program's history is not as it was sealed. `kept`: a head that lies elsewhere."""
    chain = seals.Chain()
    mine = Seal.objects.filter(program=program)
    found = list(chain.check(_sealed(program)))
    unsealed = Event.objects.filter(program=program, seal=None).order_by("pk").values("id", "at")
    last = mine.aggregate(last=Max("event_id"))["last"] or 0
    found += chain.check_unsealed(unsealed.iterator(), last, now or timezone.now())
    if kept:
        hashed = mine.filter(number=kept.number).values_list("hash", flat=True).first()
        found += filter(None, [chain.holds(kept, hashed)])
    return found


def _sealed(program: Program | None) -> Iterator[Sealed]:
    """Seals with their events, also those whose event is gone or belongs to another program now."""
    after = 0
    rows = Seal.objects.filter(program=program).order_by("number").values_list("number", "at", "hash", "event_id")
    while some := list(rows.filter(number__gt=after)[:TOGETHER]):
        ids = [event for *_, event in some]
        events = {event["id"]: event for event in Event.objects.filter(pk__in=ids).values(*COVERED)}
        yield from (Sealed(*row, event=events.get(row[-1])) for row in some)
        after = some[-1][0]
