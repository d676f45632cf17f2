from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import ADMINS, WRITERS, load_program, programs_of, require_create, role_in
from projects.account_forms import INVITE_ID, InvitationForm
from projects.date_forms import ProgramRevisionForm
from projects.forms import MemberForm, ProgramForm
from projects.history_lines import lines
from projects.models import Program
from projects.program_page import ProgramPage, team_rows
from projects.services import programs as service
from projects.services.changes import Conflict
from projects.services.deadlines import offer_for_program, revise_program
from projects.services.invitations import open_invitations
from projects.services.ranking import rank_program
from projects.services.sealing import latest_head, latest_heads
from projects.sheets.files import as_file, wanted
from projects.sheets.tables import archive_sheet, history_sheet, members_sheet, teams_sheet
from projects.time import today_in
from projects.views.saving import add_errors, show_conflict, show_form


@require_safe
def program(request, slug):
    """One program: what limits it, since when, what relief is worth, what comes next, and why."""
    program = load_program(request.user, slug, alone=True)
    if kind := wanted(request):
        sheet = teams_sheet(program, team_rows(program, getattr(program, "ranking", None)))
        return as_file(kind, sheet, latest_head(program))
    role = role_in(request.user, program)
    return render(
        request,
        "projects/program.html",
        {
            "program": program,
            "page": ProgramPage(program, today_in(program.zone), show_done="done" in request.GET),
            "may_write": role in WRITERS,
            "may_administer": role in ADMINS,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def program_create(request):
    require_create(request.user)
    form = ProgramForm(
        request.POST or None, initial={"start": timezone.localdate(), "zone": timezone.get_current_timezone_name()}
    )
    if request.method == "POST" and form.is_valid():
        form.cleaned_data.pop("version")
        try:
            made = service.create_program(by=request.user, owner=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(name)s is there. Now give it a team.") % {"name": made})
            return redirect("team_create", made.slug)
    return show_form(request, "projects/program_form.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def program_edit(request, slug):
    program = load_program(request.user, slug, write=True)
    shown = {"program": Program.objects.get(pk=program.pk)}
    form = ProgramForm(request.POST or None, instance=program, initial={"version": program.version})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version") or 0
        try:
            service.edit_program(program=program, version=version, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "projects/program_form.html", form, conflict.current, **shown)
        rank_program(program)
        messages.success(request, _("Saved."))
        return redirect(program)
    return show_form(request, "projects/program_form.html", form, **shown)


@require_http_methods(["GET", "HEAD", "POST"])
def program_revise(request, slug):
    """A change of the deadline or the last acceptable date, with its memo."""
    program = load_program(request.user, slug, write=True)
    ranking = getattr(program, "ranking", None)
    shown = {"program": program, "offer": offer_for_program(program, ranking)}
    shown["revisions"] = program.revisions.select_related("by").order_by("-at", "-pk")
    names = ("deadline", "last_acceptable", "on_the_way", "on_the_way_by", "version")
    initial = {name: getattr(program, name) for name in names} | asked_deadline(request)
    form = ProgramRevisionForm(request.POST or None, program=program, today=today_in(program.zone), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            revise_program(program=program, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "projects/program_revise.html", form, conflict.current, **shown)
        except ValidationError as error:
            form.add_error("memo", error)
        else:
            rank_program(program)
            messages.success(request, _("Changed, and kept with its reason."))
            return redirect(program)
    return show_form(request, "projects/program_revise.html", form, **shown)


def asked_deadline(request) -> dict:
    """The date of the offer, or of a what-if."""
    return {"deadline": request.GET["deadline"]} if request.GET.get("deadline") else {}


@require_POST
def program_archive(request, slug):
    program = load_program(request.user, slug, write=True)
    service.set_archived(program=program, archived=True, by=request.user)
    messages.success(request, _("%(name)s is archived. It can be restored from the archive.") % {"name": program})
    return redirect("archive")


@require_POST
def program_restore(request, slug):
    program = load_program(request.user, slug, write=True)
    service.set_archived(program=program, archived=False, by=request.user)
    messages.success(request, _("%(name)s is back on the board.") % {"name": program})
    return redirect(program)


@require_safe
def archive(request):
    """Programs put away: nothing of them is lost."""
    programs = programs_of(request.user).filter(archived_at__isnull=False).order_by("-archived_at")
    mine = set(programs_of(request.user, WRITERS).values_list("pk", flat=True))
    if kind := wanted(request):
        return as_file(kind, archive_sheet(programs, latest_heads(programs)))
    return render(request, "projects/archive.html", {"programs": programs, "mine": mine})


@require_http_methods(["GET", "HEAD", "POST"])
def members(request, slug):
    """Who may see and change the program, and who is asked in."""
    program = load_program(request.user, slug, roles=ADMINS)
    if kind := wanted(request):
        sheet = members_sheet(program, program.memberships.select_related("user"))
        return as_file(kind, sheet, latest_head(program))
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.set_member(program=program, by=request.user, **form.cleaned_data)
        except service.NoSuchMember:
            form.add_error("username", _("There is no account of this name. Invite the person by mail."))
        except service.LastAdmin:
            form.add_error("role", _("A program keeps at least one admin."))
        else:
            return redirect("members", program.slug)
    return show_members(request, program, form=form)


def show_members(request, program, *, form=None, invitation_form=None):
    """The page, with the one of its two forms that was sent and refused."""
    form, invitation_form = form or MemberForm(), invitation_form or InvitationForm(auto_id=INVITE_ID)
    return show_form(
        request,
        "projects/members.html",
        invitation_form if invitation_form.is_bound else form,
        program=program,
        members=program.memberships.select_related("user"),
        invitations=open_invitations(program),
        member_form=form,
        invitation_form=invitation_form,
    )


@require_POST
def member_remove(request, slug, pk):
    program = load_program(request.user, slug, roles=ADMINS)
    member = get_object_or_404(program.memberships.select_related("program", "user"), pk=pk)
    try:
        service.remove_member(member=member, by=request.user)
    except service.LastAdmin:
        messages.error(request, _("A program keeps at least one admin."))
    return redirect("members", program.slug)


@require_safe
def history(request, slug):
    """Who changed what, when, from what."""
    program = load_program(request.user, slug)
    if kind := wanted(request):
        events = program.events.for_reading().iterator(1000)
        return as_file(kind, history_sheet(program, events), latest_head(program))
    page = Paginator(program.events.for_reading(), 50).get_page(request.GET.get("page"))
    context = {"program": program, "page": page, "lines": lines(page.object_list), "head": latest_head(program)}
    return render(request, "projects/history.html", context)
