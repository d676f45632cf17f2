"""How much goals of a team, and of a program, share their luck: the default shocks of the bottleneck engine.

    python -m bench.fit_shocks DATA

DATA holds one CSV a source, as for bench/fit_curves.py; a source counts as a program, the folder of a series as its
team. Every 26 weeks each unfinished goal is forecast, and pairs of goals are compared with what happened: with the
forecast's own chances as margins, which correlation on the normal scale makes "both finished within 13 (26) weeks" and
"only one did" most likely? (Pairwise composite likelihood of a Gaussian copula: Varin, Reid and Firth, Statistica
Sinica 21, 2011.) Sources weigh the same. Totals are left out, because they hold the goals they are compared with. The
forecasts were fitted on the same data, so what they could not foresee, and with it the correlation, comes out rather
too small.
"""

import argparse
import itertools
import math
import pathlib
import random
from collections import defaultdict
from datetime import timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bench.fit_curves import UNLICENSED, Goal, read
from reviews.curves import Series, forecast_many

Floats = NDArray[np.float64]
HORIZONS = (13, 26)
CORRELATIONS = tuple(round(0.05 * k, 2) for k in range(19))
SUMS = ("total", "all_", "legacy_left", "suite", "tasks", "bugs")
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
PHI = np.vectorize(lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2))))
INVERSE = np.vectorize(NormalDist().inv_cdf)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=pathlib.Path)
    folder = arguments.parse_args().data
    sources = [read(path) for path in sorted(folder.glob("*.csv")) if path.stem not in UNLICENSED]
    for weeks in HORIZONS:
        pairs = defaultdict(list)
        for goals in sources:
            for kind, pair in pairs_of(
                [goal for goal in goals if not any(s in goal.name.lower() for s in SUMS)], weeks
            ):
                pairs[kind, goals[0].source].append(pair)
        for kind in ("team", "program"):
            tables = [np.array(rows, float) for (which, _), rows in sorted(pairs.items()) if which == kind]
            found = max(CORRELATIONS, key=lambda r: float(np.mean([log_likelihood(t, r) for t in tables])))
            count = sum(map(len, tables))
            where = "in one team" if kind == "team" else "of one program, in different teams"
            print(f"finished within {weeks} weeks, {count} pairs {where}, {len(tables)} sources: correlation {found}")


def team_of(goal: Goal) -> str:
    """The folder of the series; where there is none, the first word of its name."""
    parts = goal.name.split("/")
    return "/".join(parts[:-1]) if len(parts) > 2 else parts[-1].split("_")[0]


def pairs_of(goals: list[Goal], weeks: int):
    """("team" or "program", (chance of one, of the other, did one, did the other)) of goals open on one day."""
    ahead = timedelta(weeks=weeks)
    rng = random.Random(3)
    days = sorted({day for goal in goals for day in goal.dates})
    for day in days[10::26]:
        series, known = [], []
        for goal in goals:
            last = max((i for i, d in enumerate(goal.dates) if d <= day), default=-1)
            if last < 2 or day - goal.dates[last] > timedelta(weeks=4) or goal.dates[last] + ahead > goal.until:
                continue
            over = goal.finish is not None and goal.finish <= goal.dates[last]
            if over or goal.sign * (goal.targets[last] - goal.values[last]) <= 0:
                continue
            start = goal.starts[last]
            series.append(
                Series(
                    goal.dates[: last + 1],
                    goal.values[: last + 1],
                    goal.targets[last],
                    goal.dates[last],
                    "up" if goal.sign > 0 else "down",
                    start=start if start and start <= goal.dates[last] else None,
                    deadline=goal.deadlines[last],
                )
            )
            known.append((goal, goal.finish is not None and goal.finish <= goal.dates[last] + ahead))
        told = [
            (goal, min(max(found.p_done_by(one.as_of + ahead), 0.005), 0.995), did)
            for one, found, (goal, did) in zip(series, forecast_many(series), known, strict=True)
            if found is not None
        ]
        chosen = list(itertools.combinations(told, 2))
        rng.shuffle(chosen)
        for (a, p, did_a), (b, q, did_b) in chosen[:200]:
            yield ("team" if team_of(a) == team_of(b) else "program"), (p, q, did_a, did_b)


def log_likelihood(pairs: Floats, correlation: float) -> float:
    """Mean log-likelihood of pairs, shape (n, 4), under a Gaussian copula of this correlation."""
    p, q, did_p, did_q = pairs.T
    rest = math.sqrt(1 - correlation)
    shared = math.sqrt(correlation) * NODES
    both = (PHI((INVERSE(p)[:, None] - shared) / rest) * PHI((INVERSE(q)[:, None] - shared) / rest)) @ (
        WEIGHTS / WEIGHTS.sum()
    )
    neither = 1 - p - q + both
    chance = np.where(did_p, np.where(did_q, both, p - both), np.where(did_q, q - both, neither))
    return float(np.log(np.clip(chance, 1e-9, 1)).mean())


if __name__ == "__main__":
    main()
