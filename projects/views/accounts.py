from collections import defaultdict

from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import load_account, load_accounts, may_manage_accounts
from projects.account_forms import AccountNameForm, DeactivationForm
from projects.models import Membership
from projects.services import accounts as service
from projects.views.saving import show_form

PEOPLE_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """One's own account: name, address, password, second factor, and where one is signed in."""
    form = AccountNameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        service.rename_account(user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("account")
    return show_form(
        request,
        "projects/account.html",
        form,
        address=EmailAddress.objects.get_primary(request.user),
        new_address=EmailAddress.objects.get_new(request.user),
        has_second_factor=is_mfa_enabled(request.user),
        sessions=service.sessions_of(request.user),
        zone=timezone.get_current_timezone_name(),
        may_manage_accounts=may_manage_accounts(request.user),
    )


@require_POST
def session_end(request, pk):
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    service.end_session(session=session)
    messages.success(request, _("Signed out there."))
    return redirect("account")


@require_safe
def people(request):
    """Every account, and the programs it belongs to."""
    accounts = load_accounts(request.user)
    sought = request.GET.get("search", "").strip()[:100]
    for word in sought.split():
        accounts = accounts.filter(
            Q(username__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email__icontains=word)
        )
    page = Paginator(accounts.order_by("-is_active", "username"), PEOPLE_SHOWN).get_page(request.GET.get("page"))
    belongs = defaultdict(list)
    for member in Membership.objects.filter(user__in=list(page)).select_related("program").order_by("program__name"):
        belongs[member.user_id].append(member)
    rows = [(person, belongs[person.pk]) for person in page]
    return render(request, "projects/people.html", {"page": page, "rows": rows, "sought": sought})


@require_http_methods(["GET", "HEAD", "POST"])
def person_deactivate(request, pk):
    person = load_account(request.user, pk)
    left = list(service.left_without_admin(person))
    form = DeactivationForm(request.POST if request.method == "POST" else None, programs=left)
    if request.method == "POST" and form.is_valid():
        try:
            service.deactivate_account(user=person, by=request.user)
        except service.NotYourself:
            form.add_error(None, _("This is your own account: ask another administrator."))
        else:
            messages.success(
                request, _("%(name)s can no longer sign in. Nothing of theirs is lost.") % {"name": person}
            )
            return redirect("people")
    return show_form(request, "projects/person_deactivate.html", form, person=person, programs=left)


@require_POST
def person_reactivate(request, pk):
    person = load_account(request.user, pk)
    service.reactivate_account(user=person, by=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person})
    return redirect("people")
