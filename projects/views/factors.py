from itertools import groupby

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import factors_of, load, load_factor, load_goal, may_edit_factor, programs_of
from projects.forms import FactorForm, GateForm
from projects.models import Claim, Factor, Gate, Goal
from projects.services import goals as goal_service
from projects.services.changes import Conflict, change_row
from projects.services.limits import find_or_make_factor
from projects.services.ranking import rank_program
from projects.views.saving import show_conflict, show_form


@require_safe
def factors(request):
    """Factors by how many programs they limit now: one that limits many is seen once, on top (M4)."""
    mine = programs_of(request.user).active()
    goals = Goal.objects.active().filter(team__program__in=mine)
    found = (
        factors_of(request.user)
        .annotate(
            limiting=Count("limits", filter=Q(limits__until__isnull=True, limits__program__in=mine), distinct=True),
            gated=Count("gates", filter=Q(gates__goal__in=goals), distinct=True),
        )
        .select_related("parent")
        .order_by("-limiting", "-gated", "name")
    )
    return render(request, "projects/factors.html", {"factors": found, "today": timezone.localdate()})


@require_safe
def factor_names(request):
    """What a box that asks for a factor offers: fetched when somebody is about to type in it, for it is a long list."""
    names = set(factors_of(request.user).values_list("name", flat=True))
    return render(request, "projects/_factor_names.html", {"names": sorted(names, key=str.lower)})


@require_safe
def factor(request, pk):
    """One factor: its facts, the argument against it, and where it limits."""
    factor = load_factor(request.user, pk)
    mine = programs_of(request.user)
    limits = factor.limits.select_related("program", "by")
    seen = list(limits.filter(program__in=mine))
    return render(
        request,
        "projects/factor.html",
        {
            "factor": factor,
            "limits": seen,
            "others": limits.exclude(program__in=mine).values("program").distinct().count(),
            "gates": factor.gates.filter(goal__team__program__in=mine).select_related("goal__team__program"),
            "evidence": factor.evidence.filter(program__in=mine).select_related("program", "by")[:30],
            "claims": claims_of(factor),
            "supplies": factor.supplies.filter(program__in=mine).select_related("program"),
            "parts": factors_of(request.user).filter(parent=factor),
            "stale": factor.facts_stale(timezone.localdate()),
            "may_write": may_edit_factor(request.user, factor),
        },
    )


def claims_of(factor: Factor) -> list[tuple[str, list[Claim]]]:
    """What sources say of a factor, question by question; more than one answer shows that they disagree (L16)."""
    return [(question, list(said)) for question, said in groupby(factor.claims.all(), key=lambda one: one.question)]


@require_http_methods(["GET", "HEAD", "POST"])
def factor_edit(request, pk):
    factor = load_factor(request.user, pk, write=True)
    form = FactorForm(request.POST or None, instance=factor, initial={"version": factor.version}, user=request.user)
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


@require_POST
def gate_create(request, pk):
    """A factor that the goal cannot move on without."""
    goal = load_goal(request.user, pk, write=True)
    form = GateForm(request.POST)
    if form.is_valid():
        factor = find_or_make_factor(name=form.cleaned_data["factor"])
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
