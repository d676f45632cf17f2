"""Speed of the forecasting engine against what a team could use instead, in one run, on the same 104-point series.

    pip install -r requirements-bench.txt
    python bench/curves.py [--series 10000] [--linear]

Peers that are not installed are named and left out. Each gets as many series as it does in a few seconds. Times are
processor time, children included, so that a busy machine matters less. --linear also forecasts 1,000 to 100,000 series
and prints the memory above the input.
"""

import argparse
import importlib
import os
import random
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from reviews.curves import Series, forecast, forecast_many

POINTS = 104
MONDAY = date(2024, 1, 1)
Peer = Callable[[Series], object]


def staircase(seed: int) -> Series:
    """Two years of a goal as they are: no change in four weeks of five, then a step of uneven size."""
    rng = random.Random(seed)
    values = [0.0]
    for _ in range(POINTS - 1):
        step = rng.expovariate(0.3) if rng.random() < 0.2 else 0.0
        values.append(values[-1] + (-step if rng.random() < 0.06 else step))
    dates = [MONDAY + timedelta(weeks=k) for k in range(POINTS)]
    return Series(dates, values, max(values) + rng.uniform(1, 80), dates[-1], "up")


def monte_carlo(draws: int = 1000, weeks: int = 160) -> Peer:
    """Past weekly changes drawn again, as the usual planning tools do."""

    def run(series: Series) -> object:
        rng = np.random.Generator(np.random.PCG64(20))
        steps = np.diff(np.array(series.values))
        paths = rng.choice(steps, (draws, weeks)).cumsum(axis=1)
        gap = series.target - series.values[-1]
        return (np.maximum.accumulate(paths, axis=1) >= gap).mean(axis=0)

    return run


def curve_fit() -> Peer:
    """SciPy's curve_fit over four families: line, exponential approach, logistic, Gompertz."""
    optimize = importlib.import_module("scipy.optimize")
    families: Sequence[tuple[Callable[..., object], list[float]]] = (
        (lambda t, a, b: a + b * t, [0.0, 1.0]),
        (lambda t, a, b: a * (1 - np.exp(-b * t)), [1.0, 1.0]),
        (lambda t, a, b, c: a / (1 + np.exp(-b * (t - c))), [1.0, 5.0, 0.5]),
        (lambda t, a, b, c: a * np.exp(-b * np.exp(-c * t)), [1.0, 3.0, 3.0]),
    )

    def run(series: Series) -> object:
        t = np.linspace(0, 1, len(series.values))
        y = np.array(series.values) / series.target
        out = []
        for family, start in families:
            try:
                out.append(optimize.curve_fit(family, t, y, start, maxfev=400)[0])
            except RuntimeError:
                out.append(None)
        return out

    return run


def auto_ets() -> Peer:
    """statsforecast's AutoETS, a year ahead."""
    models = importlib.import_module("statsforecast.models")

    def run(series: Series) -> object:
        return models.AutoETS(season_length=1).forecast(np.array(series.values), h=52, level=[80])

    return run


def prophet() -> Peer:
    """Prophet with its defaults, a year ahead."""
    pandas = importlib.import_module("pandas")
    module = importlib.import_module("prophet")

    def run(series: Series) -> object:
        model = module.Prophet(uncertainty_samples=0)
        model.fit(pandas.DataFrame({"ds": pandas.to_datetime(series.dates), "y": series.values}))
        return model.predict(model.make_future_dataframe(52, freq="W", include_history=False))

    return run


PEERS: dict[str, Callable[[], Peer]] = {
    "Monte Carlo, 1,000 draws": monte_carlo,
    "SciPy curve_fit, 4 families": curve_fit,
    "statsforecast AutoETS": auto_ets,
    "Prophet": prophet,
}


def spent() -> float:
    """Processor seconds of this process and of those that it started."""
    return sum(os.times()[:4])


def per_series(run: Peer, many: Sequence[Series], seconds: float = 4.0) -> float:
    """Microseconds per series, after one to warm up."""
    run(many[0])
    end, begun, n = time.monotonic() + seconds, spent(), 0
    while time.monotonic() < end and n < len(many):
        run(many[n])
        n += 1
    return 1e6 * (spent() - begun) / n


def batch(many: Sequence[Series]) -> float:
    """Microseconds per series in one call of forecast_many: the better of two."""
    times = []
    for _ in range(2):
        begun = spent()
        forecast_many(many)
        times.append(spent() - begun)
    return 1e6 * min(times) / len(many)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--series", type=int, default=10_000)
    ask.add_argument("--linear", action="store_true")
    args = ask.parse_args()
    many = [staircase(seed) for seed in range(args.series)]
    print(f"{'':36}{'us a series':>12}")
    mine = batch(many)
    print(f"{f'this engine, batch of {args.series:,}':36}{mine:12.0f}")
    print(f"{'this engine, one at a time':36}{per_series(forecast, many):12.0f}")
    for name, make in PEERS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                took = per_series(make(), many)
        except ImportError as missing:
            print(f"{name:36}{'-':>12}  not installed: {missing.name}")
            continue
        print(f"{name:36}{took:12.0f}  {took / mine:6.0f} x this engine")
    if args.linear:
        for n in (1_000, 10_000, 100_000):
            some = [staircase(seed) for seed in range(n)]
            tracemalloc.start()
            made = forecast_many(some)
            peak = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
            del made
            print(f"{n:9,} series: {batch(some):6.0f} us a series, {peak:6.0f} MB above the input at most")


if __name__ == "__main__":
    main()
