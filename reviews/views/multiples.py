"""The goals of a team side by side: a panel that the team's page loads, and a page of its own."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.access import load_team
from projects.models import Goal
from projects.time import today_in
from projects.views.teams import in_order
from reviews.pictures import small_multiples

SHOWN = 12


@require_safe
def team_multiples(request, pk):
    """One small chart a goal, all on one scale, worst first."""
    team = load_team(request.user, pk)
    goals = in_order(Goal.objects.filter(team=team, archived_at=None).select_related("outlook"))
    shown = goals if "all" in request.GET else goals[:SHOWN]
    context = {"team": team, "program": team.program, "n": len(goals), "more": len(shown) < len(goals)}
    pictures = small_multiples(shown, today_in(team.program.zone))
    return render(request, "reviews/multiples.html", context | pictures)
