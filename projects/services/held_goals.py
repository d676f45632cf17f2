"""The goals of programs as their ranking reads them, held in the process: an entry changes one of twenty."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import F, Prefetch, QuerySet

from projects.contents import Contents, whole
from projects.models import Dependency, Factor, Gate, Goal, Outlook, Program
from projects.services.outlooks import OutlookValue, as_outlook

# What names an outlook as it was read: two that were computed at the same moment rest on other data.
STAMP = ("computed_at", "basis", "as_of", "inputs_hash")
Stamps = dict[int, tuple]  # {goal: stamp of its outlook}, of those that have one


def _structure(program: int) -> list[QuerySet]:
    goals = Goal.objects.active().filter(team__program=program)
    gates = Gate.objects.filter(goal__in=goals)
    return [
        whole(goals, without=["data_version"]),
        whole(Dependency.objects.filter(goal__in=goals)),
        whole(gates),
        whole(Factor.objects.filter(pk__in=gates.values("factor"))),
    ]


STRUCTURE = Contents(_structure)


def read_goals(goals: QuerySet[Goal]) -> list[Goal]:
    """With their outlooks, gates and dependencies, by key; `program_id` is that of the team."""
    found = (
        goals.annotate(program_id=F("team__program"))
        .select_related("outlook")
        .defer("data_version", "outlook__reasons", "outlook__blocker_votes")
        .prefetch_related("dependencies", Prefetch("gates", Gate.objects.select_related("factor")))
    )
    return list(found.order_by("pk"))


def stamps_now(programs: Sequence[Program]) -> dict[int, Stamps]:
    found: dict[int, Stamps] = {program.pk: {} for program in programs}
    rows = Outlook.objects.filter(goal__in=Goal.objects.active().filter(team__program__in=programs))
    for program, goal, *stamp in rows.values_list("goal__team__program", "goal", *STAMP):
        found[program][goal] = tuple(stamp)
    return found


def stamps_of(goals: Sequence[Goal]) -> Stamps:
    read = {goal.pk: goal.outlook for goal in goals if hasattr(goal, "outlook")}
    return {pk: tuple(getattr(outlook, name) for name in STAMP) for pk, outlook in read.items()}


def with_outlook(goal: Goal, value: OutlookValue) -> Goal:
    """A goal with another outlook; the one that was held may be with another thread."""
    other = copy.copy(goal)
    other.outlook = as_outlook(value)
    return other


class Named(NamedTuple):
    """Goals, and the digest of the rows that they were made of: read before them, so never newer."""

    name: str
    goals: list[Goal]


class HeldGoals:
    """most: programs held, the oldest go first; one of 20 goals takes about 400 KB.

    Nothing is invalidated: each time one query names what the goals are made of, and another their outlooks. What is
    others than it was is read again, and goals that were read later than they were named are read once more next time.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._programs: dict[int, Named] = {}

    def read(self, program: Program) -> Named:
        name = STRUCTURE.digest(program.pk)
        held, goals = self._programs.get(program.pk, Named("", []))
        if held != name:
            goals = read_goals(Goal.objects.active().filter(team__program=program))
        else:
            now, then = stamps_now([program])[program.pk], stamps_of(goals)
            changed = [goal.pk for goal in goals if now.get(goal.pk) != then.get(goal.pk)]
            again = {goal.pk: goal for goal in read_goals(Goal.objects.filter(pk__in=changed))} if changed else {}
            goals = [again.get(goal.pk, goal) for goal in goals]
        return self.hold(program, name, goals)

    def hold(self, program: Program, name: str, goals: list[Goal]) -> Named:
        # Each step is one operation of the dict: threads may share it.
        self._programs.pop(program.pk, None)
        self._programs[program.pk] = named = Named(name, goals)
        while len(self._programs) > self.most:
            self._programs.pop(next(iter(self._programs)), None)
        return named
