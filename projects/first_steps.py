"""The way from an empty program to its first forecast: which step comes next, and where it is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from projects.models import Goal, Program, Seat, Team


@dataclass(frozen=True)
class FirstSteps:
    """`now` counts from 1: a team, its engineers, a goal, its datapoints. `url` and `label` make that step."""

    now: int
    url: str
    label: str

    @property
    def no_goal(self) -> bool:
        """Whether nothing can be said of the program yet, so that its page leaves out what would say it."""
        return self.now <= 3


def first_steps(program: Program, teams: Sequence[Team], goals: Sequence[Goal]) -> FirstSteps | None:
    """None once a goal has a forecast, and for a throughput program, whose supplies come first. At most one query."""
    known = any(hasattr(goal, "outlook") and goal.outlook.known for goal in goals)
    if known or program.archived_at or program.kind == Program.Kind.THROUGHPUT:
        return None
    if not teams:
        return FirstSteps(1, reverse("team_create", args=[program.slug]), _("Make the first team"))
    if goals:
        return FirstSteps(4, f"{goals[0].get_absolute_url()}#log", _("Log a datapoint"))
    if not Seat.objects.filter(team__program=program, left=None).exists():
        return FirstSteps(2, teams[0].get_absolute_url(), _("Add its engineers"))
    return FirstSteps(3, reverse("goal_create", args=[teams[0].pk]), _("Make the first goal"))
