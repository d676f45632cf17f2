"""Which events belong to the history of one thing: its own, and those of what is part of it."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet

from projects.access import load, load_engineer, load_factor, load_goal, load_team, programs_of
from projects.models import (
    Engineer,
    Event,
    Factor,
    Goal,
    Import,
    Intervention,
    Limit,
    Seat,
    SuccessorPrediction,
    Supply,
    Team,
)
from reviews.models import Cadence, Datapoint, Review, SlotChange, Statement, Turn


def of(subject: str, ids: Any) -> Q:
    return Q(subject=subject, subject_id__in=ids)


def of_team(team: Team) -> Q:
    return of("team", [team.pk]) | of("seat", Seat.objects.filter(team=team).values("pk"))


def of_engineer(engineer: Engineer) -> Q:
    return Q(engineer=engineer)


def of_goal(goal: Goal) -> Q:
    points = Datapoint.objects.filter(goal=goal).values("pk")
    done = Intervention.objects.filter(goal=goal).values("pk")
    predicted = SuccessorPrediction.objects.filter(goal=goal).values("pk")
    mine = of("goal", [goal.pk]) | of("datapoint", points)
    return mine | of("intervention", done) | of("successorprediction", predicted)


def of_factor(factor: Factor) -> Q:
    limits = Limit.objects.filter(factor=factor).values("pk")
    supplies = Supply.objects.filter(factor=factor).values("pk")
    done = Intervention.objects.filter(factor=factor).values("pk")
    layers = factor.layers.values("pk")
    mine = of("factor", [factor.pk]) | of("limit", limits) | of("layer", layers)
    return mine | of("supply", supplies) | of("intervention", done)


def of_review(review: Review) -> Q:
    turns = Turn.objects.filter(review=review).values("pk")
    said = Statement.objects.filter(turn__review=review).values("pk")
    points = Datapoint.objects.filter(review=review).values("pk")
    return of("review", [review.pk]) | of("turn", turns) | of("statement", said) | of("datapoint", points)


def of_datapoint(point: Datapoint) -> Q:
    """With what it corrects and what corrects it: together they are one value."""
    found, new = set(), {point.pk}
    while new:
        found |= new
        near = Datapoint.objects.filter(Q(superseded_by__in=new) | Q(supersedes__in=new))
        new = set(near.values_list("pk", flat=True)) - found
    return of("datapoint", found)


def of_cadence(cadence: Cadence) -> Q:
    """With those that it took the place of: together they are one rhythm."""
    same = Cadence.objects.filter(program=cadence.program_id, team=cadence.team_id).values("pk")
    return of("cadence", same) | of("slotchange", SlotChange.objects.filter(cadence__in=same).values("pk"))


def itself(row: Model) -> Q:
    return of(str(row._meta.model_name), [row.pk])


def _loader(objects: QuerySet, program: str) -> Callable[[User, int], Any]:
    return lambda user, pk: load(user, objects, program=program, pk=pk)


# kind: (how it is loaded as the user may, which events are its)
KINDS: dict[str, tuple[Callable[[User, int], Any], Callable[[Any], Q]]] = {
    "team": (load_team, of_team),
    "engineer": (load_engineer, of_engineer),
    "goal": (load_goal, of_goal),
    "factor": (load_factor, of_factor),
    "review": (_loader(Review.objects.select_related("program"), "program"), of_review),
    "datapoint": (
        _loader(Datapoint.objects.select_related("goal__team__program"), "goal__team__program"),
        of_datapoint,
    ),
    "supply": (_loader(Supply.objects.select_related("program", "factor"), "program"), itself),
    "cadence": (_loader(Cadence.objects.select_related("program", "team"), "program"), of_cadence),
    "intervention": (_loader(Intervention.objects.select_related("program", "goal", "factor"), "program"), itself),
    "import": (_loader(Import.objects.select_related("program"), "program"), itself),
}


def events_of(user: User, kind: str, pk: int) -> tuple[Any, QuerySet[Event]]:
    """The thing, if `user` may see it, and its events, newest first: those of programs of theirs, or of none."""
    loader, mine = KINDS[kind]
    row = loader(user, pk)
    seen = Q(program=None) | Q(program__in=programs_of(user))
    return row, Event.objects.filter(mine(row), seen).for_reading()
