"""The supplies of a throughput program, and what sources claim of a factor."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import factors_of, load, load_factor, load_program
from projects.models import Claim, Program, Supply
from projects.services import supplies as service
from projects.services.changes import Conflict
from projects.services.limits import find_or_make_factor
from projects.services.ranking import rank_program
from projects.supply_forms import CapacityFormSet, ClaimForm, SupplyForm
from projects.views.saving import add_errors, show_conflict, show_form


def load_supply(user, pk: int) -> Supply:
    supplies = Supply.objects.select_related("program", "factor")
    return load(user, supplies, program="program", pk=pk, write=True)


@require_http_methods(["GET", "HEAD", "POST"])
def supply_create(request, slug):
    """A factor that the output takes, with what there is of it."""
    program = load_program(request.user, slug, write=True)
    form = SupplyForm(request.POST or None, program=program)
    rows = CapacityFormSet(request.POST if form.is_bound else None, prefix="capacity")
    if form.is_bound and sent_well(form, rows):
        form.cleaned_data.pop("version")
        try:
            create(program, form.cleaned_data, rows.stated(), request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            rank_program(program)
            return redirect(f"{program.get_absolute_url()}#supplies")
    return show_supply_form(request, form, rows, program=program)


@transaction.atomic
def create(program: Program, data: dict, capacities, user) -> Supply:
    """A refused supply leaves no factor behind."""
    factor = find_or_make_factor(name=data.pop("factor"), by=user)
    return service.create_supply(program=program, factor=factor, capacities=capacities, by=user, **data)


@require_http_methods(["GET", "HEAD", "POST"])
def supply_edit(request, pk):
    supply = load_supply(request.user, pk)
    kept = {name: getattr(supply, name) for name in SupplyForm.base_fields if name not in ("factor", "memo")}
    form = SupplyForm(request.POST or None, program=supply.program, supply=supply, initial=kept)
    stated = [vars(capacity) for capacity in supply.capacities.all()]
    rows = CapacityFormSet(request.POST if form.is_bound else None, prefix="capacity", initial=stated)
    if form.is_bound and sent_well(form, rows):
        version = form.cleaned_data.pop("version")
        try:
            service.edit_supply(
                supply=supply, version=version, capacities=rows.stated(), by=request.user, **form.cleaned_data
            )
        except Conflict as conflict:
            shown = {"rows": rows, "supply": supply, "program": supply.program}
            return show_conflict(request, "projects/supply_form.html", form, conflict.current, **shown)
        except ValidationError as error:
            form.add_error("memo", error)
        else:
            rank_program(supply.program)
            messages.success(request, _("Saved."))
            return redirect(f"{supply.program.get_absolute_url()}#supplies")
    return show_supply_form(request, form, rows, program=supply.program, supply=supply)


def sent_well(form: BaseForm, rows) -> bool:
    """Both are checked, so that all that is wrong is said at once."""
    return all([form.is_valid(), rows.is_valid()])


def show_supply_form(request, form, rows, **context):
    known = sorted(set(factors_of(request.user).values_list("name", flat=True)), key=str.lower)
    return show_form(request, "projects/supply_form.html", form, rows=rows, known=known, **context)


@require_POST
def supply_remove(request, pk):
    supply = load_supply(request.user, pk)
    service.remove_supply(supply=supply, by=request.user)
    rank_program(supply.program)
    messages.success(request, _("%(name)s is no supply of this program any more.") % {"name": supply.factor})
    return redirect(f"{supply.program.get_absolute_url()}#supplies")


@require_http_methods(["GET", "HEAD", "POST"])
def claim_create(request, pk):
    """What one source says of a factor, beside what others say."""
    factor = load_factor(request.user, pk, write=True)
    form = ClaimForm(request.POST or None, factor=factor)
    if form.is_bound and form.is_valid():
        try:
            service.add_claim(factor=factor, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(f"{factor.get_absolute_url()}#claims")
    questions = sorted(set(factor.claims.values_list("question", flat=True)))
    return show_form(request, "projects/claim_form.html", form, factor=factor, questions=questions)


@require_POST
def claim_remove(request, pk):
    claim = Claim.objects.select_related("factor").filter(pk=pk).first()
    factor = load_factor(request.user, claim.factor_id if claim else 0, write=True)
    service.remove_claim(claim=claim, by=request.user)
    return redirect(f"{factor.get_absolute_url()}#claims")
