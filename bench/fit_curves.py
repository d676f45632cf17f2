"""Fit the parameters of reviews/curves on real progress series, and write them as one JSON file.

    python bench/fit_curves.py DATA --out reviews/curves/parameters.json      the parameters that ship
    python bench/fit_curves.py DATA --leave-out SOURCE --out FILE             without one source, to score on it

DATA holds one CSV a source (series_id, date, value, target_value, direction, deadline, start, completed). Sources that
state no licence (UNLICENSED) are never fitted on. A source is the unit: each weighs the same, and in it each series.
Every goal is looked at from at most ORIGINS days, spread evenly over its unfinished life; what it looked like then
comes from the engine's own feature code, what happened later from the later rows.

A new source will have another rhythm and other sizes than these. So the same histories are shown again as if they had
gone faster or slower (STRETCHED), and with three quarters of the way as their target (a milestone is a goal too). A
plain *textbook* of simulated straight lines (climbing, flat, falling) is added with the weight of a part of a source,
because real staircases alone do not teach what a steady line does.

What is fitted: forests of small oblivious trees (one question a level), grown by gradient boosting with many outputs a
leaf (Friedman 2001; the trees as in Prokhorenkova et al. 2018), monotone where the engine says so: a leaf on the better
side of a question is never below its twin. Leaves are whole ten-thousandths, so that sums are exact in any order.
"""

import argparse
import csv
import hashlib
import json
import pathlib
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from reviews.curves.features import BETTER, NAMES, features
from reviews.curves.forests import SCALE
from reviews.curves.model import FINISH_WEEKS, KNOTS, VALUE_WEEKS, YEAR
from reviews.curves.series import Series
from reviews.curves.tracks import build
from reviews.curves.verdicts import AHEAD, STEP

UNLICENSED = ("boa", "lean_liquid", "libjs_wasm", "little06", "pokefirered")
ORIGINS = 8
STALE = timedelta(weeks=25)  # an open series this long without a change was cut there, and stayed open
STRETCHED = (0.5, 0.7, 1.4, 2.0)  # the same histories, so many times as slow
MILESTONE = 0.75  # of the way
REAL = "as it was"
AGAIN = tuple(f"x {k}" for k in STRETCHED)
SHARES: dict[str, dict[str, float]] = {  # weight of each telling of the histories
    "finish": {REAL: 0.5} | dict.fromkeys((*AGAIN, "milestone"), 0.1),
    "values": {REAL: 1.0},
    "verdict": {REAL: 0.5} | dict.fromkeys(AGAIN, 0.125),
}
TEXTBOOK = {"finish": 0.15, "values": 0.3, "verdict": 0.6}  # weight of the simulated lines, in sources
LEAST_SIZE = 0.05  # of the target: a goal is never smaller than this when moves are judged

FINISH_LOOSE = [
    *("gap", "quiet", "rate_4", "rate_13", "rate_all", "done_4", "done_13", "done_all"),
    *("units_left", "below_best", "points", "leap", "age"),
]
FINISH_DATED = [
    *("gap", "quiet", "rate_4", "rate_13", "rate_all", "done_4", "done_13", "done_all", "units_left", "leaps_left"),
    *("needed", "to_deadline", "since_start", "age", "points", "leap", "backward"),
]
VALUES = [
    *("gap", "quiet", "rate_4", "rate_13", "rate_52", "rate_all", "done_4", "done_8", "done_13", "done_26", "done_all"),
    *("units_left", "leaps_left", "below_best", "moves_8", "moves_26", "falls_8", "falls_26", "spans"),
    *("age", "points", "leap", "forward", "backward"),
]


@dataclass(frozen=True)
class Goal:
    """One series of the data; `finish` and `until` say how it ended, and are never shown to the engine."""

    source: str
    name: str
    dates: list[date]
    values: list[float]
    targets: list[float]
    deadlines: list[date | None]
    starts: list[date | None]
    sign: int
    finish: date | None
    until: date
    telling: str = REAL


# ---- the data --------------------------------------------------------------------------------------------------------


