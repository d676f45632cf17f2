"""How many verdicts rest on what those who do the work said in the room."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from projects.models import Outlook, Program
from reviews.models import Datapoint

RESTS_ON = 3  # points: the fewest that a verdict needs, and the newest ones weigh most


@dataclass(frozen=True)
class Traced:
    """Verdicts that say something, and how many of them rest on points that are each of these, or all three."""

    verdicts: int
    sourced: int = 0  # an engineer said it
    live: int = 0  # in a review
    first_hand: int = 0  # who does the work
    traced: int = 0  # all of it

    @property
    def share(self) -> float | None:
        return self.traced / self.verdicts if self.verdicts else None


def traceability(programs: Iterable[Program]) -> Traced:
    """Over the goals of `programs`: each verdict by its goal's newest three points in force. Two queries."""
    here = Q(goal__team__program__in=programs, goal__archived_at=None, goal__team__archived_at=None)
    known = set(Outlook.objects.filter(here).exclude(verdict="unknown").values_list("goal", flat=True))
    place = Window(RowNumber(), partition_by=F("goal"), order_by=[F("observed_on").desc(), F("recorded_at").desc()])
    newest = Datapoint.objects.in_force().filter(here).annotate(place=place).filter(place__lte=RESTS_ON)
    kinds = newest.values_list("goal", "engineer", "origin", "level")
    rests: dict[int, list[tuple[bool, bool, bool]]] = {goal: [] for goal in known}
    for goal, engineer, origin, level in kinds:
        if goal in rests:
            rests[goal].append((engineer is not None, origin == "live", level == "doer"))
    each = [tuple(all(column) for column in zip(*rows, strict=True)) for rows in rests.values() if rows]
    return Traced(
        verdicts=len(known),
        sourced=sum(one[0] for one in each),
        live=sum(one[1] for one in each),
        first_hand=sum(one[2] for one in each),
        traced=sum(all(one) for one in each),
    )
