"""A program in which twelve things are wrong, one of each kind, past every form and, where need be, the database."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from projects.models import Factor, Goal, Limit, Outlook, Program
from projects.services.goals import set_gate
from projects.services.programs import create_program
from projects.time import WEEK
from reviews.models import Datapoint, Review
from reviews.services.forecasting import refit_program
from tests import factories as make

DAY = dt.timedelta(days=1)


@contextmanager
def past_the_constraints(*names: str) -> Iterator[None]:
    """As somebody with a database client may do it; undone with the test."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            try:
                yield
            finally:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
            for name in names:
                cursor.execute(f'ALTER TABLE projects_goal DROP CONSTRAINT "{name}"')
            yield


def clean(name: str = "Engines") -> Program:
    """A program in which everything is in order: what each error is then put into."""
    ada = make.make_user()
    program = create_program(by=ada, name=name, start=make.today() - 26 * WEEK, owner=ada)
    team = make.make_team(program, f"{name} floor", engineers=2)
    for seat in team.seats.select_related("engineer"):
        goal = make.make_goal(team, f"{name} {seat.pk}")
        for age, value in enumerate(make.STEADY):
            make.make_point(
                goal, value, observed_on=make.today() - (8 - age) * WEEK, engineer=seat.engineer, origin="live"
            )
    factor = make.make_factor(f"{name} foundries", kind="physical", facts_as_of=make.today())
    set_gate(goal=goal, factor=factor, by=None)
    make.declare(program, factor, since=make.today() - 4 * WEEK)
    Factor.objects.filter(pk=factor.pk).update(challenged_on=make.today())
    refit_program(program)
    return program


def goal_of(program: Program, name: str, *values: float, **fields) -> Goal:
    """One more goal, said by who sits there, a value a week."""
    team = program.teams.get(name=f"{program.name} floor")
    engineer = team.seats.first().engineer
    goal = make.make_goal(team, name, **fields)
    for age, value in enumerate(reversed(values)):
        make.make_point(goal, value, observed_on=make.today() - age * WEEK, engineer=engineer, origin="live")
    return goal


def live_points(goal: Goal, value: float, weeks: int = 5) -> list[Datapoint]:
    engineer = goal.team.seats.first().engineer
    return [
        make.make_point(goal, value, observed_on=make.today() - age * WEEK, engineer=engineer, origin="live")
        for age in reversed(range(weeks))
    ]


def plant() -> dict[str, tuple[str, int]]:
    """The twelve: {rule: (subject, its id)}."""
    planted: dict[str, tuple[str, int]] = {}
    program = clean()
    beyond = goal_of(program, "Share of vanes", *make.STEADY)
    planted["beyond_bound"] = ("datapoint", make.make_point(beyond, 120, engineer=one(program)).pk)
    future = goal_of(program, "Blades", *make.STEADY)
    day = make.today() + 3 * DAY
    planted["in_future"] = ("datapoint", make.make_point(future, 3, observed_on=day, engineer=one(program)).pk)
    grows = goal_of(program, "Tests written", 4, 9, 15, 21, 26, 33, 40, 47, cumulative=True, unit="tests")
    last = Datapoint.objects.filter(goal=grows).latest("observed_on")
    Datapoint.objects.filter(pk=last.pk).update(value=7)
    planted["falling"] = ("datapoint", last.pk)
    still = goal_of(program, "Welds", unit="welds")
    planted["same_odd_value"] = ("datapoint", live_points(still, 37)[0].pk)
    stranger = make.make_engineer(make.make_team(make.make_program(by=make.make_user())), "A stranger")
    archive_the_program_of(stranger)
    by_stranger = make.make_point(goal_of(program, "Castings", *make.STEADY), 3, engineer=stranger)
    planted["reporter_off_team"] = ("datapoint", by_stranger.pk)
    due, flat = goal_of(program, "Due before", *make.STEADY), goal_of(program, "Flat", *make.STEADY)
    with past_the_constraints("goal_deadline_after_start", "goal_target_off_baseline"):
        Goal.objects.filter(pk=due.pk).update(deadline=due.start - DAY)
        Goal.objects.filter(pk=flat.pk).update(target=flat.baseline)
    planted["deadline_before_start"], planted["target_is_baseline"] = ("goal", due.pk), ("goal", flat.pk)
    empty = make.make_team(program, "Nobody's")
    make.make_goal(empty, "Left behind")
    planted["goals_without_owner"] = ("team", empty.pk)
    nothing = clean("Wings")
    Limit.objects.filter(program=nothing, until=None).update(state="unknown", factor=None)
    planted["program_without_factor"] = ("program", nothing.pk)
    stale = Factor.objects.get(name="Engines foundries")
    Factor.objects.filter(pk=stale.pk).update(kind="regulatory", facts_as_of=make.today() - 31 * DAY)
    planted["stale_facts"] = ("factor", stale.pk)
    unchallenged = clean("Hulls")
    factor = unchallenged.limits.get(until=None).factor
    Factor.objects.filter(pk=factor.pk).update(challenged_on=make.today() - 15 * DAY)
    planted["unchallenged"] = ("factor", factor.pk)
    for each in Program.objects.active():
        refit_program(each)
    behind = goal_of(unchallenged, "Behind", *make.STEADY)
    refit_program(unchallenged)
    Goal.objects.filter(pk=behind.pk).update(data_version=100)
    Outlook.objects.filter(goal=behind).update(computed_at=timezone.now() - dt.timedelta(hours=2))
    planted["forecast_behind"] = ("goal", behind.pk)
    return planted


def one(program: Program):
    return program.teams.get(name=f"{program.name} floor").seats.first().engineer


def archive_the_program_of(engineer) -> None:
    Program.objects.filter(teams__seats__engineer=engineer).update(archived_at=timezone.now())


def held_open(program: Program, hours: int) -> Review:
    review = make.open_review(program)
    Review.objects.filter(pk=review.pk).update(opened_at=timezone.now() - dt.timedelta(hours=hours))
    return review