def read(path: pathlib.Path) -> list[Goal]:
    """The goals of one source."""

    def day(text: str) -> date | None:
        return date.fromisoformat(text) if text else None

    grouped: dict[str, list[dict[str, str]]] = {}
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            grouped.setdefault(row["series_id"], []).append(row)
    grouped = {name: rows for name, rows in grouped.items() if len(rows) >= 5}
    cohort_end: dict[str, date] = {}
    for name, rows in grouped.items():
        cohort, last = "/".join(name.split("/")[:2]), rows[-1]["date"]
        cohort_end[cohort] = max(cohort_end.get(cohort, date.min), date.fromisoformat(last))
    goals = []
    for name, rows in grouped.items():
        dates = [date.fromisoformat(r["date"]) for r in rows]
        values, targets = [float(r["value"]) for r in rows], [float(r["target_value"]) for r in rows]
        sign = 1 if rows[0]["direction"] == "up" else -1
        reached = [d for d, v, t in zip(dates, values, targets, strict=True) if sign * (v - t) >= 0]
        completed = day(rows[0]["completed"])
        ends = [*reached[:1], *([completed] if completed and completed > dates[0] else [])]
        finish = min(ends) if ends else None
        changed = max((d for d, a, b in zip(dates[1:], values, values[1:], strict=False) if a != b), default=dates[0])
        followed = finish is not None or dates[-1] - changed >= STALE
        until = cohort_end["/".join(name.split("/")[:2])] if followed else dates[-1]
        deadlines, starts = [day(r["deadline"]) for r in rows], [day(r["start"]) for r in rows]
        goals.append(Goal(path.stem, name, dates, values, targets, deadlines, starts, sign, finish, until))
    return goals


def stretched(goal: Goal, times: float) -> Goal:
    """The same history, so many times as slow, told week by week."""
    first = goal.dates[0]

    def then(day: date | None) -> date | None:
        return None if day is None else first + timedelta(days=round((day - first).days * times))

    days = [(d - first).days for d in goal.dates]
    weeks = range(int(days[-1] * times / 7) + 1)
    rows = [bisect_right(days, 7 * w / times + 1e-9) - 1 for w in weeks]
    return replace(
        goal,
        dates=[first + timedelta(weeks=w) for w in weeks],
        values=[goal.values[i] for i in rows],
        targets=[goal.targets[i] for i in rows],
        deadlines=[then(goal.deadlines[i]) for i in rows],
        starts=[then(goal.starts[i]) for i in rows],
        finish=then(goal.finish),
        until=then(goal.until) or goal.until,
        telling=f"x {times}",
    )


def milestone(goal: Goal) -> Goal | None:
    """The same history with MILESTONE of the way as its target; None where there is no way to go."""
    base = goal.values[0]
    targets = [base + MILESTONE * (t - base) for t in goal.targets]
    if goal.sign * (targets[0] - base) <= 0:
        return None
    reached = (d for d, v, t in zip(goal.dates, goal.values, targets, strict=True) if goal.sign * (v - t) >= 0)
    ends = [d for d in (next(reached, None), goal.finish) if d]
    return replace(goal, targets=targets, finish=min(ends, default=None), telling="milestone")


def again(goals: Iterable[Goal]) -> list[Goal]:
    """What else is learnt from histories that were: see STRETCHED and MILESTONE."""
    told = [*(stretched(goal, k) for goal in goals for k in STRETCHED), *(milestone(goal) for goal in goals)]
    return [goal for goal in told if goal and len(goal.dates) >= 5]


def textbook(many: int = 160) -> list[Goal]:
    """Straight lines with a little noise, as nobody's real goals are: the same on every machine."""
    rng = np.random.Generator(np.random.PCG64(7))
    goals = []
    for k in range(many):
        slope = (1.0, 1.0, 0.0, -0.6)[k % 4] * float(np.exp(rng.uniform(np.log(0.8), np.log(12.0))))
        steps = np.where(rng.random(200) < rng.uniform(0.6, 1.0), slope, 0.0)
        steps += (slope != 0) * rng.normal(0, 0.15 * abs(slope), 200)
        values = np.cumsum(np.concatenate([[rng.uniform(0, 60)], steps]))
        over = np.flatnonzero(values >= 100)
        length = int(over[0]) + 1 if len(over) else int(rng.integers(30, 200))
        length = min(length, 40) if slope < 0 else length
        if length < 5:
            continue
        dates = [date(2020, 1, 6) + timedelta(weeks=w) for w in range(200)]
        none: list[date | None] = [None] * length
        kept = [float(v) for v in values[:length]]
        finish = dates[length - 1] if len(over) else None
        goals.append(
            Goal(
                "textbook",
                f"textbook/{k}",
                dates[:length],
                kept,
                [100.0] * length,
                none,
                none,
                1,
                finish,
                dates[-1] if slope == 0 or finish else dates[length - 1],
            )
        )
    return goals


