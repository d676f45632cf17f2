from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import WRITERS, load, load_engineer, load_program, load_team, may_write, programs_of
from projects.models import Goal, Seat, Team
from projects.models.querysets import TeamQuerySet
from projects.services import teams as service
from projects.services.changes import Conflict
from projects.services.ranking import rank_program
from projects.services.sealing import latest_head
from projects.sheets.files import as_file, wanted
from projects.sheets.tables import goals_sheet
from projects.team_forms import EngineerForm, RosterForm, SeatForm, TeamForm, WeeksOffForm
from projects.time import today_in
from projects.views.saving import add_errors, show_conflict, show_form

ORDER = ["diverging", "stalled", "slow", "unknown", "converging", "done"]


@require_safe
def team(request, pk):
    """One team: its goals, worst first, who does the work, and when they are away."""
    team = load_team(request.user, pk)
    if kind := wanted(request):
        goals = Goal.objects.filter(team=team, archived_at=None).select_related("outlook")
        sheet = goals_sheet(team, in_order(goals.prefetch_related("gates__factor")))
        return as_file(kind, sheet, latest_head(team.program))
    return render(request, "projects/team.html", team_context(request, team))


def rosters_of(user) -> TeamQuerySet:
    """Teams whose engineers may be copied: those of programs one may change, for a copied engineer may be renamed."""
    return Team.objects.active().filter(program__in=programs_of(user, WRITERS))


def team_context(request, team: Team) -> dict:
    goals = Goal.objects.filter(team=team).select_related("outlook").prefetch_related("gates__factor", "needs")
    ordered = in_order(goals)
    ranking = getattr(team.program, "ranking", None)
    stored = ranking.teams.get(str(team.pk)) if ranking else None
    others = rosters_of(request.user).exclude(pk=team.pk)
    return {
        "team": team,
        "program": team.program,
        "stored": stored,
        "held": next((goal for goal in ordered if stored and goal.pk == stored["holds_back"]), None),
        "goals": [goal for goal in ordered if goal.archived_at is None],
        "archived": [goal for goal in ordered if goal.archived_at is not None],
        "seats": team.seats.filter(left__isnull=True).select_related("engineer"),
        "left": team.seats.filter(left__isnull=False).select_related("engineer"),
        "weeks_off": team.weeks_off.all(),
        "may_write": may_write(request.user, team.program),
        "seat_form": SeatForm(),
        "roster_form": RosterForm(teams=others.select_related("program")),
        "weeks_off_form": WeeksOffForm(),
    }


def in_order(goals: Iterable[Goal]) -> list[Goal]:
    """Worst first; `outlook` is read of each."""
    return sorted(goals, key=lambda goal: (ORDER.index(verdict_of(goal)), goal.name.lower()))


def verdict_of(goal: Goal) -> str:
    outlook = getattr(goal, "outlook", None)
    return outlook.verdict if outlook else "unknown"


@require_http_methods(["GET", "HEAD", "POST"])
def team_create(request, slug):
    program = load_program(request.user, slug, write=True)
    form = TeamForm(request.POST or None, instance=Team(program=program))
    if request.method == "POST" and form.is_valid():
        try:
            made = service.create_team(program=program, name=form.cleaned_data["name"], by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(name)s is there. Now its engineers and its first goal.") % {"name": made})
            return redirect(made)
    return show_form(request, "projects/team_form.html", form, program=program)


@require_http_methods(["GET", "HEAD", "POST"])
def team_edit(request, pk):
    team = load_team(request.user, pk, write=True)
    shown = {"program": team.program, "team": Team.objects.get(pk=pk)}
    form = TeamForm(request.POST or None, instance=team, initial={"version": team.version})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data.pop("version") or 0
        try:
            service.edit_team(team=team, version=version, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "projects/team_form.html", form, conflict.current, **shown)
        return redirect(team)
    return show_form(request, "projects/team_form.html", form, **shown)


def _set_archived(request, pk, archived: bool):
    team = load_team(request.user, pk, write=True)
    service.set_archived(team=team, archived=archived, by=request.user)
    rank_program(team.program)
    said = _("%(name)s is archived.") if archived else _("%(name)s is back.")
    messages.success(request, said % {"name": team})
    return redirect(team)


@require_POST
def team_archive(request, pk):
    return _set_archived(request, pk, archived=True)


@require_POST
def team_restore(request, pk):
    return _set_archived(request, pk, archived=False)


@require_POST
def seat_create(request, pk):
    """An engineer joins the team."""
    team = load_team(request.user, pk, write=True)
    form = SeatForm(request.POST)
    if not form.is_valid():
        return render(request, "projects/team.html", team_context(request, team) | {"seat_form": form}, status=422)
    name = form.cleaned_data["name"]
    seated = team.seats.filter(left__isnull=True, engineer__name__iexact=name).exists()
    if seated:
        messages.info(request, _("%(name)s is on this team already.") % {"name": name})
    else:
        service.seat_engineer(team=team, name=name, joined=today_in(team.program.zone), by=request.user)
    return redirect(f"{team.get_absolute_url()}#roster")


@require_POST
def seat_end(request, pk):
    """An engineer leaves the team; what was logged stays."""
    seat = load(
        request.user,
        Seat.objects.select_related("team__program", "engineer"),
        program="team__program",
        pk=pk,
        write=True,
    )
    service.end_seat(seat=seat, left=today_in(seat.team.program.zone), by=request.user)
    messages.success(request, _("%(name)s has left the team; their datapoints stay.") % {"name": seat.engineer})
    return redirect(f"{seat.team.get_absolute_url()}#roster")


@require_POST
def roster_copy(request, pk):
    """Everyone of another team sits here too."""
    team = load_team(request.user, pk, write=True)
    form = RosterForm(request.POST, teams=rosters_of(request.user))
    if not form.is_valid():
        return render(request, "projects/team.html", team_context(request, team) | {"roster_form": form}, status=422)
    source = form.cleaned_data["source"]
    n = service.copy_roster(source=source, team=team, joined=today_in(team.program.zone), by=request.user)
    said = ngettext("%(n)d engineer of %(team)s joined.", "%(n)d engineers of %(team)s joined.", n)
    messages.success(request, said % {"n": n, "team": source})
    return redirect(f"{team.get_absolute_url()}#roster")


@require_http_methods(["GET", "HEAD", "POST"])
def engineer_edit(request, pk):
    engineer = load_engineer(request.user, pk, write=True)
    seats = engineer.seats.filter(team__program__in=programs_of(request.user)).select_related("team__program")
    team = seats.latest("joined").team
    login = engineer.user.get_username() if engineer.user else ""
    form = EngineerForm(request.POST or None, instance=engineer, initial={"login": login})
    if request.method == "POST" and form.is_valid():
        name, user = form.cleaned_data["name"], form.cleaned_data["login"]
        service.edit_engineer(engineer=engineer, name=name, user=user, by=request.user, program=team.program)
        return redirect(team)
    return show_form(request, "projects/engineer_form.html", form, engineer=engineer, team=team, program=team.program)
