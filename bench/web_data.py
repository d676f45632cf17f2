"""The database that bench/web.py and bench/pages.py ask: made once, with bulk inserts, and kept in a folder.

300 programs of 4 teams and 20 goals, each goal with 50 weekly datapoints: 6,000 goals and 300,000 datapoints. One in
five goals waits for another, one in four is gated by a factor, and each program has declared what limits it. Forecasts
and rankings are made by the product's own services.
"""

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from projects.models import Dependency, Engineer, Event, Factor, Gate, Goal, Limit, Membership, Program, Seat, Team
from reviews.models import Datapoint
from reviews.services.forecasting import refit_program

TEAMS, GOALS, POINTS, ENGINEERS, FACTORS = 4, 20, 50, 5, 40
READER, PASSWORD = "reader", "bench"
WEEK = dt.timedelta(days=7)


def fill(programs: int = 300, *, say=print) -> None:
    """Fill an empty database. The same numbers each time; only the days move with the calendar."""
    began = time.perf_counter()
    with transaction.atomic():
        user = get_user_model().objects.create_superuser(READER, "reader@localhost", PASSWORD)
        user.is_superuser = user.is_staff = False
        user.save()
        factors = Factor.objects.bulk_create(Factor(name=f"Factor {n}", kind="supply") for n in range(FACTORS))
        engineers = Engineer.objects.bulk_create(Engineer(name=f"Engineer {n}") for n in range(TEAMS * ENGINEERS))
        made = add_programs(range(programs), user, factors, engineers)
    say(
        f"{programs} programs, {programs * GOALS} goals, {programs * GOALS * POINTS} datapoints: "
        f"{time.perf_counter() - began:.0f} s"
    )
    for program in made:
        refit_program(program)
    say(f"forecast and ranked: {time.perf_counter() - began:.0f} s")


def add_programs(numbers, user: User, factors: list[Factor], engineers: list[Engineer]) -> list[Program]:
    """Programs with everything in them but their forecasts."""
    today = timezone.now().date()
    rng = random.Random(3)
    programs = Program.objects.bulk_create(
        Program(
            name=f"Program {n:03}",
            slug=f"program-{n:03}",
            outcome=f"What program {n} is for, in a sentence of usual length.",
            start=today - 60 * WEEK,
            deadline=today + rng.randrange(5, 60) * WEEK,
            owner=user,
        )
        for n in numbers
    )
    Membership.objects.bulk_create(Membership(program=program, user=user, role="manager") for program in programs)
    teams = Team.objects.bulk_create(Team(program=p, name=f"Team {n}") for p in programs for n in range(TEAMS))
    Seat.objects.bulk_create(
        Seat(team=team, engineer=engineers[(i % TEAMS) * ENGINEERS + k], joined=today - 60 * WEEK)
        for i, team in enumerate(teams)
        for k in range(ENGINEERS)
    )
    goals = Goal.objects.bulk_create(
        [
            Goal(
                team=team,
                name=f"Goal {k} of {team.name}",
                unit="tests",
                baseline=0,
                target=100,
                direction="up",
                start=today - 60 * WEEK,
                deadline=team.program.deadline,
                data_version=POINTS,
            )
            for team in teams
            for k in range(GOALS // TEAMS)
        ],
        batch_size=1000,
    )
    waits = [(goal, earlier) for n, (goal, earlier) in enumerate(zip(goals[1:], goals, strict=False)) if n % 5 == 3]
    Dependency.objects.bulk_create(Dependency(goal=g, needs=e) for g, e in waits if g.team_id == e.team_id)
    Gate.objects.bulk_create(Gate(goal=goal, factor=rng.choice(factors)) for goal in goals[::4])
    limits = [(program, rng.choice(factors)) for program in programs]
    Limit.objects.bulk_create(
        Limit(
            program=program,
            state="factor",
            factor=factor,
            since=today - rng.randrange(1, 30) * WEEK,
            memo=f"Everything waits for {factor}.",
            by=user,
        )
        for program, factor in limits
    )
    points = Datapoint.objects.bulk_create(datapoints(goals, engineers, user, today, rng), batch_size=2000)
    record_logged(points, user)
    return programs


def datapoints(goals, engineers, user, today: dt.date, rng: random.Random) -> Iterator[Datapoint]:
    """Zeros, then bursts, then a slower end: as real goals move."""
    for i, goal in enumerate(goals):
        value, pace = 0.0, rng.uniform(0.3, 2.5)
        engineer = engineers[(i // (GOALS // TEAMS) % TEAMS) * ENGINEERS + i % ENGINEERS]
        for age in range(POINTS - 1, -1, -1):
            if rng.random() < 0.6:
                value = min(value + rng.expovariate(1 / pace), 99.0)
            yield Datapoint(
                uuid=uuid.UUID(int=rng.getrandbits(128), version=4),
                goal=goal,
                engineer=engineer,
                level="doer",
                value=round(value, 1),
                memo=f"In week {POINTS - age} the parts came, and {rng.randrange(10, 90)} tests ran.",
                blocker=f"Factor {rng.randrange(FACTORS)}" if age % 4 == 0 else "",
                observed_on=today - age * WEEK - dt.timedelta(days=1),
                recorded_by=user,
                origin="late",
            )


def record_logged(points: list[Datapoint], user: User) -> None:
    """The history of the datapoints: an event each, as logging writes it."""
    Event.objects.bulk_create(
        (
            Event(
                program=point.goal.team.program,
                by=user,
                verb="logged",
                subject="datapoint",
                subject_id=point.pk,
                subject_name=str(point),
                changes={"value": [None, point.value]},
                memo=point.memo,
            )
            for point in points
        ),
        batch_size=5000,
    )