def origins(goal: Goal) -> list[int]:
    """Rows to look from: three points or more, not finished, the target still ahead; at most ORIGINS, evenly spread."""
    open_rows = [
        i
        for i in range(2, len(goal.dates))
        if (goal.finish is None or goal.dates[i] < goal.finish) and goal.sign * (goal.targets[i] - goal.values[i]) > 0
    ]
    if len(open_rows) > ORIGINS:
        open_rows = [open_rows[j] for j in np.linspace(0, len(open_rows) - 1, ORIGINS).astype(int)]
    return open_rows


def seen(goal: Goal, i: int) -> Series:
    """The goal as it was known on the day of row i."""
    day, start = goal.dates[i], goal.starts[i]
    return Series(
        goal.dates[: i + 1],
        goal.values[: i + 1],
        goal.targets[i],
        day,
        "up" if goal.sign > 0 else "down",
        start if start and start <= day else None,
        goal.deadlines[i],
    )


def finished(goal: Goal, i: int) -> list[float]:
    """For each of FINISH_WEEKS in a year: was it done by then? NaN where the data cannot tell for both outcomes."""
    out = []
    for weeks in FINISH_WEEKS[1 : YEAR + 1]:
        day = goal.dates[i] + timedelta(weeks=int(weeks))
        known = day <= goal.until
        out.append(float(goal.finish is not None and goal.finish <= day) if known else np.nan)
    return out


def later(goal: Goal, i: int, weeks: int) -> tuple[float, float] | None:
    """(value, target) so many weeks after row i; a finished goal stays at its target, a stale one where it is."""
    day = goal.dates[i] + timedelta(weeks=weeks)
    if day > goal.until:
        return None
    if goal.finish and goal.finish <= day:
        return goal.targets[-1], goal.targets[-1]
    j = next((j for j in range(i + 1, len(goal.dates)) if goal.dates[j] >= day), None)
    if j is None:
        return goal.values[-1], goal.targets[-1]
    return None if goal.dates[j] > day + timedelta(weeks=2) else (goal.values[j], goal.targets[j])


def moved(goal: Goal, i: int) -> list[float]:
    """For each of VALUE_WEEKS and KNOTS but the last: was the progress at most (first twins: less than) the knot?"""
    gap = goal.sign * (goal.targets[i] - goal.values[i])
    size = max(goal.sign * (goal.targets[i] - v) for v in goal.values[: i + 1])
    out = []
    for weeks in VALUE_WEEKS[1:]:
        found = later(goal, i, int(weeks))
        if found is None:
            out += [np.nan] * (len(KNOTS) - 1)
            continue
        made = goal.sign * (found[0] - goal.values[i])
        progress = min(made / gap, 1.0) if made >= 0 else made / size
        for k, knot in enumerate(KNOTS[:-1]):
            out.append(float(progress < knot if KNOTS[k + 1] == knot else progress <= knot))
    return out


def judged(goal: Goal, i: int) -> list[float]:
    """Did the gap shrink, did it grow, by STEP of the size in AHEAD weeks?"""
    found = later(goal, i, AHEAD)
    if found is None:
        return [np.nan, np.nan]
    gaps = [abs(t - v) for t, v in zip(goal.targets[: i + 1], goal.values[: i + 1], strict=True)]
    step = STEP * max(*gaps, LEAST_SIZE * abs(goal.targets[i]))
    gap, after = goal.sign * (goal.targets[i] - goal.values[i]), max(goal.sign * (found[1] - found[0]), 0.0)
    return [float(gap - after >= step), float(after - gap > step)]


# ---- boosting --------------------------------------------------------------------------------------------------------


