"""What a checked file would change in a program: found by reading alone, outside any transaction."""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Goal, Import, Program, Revision, Team
from reviews.imports.mapping import Place
from reviews.imports.reader import FileSeries, Progress, Row, SeriesFile, silent
from reviews.imports.refusals import ImportRefused, in_cell
from reviews.models import Datapoint

Promise = tuple[float, dt.date | None]  # target and deadline


@dataclass(frozen=True)
class Imported:
    """What an import did; all zero where the file held nothing new."""

    teams: int = 0
    goals: int = 0
    datapoints: int = 0
    corrections: int = 0  # of the datapoints, those that supersede an earlier one
    revisions: int = 0
    completions: int = 0

    @property
    def nothing(self) -> bool:
        return self == Imported()


class NewPoint(NamedTuple):
    """A datapoint to be: light, because a file holds tens of thousands."""

    series: str
    row: Row
    supersedes: int | None


@dataclass
class Plan:
    """What is to be written. Goals that are made are not saved yet; a goal that is there carries its new fields."""

    file: SeriesFile
    did: Imported = Imported()
    teams: list[str] = field(default_factory=list)  # names to be made
    new_goals: list[tuple[str, Goal]] = field(default_factory=list)  # with the name of their team
    goals: dict[str, Goal] = field(default_factory=dict)  # by series id, those that are there too
    points: list[NewPoint] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    changes: list[dict] = field(default_factory=list)  # {"goal": id, "field", "old", "new"} of goals that are there
    touched: set[int] = field(default_factory=set)  # ids of goals that are there, whose forecast rests on something new
    restored: list[Team | Goal] = field(default_factory=list)  # put away by the undoing of an import, and back again
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def count(self, **more: int) -> None:
        self.did = replace(self.did, **{name: getattr(self.did, name) + n for name, n in more.items()})


def fingerprint(program: Program) -> tuple:
    """Changes whenever something does on which a plan rests, and not when a datapoint is logged; three queries.

    A correction that comes between is not in it: of two rows that supersede the same one the database takes the first.
    """
    goals = Goal.objects.filter(team__program=program).aggregate(Count("pk"), Max("pk"), Sum("version"))
    teams = program.teams.aggregate(Count("pk"), Sum("version"))
    return (*goals.values(), *teams.values(), *program.imports.aggregate(Count("pk"), Count("undone_at")).values())


def make_plan(
    *,
    program: Program | None,
    file: SeriesFile,
    places: dict[str, Place],
    by: User | None = None,
    progress: Progress = silent,
) -> Plan:
    """What bringing `file` into `program` changes; None is a program that is not there yet. Raises ImportRefused."""
    return _Planner(program, file, places, by).plan(progress)


