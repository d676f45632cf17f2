"""What is decided about a program whose success is no longer possible on its present path."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.access import load_program
from projects.forms import DecisionForm
from projects.pictures import program_odds
from projects.services import decisions as service
from projects.views.saving import add_errors, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def decision_create(request, slug):
    program = load_program(request.user, slug, write=True)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = service.record_decision(program=program, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        else:
            messages.success(request, _("Decided and on record. The odds of the next reviews are counted anew."))
            return redirect(made)
    return show_form(request, "projects/decision_form.html", form, program=program, odds=program_odds(program))
