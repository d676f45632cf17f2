"""Does the interval of an intervention's effect hold what it says? On goals whose effect is known.

    python -m bench.interventions [DATA] [--seeds 4000]

First on simulated goals (`tests/reviews/calibration/worlds.py`). Then on real histories, with DATA the folder of
`bench/fit_curves.py`, else the demo's: from a random report on, a history is told faster or slower, or as it was, so
that what the "intervention" brought is known. Histories that never finished can be told as they were only. The
forecasts were fitted on these histories too, so those figures are rather too good; nothing but `SHARED` was set here.
"""

import argparse
import csv
import math
import pathlib
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from reviews.calibration import CannotTell, effect
from reviews.curves import Series, forecast_many
from tests.reviews.calibration.worlds import SPEEDS, WEEKS_SINCE, Case, case

PROBABILITIES = tuple((k + 0.5) / 50 for k in range(50))
SLACK = 7  # days: reports are weekly
PER_HISTORY = 6
Tally = dict[str, list[bool]]


def tell(cases: Sequence[Case]) -> Iterator[tuple[Case, bool | None, float | None]]:
    """Each case with whether its interval holds the truth (None: cannot tell) and how wide it is (None: open)."""
    olds, news = forecast_many([one.before for one in cases]), forecast_many([one.since for one in cases])
    for one, old, new in zip(cases, olds, news, strict=True):
        if old is None or new is None or old.verdict == "done":
            continue
        since = (one.since.as_of - one.start).days
        ahead = [float(one.finished_after)] if one.finished_after is not None else []
        try:
            found = effect(
                old.finish_days(PROBABILITIES), ahead or [day + since for day in new.finish_days(PROBABILITIES)]
            )
        except CannotTell:
            yield one, None, None
            continue
        low = -math.inf if found.low is None else found.low
        high = math.inf if found.high is None else found.high
        yield one, low - SLACK <= one.truth <= high + SLACK, high - low if math.isfinite(high - low) else None


def report(name: str, cases: Iterable[Case]) -> None:
    told = list(tell(list(cases)))
    known = [(one, held, wide) for one, held, wide in told if held is not None]
    groups: Tally = defaultdict(list)
    for one, held, _wide in known:
        groups["all"].append(bool(held))
        groups["finished by its review" if one.finished_after is not None else "open at its review"].append(bool(held))
        groups["no effect" if one.truth == 0 else "earlier" if one.truth > 0 else "later"].append(bool(held))
    print(f"{name}: {len(told)} interventions, told of {len(known)}")
    for group, held in groups.items():
        print(f"    {group:24} {sum(held) / len(held):6.1%} of {len(held)}")
    widths = sorted(wide for _one, _held, wide in known if wide is not None)
    if widths:
        print(f"    both ends known of {len(widths)}, half of them within {widths[len(widths) // 2]:.0f} days")


def histories(folder: pathlib.Path) -> dict[str, list[list[dict[str, str]]]]:
    """{source: its histories, a list of rows each}"""
    found: dict[str, list[list[dict[str, str]]]] = {}
    for file in sorted(folder.glob("*.csv")):
        series: dict[str, list[dict[str, str]]] = {}
        with file.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                series.setdefault(row["series_id"], []).append(row)
        found[file.stem] = list(series.values())
    return found


def told_again(rows: Sequence[dict[str, str]], rng: random.Random) -> Case | None:
    """A history with an "intervention" on a random day, after which it goes faster or slower."""
    days = [date.fromisoformat(row["date"]) for row in rows]
    if len(days) < 6:
        return None
    finish = date.fromisoformat(rows[0]["completed"]) if rows[0]["completed"] else None
    start = days[rng.randint(3, len(days) - 2)]
    speed = rng.choice(SPEEDS) if finish else 1.0
    judged = start + timedelta(weeks=rng.choice(WEEKS_SINCE))

    def moved(day: date) -> date:
        return day if day <= start else start + timedelta(days=round((day - start).days / speed))

    if (finish and start >= finish) or (not finish and judged > days[-1]):
        return None

    def series(until: date, as_of: date) -> Series:
        known = [row for row, day in zip(rows, days, strict=True) if moved(day) <= until]
        on = [moved(date.fromisoformat(row["date"])) for row in known]
        targets = [float(row["target_value"]) for row in known]
        last = known[-1]
        begun = date.fromisoformat(last["start"]) if last["start"] else None
        return Series(
            on,
            [float(row["value"]) for row in known],
            targets[-1],
            as_of,
            last["direction"],
            start=begun if begun and begun <= as_of else None,
            deadline=date.fromisoformat(last["deadline"]) if last["deadline"] else None,
            revisions=tuple(
                (day, old, new) for day, old, new in zip(on[1:], targets, targets[1:], strict=False) if old != new
            ),
        )

    done = finish is not None and moved(finish) <= judged
    return Case(
        before=series(start, start),
        since=series(judged, judged),
        start=start,
        finished_after=(moved(finish) - start).days if done and finish else None,
        truth=(finish - moved(finish)).days if finish else 0,
    )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("data", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).parent.parent / "demo")
    ask.add_argument("--seeds", type=int, default=4000)
    args = ask.parse_args()
    report("simulated", filter(None, map(case, range(args.seeds))))
    rng, finished, unfinished = random.Random(5), [], []
    for sources in histories(args.data).values():
        for rows in sources:
            made = [told_again(rows, rng) for _ in range(PER_HISTORY)]
            (finished if rows[0]["completed"] else unfinished).extend(filter(None, made))
    report("real histories that finished, told again", finished)
    report("real histories that never did, as they were", unfinished)


if __name__ == "__main__":
    main()
