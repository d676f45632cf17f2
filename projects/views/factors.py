from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import factors_of, load, load_factor, load_goal, may_edit_factor, programs_of
from projects.factor_forms import AGAIN_AFTER, ChallengeForm, EvidenceForm, FactorForm
from projects.forms import GateForm
from projects.models import Claim, Event, Factor, Gate
from projects.rollup import branch, factor_rows, wholes
from projects.services import goals as goal_service
from projects.services.changes import Conflict, change_row
from projects.services.factors import add_evidence, challenge_factor
from projects.services.limits import find_or_make_factor
from projects.services.ranking import rank_program
from projects.services.sealing import latest_head
from projects.sheets.files import as_file, wanted
from projects.sheets.tables import factors_sheet
from projects.views.saving import add_errors, show_conflict, show_form

PER_PAGE = 200
SHOWS = {
    "": lambda row: True,
    "limiting": lambda row: bool(row.limiting),
    "unchallenged": lambda row: row.challenge_due,
    "stale": lambda row: row.stale,
}


@require_safe
def factors(request):
    """Factors by how many programs they limit and how long: one that limits many is seen once, on top (M4)."""
    rows = factor_rows(request.user, timezone.localdate())
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    counts = {name: sum(map(shows, rows)) for name, shows in SHOWS.items()}
    shown = [row for row in rows if SHOWS[show](row)]
    if kind := wanted(request):
        return as_file(kind, factors_sheet(shown), latest_head(None))
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "projects/factors.html", {"page": page, "show": show, "counts": counts, "any": bool(rows)})


@require_safe
def factor_names(request):
    """What a box that asks for a factor offers: fetched when somebody is about to type in it, for it is a long list."""
    names = set(factors_of(request.user).values_list("name", flat=True))
    return render(request, "projects/_factor_names.html", {"names": sorted(names, key=str.lower)})


@require_safe
def factor(request, pk):
    """One factor: where it limits, the argument against it, its facts, what it is part of and what is part of it."""
    return render(request, "projects/factor.html", factor_context(request, load_factor(request.user, pk)))


def factor_context(request, factor: Factor) -> dict:
    mine, today = programs_of(request.user), timezone.localdate()
    tree = factor_rows(request.user, today)
    rows = {row.factor.pk: row for row in tree}
    row = rows[factor.pk]
    limits = factor.limits.select_related("program", "by")
    layers = factor.layers.select_related("limit__program", "limit__factor", "by")
    evidence = factor.evidence.filter(program__in=mine).select_related("program", "by")
    told = Event.objects.filter(Q(program=None) | Q(program__in=mine), subject="factor", subject_id=factor.pk)
    return {
        "factor": factor,
        "row": row,
        "limits": limits.filter(program__in=mine),
        "layers": layers.filter(limit__program__in=mine).order_by("-since", "-pk"),
        "others": limits.exclude(program__in=mine).values("program").distinct().count(),
        "gates": factor.gates.filter(goal__team__program__in=mine).select_related("goal__team__program"),
        "evidence": evidence[:30],
        "claims": claims_of(factor),
        "supplies": factor.supplies.filter(program__in=mine).select_related("program"),
        "wholes": wholes(row, rows),
        "parts": branch(row, tree),
        "today": today,
        "may_write": may_edit_factor(request.user, factor),
        "evidence_form": EvidenceForm(user=request.user),
        "events": told.for_reading()[:8],
    }


def claims_of(factor: Factor) -> list[tuple[str, list[Claim]]]:
    """What sources say of a factor, question by question; more than one answer shows that they disagree (L16)."""
    return [(question, list(said)) for question, said in groupby(factor.claims.all(), key=lambda one: one.question)]


@require_http_methods(["GET", "HEAD", "POST"])
def factor_edit(request, pk):
    """Name, place in the tree and facts, each with its day and its source."""
    factor = load_factor(request.user, pk, write=True)
    form = FactorForm(
        request.POST or None,
        instance=factor,
        initial={"version": factor.version},
        user=request.user,
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version")
        row = Factor.objects.get(pk=pk)
        try:
            change_row(row=row, version=version, by=request.user, program=None, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "projects/factor_form.html", form, conflict.current, factor=row)
        messages.success(request, _("Saved."))
        return redirect(row)
    return show_form(request, "projects/factor_form.html", form, factor=Factor.objects.get(pk=pk))


@require_http_methods(["GET", "HEAD", "POST"])
def factor_challenge(request, pk):
    """The strongest argument that something else binds, its answer, and when to argue again (M6)."""
    factor, today = load_factor(request.user, pk, write=True), timezone.localdate()
    initial = {
        "version": factor.version,
        "challenge": factor.challenge,
        "challenge_answer": factor.challenge_answer,
        "challenge_again_on": today + AGAIN_AFTER,
    }
    form = ChallengeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            challenge_factor(
                factor=factor,
                version=data["version"],
                challenge=data["challenge"],
                answer=data["challenge_answer"],
                again_on=data["challenge_again_on"],
                today=today,
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        except Conflict as conflict:
            return show_conflict(request, "projects/challenge_form.html", form, conflict.current, factor=factor)
        else:
            messages.success(request, _("Challenged. The argument stands on its page until it is answered."))
            return redirect(factor)
    return show_form(request, "projects/challenge_form.html", form, factor=factor)


@require_POST
def evidence_create(request, pk):
    """A note or a link that speaks for the factor in one program."""
    factor = load_factor(request.user, pk, write=True)
    form = EvidenceForm(request.POST, user=request.user)
    if not form.is_valid():
        context = factor_context(request, factor) | {"evidence_form": form}
        return render(request, "projects/factor.html", context, status=422)
    add_evidence(factor=factor, on=timezone.localdate(), by=request.user, **form.cleaned_data)
    messages.success(request, _("Kept as evidence."))
    return redirect(f"{factor.get_absolute_url()}#evidence")


@require_POST
def gate_create(request, pk):
    """A factor that the goal cannot move on without."""
    goal = load_goal(request.user, pk, write=True)
    form = GateForm(request.POST)
    if form.is_valid():
        factor = find_or_make_factor(name=form.cleaned_data["factor"], by=request.user)
        goal_service.set_gate(goal=goal, factor=factor, by=request.user)
        rank_program(goal.team.program)
    else:
        messages.error(request, " ".join(form.errors["factor"]))
    return redirect(goal)


@require_POST
def gate_remove(request, pk):
    gate = load(
        request.user,
        Gate.objects.select_related("goal__team__program", "factor"),
        program="goal__team__program",
        pk=pk,
        write=True,
    )
    goal = gate.goal
    goal_service.remove_gate(gate=gate, by=request.user)
    rank_program(goal.team.program)
    return redirect(goal)


def known_factors(user) -> list[str]:
    """Names to choose from, for the list beside a field."""
    return sorted(set(factors_of(user).values_list("name", flat=True)), key=str.lower)
