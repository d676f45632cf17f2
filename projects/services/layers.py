"""Drilling down (M3): the part of the declared factor that binds, one layer at a time."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.limiting import layers_of, path_of
from projects.memo import clean_memo
from projects.models import Factor, Gate, Layer, Limit, Program
from projects.services.changes import Conflict, record_event
from projects.services.goals import remove_gate, set_gate
from projects.services.limits import find_or_make_factor


@transaction.atomic
def drill_down(
    *, program: Program, name: str, memo: str, since: dt.date, by: User | None, saw: int, kind: str = ""
) -> Layer:
    """Name the part that binds in the deepest layer of the open limit; the limit itself stays declared.

    Why it stays: nothing was relieved. A part that became the limit would end the period of the whole on the day that
    somebody understood it better, score predictions of what follows it, and split the days that it holds.

    `saw` is the id of the layer (or else of the limit's factor) that the caller saw deepest: Conflict where another is.
    The part gates the goals of this program that the whole gates.
    """
    limit = _open_limit(program)
    layers = layers_of(limit)
    path = path_of(limit, layers)
    if not path:
        raise ValidationError(_("No factor is declared, so there is nothing to drill into."))
    whole = path[-1]
    if whole.pk != saw:
        raise Conflict(whole)
    memo = clean_memo(memo, previous=layers[-1].memo if layers else limit.memo)
    if since < (layers[-1].since if layers else limit.since):
        raise ValidationError({"since": _("The layer above began to limit later than this day.")})
    part = find_or_make_factor(name=name, kind=kind, parent=whole, by=by)
    _check_part(part, path)
    if part.parent_id is None:
        Factor.objects.filter(pk=part.pk).update(parent=whole)
        record_event(by=by, verb="part of", subject=part, program=None, changes={"parent": [None, whole.name]})
    layer = Layer.objects.create(limit=limit, factor=part, since=since, memo=memo, by=by)
    for gate in _gates(program, whole):
        set_gate(goal=gate.goal, factor=part, by=by)
    changes = {"binds": [whole.name, part.name]}
    record_event(by=by, verb="drilled down", subject=layer, program=program, changes=changes, memo=memo)
    return layer


@transaction.atomic
def lift_layer(*, layer: Layer, memo: str, on: dt.date, by: User | None) -> bool:
    """The part does not bind after all: it and what lies below it close, and no longer gate what the whole gates.

    False where it was closed already, or its limit was.
    """
    program = layer.limit.program
    limit = _open_limit(program)
    layers = layers_of(limit)
    if layer.pk not in {one.pk for one in layers}:
        return False
    memo = clean_memo(memo, previous=layer.memo)
    below = [one for one in layers if one.pk >= layer.pk]
    path = path_of(limit, layers)
    whole = path[path.index(layer.factor) - 1]
    kept = {gate.goal_id for gate in _gates(program, whole)}
    for one in below:
        Layer.objects.filter(pk=one.pk).update(until=max(on, one.since))
        for gate in _gates(program, one.factor):
            if gate.goal_id in kept:
                remove_gate(gate=gate, by=by)
    changes = {"binds": [below[-1].factor.name, whole.name]}
    record_event(by=by, verb="lifted", subject=layer, program=program, changes=changes, memo=memo)
    return True


def _open_limit(program: Program) -> Limit:
    """Locked with its program, so that of two people who drill at once the second sees what the first did."""
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    return program.limits.select_related("factor").get(until__isnull=True)


def _gates(program: Program, factor: Factor) -> list[Gate]:
    return list(Gate.objects.filter(factor=factor, goal__team__program=program).select_related("goal__team__program"))


def _check_part(part: Factor, path: list[Factor]) -> None:
    """A layer lies below those above it, and not around them."""
    if part in path or part in path[0].wholes():
        raise ValidationError({"factor": _("%(name)s lies above already.") % {"name": part}})
