"""Who is heard in a review, in which order: nearest the limiting factor first, then not heard for longest (M1, M7)."""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

from django.db.models import Max

from projects.models import Gate, Goal, Program, Seat, Team
from projects.time import WEEK
from reviews.models import Datapoint, Turn

REPORTED_OF_LATE = 13 * WEEK  # who reported on a goal longer ago than this no longer stands for it


class Nearness(IntEnum):
    """How near an engineer is to what limits the program; smaller is nearer."""

    REPORTS = 0  # on a goal that cannot move on without the limiting factor
    TEAM = 1  # sits on a team with such a goal
    OTHER = 2


@dataclass(frozen=True)
class Place:
    """An engineer's place in the order, and why it is theirs. `heard`: when they last had their say here, or None."""

    engineer_id: int
    team_id: int
    nearness: Nearness
    heard: dt.datetime | None


def roster(program: Program, team: Team | None, day: dt.date) -> list[Place]:
    """Those who do the work on `day`, in the order in which they are heard; the same few queries however many.

    Who sits on two teams is heard once, with the team nearer the limit.
    """
    seats = Seat.objects.asked(program, team, day)
    limited = dict(limited_goals(program).values_list("pk", "team"))
    reports = set(
        Datapoint.objects.in_force()
        .filter(goal__in=limited, observed_on__gt=day - REPORTED_OF_LATE, engineer__isnull=False)
        .values_list("engineer", flat=True)
    )
    heard = last_heard(program)
    found: dict[int, Place] = {}
    for engineer, of in seats.order_by("team__name", "engineer__name", "pk").values_list("engineer", "team"):
        nearness = Nearness.OTHER
        if of in limited.values():
            nearness = Nearness.REPORTS if engineer in reports else Nearness.TEAM
        place = Place(engineer, of, nearness, heard.get(engineer))
        if engineer not in found or nearness < found[engineer].nearness:
            found[engineer] = place
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(found.values(), key=lambda place: (place.nearness, place.heard or never))


def limited_goals(program: Program):
    """Open goals behind the factor that is declared to limit the program; where none is, what the model proposes."""
    goals = Goal.objects.active().filter(team__program=program)
    limit = program.limits.filter(until__isnull=True).first()
    if limit and limit.factor_id:
        return goals.filter(pk__in=Gate.objects.filter(factor=limit.factor_id).values("goal"))
    ranking = getattr(program, "ranking", None)
    proposed = ranking.proposal if ranking else None
    if not proposed or (limit and limit.state == limit.State.CONVERGED):
        return goals.none()
    if proposed["kind"] == "goal":
        return goals.filter(pk=proposed["id"])
    return goals.filter(pk__in=Gate.objects.filter(factor=proposed["id"]).values("goal"))


def last_heard(program: Program) -> dict[int, dt.datetime]:
    """When each engineer last had their say in a review of the program; who never had is not in it."""
    turns = Turn.objects.filter(review__program=program, state=Turn.State.HEARD)
    rows = turns.values_list("engineer").annotate(Max("review__opened_at")).order_by()
    return dict(rows)
