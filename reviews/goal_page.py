"""What a goal's page shows, read only where it is drawn again; one query says whether it is (projects/contents.py)."""

import datetime as dt
from functools import cached_property
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet

from projects.contents import Contents, whole
from projects.deadlines import far_from
from projects.models import Gate, Goal, Intervention, Outlook, Program, Revision, Seat, Team, WeeksOff
from reviews.forms import EntryForm
from reviews.models import Comment, Datapoint, Forecast, InterventionEffect
from reviews.pictures import GoalPictures
from reviews.services.effects import with_effects
from reviews.services.receipts import newest_receipt

FORECASTS_TOLD = 40  # they are only ever added: whatever is, is among the newest so many once it is committed


def tables(goal: int) -> list[QuerySet]:
    """The rows that a goal's page shows, whole: what it is kept under."""
    gates = Gate.objects.filter(goal=goal)
    done_about_it = Q(goal=goal) | Q(goal__isnull=True, factor__in=gates.values("factor"))
    interventions = Intervention.objects.standing().filter(done_about_it)
    newest = Forecast.objects.filter(goal=goal).order_by("-pk")[:FORECASTS_TOLD]
    of_point = {"engineer_name": "engineer__name", "by_name": "recorded_by__username", "undone": "source__undone_at"}
    return [
        whole(Goal.objects.filter(pk=goal)),
        whole(Team.objects.filter(goals=goal)),
        whole(Program.objects.filter(teams__goals=goal)),
        whole(Outlook.objects.filter(goal=goal), without=["computed_at"]),
        whole(Datapoint.objects.filter(goal=goal), **of_point),
        whole(Comment.objects.filter(datapoint__goal=goal), by_name="by__username"),
        whole(Revision.objects.filter(goal=goal), by_name="by__username"),
        whole(WeeksOff.objects.filter(team__goals=goal)),
        whole(Seat.objects.filter(team__goals=goal), engineer_name="engineer__name"),
        whole(gates, factor_name="factor__name"),
        whole(interventions, by_name="by__username", factor_name="factor__name"),
        whole(InterventionEffect.objects.filter(intervention__in=interventions)),
        whole(Goal.objects.filter(dependents__goal=goal), verdict="outlook__verdict"),
        whole(Goal.objects.filter(dependencies__needs=goal), verdict="outlook__verdict"),
        whole(Forecast.objects.filter(pk__in=newest.values("pk")), without=["reasons", "finish_days"]),
    ]


CONTENTS = Contents(tables)


class GoalPage:
    def __init__(self, goal: Goal, today: dt.date) -> None:
        self.goal, self.today = goal, today

    @cached_property
    def key(self) -> str:
        return CONTENTS.digest(self.goal.pk, self.today)

    @property
    def uuid(self) -> UUID:
        """The key of the entry that is typed on this page, so never kept."""
        return uuid4()

    @cached_property
    def shown(self) -> dict:
        """Read again after the key, the goal too: what is kept may be newer than its key, never older."""
        goal = Goal.objects.select_related("team__program", "outlook").get(pk=self.goal.pk)
        form = self.form()
        pictures = GoalPictures(goal, self.today)
        return {
            "goal": goal,
            "team": goal.team,
            "program": goal.team.program,
            "outlook": getattr(goal, "outlook", None),
            "pictures": pictures,
            "interventions": with_effects(pictures.interventions),
            "far_from": far_from(self.today),
            "form": form,
            "speakers": form.fields["engineer"].queryset.exists(),
            "receipt": newest_receipt(goal),
            "revisions": goal.revisions.select_related("by", "source").order_by("-on", "-pk"),
            "needs": goal.needs.select_related("outlook"),
            "needed_by": goal.needed_by.select_related("outlook"),
            "gates": goal.gates.select_related("factor"),
        }

    def form(self, data=None) -> EntryForm:
        return EntryForm(data, program=self.goal.team.program, team=self.goal.team, goal=self.goal, today=self.today)
