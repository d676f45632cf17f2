"""The standing audit: what cannot be true, is stale or was never challenged, and what is decided about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import WRITERS, programs_of
from projects.services.sealing import latest_heads
from projects.sheets.files import as_file, wanted
from projects.views.saving import add_errors
from reviews import audit_page
from reviews.audit import RULES
from reviews.audit_forms import DecisionForm, FindingFilterForm, WaiverForm
from reviews.models import Finding
from reviews.services import audit as service
from reviews.sheets import findings_sheet

ON_A_PAGE = 50


@require_safe
def audit(request):
    asked = FindingFilterForm(request.GET).asked()
    found = audit_page.shown(request.user, asked)
    if kind := wanted(request):
        return as_file(kind, findings_sheet(audit_page.rows(found), latest_heads(programs_of(request.user))))
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page": page,
        "rows": audit_page.rows(page.object_list),
        "counts": audit_page.counts(request.user, asked["program"]),
        "traced": audit_page.traced(request.user, asked["program"]),
        "refused": audit_page.refused(),
        "last_run": audit_page.last_run(request.user),
        "programs": programs_of(request.user).active().values_list("slug", "name"),
        "rules": RULES,
        "states": Finding.State.choices,
        "may_write": audit_page.writes_somewhere(request.user),
    }
    return render(request, "reviews/audit.html", context)


@require_POST
def audit_check(request):
    """Look now, instead of tonight, in the programs that one may change."""
    mine = programs_of(request.user, WRITERS)
    if not mine.exists():
        raise PermissionDenied
    service.run_audit(mine)
    messages.success(request, _("Looked through everything again."))
    return redirect("audit")


def load_finding(user, pk: int, *, write: bool = False) -> Finding:
    finding = get_object_or_404(service.findings_of(user).select_related("program", "decided_by"), pk=pk)
    if write and not audit_page.may_decide(user, finding):
        raise PermissionDenied
    return finding


@require_safe
def finding(request, pk):
    """One finding: what it says, what to do, and what was decided."""
    return _show(request, load_finding(request.user, pk))


def _show(request, found: Finding, **forms):
    """The page, with the one of its forms that was sent and refused."""
    (row,) = audit_page.rows([found])
    context = {
        "row": row,
        "finding": found,
        "may_write": audit_page.may_decide(request.user, found),
        "waiver_form": WaiverForm(today=timezone.localdate(), auto_id="waive_%s"),
        "quarantine_form": DecisionForm(auto_id="quarantine_%s"),
        "decision_form": DecisionForm(auto_id="decide_%s"),
    }
    return render(request, "reviews/finding.html", context | forms, status=422 if forms else 200)


@require_POST
def finding_waive(request, pk):
    found, today = load_finding(request.user, pk, write=True), timezone.localdate()
    form = WaiverForm(request.POST, today=today, auto_id="waive_%s")
    return _decide(request, found, form, "waiver_form", service.waive, today=today)


@require_POST
def finding_quarantine(request, pk):
    found = load_finding(request.user, pk, write=True)
    form = DecisionForm(request.POST, auto_id="quarantine_%s")
    return _decide(request, found, form, "quarantine_form", service.quarantine)


@require_POST
def finding_release(request, pk):
    found = load_finding(request.user, pk, write=True)
    return _decide(request, found, DecisionForm(request.POST, auto_id="decide_%s"), "decision_form", service.release)


@require_POST
def finding_take_up(request, pk):
    found = load_finding(request.user, pk, write=True)
    return _decide(request, found, DecisionForm(request.POST, auto_id="decide_%s"), "decision_form", service.take_up)


def _decide(request, found: Finding, form, name: str, decide, **known):
    """Do what was decided; a form that is refused comes back, and who came second is told so."""
    if not form.is_valid():
        return _show(request, found, **{name: form})
    try:
        decide(finding=found, by=request.user, **form.cleaned_data, **known)
    except ValidationError as error:
        add_errors(form, error)
        return _show(request, found, **{name: form})
    except service.NotInState:
        messages.warning(request, _("It was decided meanwhile: nothing was changed."))
    else:
        messages.success(request, _("Kept, with its reason."))
    return redirect("finding", found.pk)
