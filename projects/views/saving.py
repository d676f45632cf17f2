"""What every form page shares: a refusal on the field it concerns, and a conflict that loses nothing."""

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def add_errors(form: BaseForm, error: ValidationError) -> None:
    """Put a service's refusal where the form can show it."""
    found = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for field, errors in found.items():
        form.add_error(field if field in form.fields else None, errors)


def show_form(request: HttpRequest, template: str, form: BaseForm, **context) -> HttpResponse:
    """The form's page: 422 where it was sent and refused."""
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)


def show_conflict(request: HttpRequest, template: str, form: BaseForm, current, **context) -> HttpResponse:
    """Both versions side by side; what was typed stays, and sending it again now overwrites knowingly."""
    sent = request.POST.copy()
    sent[form.add_prefix("version")] = str(current.version)
    form.data = sent
    both = []
    for name, field in form.fields.items():
        if name == "version" or not hasattr(current, name):
            continue
        theirs = getattr(current, name)
        theirs = ", ".join(str(one) for one in theirs.all()) if hasattr(theirs, "all") else theirs
        yours = form.cleaned_data.get(name)
        yours = ", ".join(str(one) for one in yours) if isinstance(yours, QuerySet) else yours
        if str(theirs if theirs is not None else "") != str(yours if yours is not None else ""):
            both.append({"label": field.label or name, "theirs": theirs, "yours": yours})
    return render(request, template, {"form": form, "conflict": both, "current": current, **context}, status=409)
