"""What is known of a goal, free of its unit: one row of numbers for each.

Two kinds. *Now* features see the newest value, and each can only get better for the finish when that value is better:
a model that is monotone in them never punishes progress. *Past* features leave the newest value out, so that it cannot
change them; a model may use them either way. Gaps are shares of the largest gap so far, times are working weeks.
"""

import numpy as np

from .tracks import LEAST_GAP, Floats, Ints, Tracks

BACK = (4, 8, 13, 26, 52)  # weeks looked back
WINDOWS = tuple(8 * k for k in range(7))  # ends of the last six spans of 8 weeks
STEP = 0.02  # of the size: what counts as progress over such a span
LONG = 1 << 23  # more days than any calendar has
MUCH = 1e5  # stands for a ratio to something that has not been seen yet
NO_DEADLINE = 200.0  # weeks; beyond any deadline seen

BETTER = {  # now features: +1 where more is better for the finish, -1 where less is
    "gap": -1,  # share of the largest gap still open
    "quiet": -1,  # weeks since the last progress
    "done_4": 1,  # progress made in the last 4 to 52 weeks and in all
    "done_8": 1,
    "done_13": 1,
    "done_26": 1,
    "done_52": 1,
    "done_all": 1,
    "rate_4": 1,  # the same as a share of what is left, a week
    "rate_13": 1,
    "rate_52": 1,
    "rate_all": 1,
    "moves_8": 1,  # moves towards the target in the last 8 and 26 weeks, a week
    "moves_26": 1,
    "falls_8": -1,  # and away from it
    "falls_26": -1,
    "spans": 1,  # share of the last six spans of 8 weeks (as far as there is history) with progress
    "units_left": -1,  # what is left over the smallest past move
    "leaps_left": -1,  # and over the largest past progress
    "below_best": -1,  # lost since the best past value
    "needed": -1,  # what is left over the weeks to the deadline
}
PAST = (
    "age",  # weeks since the first point
    "points",  # number of points
    "since_start",  # weeks since the stated start, if earlier
    "to_deadline",  # weeks to the deadline, negative after it
    "leap",  # largest past progress
    "forward",  # past moves towards the target, a week
    "backward",  # and away from it
)
NAMES = (*BETTER, *PAST)


def features(tracks: Tracks) -> Floats:
    """(len(NAMES), n) rows in the order of NAMES, all finite."""
    n = len(tracks)
    begin, days, gaps = tracks.begin, tracks.days, tracks.gaps
    first, last = begin[:-1], begin[1:] - 1
    gap = np.maximum(gaps[last], LEAST_GAP)
    age = np.maximum((tracks.now - days[first]) / 7, 1.0)
    past = np.ones(len(gaps), np.bool_)
    past[last] = False
    step = np.zeros(len(gaps))
    step[1:] = gaps[:-1] - gaps[1:]
    step[first] = 0.0

    forward = step > 0
    moved_on = np.maximum.reduceat(np.where(forward, days, -LONG), first)
    quiet = np.minimum((tracks.now - moved_on) / 7, age)
    ago = dict(zip(BACK, _ago(tracks, BACK), strict=True))
    made = {f"{k}": gaps[at] - gap for k, at in ago.items()} | {"all": gaps[first] - gap}
    over = {"4": np.minimum(age, 4), "13": np.minimum(age, 13), "52": np.minimum(age, 52), "all": age}
    so_far, lost = np.cumsum(forward), np.cumsum(step < 0)
    ends = _ago(tracks, WINDOWS)
    ends[0] = last
    hits = [(gaps[a] - gaps[b] >= STEP).astype(np.float64) for a, b in zip(ends[1:], ends[:-1], strict=True)]
    spans = np.minimum(np.maximum(np.floor(age / 8), 1), len(hits))

    past_forward = np.where(past & forward, step, 0.0)
    leap = np.maximum.reduceat(past_forward, first)
    moved = past & (step != 0)
    grain = np.minimum.reduceat(np.where(moved, np.abs(step), MUCH), first)
    best = np.minimum.reduceat(np.where(past, gaps, MUCH), first)
    largest = np.maximum.reduceat(np.where(past, gaps, 0.0), first)
    ahead = tracks.deadline / 7
    due = np.nan_to_num(ahead, nan=NO_DEADLINE)
    weeks = np.maximum((days[np.maximum(last - 1, first)] - days[first]) / 7, 1.0)
    columns = {
        "gap": gap,
        "quiet": quiet,
        **{f"done_{k}": m for k, m in made.items()},
        **{f"rate_{k}": made[k] / gap / weeks for k, weeks in over.items()},
        "moves_8": (so_far[last] - so_far[ago[8]]) / np.minimum(age, 8),
        "moves_26": (so_far[last] - so_far[ago[26]]) / np.minimum(age, 26),
        "falls_8": (lost[last] - lost[ago[8]]) / np.minimum(age, 8),
        "falls_26": (lost[last] - lost[ago[26]]) / np.minimum(age, 26),
        "spans": sum(hits) / spans,
        "units_left": np.where(grain < MUCH, np.minimum(gap / np.minimum(grain, MUCH), MUCH), MUCH),
        "leaps_left": np.where(leap > 0, np.minimum(gap / np.maximum(leap, 1e-9), MUCH), MUCH),
        "below_best": np.where(best < MUCH, gap - best, 0.0),
        "needed": np.where(ahead > 0, gap / np.maximum(due, 1 / 7), -1.0),
        "age": age,
        "points": (last - first + 1).astype(np.float64),
        "since_start": np.fmax(tracks.start / 7, age),
        "to_deadline": np.minimum(due, NO_DEADLINE),
        "leap": np.where(largest > 0, leap / np.where(largest > 0, largest, 1.0), 0.0),
        "forward": np.add.reduceat((past & forward).astype(np.int64), first) / weeks,
        "backward": np.add.reduceat((past & (step < 0)).astype(np.int64), first) / weeks,
    }
    return np.array([columns[name] for name in NAMES]).reshape(len(NAMES), n)


def _ago(tracks: Tracks, weeks: tuple[int, ...]) -> list[Ints]:
    """For each number of weeks the (n,) index of the value in force so long ago; the first value before that."""
    rows = np.arange(len(tracks)) * LONG
    keys = np.repeat(rows, np.diff(tracks.begin)) + tracks.days
    asked = [np.searchsorted(keys, rows + tracks.now - 7 * k, "right") - 1 for k in weeks]
    return [np.maximum(at, tracks.begin[:-1]) for at in asked]
