"""How fast the bottleneck engine ranks, against a plain NetworkX-and-loop simulation of the same draws.

    python -m bench.bottleneck            everything, a minute or so
    python -m bench.bottleneck --quick    100 programs instead of 1,000, and the peer on 200 draws

Needs networkx beside the product's requirements, for the peer only. Prints one line a figure and exits 1 where a
target is missed: one program under 50 ms, 1,000 programs under 10 s on two cores with under 1 GB, 50 times the peer.
"""

import argparse
import math
import os
import resource
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

os.environ.setdefault("OMP_NUM_THREADS", "1")

import networkx as nx

from projects.bottleneck import ENGINE_VERSION, Factor, Goal, Program, Supply, Throughput, rank, rank_throughput
from projects.bottleneck.draws import orders, work_days
from projects.bottleneck.network import lay_out

GOALS, FACTORS, DRAWS = 50, 8, 2000
SHAPES = ("parallel", "layered", "chains", "dense")


def program(seed: int, shape: str | None = None) -> Program:
    """A made-up program: 50 goals in 6 teams, 8 factors gating 4 goals each, one goal in five at risk of never."""
    rng = Random(seed)
    shape = shape or SHAPES[seed % len(SHAPES)]
    goals = []
    for i in range(GOALS):
        needs = _needs(rng, shape, i)
        name = f"goal {i}"
        if needs:
            low = rng.uniform(5, 30)
            goals.append(Goal(name, f"team {i % 6}", None, needs, started=False, durations=(low, 3 * low)))
        else:
            never = 0.02 if i % 5 == 0 else 0.0
            goals.append(Goal(name, f"team {i % 6}", _finish(rng.uniform(40, 160), never)))
    factors = tuple(
        Factor(f"factor {i}", tuple(f"goal {j}" for j in rng.sample(range(GOALS), 4))) for i in range(FACTORS)
    )
    return Program(tuple(goals), factors, deadline=200.0)


def throughput() -> Throughput:
    """A made-up throughput program: five stated supplies and one with two years of datapoints."""
    supplies = [
        Supply(f"supply {i}", (1, 1.2), ((0, 8 + i, 12 + 2 * i),), growth=(0.0, 0.5 / (i + 1))) for i in range(5)
    ]
    points = tuple((-7.0 * k, 20 - 0.1 * k + k % 3) for k in range(104))
    return Throughput((*supplies, Supply("measured", (1, 1), points=points)), target=20, deadline=900)


def _needs(rng: Random, shape: str, i: int) -> tuple[str, ...]:
    if shape == "parallel" or i == 0:
        return ()
    if shape == "layered":
        layer = i // 10 * 10
        return tuple(f"goal {j}" for j in rng.sample(range(layer - 10, layer), 2)) if layer else ()
    if shape == "chains":
        return (f"goal {i - 5}",) if i >= 5 else ()
    return tuple(f"goal {j}" for j in range(i) if rng.random() < 0.3)


def _finish(median: float, never: float, n: int = 100) -> tuple[float, ...]:
    at = ((k + 0.5) / n for k in range(n))
    inverse = statistics.NormalDist(math.log(median), 0.5).inv_cdf
    return tuple(math.inf if p > 1 - never else math.exp(inverse(p)) for p in at)


