from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import ADMINS, load_program
from projects.account_forms import INVITE_ID, InvitationForm, NewAccountForm
from projects.services import invitations as service
from projects.views.programs import show_members
from projects.views.saving import show_form


@require_POST
def invitation_create(request, slug):
    program = load_program(request.user, slug, roles=ADMINS)
    form = InvitationForm(request.POST, auto_id=INVITE_ID)
    if form.is_valid():
        try:
            invitation = service.invite(program=program, by=request.user, **form.cleaned_data)
            if invitation.sent_at is None:
                mail(request, invitation)
            else:
                mail(request, service.renew_invitation(invitation=invitation))
        except service.TooMany:
            form.add_error(None, _("Too many invitations in a short while: wait a little before the next one."))
        else:
            return redirect("members", program.slug)
    return show_members(request, program, invitation_form=form)


def mail(request, invitation) -> None:
    """Send it and say what became of it. The words are the same whether the address has an account or not."""
    link = request.build_absolute_uri(reverse("invitation", args=[invitation.token]))
    if service.send_invitation(invitation=invitation, link=link):
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
    else:
        said = _("The mail server did not take the invitation of %(email)s. It is kept below: send it again later.")
        messages.error(request, said % {"email": invitation.email})


@require_POST
def invitation_resend(request, slug, pk):
    program = load_program(request.user, slug, roles=ADMINS)
    invitation = get_object_or_404(service.open_invitations(program).select_related("program"), pk=pk)
    try:
        mail(request, service.renew_invitation(invitation=invitation))
    except service.TooMany:
        messages.error(request, _("It was sent less than a minute ago."))
    except service.NotOpen:
        messages.error(request, _("It was accepted or withdrawn meanwhile."))
    return redirect("members", program.slug)


@require_POST
def invitation_revoke(request, slug, pk):
    program = load_program(request.user, slug, roles=ADMINS)
    invitation = get_object_or_404(program.invitations.select_related("program"), pk=pk)
    service.revoke_invitation(invitation=invitation, by=request.user)
    return redirect("members", program.slug)


def closed(request, invitation=None):
    """Why the link leads no further, and what to do."""
    state = invitation.state.value if invitation else "unknown"
    return render(request, "projects/invitation_closed.html", {"invitation": invitation, "state": state}, status=410)


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    """Behind the link of the mail: a new account, or a press of a button for those who have one."""
    try:
        found = service.find_invitation(token)
    except service.NoSuchInvitation:
        return closed(request)
    if found.state is not found.State.OPEN:
        return closed(request, found)
    if request.user.is_authenticated or service.has_account(found.email):
        if request.method == "POST":
            return redirect("invitation", token)
        return render(request, "projects/invitation.html", {"invitation": found, "token": token})
    form = NewAccountForm(request.POST if request.method == "POST" else None, email=found.email)
    if request.method == "POST" and form.is_valid():
        try:
            user = service.accept_with_new_account(invitation=found, **form.cleaned_data)
        except service.NameTaken:
            form.add_error("username", _("This name is taken: choose another."))
        except (service.AddressTaken, service.NotOpen):  # in another tab, a moment ago
            return redirect("invitation", token)
        else:
            return perform_login(request, user, redirect_url=found.program.get_absolute_url())
    return show_form(request, "projects/invitation.html", form, invitation=found, token=token)


@require_POST
def invitation_accept(request, token):
    """For who is signed in."""
    try:
        found = service.find_invitation(token)
        service.accept_invitation(invitation=found, user=request.user)
    except (service.NoSuchInvitation, service.NotOpen):
        return redirect("invitation", token)
    messages.success(request, _("Welcome to %(program)s.") % {"program": found.program})
    return redirect("board" if found.role == "engineer" else found.program)