def cuts(column: np.ndarray, weight: np.ndarray, most: int = 24) -> np.ndarray:
    """Thresholds half way between neighbouring values, about the same weight between each two."""
    order = np.argsort(column, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    at = np.minimum(np.searchsorted(share, np.arange(1, most) / most), len(column) - 1)
    distinct = np.unique(column)
    below = np.unique(column[order][at])
    above = np.searchsorted(distinct, below, "right")
    inside = above < len(distinct)
    return np.unique((below[inside] + distinct[above[inside]]) / 2)


@dataclass(frozen=True)
class Settings:
    """How a forest is grown, on squared loss: what the ranked probability score asks for."""

    trees: int = 80
    depth: int = 3
    rate: float = 0.08
    shrink: float = 5.0  # added to every leaf's curvature
    columns: float = 0.6
    rows: float = 0.7
    seed: int = 0


def grow(
    table: np.ndarray, outcome: np.ndarray, weight: np.ndarray, better: np.ndarray, how: Settings
) -> dict[str, Any]:
    """Boost oblivious trees. table (n, f); outcome (n, j) with NaN where unknown; better (f,) +1, -1 or 0."""
    rng = np.random.Generator(np.random.PCG64(how.seed))
    n, wide = table.shape
    edges = [cuts(table[:, f], weight) for f in range(wide)]
    bins = np.column_stack([np.searchsorted(edges[f], table[:, f], "left") for f in range(wide)])
    known = ~np.isnan(outcome)
    truth, each = np.where(known, outcome, 0.0), weight[:, None] * known
    mean = np.clip((truth * each).sum(0) / np.maximum(each.sum(0), 1e-9), 0.0, 1.0)
    score = np.tile(mean, (n, 1))
    trees = []
    for _ in range(how.trees):
        picked = np.flatnonzero(rng.random(n) < how.rows)
        pull, bend = ((score - truth) * each)[picked], each[picked]
        tried = np.sort(rng.choice(wide, max(2, round(how.columns * wide)), replace=False))
        near, leaf, every = bins[picked], np.zeros(len(picked), np.int64), np.zeros(n, np.int64)
        asked: list[tuple[int, int]] = []
        for level in range(how.depth):
            f, k = _best_question(near, leaf, 1 << level, pull, bend, edges, tried, better, how.shrink)
            asked.append((f, k))
            leaf, every = 2 * leaf + (near[:, f] > k), 2 * every + (bins[:, f] > k)
        pulls, bends = _sums(leaf, 1 << how.depth, pull), _sums(leaf, 1 << how.depth, bend)
        leaves = _monotone(-pulls / (bends + how.shrink), bends + 1e-3, [int(better[f]) for f, _ in asked])
        whole = np.rint(leaves * how.rate * SCALE).astype(int)
        score += whole[every] / SCALE
        trees.append({"ask": [[f, float(edges[f][k])] for f, k in asked], "leaves": whole.tolist()})
    return {"base": np.rint(mean * SCALE).astype(int).tolist(), "trees": trees}


def mean_of(bag: list[dict[str, Any]]) -> dict[str, Any]:
    """One forest that answers the mean of several."""
    trees = [tree for forest in bag for tree in forest["trees"]]
    shared = [
        {"ask": t["ask"], "leaves": np.rint(np.array(t["leaves"]) / len(bag)).astype(int).tolist()} for t in trees
    ]
    base = np.rint(np.mean([forest["base"] for forest in bag], axis=0)).astype(int).tolist()
    return {"base": base, "trees": shared}


def _sums(key: np.ndarray, size: int, columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.bincount(key, columns[:, j], size) for j in range(columns.shape[1])])


def _best_question(
    near: np.ndarray,
    leaf: np.ndarray,
    leaves: int,
    pull: np.ndarray,
    bend: np.ndarray,
    edges: list[np.ndarray],
    tried: np.ndarray,
    better: np.ndarray,
    shrink: float,
) -> tuple[int, int]:
    """(feature, cut) with the largest gain, where a split that would punish progress gains nothing."""
    best, answer = -1.0, (int(tried[0]), 0)
    for f in tried:
        wide = len(edges[f]) + 1
        if wide == 1:
            continue
        key = leaf * wide + near[:, f]
        g = _sums(key, leaves * wide, pull).reshape(leaves, wide, -1).cumsum(1)
        h = _sums(key, leaves * wide, bend).reshape(leaves, wide, -1).cumsum(1)
        gl, hl = g[:, :-1], h[:, :-1]
        gr, hr = g[:, -1:] - gl, h[:, -1:] - hl
        gain = gl**2 / (hl + shrink) + gr**2 / (hr + shrink)
        if better[f]:
            wrong = better[f] * (gl / (hl + shrink) - gr / (hr + shrink)) < 0
            gain = np.where(wrong, (gl + gr) ** 2 / (hl + hr + shrink), gain)
        total = gain.sum((0, 2))
        k = int(np.argmax(total))
        if total[k] > best + 1e-12:
            best, answer = float(total[k]), (int(f), k)
    return answer


