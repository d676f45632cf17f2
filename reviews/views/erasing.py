"""The page before a person's name is erased."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.access import load_account
from projects.account_forms import ErasureForm
from projects.views.saving import show_form
from reviews.services.erasing import StillActive, erase_account


@require_http_methods(["GET", "HEAD", "POST"])
def person_erase(request, pk):
    person = load_account(request.user, pk)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erase_account(user=person, by=request.user)
        except StillActive:
            form.add_error(None, _("This account can still sign in: deactivate it first."))
        else:
            messages.success(request, _("The name is erased. What they wrote by hand stays as they wrote it."))
            return redirect("people")
    return show_form(request, "reviews/person_erase.html", form, person=person)
