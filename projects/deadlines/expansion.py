"""Gas expansion: work that grows to fill the time it is given (METHOD, M15).

Two signs, each told with its numbers, each about a goal and none about a person:

- *Scope grows with slack.* The target moved away at least twice while the finish, at the pace of then, lay a week or
  more before the deadline; that is most of the growth there was, and it added two weeks or more of work.
- *The finish follows the deadline.* The deadline moved, and from then on the pace changed such that the finish, at the
  new pace, moved by half of that or more in the same direction. It is looked at once, when eight values have come in
  since. The change of pace must stand out from how the weeks before and after differ among themselves: weeks vary in
  proportion to their pace, so it is the logarithm of the ratio of both paces over its standard error, from the
  coefficient of variation of all weeks (McCullagh and Nelder 1989, chapter 8), as a t turned into a normal deviate
  (Wallace 1959, Annals of Mathematical Statistics 30, 1124).

Finishes are read off the observed pace and not off the forecast, which looks at the deadline itself and would follow it
whatever people do. `bench/expansion.py` measures false alarms and what is found.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WINDOW = 56  # days whose pace is "the pace of then"
FEWEST = 4  # steps between values before, or nothing is said
MOST = 26  # steps before a move: what is older is another time
SINCE = 8  # steps since a move, at which it is looked at: once, so that looking each week finds no more by chance
LEAST_MOVE = 14  # days that a deadline must move to be worth following
LEAST_SHARE = 0.5  # of that move, by which the finish moved too
LEAST_T = 1.8  # standard errors, as a normal deviate
CERTAIN = 99.0  # the deviate where neither side varies at all
SLACK = 7  # days before the deadline from which on there is slack
LEAST_STEPS = 2  # times that the scope grew under slack
LEAST_ADDED = 14  # days of work, at the pace of then
LEAST_GROWTH = 0.05  # of the scope at first
MOSTLY = 2 / 3  # of all growth, under slack


@dataclass(frozen=True)
class Course:
    """What was known of a goal, in days of any origin (weeks off left out) and in distance from its baseline.

    values: (day, distance travelled), one a day, ascending. sizes: (from day, distance to the target), ascending.
    deadlines: (from day, day of the deadline or None), ascending; the first of both holds from the beginning.
    """

    values: tuple[tuple[float, float], ...]
    sizes: tuple[tuple[float, float], ...]
    deadlines: tuple[tuple[float, float | None], ...]


@dataclass(frozen=True)
class Growth:
    """Scope that grew while there was slack. share: of the scope at first; days: of work, at the pace of then."""

    steps: int
    share: float
    days: float
    slack_days: float  # at the first of these steps
    of_all: float  # share of all growth


@dataclass(frozen=True)
class Following:
    """A finish that followed its deadline. Days; later is above 0. Paces: distance a day, before and since."""

    on: float
    deadline_moved: float
    finish_moved: float
    pace_before: float
    pace_since: float
    deviate: float  # how far apart the paces are, as a normal deviate

    @property
    def share(self) -> float:
        return self.finish_moved / self.deadline_moved


@dataclass(frozen=True)
class Expansion:
    growth: Growth | None = None
    following: Following | None = None

    def __bool__(self) -> bool:
        return bool(self.growth or self.following)


def find_expansion(course: Course) -> Expansion:
    return Expansion(growth_under_slack(course), finish_that_follows(course))


# ---- scope that grows with slack -----------------------------------------------------------------------------------


def growth_under_slack(course: Course) -> Growth | None:
    if len(course.sizes) < 1 + LEAST_STEPS:
        return None
    steps, days, grown, grown_in_all, first_slack = 0, 0.0, 0.0, 0.0, 0.0
    for (_day, before), (day, after) in pairwise(course.sizes):
        if after <= before:
            continue
        grown_in_all += after - before
        pace, slack = _pace(course.values, day), None
        if pace:
            slack = _slack(course, day, before, pace)
        if pace and slack is not None and slack >= SLACK:
            first_slack = slack if steps == 0 else first_slack
            steps += 1
            grown += after - before
            days += (after - before) / pace
    at_first = course.sizes[0][1]
    if at_first <= 0:  # the baseline was moved past what was the target then
        return None
    if steps < LEAST_STEPS or days < LEAST_ADDED or grown < LEAST_GROWTH * at_first or grown < MOSTLY * grown_in_all:
        return None
    return Growth(steps, grown / at_first, days, first_slack, grown / grown_in_all)


def _pace(values: Sequence[tuple[float, float]], day: float) -> float | None:
    """Distance a day over the last weeks before `day`; None where it stood still or too little is known."""
    known = [one for one in values if day - WINDOW <= one[0] < day]
    if len(known) < FEWEST or known[-1][0] == known[0][0]:
        return None
    pace = (known[-1][1] - known[0][1]) / (known[-1][0] - known[0][0])
    return pace if pace > 0 else None


def _slack(course: Course, day: float, size: float, pace: float) -> float | None:
    """Days between the finish, at that pace, and the deadline in force before `day`; None where there is none."""
    deadline = next((one for at, one in reversed(course.deadlines) if at < day), course.deadlines[0][1])
    if deadline is None:
        return None
    at, travelled = [one for one in course.values if one[0] < day][-1]
    return deadline - (at + max(size - travelled, 0.0) / pace)


# ---- a finish that follows its deadline ----------------------------------------------------------------------------


def finish_that_follows(course: Course) -> Following | None:
    """The newest move of the deadline that was followed."""
    moves = [
        (day, old, new)
        for (_day, old), (day, new) in pairwise(course.deadlines)
        if old is not None and new is not None and abs(new - old) >= LEAST_MOVE
    ]
    for n in range(len(moves) - 1, -1, -1):
        day, old, new = moves[n]
        until = moves[n + 1][0] if n + 1 < len(moves) else math.inf
        since = moves[n - 1][0] if n else -math.inf
        found = _followed(course, day, new - old, since, until)
        if found:
            return found
    return None


def _followed(course: Course, day: float, moved: float, since: float, until: float) -> Following | None:
    before = _steps([one for one in course.values if since <= one[0] <= day])[-MOST:]
    after = _steps([one for one in course.values if day <= one[0] <= until])[:SINCE]
    if len(before) < FEWEST or len(after) < SINCE:
        return None
    then, now = statistics.fmean(before), statistics.fmean(after)
    if then <= 0 or now <= 0:
        return None  # it stands still: stalled is another verdict
    size = next((one for at, one in reversed(course.sizes) if at <= day), course.sizes[0][1])
    left = size - [travelled for at, travelled in course.values if at <= day][-1]
    if left <= 0:
        return None
    finish_moved = left / now - left / then
    deviate = _deviate(before, after)
    if finish_moved / moved < LEAST_SHARE or abs(deviate) < LEAST_T:
        return None
    return Following(day, moved, finish_moved, then, now, abs(deviate))


def _steps(values: Sequence[tuple[float, float]]) -> list[float]:
    """Pace of each step from one value to the next."""
    return [(after - before) / (day - earlier) for (earlier, before), (day, after) in pairwise(values) if day > earlier]


def _deviate(before: Sequence[float], after: Sequence[float]) -> float:
    """How far apart two paces above 0 are, as a normal deviate; 0 where neither varies and both are the same."""
    then, now = statistics.fmean(before), statistics.fmean(after)
    shares = [step / then for step in before] + [step / now for step in after]
    freedom = len(shares) - 2
    variation = sum((share - 1) ** 2 for share in shares) / freedom
    if variation == 0:
        return math.copysign(CERTAIN, now - then) if now != then else 0.0
    t = math.log(now / then) / math.sqrt(variation * (1 / len(before) + 1 / len(after)))
    return math.copysign(math.sqrt(freedom * math.log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3), t)
