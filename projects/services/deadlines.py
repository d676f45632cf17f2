"""A program's deadline and last acceptable date: what the forecast says of them, and changed with a memo (M13)."""

import datetime as dt
import hashlib
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from projects import bottleneck
from projects.deadlines import OddsWhenSet, Offer, chance_by
from projects.memo import clean_memo
from projects.models import Outlook, Program, ProgramRevision, Ranking
from projects.services.changes import Conflict, record_event
from projects.time import today_in


def offer_for_program(program: Program, ranking: Ranking | None) -> Offer:
    """When the program is finished by its stored ranking. Its deadline moves no goal, so its P50 is what is offered."""
    if ranking is None or not ranking.known:
        return Offer(why=_("Nothing is forecast yet: a forecast takes three values of a goal on different days."))
    earliest = max(ranking.p50, today_in(program.zone) + dt.timedelta(days=1)) if ranking.p50 else None
    odds = odds_of_program(ranking, earliest)
    return Offer(p10=ranking.p10, p50=ranking.p50, p90=ranking.p90, earliest=earliest, p=odds.p)


def odds_of_program(ranking: Ranking | None, deadline: dt.date | None) -> OddsWhenSet:
    """The odds of finishing by the end of `deadline`, with the receipt of the ranking that says so."""
    if ranking is None or not ranking.known or deadline is None:
        return OddsWhenSet()
    p = chance_by(ranking.finish_days, (deadline - ranking.as_of).days)
    hashes = Outlook.objects.filter(goal__team__program=ranking.program_id).exclude(inputs_hash="")
    told = "\n".join([ranking.as_of.isoformat(), *sorted(hashes.values_list("inputs_hash", flat=True))])
    return OddsWhenSet(p, hashlib.sha256(told.encode()).hexdigest(), bottleneck.ENGINE_VERSION)


@transaction.atomic
def revise_program(
    *,
    program: Program,
    version: int,
    deadline: dt.date | None,
    last_acceptable: dt.date | None,
    memo: str,
    by: User,
    on_the_way: str = "",
    on_the_way_by: dt.date | None = None,
) -> ProgramRevision | None:
    """Change the dates that a program promises, with the reason; None where nothing differs. Rank it again after.

    Raises Conflict where somebody was faster, ValidationError (memo gate).
    """
    current = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if current.version != version:
        raise Conflict(current)
    fields: dict[str, Any] = {
        "deadline": deadline,
        "last_acceptable": last_acceptable,
        "on_the_way": on_the_way,
        "on_the_way_by": on_the_way_by,
    }
    changes = {name: [getattr(current, name), new] for name, new in fields.items() if getattr(current, name) != new}
    if not changes:
        return None
    last = current.revisions.order_by("-at", "-pk").values_list("memo", flat=True).first() or ""
    memo = clean_memo(memo, previous=last)
    odds = odds_of_program(Ranking.objects.filter(program=current).first(), deadline)
    revision = None
    if changes.keys() & {"deadline", "last_acceptable"}:
        revision = ProgramRevision.objects.create(
            program=current,
            old_deadline=current.deadline,
            new_deadline=deadline,
            old_last_acceptable=current.last_acceptable,
            new_last_acceptable=last_acceptable,
            odds_when_set=odds.p,
            inputs_hash=odds.inputs_hash,
            engine=odds.engine,
            memo=memo,
            by=by,
        )
    if "deadline" in changes:
        fields |= {"odds_when_set": odds.p, "deadline_set_on": today_in(current.zone) if deadline else None}
    Program.objects.filter(pk=current.pk).update(version=F("version") + 1, **fields)
    record_event(by=by, verb="revised", subject=current, program=current, changes=changes, memo=memo)
    program.refresh_from_db()
    return revision
