"""What is done about a goal or a factor of a program."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import load, load_program
from projects.forms import InterventionForm
from projects.models import Intervention
from projects.services import interventions as service
from projects.services.changes import Conflict
from projects.time import WEEK, today_in
from projects.views.saving import add_errors, show_conflict, show_form

TEMPLATE = "projects/intervention_form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def intervention_create(request, slug):
    program = load_program(request.user, slug, write=True)
    today = today_in(program.zone)
    initial = {"started_on": today, "review_on": today + 8 * WEEK, **_asked_for(request, program)}
    form = InterventionForm(request.POST or None, program=program, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            made = service.record_intervention(program=program, by=request.user, **fields)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        else:
            messages.success(request, _("On record. It is held against the curve on its review date."))
            warn(request, made)
            return redirect(made.goal or made)
    return show_form(request, TEMPLATE, form, program=program)


def _asked_for(request, program) -> dict:
    """The goal or factor of the page that one comes from."""
    return {name: request.GET[name] for name in ("goal", "factor") if request.GET.get(name, "").isdigit()}


def warn(request, intervention: Intervention) -> None:
    """Say where the type disagrees with what the facts say can solve its factor. It stands on record all the same."""
    if intervention.disagreement:
        messages.warning(request, intervention.disagreement)


def load_intervention(user, pk: int) -> Intervention:
    found = Intervention.objects.standing().select_related("program", "goal", "factor")
    return load(user, found, program="program", pk=pk, write=True)


@require_http_methods(["GET", "HEAD", "POST"])
def intervention_edit(request, pk):
    intervention = load_intervention(request.user, pk)
    program = intervention.program
    shown = {"program": program, "intervention": load_intervention(request.user, pk)}
    initial = {"version": intervention.version}
    form = InterventionForm(request.POST or None, instance=intervention, program=program, initial=initial)
    if request.method == "POST" and form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name not in ("version", "uuid")}
        version = form.cleaned_data["version"] or 0
        try:
            service.change_intervention(intervention=intervention, version=version, by=request.user, **fields)
        except Conflict as conflict:
            return show_conflict(request, TEMPLATE, form, conflict.current, **shown)
        except ValidationError as error:
            form.add_error("memo", error)
        else:
            messages.success(request, _("Saved."))
            warn(request, intervention)
            return redirect(intervention.goal or intervention)
    return show_form(request, TEMPLATE, form, **shown)


@require_POST
def intervention_withdraw(request, pk):
    intervention = load_intervention(request.user, pk)
    service.withdraw_intervention(intervention=intervention, by=request.user)
    messages.success(request, _("Withdrawn: it leaves the curve and stays on record."))
    return redirect(intervention.goal or intervention)