def peer(made: Program, draws: int) -> tuple[float, dict[tuple[str, str], float]]:
    """The plain way, on the engine's own draws: P50, and the relief of each goal and factor, gone and eased."""
    network = lay_out(made)
    work = work_days(network, orders(network, made, draws, 0))
    days = {goal.key: work[i].tolist() for i, goal in enumerate(network.goals)}
    waits = {goal.key: network.waits[i] for i, goal in enumerate(network.goals)}
    graph = nx.DiGraph()
    graph.add_nodes_from(days)
    graph.add_edges_from((need, goal.key) for goal in made.goals for need in goal.needs)
    order = list(nx.topological_sort(graph))

    def median(factors: dict[str, float]) -> float:
        totals = []
        for k in range(draws):
            end: dict[str, float] = {}
            for key in order:
                start = max((end[p] for p in graph.predecessors(key)), default=0.0)
                left = days[key][k]
                if key in factors:
                    left = left * factors[key] if factors[key] else 0.0
                end[key] = start + left if waits[key] else max(start, left)
            totals.append(max(end.values()))
        return min(sorted(totals)[(draws + 1) // 2 - 1], 1826.0)

    now = median({})
    relief = {("goal", key): now - median({key: 0.0}) for key in order}
    relief |= {("factor", f.key): now - median(dict.fromkeys(f.goals, 0.5)) for f in made.factors}
    for key in order:
        median({key: 0.9})
    for f in made.factors:
        median(dict.fromkeys(f.goals, 0.9))
    return now, relief


def rank_range(numbers: range) -> tuple[float, float, float, int]:
    """Start, end, seconds of processor, peak of memory in KB. Making the programs is not timed."""
    programs = [program(i) for i in numbers]
    start, cpu = time.time(), time.process_time()
    for made in programs:
        rank(made, draws=DRAWS)
    return start, time.time(), time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    missed = []

    def report(what: str, value: float, unit: str, target: str, met: bool) -> None:
        print(f"{what:<58} {value:>9.1f} {unit:<4} target {target:<10} {'met' if met else 'MISSED'}", flush=True)
        if not met:
            missed.append(what)

    print(f"{ENGINE_VERSION}, {GOALS} goals, {FACTORS} factors, {DRAWS} draws, {os.cpu_count()} cores")
    typical = {}
    for shape in SHAPES:
        made = program(1, shape)
        rank(made, draws=DRAWS)
        times = []
        for _ in range(15):
            start = time.perf_counter()
            rank(made, draws=DRAWS)
            times.append(1000 * (time.perf_counter() - start))
        typical[shape] = statistics.median(times)
        report(f"one program, {shape}, median of 15", typical[shape], "ms", "< 50", typical[shape] < 50)

    flow = throughput()
    rank_throughput(flow, draws=DRAWS)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        rank_throughput(flow, draws=DRAWS)
        times.append(1000 * (time.perf_counter() - start))
    middle = statistics.median(times)
    report("one throughput program of 6 supplies, median of 15", middle, "ms", "< 100", middle < 100)

    made = program(1, "layered")
    draws = 200 if quick else DRAWS
    start = time.perf_counter()
    now, relief = peer(made, draws)
    plain = 1000 * (time.perf_counter() - start) * DRAWS / draws
    ranking = rank(made, draws=draws)
    agrees = math.isclose(min(ranking.p50, 1826.0), now, abs_tol=1e-6) and all(
        math.isclose(line.relief_days, relief[line.kind, line.key], abs_tol=1e-6) for line in ranking.lines
    )
    ratio = plain / typical["layered"]
    report(f"times faster than NetworkX and a loop ({plain / 1000:.1f} s), layered", ratio, "x", ">= 50", ratio >= 50)
    print("its P50 and every relief agree with the engine's" if agrees else "ITS NUMBERS DIFFER")

    count = 100 if quick else 1000
    # Spawned, so that the memory counted is the engine's own and not inherited.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        runs = list(pool.map(rank_range, (range(0, count, 2), range(1, count, 2))))
    limit = 10 * count / 1000
    took = max(end for _, end, _, _ in runs) - min(start for start, _, _, _ in runs)
    report(f"{count} programs of all four shapes, two processes", took, "s", f"< {limit:g}", took < limit)
    busy = sum(cpu for _, _, cpu, _ in runs)
    print(
        f"  of which processor time {busy:.1f} s over both ({1000 * busy / count:.1f} ms a program); "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    memory = sum(kb for _, _, _, kb in runs) / 1024
    report("memory of the two processes together", memory, "MB", "< 1000", memory < 1000)
    return 0 if agrees and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
