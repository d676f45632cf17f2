"""When a team does not work: it changes every forecast of its goals, so it lives here."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from projects.access import load, load_team
from projects.models import Goal, Team, WeeksOff
from projects.services import teams as service
from projects.services.ranking import rank_program
from projects.team_forms import WeeksOffForm
from projects.time import today_in
from projects.views.teams import team_context
from reviews.services.forecasting import refit_goals


@require_POST
def weeks_off_create(request, pk):
    team = load_team(request.user, pk, write=True)
    form = WeeksOffForm(request.POST, instance=WeeksOff(team=team))
    if not form.is_valid():
        return render(request, "projects/team.html", team_context(request, team) | {"weeks_off_form": form}, status=422)
    service.add_weeks_off(team=team, by=request.user, **form.cleaned_data)
    refit_team(team)
    return redirect(f"{team.get_absolute_url()}#weeks-off")


@require_POST
def weeks_off_remove(request, pk):
    off = load(
        request.user, WeeksOff.objects.select_related("team__program"), program="team__program", pk=pk, write=True
    )
    service.remove_weeks_off(off=off, by=request.user)
    refit_team(off.team)
    return redirect(f"{off.team.get_absolute_url()}#weeks-off")


def refit_team(team: Team) -> None:
    today = today_in(team.program.zone)
    refit_goals(list(Goal.objects.active().filter(team=team)), today)
    rank_program(team.program, today)
