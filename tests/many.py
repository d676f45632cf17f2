"""Many programs at once, in bulk: what a page shows of them must not cost a query each."""

import datetime as dt
import uuid

from django.contrib.auth.models import User
from django.utils import timezone

from projects.models import (
    Engineer,
    Event,
    Evidence,
    Factor,
    Gate,
    Goal,
    Limit,
    Membership,
    Outlook,
    Program,
    Ranking,
    Seat,
    Team,
)
from reviews.models import Datapoint, Review


def make_programs(count: int, by: User) -> list[Program]:
    """Programs of which `by` is the admin: a team, an engineer, a goal, points, a forecast, a limit, a review each."""
    now, first = timezone.now(), Program.objects.count()
    today, numbers = now.date(), range(first, first + count)
    start = today - dt.timedelta(days=200)
    programs = Program.objects.bulk_create(
        Program(name=f"Many {n}", slug=f"many-{n}", start=start, deadline=today + dt.timedelta(days=90))
        for n in numbers
    )
    Membership.objects.bulk_create(Membership(program=program, user=by, role="admin") for program in programs)
    line = {
        "kind": "goal",
        "id": 1,
        "name": "A goal of the first team",
        "relief_days": 12.0,
        "urgency": 1.0,
        "gated_by": [],
    }
    Ranking.objects.bulk_create(
        Ranking(
            program=program,
            as_of=today,
            computed_at=now,
            newest_data=today,
            p50=today + dt.timedelta(days=100),
            p_deadline=0.4,
            finish_days=[90.0, 110.0],
            verdicts={"diverging": 1, "slow": 2, "converging": 3},
            proposal=line,
            called=line,
            following=line,
            led_reviews=2,
            curve=[[str(start + dt.timedelta(days=5 * k)), k / 40] for k in range(40)],
        )
        for program in programs
    )
    teams = Team.objects.bulk_create(Team(program=program, name="Team") for program in programs)
    engineers = Engineer.objects.bulk_create(Engineer(name=f"Engineer {n}") for n in numbers)
    Seat.objects.bulk_create(Seat(team=t, engineer=e, joined=start) for t, e in zip(teams, engineers, strict=True))
    goals = Goal.objects.bulk_create(
        Goal(team=team, name="Goal", baseline=0, target=100, direction="up", start=start) for team in teams
    )
    Outlook.objects.bulk_create(
        Outlook(goal=goal, as_of=today, verdict="slow", finish_days=[10.0, 20.0], computed_at=now) for goal in goals
    )
    Datapoint.objects.bulk_create(
        Datapoint(
            uuid=uuid.uuid4(),
            goal=goal,
            engineer=engineer,
            level="doer",
            value=age,
            memo="Ran it.",
            observed_on=today - dt.timedelta(days=age),
            recorded_by=by,
            origin="late",
        )
        for goal, engineer in zip(goals, engineers, strict=True)
        for age in range(3)
    )
    parents = Factor.objects.bulk_create(Factor(name=f"Whole {n}") for n in numbers)
    factors = Factor.objects.bulk_create(
        Factor(name=f"Part {n}", parent=parent) for n, parent in zip(numbers, parents, strict=True)
    )
    Gate.objects.bulk_create(Gate(goal=goal, factor=factor) for goal, factor in zip(goals, factors, strict=True))
    for program, factor in zip(programs, factors, strict=True):
        program.found = factor
    Limit.objects.bulk_create(
        Limit(program=program, state="factor", factor=program.found, since=start, memo="It waits.", by=by)
        for program in programs
    )
    Evidence.objects.bulk_create(
        Evidence(program=program, factor=program.found, kind="note", text="Seen.", on=today, by=by)
        for program in programs
    )
    Review.objects.bulk_create(
        Review(program=program, state="closed", scheduled_for=now, opened_at=now, closed_at=now, led_by=by)
        for program in programs
    )
    Event.objects.bulk_create(
        Event(program=program, by=by, verb="made", subject="program", subject_id=program.pk, subject_name=program.name)
        for program in programs
    )
    return programs
