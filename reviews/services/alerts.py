"""What cannot wait for the next digest: noticed every few minutes, told once (M16, M19)."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction

from projects.kept import digest
from projects.models import Goal, Limit, Program
from reviews.digests.alarms import crossed
from reviews.digests.value import Alert, to_json
from reviews.models import Delivery, Hook, Subscription, Watch
from reviews.services.deliveries import new_message_id, programs_of_each

HOOK_BOUND = 0.25  # of a channel, which has no bound of its own
Owner = Subscription | Hook


@dataclass(frozen=True)
class Odds:
    """Of a deadline: a goal's, or the program's own where `name` is empty. p: 0 to 1, None is unknown."""

    name: str
    on: dt.date
    p: float | None


@dataclass(frozen=True)
class Facts:
    """All of a program that an alert is about. odds: under the goal's id as text, "" for the program's own."""

    program: Program
    limit: Limit | None
    odds: dict[str, Odds]

    @cached_property
    def key(self) -> str:
        told = [[key, one.on, None if one.p is None else round(one.p, 3)] for key, one in sorted(self.odds.items())]
        limit = self.limit.pk if self.limit else None
        return digest(limit, self.program.decision_due_since, told)


def watch(now: dt.datetime) -> int:
    """Compare what is so with what each reader and channel saw last; how many alerts are due now."""
    facts = {one.program.pk: one for one in read_facts()}
    columns = ("subscription", "hook", "program", "pk", "facts")
    seen = {(mail, hook, pk): rest for mail, hook, pk, *rest in Watch.objects.values_list(*columns)}
    told = 0
    for owner, programs in owners():
        mail, hook = (None, owner.pk) if isinstance(owner, Hook) else (owner.pk, None)
        for pk in programs:
            watch_id, key = seen.get((mail, hook, pk), (None, None))
            if pk in facts and key != facts[pk].key:
                known = Watch.objects.filter(pk=watch_id).first() if watch_id else None
                told += _compare(owner, facts[pk], known, now)
    return told


def read_facts() -> list[Facts]:
    """Of every active program; four queries."""
    programs = list(Program.objects.active().select_related("ranking"))
    limits = {
        one.program_id: one
        for one in Limit.objects.filter(program__in=programs, until__isnull=True).select_related("factor")
    }
    odds: dict[int, dict[str, Odds]] = {one.pk: {} for one in programs}
    for program in programs:
        if program.deadline:
            ranking = getattr(program, "ranking", None)
            odds[program.pk][""] = Odds("", program.deadline, ranking.p_deadline if ranking else None)
    goals = Goal.objects.active().filter(team__program__in=programs, deadline__isnull=False)
    columns = ("pk", "name", "deadline", "team__program", "team__name", "outlook__p_deadline")
    for pk, name, deadline, program_id, team, p in goals.values_list(*columns):
        odds[program_id][str(pk)] = Odds(name if name == team else f"{team}: {name}", deadline, p)
    return [Facts(one, limits.get(one.pk), odds[one.pk]) for one in programs]


def owners() -> Iterable[tuple[Owner, list[int]]]:
    """Who is told of what: each reader of the programs that they follow and may see now, each channel of its own."""
    followed = (
        Subscription.objects.filter(on=True, alerts=True, user__is_active=True).exclude(user__email="")
    ).select_related("user")
    for one, programs in programs_of_each(followed):
        yield one, sorted(programs)
    for hook in Hook.objects.filter(on=True, alerts=True):
        yield hook, [hook.program_id]


def _of(owner: Owner) -> dict[str, Any]:
    return {"hook": owner} if isinstance(owner, Hook) else {"subscription": owner}


def _compare(owner: Owner, facts: Facts, known: Watch | None, now: dt.datetime) -> int:
    """Tell what differs, and keep that it was told: both or neither, and only one of two who come at once."""
    bound = HOOK_BOUND if isinstance(owner, Hook) else owner.bound
    seen, alerts = differences(facts, known.seen if known else None, bound, now)
    with transaction.atomic():
        if known is None:
            Watch.objects.bulk_create(
                [Watch(program=facts.program, facts=facts.key, seen=seen, **_of(owner))], ignore_conflicts=True
            )
            return 0
        if not Watch.objects.filter(pk=known.pk, facts=known.facts).update(facts=facts.key, seen=seen):
            return 0
        rows = [_row(owner, facts, key, alert, now) for key, alert in alerts if not _waits(owner, key)]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def differences(
    facts: Facts, seen: dict | None, bound: float, now: dt.datetime
) -> tuple[dict[str, Any], list[tuple[str, Alert]]]:
    """What is seen from now on, and (key, alert) of what is news. Without anything seen before, nothing is."""
    before = seen or {}
    program, limit = facts.program, facts.limit
    due = program.decision_due_since.isoformat() if program.decision_due_since else None
    after: dict[str, Any] = {
        "limit": limit.pk if limit else None,
        "named": str(limit.label) if limit and limit.state != Limit.State.UNKNOWN else "",
        "decision": due,
        "below": {},
        "odds": {key: one.p for key, one in facts.odds.items()},
    }
    common: dict[str, Any] = {"program": program.pk, "name": program.name, "slug": program.slug, "made_at": now}
    found = []
    if limit and before and limit.pk != before["limit"] and limit.state != Limit.State.UNKNOWN:
        alert = Alert(cause="factor", was=before["named"], now=str(limit.label), memo=limit.memo, **common)
        found.append((f"factor {limit.pk}", alert))
    if due and before and before["decision"] is None:
        odds = getattr(getattr(program, "ranking", None), "p_last_acceptable", None)
        alert = Alert(cause="impossible", on=program.last_acceptable, odds=odds, **common)
        found.append((f"impossible {program.pk} {due}", alert))
    for key, one in facts.odds.items():
        was = before.get("below", {}).get(key)
        after["below"][key], tell = crossed(was, one.p, bound)
        if tell:
            then = before.get("odds", {}).get(key)
            goal = int(key) if key else None
            alert = Alert(
                cause="odds", goal=goal, deadline_of=one.name, on=one.on, then=then, odds=one.p, bound=bound, **common
            )
            found.append((f"{_cause(program, key)}{uuid.uuid4()}", alert))
    return after, found


def _cause(program: Program, key: str) -> str:
    return f"odds of goal {key}, fall " if key else f"odds of program {program.pk}, fall "


def _waits(owner: Owner, key: str) -> bool:
    """Whether the reader has not yet said that they saw the last alert of this cause: one is enough."""
    if isinstance(owner, Hook) or ", fall " not in key:
        return False
    same = key.rpartition(" ")[0] + " "
    told = Delivery.objects.exclude(state__in=(Delivery.State.FAILED, Delivery.State.SUPERSEDED))
    return told.filter(user=owner.user, key__startswith=same, acknowledged_at__isnull=True).exists()


def _row(owner: Owner, facts: Facts, key: str, alert: Alert, now: dt.datetime) -> Delivery:
    row = Delivery(kind=Delivery.Kind.ALERT, key=key, due_at=now, next_try=now, program=facts.program)
    row.value = to_json(alert)
    if isinstance(owner, Hook):
        row.channel, row.hook = Delivery.Channel.HOOK, owner
    else:
        row.channel, row.subscription, row.user = Delivery.Channel.MAIL, owner, owner.user
        row.message_id = new_message_id(row)
    return row
