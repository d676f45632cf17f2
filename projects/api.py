"""What projects answer over the API; `config.api` joins it with what reviews answer.

Loaded by the first request of the API: `ninja` takes 10 MB that a page has no use for.
"""

import datetime as dt

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Router, Schema

from projects.access import load_program, programs_of
from projects.limiting import LimitingFactor, read_limiting_factors
from projects.models import Goal, Program, Seat, Verdict
from projects.time import today_in

router = Router(tags=["programs"])


class Asked(HttpRequest):
    """A request that `config.api.auth` let in."""

    user: User


@router.get("/limiting-factors", response=list[LimitingFactor], url_name="limiting_factors")
def limiting_factors(request: Asked):
    """What limits each program that you may see: the value that `manage.py limiting_factor --all --json` prints."""
    return read_limiting_factors(programs_of(request.user).active().order_by("name"))


@router.get("/programs/{slug:slug}/limiting-factor", response=LimitingFactor, url_name="limiting_factor")
def limiting_factor(request: Asked, slug: str):
    """What limits one program."""
    program = load_program(request.user, slug)
    return read_limiting_factors(Program.objects.filter(pk=program.pk))[0]


class NamedOut(Schema):
    id: int
    name: str


class OutlookOut(Schema):
    """What the curve says. A finish of null is never within 5 years where `p_never` is a number, else unknown."""

    as_of: dt.date
    verdict: Verdict
    reasons: list[str]
    p10: dt.date | None
    p50: dt.date | None
    p90: dt.date | None
    p_never: float | None
    p_deadline: float | None
    value: float | None
    value_on: dt.date | None


class GoalOut(Schema):
    id: int
    name: str
    team: NamedOut
    unit: str
    baseline: float
    target: float
    direction: str
    start: dt.date
    deadline: dt.date | None
    outlook: OutlookOut | None  # null: not forecast yet

    @staticmethod
    def resolve_outlook(goal: Goal):
        return getattr(goal, "outlook", None)


@router.get("/programs/{slug:slug}/goals", response=list[GoalOut], url_name="program_goals")
def program_goals(request: Asked, slug: str):
    """The goals of a program with their verdicts and odds; those that are archived are left out."""
    program = load_program(request.user, slug)
    goals = Goal.objects.active().filter(team__program=program).select_related("team", "outlook")
    return goals.order_by("team__name", "name", "pk")


class SeatOut(Schema):
    id: int
    name: str
    team: NamedOut


@router.get("/programs/{slug:slug}/engineers", response=list[SeatOut], url_name="program_engineers")
def program_engineers(request: Asked, slug: str):
    """Who is on a team today: a datapoint names one of them."""
    program = load_program(request.user, slug)
    seats = Seat.objects.on(today_in(program.zone)).filter(team__program=program, team__archived_at__isnull=True)
    return [
        {"id": seat.engineer_id, "name": seat.engineer.name, "team": seat.team}
        for seat in seats.select_related("engineer", "team").order_by("team__name", "engineer__name", "pk")
    ]
