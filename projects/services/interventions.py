"""What is done about a goal or a factor: put on record, changed under its version, withdrawn in the open (M17)."""

import uuid as uuid_module

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Intervention, Program
from projects.services.changes import change_row, record_event


def record_intervention(*, program: Program, uuid: uuid_module.UUID, memo: str, by: User, **fields) -> Intervention:
    """Put on record what is done; the same form sent twice is one row.

    Raises ValidationError: the memo gate, or this form was sent before with other content.
    """
    known = Intervention.objects.filter(uuid=uuid).first()
    if known:
        return _same_or_refuse(known, program, fields)
    try:
        return _save(program, uuid, clean_memo(memo, previous=last_memo(program)), by, fields)
    except (IntegrityError, ValidationError):  # sent twice at once: the other was saved since we looked
        known = Intervention.objects.filter(uuid=uuid).first()
        if known is None:
            raise
        return _same_or_refuse(known, program, fields)


@transaction.atomic
def _save(program: Program, uuid: uuid_module.UUID, memo: str, by: User, fields: dict) -> Intervention:
    made = Intervention.objects.create(program=program, uuid=uuid, memo=memo, by=by, **fields)
    changes = {name: [None, getattr(value, "pk", value)] for name, value in fields.items() if value is not None}
    record_event(by=by, verb="recorded", subject=made, program=program, changes=changes, memo=memo)
    return made


def _same_or_refuse(known: Intervention, program: Program, fields: dict) -> Intervention:
    if known.program_id != program.pk or any(getattr(known, name) != value for name, value in fields.items()):
        raise ValidationError(
            {NON_FIELD_ERRORS: _("This form was sent before with other content; the first stands. Reload it first.")}
        )
    return known


def change_intervention(*, intervention: Intervention, version: int, memo: str, by: User, **fields) -> Intervention:
    """Raises Conflict where somebody was faster, ValidationError (memo gate)."""
    memo = clean_memo(memo)
    program = intervention.program
    return change_row(row=intervention, version=version, by=by, program=program, memo=memo, **fields)


@transaction.atomic
def withdraw_intervention(*, intervention: Intervention, by: User) -> bool:
    """It never happened, or was given up: it leaves the curve and stays on record. False where it was so already."""
    done = Intervention.objects.filter(pk=intervention.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=timezone.now(), version=F("version") + 1
    )
    if done:
        record_event(by=by, verb="withdrew", subject=intervention, program=intervention.program)
    return bool(done)


def last_memo(program: Program) -> str:
    return program.interventions.order_by("-at", "-pk").values_list("memo", flat=True).first() or ""
