"""Simulated goals with an intervention of known effect: the same goal twice, with and without it.

As real goals go: nothing in most weeks and then a step of uneven size, now and then one back, a pace that holds for a
quarter on average and then is another or none at all. From the day of the intervention on, the same luck is told
faster or slower, so that what it brought is known to the day.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

from reviews.curves import Series

MONDAY = date(2024, 1, 1)
LONGEST = 1400  # weeks
SPEEDS = (0.6, 1.0, 1.0, 1.5, 2.5)  # what an intervention may do to the pace; often nothing
WEEKS_SINCE = (6, 8, 13, 20)  # from the start of an intervention to its review


@dataclass(frozen=True)
class Case:
    """What was known when it began and when it is judged. `finished_after`: days from the start, None: not by then."""

    before: Series
    since: Series
    start: date
    finished_after: int | None
    truth: int  # days earlier


def case(seed: int) -> Case | None:
    """None where what it brought is not known: without it the goal never finishes."""
    rng = random.Random(seed)
    path = _course(rng)
    while len(path) <= 8:
        path = _course(rng)
    finishes = path[-1] >= 100
    weeks = len(path) - 1
    began = rng.randint(4, max(4, min(weeks - 2, round(weeks * 0.8), 120)))
    speed, judged = rng.choice(SPEEDS), began + rng.choice(WEEKS_SINCE)
    if not finishes and speed != 1:
        return None

    def luck(week: int) -> float:
        """How many weeks without the intervention go as far."""
        return week if week <= began else began + speed * (week - began)

    def value(week: int) -> float:
        return path[min(int(luck(week) + 1e-9), len(path) - 1)]

    finish = next((week for week in range(began, 3 * LONGEST) if luck(week) + 1e-9 >= weeks), None)
    done = finish is not None and finishes and finish <= judged
    until = finish if done and finish is not None else judged
    deadline = MONDAY + timedelta(weeks=int(weeks * rng.uniform(0.7, 1.3)) + 1) if rng.random() < 0.4 else None

    def series(last: int, now: int) -> Series:
        days = [MONDAY + timedelta(weeks=week) for week in range(last + 1)]
        values = [value(week) for week in range(last + 1)]
        return Series(days, values, 100.0, MONDAY + timedelta(weeks=now), "up", start=MONDAY, deadline=deadline)

    return Case(
        before=series(began, began),
        since=series(until, judged),
        start=MONDAY + timedelta(weeks=began),
        finished_after=7 * (until - began) if done else None,
        truth=7 * (weeks - finish) if finishes and finish is not None else 0,
    )


def _course(rng: random.Random) -> list[float]:
    """Values by week from 0, until 100 is reached."""
    size, busy = math.exp(rng.gauss(math.log(40), 0.8)), rng.choice((0.2, 0.35, 0.6, 1.0))
    pace, left, path = math.exp(rng.gauss(0, 1.2)), rng.expovariate(1 / 13), [0.0]
    while path[-1] < 100 and len(path) < LONGEST:
        if left <= 0:
            pace = 0.0 if rng.random() < 0.4 else math.exp(rng.gauss(0, 1.2))
            left = rng.expovariate(1 / 13) * (1 if pace else 3)
        left -= 1
        step = rng.expovariate(1) * 100 / size / busy * pace if rng.random() < busy else 0.0
        path.append(path[-1] + (-step if rng.random() < 0.06 else step))
    return path