class _Planner:
    """What is known of the program, and the plan so far. A constant number of queries."""

    def __init__(self, program: Program | None, file: SeriesFile, places: dict[str, Place], by: User | None) -> None:
        self.file, self.places, self.by = file, places, by
        self.result = Plan(file)
        teams = list(program.teams.all()) if program else []
        goals = list(
            Goal.objects.filter(team__program=program).select_related("team").prefetch_related("revisions")
            if program
            else ()
        )
        self.teams = {team.name.lower(): team for team in teams}
        self.result.goals = {goal.series_id: goal for goal in goals if goal.series_id}
        self.names = {(goal.team.name.lower(), goal.name.lower()) for goal in goals}
        undone = Import.objects.filter(program=program, undone_at__isnull=False) if program else ()
        self.put_away = {(kind, pk) for one in undone for kind in ("teams", "goals") for pk in one.made.get(kind, ())}
        known = [self.result.goals[one.id].pk for one in file.series if one.id in self.result.goals]
        self.told = told_by_imports(known)
        self.corrected = corrections_of(known)

    def plan(self, progress: Progress) -> Plan:
        for n, one in enumerate(self.file.series, start=1):
            goal = self.result.goals.get(one.id)
            if goal is None:
                goal = self.make_goal(one)
            else:
                self.check_direction(goal, one)
                self.restore(goal)
            before = self.result.did
            days = self.add_points(goal, one)
            self.settle(goal, one, self.add_revisions(goal, one, days))
            self.add_completion(goal, one)
            if goal.pk and self.result.did != before:
                self.result.touched.add(goal.pk)
            progress("comparing", n, len(self.file.series))
            self.result.needs[one.id] = self.places[one.id].needs
        return self.result

    def make_goal(self, one: FileSeries) -> Goal:
        place, first = self.places[one.id], one.rows[0]
        team = place.team.lower()
        if team not in self.teams:
            self.teams[team] = Team(name=place.team)
            self.result.teams.append(place.team)
            self.result.count(teams=1)
        else:
            self.restore(self.teams[team])
        if (team, place.goal.lower()) in self.names:
            why = _("%(team)s has a goal named %(goal)s that is not of this series")
            words = {"team": self.teams[team].name, "goal": place.goal}
            raise ImportRefused([in_cell(first.number, self.column_of("goal", one), one.id, why % words)])
        goal = Goal(
            name=place.goal,
            unit=place.unit,
            baseline=one.baseline,
            target=one.last.target,
            direction=one.direction,
            start=one.start,
            deadline=first.deadline if first.deadline and first.deadline > one.start else None,
            completed_on=one.last.completed,
            series_id=one.id,
            archived_at=timezone.now() if place.archived else None,
            data_version=1,
        )
        self.names.add((team, place.goal.lower()))
        self.result.goals[one.id] = goal
        self.result.new_goals.append((place.team, goal))
        self.result.count(goals=1)
        return goal

    def restore(self, row: Team | Goal) -> None:
        """What the undoing of an import put away, a new import of it brings back."""
        kind = "teams" if isinstance(row, Team) else "goals"
        if row.pk and row.archived_at and (kind, row.pk) in self.put_away and row not in self.result.restored:
            self.result.restored.append(row)
            if isinstance(row, Goal):
                self.restore(self.teams[row.team.name.lower()])

    def check_direction(self, goal: Goal, one: FileSeries) -> None:
        """A file cannot turn a goal round; a person can, by moving its target past its baseline."""
        if goal.direction != one.direction and all(revision.source_id for revision in goal.revisions.all()):
            why = _("the goal %(goal)s was imported with %(known)s") % {"goal": goal, "known": goal.direction}
            raise ImportRefused([in_cell(one.rows[0].number, self.column_of("direction", one), one.direction, why)])

    def column_of(self, what: str, one: FileSeries) -> str:
        return self.file.columns.get(what) or one.id

    def add_points(self, goal: Goal, one: FileSeries) -> list[dt.date]:
        """A datapoint for each new day; a correction where the file now says otherwise than it did.

        Returns the days that imports had told of before.
        """
        known = self.told.get(goal.pk, {})
        for row in one.rows:
            before, value = known.get(row.date, (None, None))
            if before and value == row.value:
                continue  # also where a person corrected it since: the file says nothing new
            newest = before
            while newest in self.corrected:
                newest = self.corrected[newest]
            self.result.points.append(NewPoint(one.id, row, newest))
            self.result.count(datapoints=1, corrections=1 if before else 0)
        return sorted(known)

    def add_revisions(self, goal: Goal, one: FileSeries, days: list[dt.date]) -> list[Revision]:
        """A Revision for each row that states another target or deadline than imports have stated for its day.

        A file speaks for its own days: from the next of `days`, the days told of before, the old statement holds again.
        """
        told = list(goal.revisions.all()) if goal.pk else []
        by_files = deque(revision for revision in told if revision.source_id)
        first = by_files[0] if by_files else told[0] if told else None
        held = (first.old_target, first.old_deadline) if first else (goal.target, goal.deadline)
        if not days:
            held = one.rows[0].target, one.rows[0].deadline
        on_record = held
        made: list[Revision] = []

        def revise(on: dt.date, old: Promise, new: Promise) -> None:
            made.append(
                Revision(
                    goal=goal,
                    on=on,
                    old_target=old[0],
                    new_target=new[0],
                    old_deadline=old[1],
                    new_deadline=new[1],
                    by=self.by,
                )
            )

        for row in one.rows:
            while by_files and by_files[0].on <= row.date:
                known = by_files.popleft()
                on_record = held = known.new_target, known.new_deadline
            stated = row.target, row.deadline
            if stated != held:
                revise(row.date, held, stated)
                held = stated
        after = next((day for day in days if day > one.last.date), None)
        if after and held != on_record:
            revise(after, held, on_record)
        return made

    def settle(self, goal: Goal, one: FileSeries, made: list[Revision]) -> None:
        """A goal stands where its last Revision puts it."""
        if not made:
            return
        self.result.revisions += made
        self.result.count(revisions=len(made))
        told = list(goal.revisions.all()) if goal.pk else []
        last = max(enumerate([*told, *made]), key=lambda numbered: (numbered[1].on, numbered[0]))[1]
        target, deadline, start, baseline = last.new_target, last.new_deadline, goal.start, goal.baseline
        if target == baseline:
            baseline = one.baseline
        if deadline and deadline <= start:
            start = min(one.rows[0].date, deadline - dt.timedelta(days=1))
        self.change(goal, baseline=baseline, start=start, target=target, deadline=deadline)

    def add_completion(self, goal: Goal, one: FileSeries) -> None:
        day = one.last.completed
        if day and day != goal.completed_on:
            self.change(goal, completed_on=day)
            self.result.count(completions=1)

    def change(self, goal: Goal, **fields) -> None:
        for name, new in fields.items():
            old = getattr(goal, name)
            if old != new:
                setattr(goal, name, new)
                if goal.pk:
                    self.result.changes.append({"goal": goal.pk, "field": name, "old": old, "new": new})


def told_by_imports(goals: list[int]) -> dict[int, dict[dt.date, tuple[int, float]]]:
    """Of each goal the days that imports told of: the newest datapoint and its value."""
    found: dict[int, dict[dt.date, tuple[int, float]]] = defaultdict(dict)
    rows = Datapoint.objects.filter(origin=Datapoint.Origin.IMPORT, source__undone_at__isnull=True)
    for_each(rows, goals, ("goal_id", "observed_on", "pk", "value"), lambda g, d, pk, v: found[g].update({d: (pk, v)}))
    return dict(found)


def corrections_of(goals: list[int]) -> dict[int, int]:
    """For each datapoint that was corrected the one that supersedes it."""
    found: dict[int, int] = {}
    rows = Datapoint.objects.filter(supersedes__isnull=False)
    for_each(rows, goals, ("supersedes_id", "pk"), lambda old, new: found.update({old: new}))
    return found


def for_each(rows, goals: list[int], names: tuple[str, ...], do: Callable[..., object]) -> None:
    """Rows of these goals in the order they were recorded; a statement names no more goals than SQLite takes."""
    for at in range(0, len(goals), 500):
        for row in rows.filter(goal__in=goals[at : at + 500]).order_by("pk").values_list(*names).iterator():
            do(*row)
