"""Apply a checked file to a program: all of it or nothing; the same file again changes nothing."""

import datetime as dt
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Goal, Import, Program, Revision
from projects.services.changes import record_event
from projects.services.goals import set_needs
from projects.services.teams import create_team
from reviews.imports.mapping import Place
from reviews.imports.reader import FileSeries, ImportRefused, Row, SeriesFile
from reviews.models import Datapoint

Progress = Callable[[str, int, int], None]
Promise = tuple[float, dt.date | None]  # target and deadline


def silent(_what: str, _done: int, _all: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Imported:
    """What an import did; all zero where the file held nothing new."""

    teams: int = 0
    goals: int = 0
    datapoints: int = 0
    corrections: int = 0
    revisions: int = 0
    completions: int = 0

    @property
    def nothing(self) -> bool:
        return self == Imported()


@transaction.atomic
def apply_file(
    *,
    program: Program,
    file: SeriesFile,
    places: dict[str, Place],
    memo: str,
    by: User | None = None,
    progress: Progress = silent,
) -> Imported:
    """Bring a file in; the caller forecasts afterwards, outside the transaction.

    Raises ImportRefused, and ValidationError for the memo.
    """
    Program.objects.select_for_update().get(pk=program.pk)  # of two imports at once the second sees what the first did
    return Writer(program, file, places, clean_memo(memo), by, progress).write()


class Writer:
    """One import under way: what it has found, made and still to write. Lives as long as its transaction."""

    def __init__(
        self,
        program: Program,
        file: SeriesFile,
        places: dict[str, Place],
        memo: str,
        by: User | None,
        progress: Progress,
    ):
        self.program, self.file, self.places, self.by, self.progress = program, file, places, by, progress
        self.did = Imported()
        self.teams = {team.name.lower(): team for team in program.teams.all()}
        goals = Goal.objects.filter(team__program=program).select_related("team")
        self.goals = {goal.series_id: goal for goal in goals if goal.series_id}
        self.names = {(goal.team_id, goal.name.lower()) for goal in goals}
        self.source = Import.objects.create(
            program=program, file_name=file.name[:255], sha256=file.sha256, memo=memo, rows=file.rows, by=by
        )
        self.datapoints: list[Datapoint] = []
        self.revisions: list[Revision] = []

    def write(self) -> Imported:
        for n, one in enumerate(self.file.series, start=1):
            goal = self.goals.get(one.id) or self.make_goal(one)
            days = self.add_points(goal, one)
            self.add_revisions(goal, one, days)
            self.add_completion(goal, one)
            self.progress("reading", n, len(self.file.series))
        Datapoint.objects.bulk_create(self.datapoints, batch_size=500)
        Revision.objects.bulk_create(self.revisions, batch_size=500)
        self.count(datapoints=len(self.datapoints), revisions=len(self.revisions))
        self.settle_goals()
        for one in self.file.series:
            needed = [self.goals[series] for series in self.places[one.id].needs if series in self.goals]
            if needed:
                set_needs(goal=self.goals[one.id], needs=needed, by=self.by)
        if self.did.nothing:
            self.source.delete()
        else:
            changes = {"rows": [None, self.file.rows]}
            record_event(
                by=self.by,
                verb="imported",
                subject=self.source,
                program=self.program,
                changes=changes,
                memo=self.source.memo,
            )
        return self.did

    def count(self, **more: int) -> None:
        self.did = replace(self.did, **{name: getattr(self.did, name) + n for name, n in more.items()})

    def make_goal(self, one: FileSeries) -> Goal:
        place = self.places[one.id]
        team = self.teams.get(place.team.lower())
        if team is None:
            team = self.teams[place.team.lower()] = create_team(program=self.program, name=place.team, by=self.by)
            self.count(teams=1)
        if (team.pk, place.goal.lower()) in self.names:
            why = _("Row %(row)d, column series_id: %(team)s has a goal named %(goal)s that is not of this series.")
            raise ImportRefused([why % {"row": one.rows[0].number, "team": team, "goal": place.goal}])
        first = one.rows[0]
        deadline = first.deadline if first.deadline and first.deadline > one.start else None
        goal = Goal.objects.create(
            team=team,
            name=place.goal,
            unit=place.unit,
            baseline=one.baseline,
            target=one.last.target,
            direction=one.direction,
            start=one.start,
            deadline=deadline,
            completed_on=one.last.completed,
            series_id=one.id,
            archived_at=timezone.now() if place.archived else None,
        )
        self.goals[one.id] = goal
        self.count(goals=1)
        return goal

    def add_points(self, goal: Goal, one: FileSeries) -> list[dt.date]:
        """A datapoint for each new day; a correction where the file now says otherwise than it did.

        Returns the days that imports had told of before.
        """
        told = Datapoint.objects.filter(goal=goal, origin=Datapoint.Origin.IMPORT).order_by("pk")
        known = {point.observed_on: point for point in told}
        changed = False
        for row in one.rows:
            before = known.get(row.date)
            if before and before.value == row.value:
                continue  # also where a person corrected it since: the file says nothing new
            changed = True
            self.count(corrections=1 if before else 0)
            self.datapoints.append(self.datapoint(goal, row, newest_of(before) if before else None))
        if changed:
            Goal.objects.filter(pk=goal.pk).update(data_version=F("data_version") + 1)
        return sorted(known)

    def datapoint(self, goal: Goal, row: Row, before: Datapoint | None) -> Datapoint:
        return Datapoint(
            goal=goal,
            value=row.value,
            level=Datapoint.Level.UNKNOWN,
            observed_on=row.date,
            recorded_by=self.by,
            origin=Datapoint.Origin.IMPORT,
            source=self.source,
            supersedes=before,
            memo=row.note[:500],
        )

    def add_revisions(self, goal: Goal, one: FileSeries, days: list[dt.date]) -> None:
        """A Revision for each row that states another target or deadline than imports have stated for its day.

        A file speaks for its own days: from the next of `days`, the days told of before, the old statement holds again.
        """
        told = list(goal.revisions.all())
        self.check_direction(goal, one, told)
        by_files = deque(revision for revision in told if revision.source_id)
        first = by_files[0] if by_files else told[0] if told else None
        held = (first.old_target, first.old_deadline) if first else (goal.target, goal.deadline)
        if not days:
            held = one.rows[0].target, one.rows[0].deadline
        on_record = held
        for row in one.rows:
            while by_files and by_files[0].on <= row.date:
                known = by_files.popleft()
                on_record = held = known.new_target, known.new_deadline
            stated = row.target, row.deadline
            if stated != held:
                self.revise(goal, row.date, held, stated)
                held = stated
        after = next((day for day in days if day > one.last.date), None)
        if after and held != on_record:
            self.revise(goal, after, held, on_record)

    def check_direction(self, goal: Goal, one: FileSeries, told: list[Revision]) -> None:
        """A file cannot turn a goal round; a person can, by moving its target past its baseline."""
        if goal.direction != one.direction and all(revision.source_id for revision in told):
            why = _("Row %(row)d, column direction, “%(found)s”: the goal %(goal)s was imported with %(known)s.")
            found = {"row": one.rows[0].number, "found": one.direction, "goal": goal, "known": goal.direction}
            raise ImportRefused([why % found])

    def revise(self, goal: Goal, on: dt.date, old: Promise, new: Promise) -> None:
        self.revisions.append(
            Revision(
                goal=goal,
                on=on,
                old_target=old[0],
                new_target=new[0],
                old_deadline=old[1],
                new_deadline=new[1],
                by=self.by,
                source=self.source,
            )
        )

    def add_completion(self, goal: Goal, one: FileSeries) -> None:
        day = one.last.completed
        if day and day != goal.completed_on:
            Goal.objects.filter(pk=goal.pk).update(completed_on=day, version=F("version") + 1)
            self.count(completions=1)

    def settle_goals(self) -> None:
        """A goal stands where its last Revision put it."""
        for goal in {revision.goal for revision in self.revisions}:
            last = goal.revisions.latest("on", "pk")
            target, deadline, start, baseline = last.new_target, last.new_deadline, goal.start, goal.baseline
            if target == baseline:
                baseline = self.series_of(goal).baseline
            if deadline and deadline <= start:
                start = min(self.series_of(goal).rows[0].date, deadline - dt.timedelta(days=1))
            Goal.objects.filter(pk=goal.pk).update(
                baseline=baseline,
                target=target,
                deadline=deadline,
                start=start,
                data_version=F("data_version") + 1,
                version=F("version") + 1,
            )

    def series_of(self, goal: Goal) -> FileSeries:
        return next(one for one in self.file.series if one.id == goal.series_id)


def newest_of(point: Datapoint) -> Datapoint:
    """The end of the chain of corrections that begins at `point`."""
    while (after := Datapoint.objects.filter(supersedes=point).first()) is not None:
        point = after
    return point
