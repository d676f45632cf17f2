"""How a shared row changes: under its version, with its event, in one transaction."""

from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Model
from django.forms.models import model_to_dict

from projects.models import Event, Program

M = TypeVar("M", bound=Model)
HIDDEN = "•••"  # stands for the name of a person in what changed: names are kept by reference only


class Conflict(Exception):
    """Somebody else changed the row since it was read. `current` is the row as it stands now."""

    def __init__(self, current: Model):
        super().__init__(f"{current} was changed meanwhile")
        self.current = current


def record_event(
    *,
    by: User | None,
    verb: str,
    subject: Model,
    program: Program | None,
    changes: dict | None = None,
    memo: str = "",
) -> Event:
    """Write who did what; call it inside the transaction of the change.

    Persons by reference: a model whose name is that of a person says in `in_history` what is written instead.
    """
    if isinstance(subject, User):
        named: dict[str, Any] = {"person": subject}
    else:
        named = getattr(subject, "in_history", {"subject_name": str(subject)})
    return Event.objects.create(
        program=program,
        by=by,
        verb=verb,
        subject=str(subject._meta.model_name),
        subject_id=subject.pk,
        changes=changes or {},
        memo=memo,
        **named | {"subject_name": named.get("subject_name", "")[:200]},
    )


def differences(row: Model, changes: dict[str, Any]) -> dict[str, list]:
    """{field: [old, new]} of what really differs."""
    before = model_to_dict(row, fields=list(changes))
    plain = {name: getattr(value, "pk", value) for name, value in changes.items()}
    return {name: [before[name], value] for name, value in plain.items() if before[name] != value}


@transaction.atomic
def change_row(
    *, row: M, version: int, by: User | None, program: Program | None, verb: str = "changed", **changes: Any
) -> M:
    """Change fields of a shared row, or raise Conflict where it is no longer at `version`. The row is read again."""
    model = type(row)
    current = model._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if current.version != version:
        raise Conflict(current)
    different = differences(current, changes)
    if different:
        model._default_manager.filter(pk=row.pk).update(version=F("version") + 1, **changes)
        record_event(by=by, verb=verb, subject=current, program=program, changes=different)
    row.refresh_from_db()
    return row
