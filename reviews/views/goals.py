"""A goal's page and what changes it. It lives in reviews: a goal is its curve."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import load_goal, load_team, may_write
from projects.date_forms import RevisionForm
from projects.forms import GoalForm
from projects.models import Goal
from projects.services import goals as service
from projects.services.changes import Conflict
from projects.services.ranking import rank_program
from projects.services.sealing import latest_head
from projects.sheets.files import as_file, wanted
from projects.time import today_in
from projects.views.saving import add_errors, show_conflict, show_form
from reviews.goal_page import GoalPage
from reviews.points import read_points
from reviews.services.datapoints import KeyReused, log_datapoint
from reviews.services.deadlines import odds_if_set, offer_for_goal
from reviews.services.forecasting import refit_goal
from reviews.sheets import points_sheet
from reviews.views.words import surprise_words


@require_safe
def goal(request, pk):
    """One goal: its points, the curve with its fan, target and deadline, and why the verdict is what it is."""
    found = load_goal(request.user, pk)
    if kind := wanted(request):
        return as_file(kind, points_sheet(found, reversed(read_points(found))), latest_head(found.team.program))
    return render(request, "reviews/goal.html", goal_context(request, found))


def goal_context(request, goal: Goal) -> dict:
    program = goal.team.program
    return {
        "goal": goal,
        "team": goal.team,
        "program": program,
        "outlook": getattr(goal, "outlook", None),
        "may_write": may_write(request.user, program),
        "page": GoalPage(goal, today_in(program.zone)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def goal_create(request, pk):
    team = load_team(request.user, pk, write=True)
    if team.archived_at or team.program.archived_at:
        messages.warning(request, _("%(name)s is archived. Restore it, then give it a goal.") % {"name": team})
        return redirect(team)
    form = GoalForm(request.POST or None, team=team, initial={"start": today_in(team.program.zone), "baseline": 0})
    if request.method == "POST" and form.is_valid():
        form.cleaned_data.pop("version")
        try:
            made = service.create_goal(team=team, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            refit_goal(made)
            messages.success(request, _("%(name)s is there. Log its first datapoint.") % {"name": made})
            return redirect(f"{made.get_absolute_url()}#log")
    return show_form(request, "reviews/goal_form.html", form, team=team, program=team.program)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request, pk):
    goal = load_goal(request.user, pk, write=True)
    shown = {"goal": goal, "team": goal.team, "program": goal.team.program}
    initial = {"version": goal.version, "needs": goal.needs.all()}
    form = GoalForm(request.POST or None, instance=goal, team=goal.team, initial=initial)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version") or 0
        try:
            service.edit_goal(goal=goal, version=version, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "reviews/goal_form.html", form, conflict.current, **shown)
        except ValidationError as error:
            add_errors(form, error)
        else:
            refit_goal(goal)
            return redirect(goal)
    return show_form(request, "reviews/goal_form.html", form, **shown)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_revise(request, pk):
    """A change of target or deadline, with its memo."""
    goal = load_goal(request.user, pk, write=True)
    today = today_in(goal.team.program.zone)
    shown = {"goal": goal, "team": goal.team, "program": goal.team.program, "offer": offer_for_goal(goal, today)}
    asked = {name: request.GET[name] for name in ("target", "deadline") if request.GET.get(name)}  # of a what-if
    stated = {name: getattr(goal, name) for name in ("target", "deadline", "on_the_way", "on_the_way_by", "version")}
    initial = stated | {"on": today} | asked
    form = RevisionForm(request.POST or None, goal=goal, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        new = {name: data[name] for name in ("deadline", "target", "on")}
        try:
            service.revise_goal(goal=goal, by=request.user, odds=odds_if_set(goal, today=today, **new), **data)
        except Conflict as conflict:
            return show_conflict(request, "reviews/revision_form.html", form, conflict.current, **shown)
        except ValidationError as error:
            add_errors(form, error)
        else:
            refit_goal(goal)
            messages.success(request, _("Changed, and kept with its reason."))
            return redirect(goal)
    return show_form(request, "reviews/revision_form.html", form, **shown)


def _set_archived(request, pk, archived: bool):
    goal = load_goal(request.user, pk, write=True)
    service.set_archived(goal=goal, archived=archived, by=request.user)
    if archived:
        rank_program(goal.team.program)
    else:
        refit_goal(goal)
    said = _("%(name)s is archived: it counts no more.") if archived else _("%(name)s counts again.")
    messages.success(request, said % {"name": goal})
    return redirect(goal)


@require_POST
def goal_archive(request, pk):
    return _set_archived(request, pk, archived=True)


@require_POST
def goal_restore(request, pk):
    return _set_archived(request, pk, archived=False)


@require_POST
def goal_log(request, pk):
    """A datapoint outside a review: it is marked late."""
    goal = load_goal(request.user, pk, write=True)
    form = GoalPage(goal, today_in(goal.team.program.zone)).form(request.POST)
    if form.is_valid():
        try:
            logged = log_datapoint(goal=goal, entry=form.entry(), by=request.user)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        except KeyReused:
            form.add_error(
                None, _("This entry was sent before with other content; the first one stands. Reload to log another.")
            )
        else:
            words = surprise_words(logged.percentile)
            messages.success(request, _("Saved. %(surprise)s") % {"surprise": words} if words else _("Saved."))
            return redirect(goal)
    return render(
        request, "reviews/goal.html", goal_context(request, load_goal(request.user, pk)) | {"form": form}, status=422
    )
