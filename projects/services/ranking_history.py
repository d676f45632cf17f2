"""What the model said day by day: kept when a program is ranked, so that a proposal is called out only once it has
led two reviews, and so that a page can say what changed."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from projects.models import Goal, Outlook, Program, RankingDay
from projects.time import WEEK, monday

Said = TypeVar("Said")
Reviewed = tuple[dt.date | None, dict | None]  # the newest data of a day, and what was proposed on them

REVIEWS_TO_LEAD = 2
APART = dt.timedelta(days=2)  # data of the next day are the same review, entered late
DAILY_FOR = 3 * WEEK  # older than this one row a week is kept
LOOK_BACK = 40  # rows: three weeks of days, then weeks

KEPT = (
    *("newest_data", "p50", "p_deadline", "p_last_acceptable", "p_never"),
    *("proposal", "behind", "following", "confidence"),
)


def record_day(program: Program, fields: dict, goals: dict[str, dict]) -> list[Reviewed]:
    """Keep what was just said, in place of what was said earlier that day. `fields` as a Ranking stores them.

    Returns what was said on the days up to this one, oldest first.
    """
    today = fields["as_of"]
    before = RankingDay.objects.filter(program=program, day__lte=today).order_by("-day")
    rows = list(before.values_list("day", "newest_data", "proposal")[:LOOK_BACK])
    day = RankingDay(program=program, day=today, goals=goals, known=bool(fields["finish_days"]))
    for name in KEPT:
        setattr(day, name, fields[name])
    RankingDay.objects.bulk_create(
        [day],
        update_conflicts=True,
        unique_fields=["program", "day"],
        update_fields=["goals", "known", "replayed", *KEPT],
    )
    if all(said != today for said, _newest, _proposal in rows):
        thin(program, today)
    said_before = [(newest, proposal) for said, newest, proposal in reversed(rows) if said != today]
    return [*said_before, (fields["newest_data"], fields["proposal"])]


def thin(program: Program, today: dt.date) -> None:
    """Of the week that has just become old keep its last day."""
    first = monday(today - DAILY_FOR) - WEEK
    week = RankingDay.objects.filter(program=program, day__gte=first, day__lt=first + WEEK)
    week.exclude(day=week.order_by("-day").values("day")[:1]).delete()


def goals_of(goals: Iterable[Goal], outlooks: Mapping[int, Outlook | None]) -> dict[str, dict]:
    """Of each goal what may differ next week."""
    found = {}
    for goal in goals:
        outlook = outlooks[goal.pk]
        found[str(goal.pk)] = {
            "name": goal.name,
            "verdict": str(outlook.verdict) if outlook else "unknown",
            "p50": outlook.p50.isoformat() if outlook and outlook.p50 else None,
            "value": outlook.value if outlook else None,
            "p_deadline": outlook.p_deadline if outlook else None,
        }
    return found


def lead(rows: Sequence[Reviewed], lines: Sequence[dict]) -> dict:
    """For how many reviews in a row the newest proposal has led, and the newest one that led two: Ranking's fields.

    A review, here: as in `by_review`. Where nothing is proposed now, nothing is called out; nor is what is no longer
    among the `lines` of today. What rests on stated figures alone, without any data, is called out at once.
    """
    reviews = by_review(rows)
    if not reviews:
        return {"led_reviews": 0, "called": rows[-1][1]}
    if reviews[-1][1] is None:
        return {"led_reviews": 0, "called": None}
    keys = [_key(proposal) for _day, proposal in reviews]
    led = next((n for n, key in enumerate(reversed(keys)) if key != keys[-1]), len(keys))
    called = next(
        (
            keys[n]
            for n in range(len(keys) - 1, REVIEWS_TO_LEAD - 2, -1)
            if keys[n] and len(set(keys[n - REVIEWS_TO_LEAD + 1 : n + 1])) == 1
        ),
        None,
    )
    return {"led_reviews": led, "called": next((line for line in lines if _key(line) == called), None)}


def by_review(rows: Iterable[tuple[dt.date | None, Said]]) -> list[tuple[dt.date, Said]]:
    """Days, as (newest data, what was said), oldest first, taken together by review: data that are two days or more
    newer than those of the one before, however they came in. What was said last on them is what the review said."""
    reviews: list[tuple[dt.date, Said]] = []
    for newest, said in rows:
        if newest is None:
            continue
        if reviews and newest < reviews[-1][0] + APART:
            reviews[-1] = reviews[-1][0], said
        else:
            reviews.append((newest, said))
    return reviews


def _key(line: dict | None) -> tuple[str, int] | None:
    return (line["kind"], line["id"]) if line else None
