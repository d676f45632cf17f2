"""The supplies of a throughput program: each with its stated capacities, changed as one."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Capacity, Claim, Factor, Program, Supply
from projects.services.changes import Conflict, differences, record_event


class Stated(NamedTuple):
    """A capacity as a source states it for a day: a range, never a point where the source gives a range."""

    on: dt.date
    low: float
    high: float
    source: str


@transaction.atomic
def create_supply(
    *, program: Program, factor: Factor, capacities: Sequence[Stated], memo: str, by: User | None, **fields: Any
) -> Supply:
    """Raises ValidationError where the factor is a supply already, or the memo says nothing."""
    memo = clean_memo(memo)
    try:
        with transaction.atomic():
            supply = Supply.objects.create(program=program, factor=factor, memo=memo, **fields)
    except IntegrityError:
        if not Supply.objects.filter(program=program, factor=factor).exists():
            raise
        message = _("%(name)s is a supply of this program already.") % {"name": factor}
        raise ValidationError({"factor": message}) from None
    Capacity.objects.bulk_create(Capacity(supply=supply, **one._asdict()) for one in capacities)
    changes = {"capacities": [[], _plain(capacities)]}
    record_event(by=by, verb="supply added", subject=supply, program=program, changes=changes, memo=memo)
    return supply


@transaction.atomic
def edit_supply(*, supply: Supply, version: int, capacities: Sequence[Stated], memo: str, by: User, **fields) -> Supply:
    """Change need, growth and capacities in one step, with the reason. Raises Conflict, ValidationError."""
    current = Supply.objects.select_for_update(no_key=True).get(pk=supply.pk)
    if current.version != version:
        raise Conflict(current)
    before = _plain(Stated(c.on, c.low, c.high, c.source) for c in current.capacities.all())
    changes = differences(current, fields)
    if before != _plain(capacities):
        changes["capacities"] = [before, _plain(capacities)]
    if not changes:
        return current
    memo = clean_memo(memo, previous=current.memo)
    current.capacities.all().delete()
    Capacity.objects.bulk_create(Capacity(supply=current, **one._asdict()) for one in capacities)
    Supply.objects.filter(pk=current.pk).update(version=F("version") + 1, memo=memo, **fields)
    record_event(by=by, verb="changed", subject=current, program=current.program, changes=changes, memo=memo)
    current.refresh_from_db()
    return current


@transaction.atomic
def remove_supply(*, supply: Supply, by: User) -> None:
    """The factor is no supply of the program any more; the history keeps what was stated."""
    stated = [Stated(c.on, c.low, c.high, c.source) for c in supply.capacities.all()]
    changes = {"capacities": [_plain(stated), []], "need": [[supply.need_low, supply.need_high], []]}
    record_event(by=by, verb="supply removed", subject=supply, program=supply.program, changes=changes)
    supply.delete()


def _plain(capacities) -> list[list]:
    return [[one.on.isoformat(), one.low, one.high, one.source] for one in sorted(capacities)]


@transaction.atomic
def add_claim(*, factor: Factor, by: User | None, **fields: Any) -> Claim:
    """What a source says of a factor. Raises ValidationError where this source has answered the question."""
    try:
        with transaction.atomic():
            claim = Claim.objects.create(factor=factor, **fields)
    except IntegrityError:
        known = Claim.objects.filter(factor=factor, question=fields["question"], source=fields["source"])
        if not known.exists():
            raise
        raise ValidationError({"source": _("This source has answered the question already.")}) from None
    record_event(by=by, verb="claim added", subject=factor, program=None, changes={"says": [None, claim.says]})
    return claim


@transaction.atomic
def remove_claim(*, claim: Claim, by: User) -> None:
    changes = {"says": [claim.says, None], "source": [claim.source, None]}
    record_event(by=by, verb="claim removed", subject=claim.factor, program=None, changes=changes)
    claim.delete()
