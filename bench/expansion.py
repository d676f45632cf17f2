"""How often gas expansion is seen where there is none, and how often where there is: simulated goals, seeds named.

    python -m bench.expansion [SEEDS]
    python -m bench.expansion FOLDER    (what it finds in FOLDER/*.csv, of the shape that `import_datapoints` reads)

A goal of 100 is reported weekly, with a deadline. *Constant*: scope and pace stay as they are, whatever happens to the
deadline, which moves up to three times, earlier or later. It alarms if any of its weekly looks does. *Expanders*: the
deadline moves later by a half to one and a half times what was left, and from then on the team either fills it (pace =
what is left over the time left) or adds scope each week that eats a part of the slack. *Pulled in*: the deadline
moves earlier and the team keeps up with it. They count as found if one of the first eight looks after the move says so.
Weekly steps vary by a gamma with the coefficient of variation that is named; bursts: a third of the weeks hold it all.
"""

import csv
import datetime as dt
import sys
from collections import Counter
from collections.abc import Callable
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from projects.deadlines import Course, find_expansion

SIZE = 100.0
VARY = (0.15, 0.3, 0.5, 0.8)
LOOKS = 8  # reviews after the move within which an expander is to be found


def step(chance: np.random.Generator, pace: float, vary: float, burst: bool = False) -> float:
    """What one week brings."""
    if burst:
        return pace * 3 if chance.random() < 1 / 3 else 0.0
    shape = 1 / vary**2
    return float(chance.gamma(shape, pace / shape))


def constant(seed: int, vary: float, *, burst: bool = False) -> bool:
    """Whether any weekly look at a goal of constant scope and pace alarms."""
    chance = np.random.Generator(np.random.PCG64(seed))
    weeks = int(chance.integers(30, 70))
    moves = sorted(chance.choice(np.arange(6, weeks - 4), size=int(chance.integers(1, 4)), replace=False))
    deadlines: list[tuple[float, float | None]] = [(0.0, weeks * 7.0)]
    values, done = [(0.0, 0.0)], 0.0
    for week in range(1, weeks):
        if week in moves:
            last = deadlines[-1][1] or 0.0
            left = max(last - week * 7, 28)
            deadlines.append((week * 7.0, last + float(chance.uniform(-0.4, 1.5)) * left))
        done = min(done + step(chance, SIZE / weeks, vary, burst), SIZE)
        values.append((week * 7.0, done))
        if done >= SIZE:
            break
        if find_expansion(Course(tuple(values), ((0.0, SIZE),), tuple(deadlines))):
            return True
    return False


def expander(seed: int, vary: float, kind: str) -> int | None:
    """At which review after the move it is found; None: not within the first eight."""
    chance = np.random.Generator(np.random.PCG64(seed))
    weeks = int(chance.integers(24, 60))
    move = int(chance.integers(10, weeks - 12))
    pace, size = SIZE / weeks, SIZE
    values, done = [(0.0, 0.0)], 0.0
    deadlines: list[tuple[float, float | None]] = [(0.0, weeks * 7.0)]
    sizes = [(0.0, SIZE)]
    for week in range(1, move + LOOKS + 1):
        now = week * 7.0
        if week == move + 1:
            left = weeks * 7 - move * 7
            by = -float(chance.uniform(0.3, 0.5)) if kind == "pulled in" else float(chance.uniform(0.5, 1.5))
            deadlines.append((move * 7.0, weeks * 7.0 + by * left))
            if kind != "scope":
                pace = (size - done) / ((deadlines[-1][1] or 0.0) - move * 7.0) * 7
        done += step(chance, pace, vary)
        values.append((now, done))
        if week > move:
            if kind == "scope":
                slack = (deadlines[-1][1] or 0.0) - (now + (size - done) / pace * 7)
                if slack > 7:
                    size += float(chance.uniform(0.2, 0.5)) * slack / 7 * pace
                    sizes.append((now + 1.0, size))
            if find_expansion(Course(tuple(values), tuple(sizes), tuple(deadlines))):
                return week - move
    return None


def share(of: Callable[[int], object], seeds: int) -> float:
    return sum(of(seed) not in (None, False) for seed in range(seeds)) / seeds


def main(seeds: int = 400) -> None:
    print(f"{seeds} seeds each (from 0)")
    for vary in VARY:
        print(f"constant, weekly CV {vary}: alarms in {share(lambda s, v=vary: constant(s, v), seeds):.1%}")
    print(f"constant, bursts: alarms in {share(lambda s: constant(s, 0.3, burst=True), seeds):.1%}")
    for kind in ("fills the time", "scope", "pulled in"):
        for vary in VARY:
            found = share(lambda s, v=vary, k=kind: expander(s, v, k), seeds)
            print(f"expander, {kind}, weekly CV {vary}: found within {LOOKS} reviews in {found:.1%}")


# ---- real series ---------------------------------------------------------------------------------------------------


def real(folder: Path) -> None:
    counted: Counter[str] = Counter()
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"target_value", "series_id"} <= rows[0].keys():
            continue
        for name, series in groupby(rows, key=lambda row: row["series_id"]):
            course = course_of(list(series))
            found = find_expansion(course)
            counted["series"] += 1
            counted["of them with a scope that grew twice or more"] += grew(course) >= 2
            counted["of them with a deadline that moved"] += len(course.deadlines) > 1
            counted["of them with eight values since"] += any(
                sum(day > moved for day, _value in course.values) >= LOOKS for moved, _due in course.deadlines[1:]
            )
            counted["scope grew with slack"] += found.growth is not None
            counted["the finish followed"] += found.following is not None
            if found:
                print(f"{path.stem}: {name}: {found.growth or ''} {found.following or ''}")
    for what, n in counted.items():
        print(f"{what}: {n}")


def grew(course: Course) -> int:
    return sum(after > before for (_d, before), (_e, after) in pairwise(course.sizes))


def course_of(rows: list[dict[str, str]]) -> Course:
    """A series as it was reported: its first value is the baseline."""
    first, sign = float(rows[0]["value"]), 1 if rows[0]["direction"] == "up" else -1
    values: list[tuple[float, float]] = []
    sizes: list[tuple[float, float]] = []
    deadlines: list[tuple[float, float | None]] = []
    for row in rows:
        day = float(dt.date.fromisoformat(row["date"]).toordinal())
        size = sign * (float(row["target_value"]) - first)
        due = float(dt.date.fromisoformat(row["deadline"]).toordinal()) if row["deadline"] else None
        values.append((day, sign * (float(row["value"]) - first)))
        if not sizes or sizes[-1][1] != size:
            sizes.append((day, size))
        if not deadlines or deadlines[-1][1] != due:
            deadlines.append((day, due))
    return Course(tuple(values), tuple(sizes), tuple(deadlines))


if __name__ == "__main__":
    argument = sys.argv[1] if len(sys.argv) > 1 else "400"
    main(int(argument)) if argument.isdigit() else real(Path(argument))
