"""Public predictions: put on file, and judged. They are listed on the page of calibration."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.access import load, load_program
from projects.models import PublicPrediction
from projects.public_forms import PublicOutcomeForm, PublicPredictionForm
from projects.services.changes import Conflict
from projects.services.public_predictions import file_public_prediction, judge_public_prediction
from projects.time import today_in
from projects.views.saving import add_errors, show_conflict, show_form

JUDGE = "projects/public_outcome_form.html"


def back():
    return redirect(f"{reverse('calibration')}#public")


@require_http_methods(["GET", "HEAD", "POST"])
def public_prediction_create(request, slug):
    program = load_program(request.user, slug, write=True)
    today = today_in(program.zone)
    form = PublicPredictionForm(request.POST or None, today=today, initial={"stated_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            file_public_prediction(program=program, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("On file. It is judged when its day has come."))
            return back()
    return show_form(request, "projects/public_prediction_form.html", form, program=program)


def load_public_prediction(user, pk: int) -> PublicPrediction:
    found = PublicPrediction.objects.select_related("program")
    return load(user, found, program="program", pk=pk, write=True)


@require_http_methods(["GET", "HEAD", "POST"])
def public_prediction_judge(request, pk):
    prediction = load_public_prediction(request.user, pk)
    today = today_in(prediction.program.zone)
    initial = {name: getattr(prediction, name) for name in ("version", "outcome", "outcome_on", "outcome_memo")}
    form = PublicOutcomeForm(request.POST or None, initial=initial)
    shown = {"prediction": load_public_prediction(request.user, pk), "program": prediction.program, "today": today}
    if request.method == "POST" and form.is_valid():
        try:
            judge_public_prediction(prediction=prediction, today=today, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, JUDGE, form, conflict.current, **shown)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Judged."))
            return back()
    return show_form(request, JUDGE, form, **shown)
