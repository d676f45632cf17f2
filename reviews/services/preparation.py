"""What a manager wants to know before a review: what changed since the last one, and who has not had their say."""

import datetime as dt
from dataclasses import dataclass

from projects.models import Engineer, Goal, Intervention, Outlook, Program, Revision, SuccessorPrediction, Team
from projects.time import WEEK, today_in
from reviews.models import Datapoint, Review, Statement, Turn
from reviews.models.comments import unanswered
from reviews.services.roster import Nearness, roster

MOST = 40  # rows of one kind
FEW = 12  # of what may come by the hundred, such as an import


@dataclass(frozen=True)
class Flip:
    """A goal whose verdict is another than at the last review."""

    goal: Goal
    before: str
    now: str
    p50_before: str | None  # ISO day; None: none was known, or not within 5 years
    outlook: Outlook


@dataclass(frozen=True)
class Seat:
    """An engineer in the order of the roster, with what became of their last turn."""

    engineer: Engineer
    team: Team
    nearness: Nearness
    heard: dt.datetime | None
    last: Turn | None  # in the last review

    @property
    def unheard(self) -> bool:
        """Whether they had no say the last time, or never."""
        return self.heard is None or bool(self.last and self.last.state != Turn.State.HEARD)


@dataclass(frozen=True)
class Preparation:
    last: Review | None  # the last review that was held
    seats: list[Seat]
    flips: list[Flip]
    logged: list[Datapoint]  # outside the room, the newest few
    logged_in_all: int
    revisions: list[Revision]
    blockers: list[tuple[str, str, str]]  # what, by whom, about what goal
    predictions: list[SuccessorPrediction]
    interventions: list[Intervention]
    answers: list[Datapoint]

    @property
    def unheard(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.unheard]


def prepare(program: Program, team: Team | None, day: dt.date) -> Preparation:
    """For a review of a program, or of one of its teams, on a day; the same few queries however many goals."""
    last = last_review(program, team)
    goals = Goal.objects.active().filter(team__program=program)
    if team:
        goals = goals.filter(team=team)
    due = Intervention.objects.standing().filter(program=program, review_on__lte=day).order_by("review_on")
    answers = unanswered(Datapoint.objects.filter(goal__in=goals)).select_related("goal", "engineer")
    logged, revised = Datapoint.objects.none(), Revision.objects.none()
    if last:
        logged = Datapoint.objects.in_force().filter(goal__in=goals, recorded_at__gt=last.closed_at)
        logged = logged.exclude(origin="live")
        revised = Revision.objects.filter(goal__in=goals, at__gt=last.closed_at)
    return Preparation(
        last=last,
        seats=_seats(program, team, day, last),
        flips=_flips(program, goals, last) if last else [],
        logged=list(logged.select_related("goal", "engineer").order_by("-recorded_at", "-pk")[:FEW]),
        logged_in_all=logged.count(),
        revisions=list(revised.select_related("goal", "by").order_by("-at", "-pk")[:FEW]),
        blockers=_blockers(last) if last else [],
        predictions=_predictions(program, day),
        interventions=list(due.select_related("program", "goal", "factor")[:MOST]),
        answers=list(answers[:MOST]),
    )


def last_review(program: Program, team: Team | None) -> Review | None:
    """The last one that was held, of the team or of the whole program."""
    held = Review.objects.filter(program=program, state=Review.State.CLOSED).select_related("team", "led_by")
    if team:
        held = held.filter(team__in=[team]) | held.filter(team__isnull=True)
    return held.order_by("-closed_at", "-pk").first()


def _seats(program: Program, team: Team | None, day: dt.date, last: Review | None) -> list[Seat]:
    places = roster(program, team, day)
    engineers = Engineer.objects.in_bulk([place.engineer_id for place in places])
    teams = Team.objects.in_bulk({place.team_id for place in places})
    turns = {turn.engineer_id: turn for turn in last.turns.all()} if last else {}
    return [
        Seat(
            engineers[place.engineer_id],
            teams[place.team_id],
            place.nearness,
            place.heard,
            turns.get(place.engineer_id),
        )
        for place in places
    ]


def _flips(program: Program, goals, last: Review) -> list[Flip]:
    """Against what the model said on the day of the last review."""
    closed = last.closed_at.astimezone(dt.UTC).date() if last.closed_at else today_in(program.zone)
    then = program.ranking_days.filter(day__lte=closed).first()
    if then is None:
        return []
    found = []
    for goal in goals.filter(outlook__isnull=False).select_related("team", "outlook").order_by("team__name", "name"):
        before = then.goals.get(str(goal.pk))
        if before and before["verdict"] != goal.outlook.verdict:
            found.append(Flip(goal, before["verdict"], goal.outlook.verdict, before["p50"], goal.outlook))
    return found


def _blockers(last: Review) -> list[tuple[str, str, str]]:
    """What was named in the last review, in the order in which it was said."""
    points = last.datapoints.in_force().exclude(blocker="").select_related("engineer", "goal").order_by("recorded_at")
    found = [(p.blocker, p.engineer.name if p.engineer else "", p.goal.name) for p in points]
    said = Statement.objects.in_force().filter(turn__review=last, kind=Statement.Kind.BLOCKED)
    found += [
        (one.text, one.turn.engineer.name, one.goal.name if one.goal else "")
        for one in said.select_related("turn__engineer", "goal")
    ]
    return list(dict.fromkeys(found))


def _predictions(program: Program, day: dt.date) -> list[SuccessorPrediction]:
    """Open ones whose window is closing, or has closed."""
    open_ones = SuccessorPrediction.objects.filter(
        limit__program=program, outcome=SuccessorPrediction.Outcome.OPEN, window_to__lte=day + WEEK
    )
    return list(open_ones.select_related("factor", "goal").order_by("window_to")[:MOST])