def _monotone(leaves: np.ndarray, weight: np.ndarray, better: list[int]) -> np.ndarray:
    """Leaves that never fall towards the better side: twins that do are pooled, the rest is cut exactly."""
    out = leaves.copy()
    depth = len(better)
    twins = [
        (low, low | 1 << depth - 1 - level, sign)
        for level, sign in enumerate(better)
        if sign
        for low in range(1 << depth)
        if not low & 1 << depth - 1 - level
    ]
    for _ in range(6):
        for low, high, sign in twins:
            wrong = sign * (out[high] - out[low]) < 0
            pooled = (out[low] * weight[low] + out[high] * weight[high]) / (weight[low] + weight[high])
            out[low], out[high] = np.where(wrong, pooled, out[low]), np.where(wrong, pooled, out[high])
    for low, high, sign in twins:
        into = high if sign > 0 else low
        out[into] = np.maximum(out[low], out[high])
    return out


Outcome = Callable[[Goal, int], list[float]]


# ---- all together ----------------------------------------------------------------------------------------------------


def fit(goals: list[Goal]) -> dict[str, object]:
    """The forests, from all goals; the textbook (TEXTBOOK) teaches verdicts more than dates."""
    places = [(goal, i) for goal in goals for i in origins(goal)]
    table = features(build([seen(goal, i) for goal, i in places])).T
    told = np.array([goal.telling for goal, _ in places])
    simulated = np.array([goal.source == "textbook" for goal, _ in places])
    days = Counter((g.source, g.telling, g.name) for g, _ in places)
    series = Counter((source, telling) for source, telling, _ in days)
    each = np.array([1.0 / days[g.source, g.telling, g.name] / series[g.source, g.telling] for g, _ in places])

    def forest(
        what: str, names: list[str], outcome: Outcome, how: Settings, monotone: bool, bags: int = 1
    ) -> dict[str, object]:
        share = np.array([SHARES[what].get(t, 0.0) for t in told.tolist()])
        weight = each * np.where(simulated, TEXTBOOK[what], share)
        rows = np.flatnonzero(weight)
        weight = weight[rows] * (len(rows) / weight.sum())
        truth = np.array([outcome(*places[k]) for k in rows])
        columns = np.array([NAMES.index(name) for name in names])
        better = np.array([BETTER.get(name, 0) if monotone else 0 for name in names])
        bag = [grow(table[np.ix_(rows, columns)], truth, weight, better, replace(how, seed=k)) for k in range(bags)]
        return {"features": names, **mean_of(bag)}

    finish = Settings(trees=70, depth=4, rate=0.09, columns=0.4, rows=0.5)
    verdict = Settings(trees=60, depth=3, columns=0.4, rows=0.6)
    return {
        "finish_loose": forest("finish", FINISH_LOOSE, finished, finish, monotone=True, bags=3),
        "finish_dated": forest("finish", FINISH_DATED, finished, finish, monotone=True, bags=3),
        "values": forest("values", VALUES, moved, Settings(trees=64), monotone=False),
        "verdict": forest("verdict", VALUES, judged, verdict, monotone=False, bags=3),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("data", type=pathlib.Path)
    ask.add_argument("--leave-out", metavar="SOURCE")
    ask.add_argument("--out", type=pathlib.Path, required=True)
    args = ask.parse_args()
    paths = [p for p in sorted(args.data.glob("*.csv")) if p.stem not in (*UNLICENSED, "index", args.leave_out)]
    goals = [goal for path in paths for goal in read(path)]
    goals += [*again(goals), *textbook()]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    head: dict[str, object] = {
        "about": "Fitted by bench/fit_curves.py. Leaves are ten-thousandths; a tree asks 'feature > cut?' a few times,"
        " the answers read as a binary number give the leaf.",
        "sources": [path.stem for path in paths],
        "data_sha256": digest.hexdigest(),
        "shares": SHARES,
        "textbook": TEXTBOOK,
    }
    write(head | {"forests": fit(goals)}, args.out)


def write(content: dict[str, object], out: pathlib.Path) -> None:
    """JSON with one tree a line."""
    forests = content.pop("forests")
    assert isinstance(forests, dict)
    lines = [json.dumps(content, indent=1)[:-2] + ',\n "forests": {']
    for k, (name, forest) in enumerate(forests.items()):
        trees = forest.pop("trees")
        lines.append(f'  "{name}": ' + json.dumps(forest, separators=(",", ":"))[:-1] + ', "trees": [')
        lines += [
            "   " + json.dumps(tree, separators=(",", ":")) + ("," if t < len(trees) - 1 else "")
            for t, tree in enumerate(trees)
        ]
        lines.append("  ]}" + ("," if k < len(forests) - 1 else ""))
    lines.append(" }\n}\n")
    out.write_text("\n".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
