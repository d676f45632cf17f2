from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import load_program
from projects.forms import LimitForm
from projects.models import Factor, Goal, Limit
from projects.services import limits as service
from projects.services.changes import Conflict
from projects.services.ranking import rank_program
from projects.time import today_in
from projects.views.factors import known_factors
from projects.views.saving import add_errors, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def limit_declare(request, slug):
    """Name what limits the program now: the limit before it closes in the same step (M1)."""
    program = load_program(request.user, slug, write=True)
    today = today_in(program.zone)
    current = program.limits.filter(until__isnull=True).select_related("factor").first()
    initial = {"since": today, "state": Limit.State.FACTOR, "replaces": current.pk if current else None}
    form = LimitForm(request.POST or None, program=program, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            limit = declare(program, form.cleaned_data, request.user)
        except ValidationError as error:
            add_errors(form, error)
        except Conflict as conflict:
            sent = request.POST.copy()
            sent["replaces"] = str(conflict.current.pk)
            form.data = sent
            form.add_error(
                None,
                _("Meanwhile somebody declared “%(name)s”. Send again to put yours after it.")
                % {"name": conflict.current},
            )
        else:
            rank_program(program)
            messages.success(request, _("%(name)s limits %(program)s now.") % {"name": limit.label, "program": program})
            return redirect(program)
    return show_form(
        request,
        "projects/limit_form.html",
        form,
        program=program,
        limit=current,
        ranking=getattr(program, "ranking", None),
        known=known_factors(request.user),
    )


@transaction.atomic
def declare(program, data: dict, user) -> Limit:
    """A refused limit leaves no factor behind."""
    factor = None
    if data["state"] == Limit.State.FACTOR:
        factor = service.find_or_make_factor(name=data["factor"], kind=data["kind"], by=user)
    return service.declare_limit(
        program=program,
        state=data["state"],
        factor=factor,
        gates=tuple(data["gates"]) if factor else (),
        memo=data["memo"],
        since=data["since"],
        replaces=data["replaces"],
        by=user,
    )


@require_POST
def limit_accept(request, slug):
    """Declare what the model proposes, with its own reason as the memo: one click."""
    program = load_program(request.user, slug, write=True)
    ranking = getattr(program, "ranking", None)
    line = (ranking.behind or ranking.proposal) if ranking else None
    if (
        ranking is None
        or not line
        or str(line["id"]) != request.POST.get("line")
        or line["kind"] != request.POST.get("kind")
    ):
        messages.warning(request, _("The proposal has changed meanwhile. Look at it again."))
        return redirect(program)
    try:
        limit = accept(program, line, ranking.reasons[0], request.user)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
        return redirect(program)
    rank_program(program)
    messages.success(request, _("%(name)s limits %(program)s now.") % {"name": limit.label, "program": program})
    return redirect(program)


@transaction.atomic
def accept(program, line: dict, why: str, user) -> Limit:
    gates: tuple[Goal, ...] = ()
    if line["kind"] == "factor":
        factor = Factor.objects.get(pk=line["id"])
    else:
        goal = Goal.objects.get(pk=line["id"], team__program=program)
        factor, gates = service.find_or_make_factor(name=goal.name, by=user), (goal,)
    return service.declare_limit(
        program=program,
        state=Limit.State.FACTOR,
        factor=factor,
        gates=gates,
        since=today_in(program.zone),
        memo=_("Accepted from the model: %(why)s") % {"why": why},
        by=user,
    )


@require_POST
def limit_confirm(request, slug):
    """ "Still this": the last answer holds (M2)."""
    program = load_program(request.user, slug, write=True)
    if service.confirm_limit(
        program=program, limit_id=request.POST.get("limit", ""), today=today_in(program.zone), by=request.user
    ):
        messages.success(request, _("Confirmed: it still limits."))
    else:
        messages.warning(request, _("Meanwhile another limiting factor was declared. Look at it again."))
    return redirect(program)
