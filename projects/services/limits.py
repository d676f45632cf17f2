"""Which factor limits a program: declared by a person, one at a time, without holes (M1)."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Evidence, Factor, Goal, Limit, Program
from projects.services.changes import Conflict, record_event
from projects.services.goals import set_gate
from projects.services.predictions import resolve_predictions


def find_or_make_factor(*, name: str, kind: str = "", parent: Factor | None = None, by: User | None = None) -> Factor:
    """The shared factor of this name, whatever its case, or a new one."""
    name = " ".join(name.split())
    found = Factor.objects.filter(name__iexact=name).first()
    if found:
        return found
    try:
        with transaction.atomic():
            made = Factor.objects.create(name=name, kind=kind, parent=parent)
            record_event(by=by, verb="created", subject=made, program=None)
            return made
    except IntegrityError:  # somebody made it meanwhile
        return Factor.objects.get(name__iexact=name)


@transaction.atomic
def declare_limit(
    *,
    program: Program,
    state: str,
    memo: str,
    since: dt.date,
    by: User | None,
    factor: Factor | None = None,
    gates: tuple[Goal, ...] = (),
    replaces: int | None = None,
) -> Limit:
    """Close the open limit on the day `since` and open its successor, in one step.

    `replaces` is the id of the limit that the caller saw open; another one means that somebody was faster: Conflict.
    """
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    current = program.limits.filter(until__isnull=True).select_related("factor").first()
    if replaces is not None and (current is None or current.pk != replaces):
        raise Conflict(current or program)
    memo = clean_memo(memo, previous=current.memo if current else "")
    if current:
        if (current.state, current.factor_id) == (state, factor.pk if factor else None):
            raise ValidationError(_("%(name)s is what limits it already.") % {"name": current.label}, code="same_limit")
        if since < current.since:
            raise ValidationError(
                {
                    "since": _("The limit before it began on %(day)s; this one cannot begin earlier.")
                    % {"day": current.since}
                }
            )
        program.limits.filter(pk=current.pk).update(until=since)
    limit = Limit.objects.create(program=program, state=state, factor=factor, since=since, memo=memo, by=by)
    if factor:
        for goal in gates:
            set_gate(goal=goal, factor=factor, by=by)
    resolve_predictions(program)
    changes = {"limit": [current.label if current else None, limit.label]}
    record_event(by=by, verb="declared", subject=limit, program=program, changes=changes, memo=memo)
    return limit


@transaction.atomic
def record_evidence(
    *,
    program: Program,
    factor: Factor,
    kind: str,
    on: dt.date,
    by: User | None,
    text: str = "",
    url: str = "",
    reference: str = "",
) -> Evidence:
    """What speaks for a factor; the same reference twice is one row. Reviews pushes blockers through here.

    What rests on a reference, such as a datapoint, is told of by the event of that.
    """
    if reference:
        found, _created = Evidence.objects.get_or_create(
            factor=factor,
            reference=reference,
            defaults={"program": program, "kind": kind, "on": on, "by": by, "text": text, "url": url},
        )
        return found
    made = Evidence.objects.create(program=program, factor=factor, kind=kind, on=on, by=by, text=text, url=url)
    record_event(by=by, verb="evidence added for", subject=factor, program=program, memo=text or url)
    return made


@transaction.atomic
def confirm_limit(*, program: Program, limit_id: str, today: dt.date, by: User) -> bool:
    """The limit that was seen still holds; False where it is not the open one any more."""
    limit = program.limits.select_for_update(no_key=True).filter(until__isnull=True).first()
    if limit is None or str(limit.pk) != limit_id:
        return False
    if limit.confirmed_on != today:
        program.limits.filter(pk=limit.pk).update(confirmed_on=today)
        record_event(by=by, verb="confirmed", subject=limit, program=program)
    return True
