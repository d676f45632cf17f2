"""Public predictions: filed once with their source, judged by a person with a memo (L13)."""

import datetime as dt
import uuid as uuid_module

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Program, PublicPrediction
from projects.services.changes import change_row, record_event

Outcome = PublicPrediction.Outcome


def file_public_prediction(*, program: Program, uuid: uuid_module.UUID, by: User | None, **fields) -> PublicPrediction:
    """Put it on file; the same form sent twice is one row. Raises ValidationError: sent before with other content."""
    known = PublicPrediction.objects.filter(uuid=uuid).first()
    if known is None:
        try:
            return _save(program, uuid, by, fields)
        except IntegrityError:  # sent twice at once: the other was saved since we looked
            known = PublicPrediction.objects.filter(uuid=uuid).first()
            if known is None:
                raise
    if known.program_id != program.pk or any(getattr(known, name) != value for name, value in fields.items()):
        raise ValidationError(
            {NON_FIELD_ERRORS: _("This form was sent before with other content; the first stands. Reload it first.")}
        )
    return known


@transaction.atomic
def _save(program: Program, uuid: uuid_module.UUID, by: User | None, fields: dict) -> PublicPrediction:
    made = PublicPrediction.objects.create(program=program, uuid=uuid, by=by, **fields)
    changes = {name: [None, value] for name, value in fields.items() if value is not None}
    record_event(by=by, verb="filed", subject=made, program=program, changes=changes)
    return made


def judge_public_prediction(
    *,
    prediction: PublicPrediction,
    version: int,
    outcome: str,
    outcome_on: dt.date | None,
    outcome_memo: str,
    today: dt.date,
    by: User,
) -> PublicPrediction:
    """Say what came of it, or open it again; the memo says how that is known.

    Raises Conflict where somebody was faster, ValidationError: the memo gate; a day ahead or before it was stated; "it
    did not come" before its last day is over.
    """
    memo, on = clean_memo(outcome_memo), outcome_on
    if outcome == Outcome.OPEN:
        on = None
    elif on is None or not prediction.stated_on <= on <= today:
        raise ValidationError({"outcome_on": _("On which day was that known? Between its statement and today.")})
    elif outcome == Outcome.DID_NOT and today <= prediction.due_on:
        raise ValidationError({"outcome": _("It may still come: its last day is not over.")})
    elif outcome == Outcome.CAME and on > prediction.due_on:
        raise ValidationError({"outcome_on": _("It came after its last day: then it did not come in time.")})
    changes = {"outcome": outcome, "outcome_on": on, "outcome_memo": memo}
    return change_row(row=prediction, version=version, by=by, program=prediction.program, verb="judged", **changes)
