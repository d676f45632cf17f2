from collections import defaultdict

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import load_account, load_accounts, may_manage_accounts
from projects.account_forms import OF_ACCESS, AccountNameForm, DeactivationForm, TokenForm
from projects.models import Membership
from projects.services import accounts as service
from projects.services.tokens import make_token, revoke_token, tokens_of
from projects.views.saving import add_errors, show_form

PEOPLE_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """One's own account: name, address, password, second factor, and where one is signed in."""
    form = AccountNameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        service.rename_account(user=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("account")
    return show_account(request, form, TokenForm(auto_id=OF_ACCESS))


def show_account(request, form, token_form):
    return render(
        request,
        "projects/account.html",
        account_context(request.user) | {"form": form, "token_form": token_form},
        status=422 if form.is_bound or token_form.is_bound else 200,
    )


def account_context(user) -> dict:
    return {
        "address": EmailAddress.objects.get_primary(user),
        "new_address": EmailAddress.objects.get_new(user),
        "has_second_factor": is_mfa_enabled(user),
        "sessions": service.sessions_of(user),
        "tokens": tokens_of(user),
        "zone": timezone.get_current_timezone_name(),
        "may_manage_accounts": may_manage_accounts(user),
    }


@require_POST
@reauthentication_required  # whoever finds a browser left open does not make a key that outlasts it
@never_cache
def token_create(request):
    """A personal token: the answer is the only page that ever shows it."""
    form = TokenForm(request.POST, auto_id=OF_ACCESS)
    if form.is_valid():
        try:
            token, secret = make_token(user=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            url = request.build_absolute_uri("/api/limiting-factors")
            shown = {"token": token, "secret": secret, "example": f'curl -H "Authorization: Bearer {secret}" {url}'}
            return render(request, "projects/token.html", shown)
    return show_account(request, AccountNameForm(instance=request.user), form)


@require_POST
def token_revoke(request, pk):
    token = get_object_or_404(tokens_of(request.user).select_related("user"), pk=pk)
    revoke_token(token=token)
    messages.success(request, _("%(name)s opens nothing any more.") % {"name": token})
    return redirect("account")


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
