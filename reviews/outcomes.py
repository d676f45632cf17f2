"""What really came of a goal: done by a day or not, by what was in force then. One rule for whatever is judged."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from projects.models import Goal, Program, ProgramRevision, Revision
from projects.time import day_in
from reviews.history import in_force
from reviews.series import AnyPoint, one_a_day


@dataclass(frozen=True)
class Course:
    """The days on which something changed of a goal, or a program, ascending, with whether it was done from each on.

    done: None is that nobody knows: not of every goal of a program has something been reported.
    """

    days: tuple[dt.date, ...]
    done: tuple[bool | None, ...]
    newest: dt.date | None  # the last report

    def done_by(self, day: dt.date) -> bool | None:
        """Whether it is done at the end of `day`; None where nobody knows: nothing was reported by then."""
        at = bisect_right(self.days, day)
        return self.done[at - 1] if at else None

    def finished(self, day: dt.date) -> dt.date | None:
        """Since when it is done, where it is so on `day`; else the next day on which it was. None: not yet."""
        at = bisect_right(self.days, day) - 1
        if at >= 0 and self.done[at]:
            while at and self.done[at - 1]:
                at -= 1
            return self.days[at]
        return next((self.days[n] for n in range(max(at, 0), len(self.days)) if self.done[n]), None)


def course_of(goal: Goal, points: Sequence[AnyPoint]) -> Course:
    """From the points in force, as they were recorded; prefetch `revisions`.

    Done: the latest value meets the target that was in force on the day, or its team has stated it complete.
    """
    kept = one_a_day(points)
    if not kept:
        return Course((), (), None)
    first = kept[0].observed_on
    moved = [revision.on for revision in goal.revisions.all() if revision.on > first]
    stated = [goal.completed_on] if goal.completed_on and goal.completed_on > first else []
    days = sorted({*(point.observed_on for point in kept), *moved, *stated})
    observed = [point.observed_on for point in kept]
    done = []
    for day in days:
        value = kept[bisect_right(observed, day) - 1].value
        complete = goal.completed_on is not None and goal.completed_on <= day
        done.append(complete or goal.meets(value, in_force(goal, day)[0]))
    return Course(tuple(days), tuple(done), observed[-1])


def course_of_program(program: Program, goals: Sequence[Goal], courses: Mapping[int, Course]) -> Course:
    """A program is done where every goal is that had begun by then and was not put away.

    Nobody knows where one of them was not reported by then and none is short; nor of a throughput program, whose
    output nobody records.
    """
    if program.kind == Program.Kind.THROUGHPUT:
        return Course((), (), None)
    spans = []
    for goal in goals:
        away = [at for at in (goal.archived_at, goal.team.archived_at) if at]
        spans.append((goal.start, day_in(program.zone, min(away)) if away else dt.date.max, courses[goal.pk]))
    days = sorted({day for start, away, course in spans for day in (start, away, *course.days) if day < dt.date.max})
    done: list[bool | None] = []
    for day in days:
        parts = {course.done_by(day) for start, away, course in spans if start <= day < away}
        done.append(False if False in parts else None if None in parts or not parts else True)
    return Course(tuple(days), tuple(done), max((c.newest for c in courses.values() if c.newest), default=None))


@dataclass(frozen=True)
class Stated:
    """A deadline as it was stated: for which day, on which day, and by which revision (None: with the goal itself)."""

    day: dt.date
    on: dt.date
    revision: Revision | ProgramRevision | None


def stated_deadlines(of: Goal | Program) -> list[Stated]:
    """Every day that was ever stated as its deadline, once each, as it was stated first; prefetch `revisions`.

    One that was stated on its own day or after it is no claim.
    """
    moved = [revision for revision in of.revisions.all() if revision.deadline_changed]
    first = moved[0].old_deadline if moved else of.deadline
    found: dict[dt.date, Stated] = {}
    if first:
        found[first] = Stated(first, of.start, None)
    for revision in moved:
        if revision.new_deadline:
            found.setdefault(revision.new_deadline, Stated(revision.new_deadline, revision.on, revision))
    return [one for one in found.values() if one.on < one.day]
