from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import load, load_program
from projects.factor_forms import PredictionForm
from projects.models import Limit, Program, SuccessorPrediction
from projects.services.limits import find_or_make_factor
from projects.services.predictions import predict_successor, set_condition
from projects.time import today_in
from projects.views.factors import known_factors
from projects.views.saving import add_errors, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def prediction_create(request, slug):
    """What limits next, from when to when, on what condition, and how likely (M5)."""
    program = load_program(request.user, slug, write=True)
    today = today_in(program.zone)
    limit = program.limits.select_related("factor").get(until__isnull=True)
    form = PredictionForm(request.POST or None, program=program, initial={"window_from": today})
    if request.method == "POST" and form.is_valid():
        try:
            predict(program, limit, form.cleaned_data, request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Filed. It is judged when the limiting factor changes."))
            return redirect(f"{program.get_absolute_url()}#next")
    return show_form(
        request,
        "projects/prediction_form.html",
        form,
        program=program,
        limit=limit,
        ranking=getattr(program, "ranking", None),
        known=known_factors(request.user),
    )


@transaction.atomic
def predict(program: Program, limit: Limit, data: dict, user) -> SuccessorPrediction:
    """A refused prediction leaves no factor behind."""
    name = data.pop("factor")
    factor = find_or_make_factor(name=name, by=user) if name else None
    return predict_successor(limit=limit, factor=factor, today=today_in(program.zone), by=user, **data)


@require_POST
def prediction_condition(request, pk):
    """Its condition never held, so it is void; or it did after all."""
    predictions = SuccessorPrediction.objects.select_related("limit__program")
    prediction = load(request.user, predictions, program="limit__program", pk=pk, write=True)
    program = prediction.limit.program
    held = request.POST.get("held") == "1"
    set_condition(prediction=prediction, held=held, today=today_in(program.zone), by=request.user)
    messages.success(request, _("It counts.") if held else _("It is void: its condition never held."))
    return redirect(f"{program.get_absolute_url()}#next")
