"""What reviews tells projects of a goal: the only crossing between the two."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from projects.models import Goal, Outlook


@dataclass(frozen=True)
class OutlookValue:
    """The newest forecast of one goal. Days count from `as_of`; in `finish_days` None means not within 5 years."""

    goal_id: int
    basis: int  # the goal's data_version that it rests on
    as_of: dt.date
    verdict: str
    reasons: list[str]
    finish_days: list[float | None] = field(default_factory=list)
    p10: dt.date | None = None
    p50: dt.date | None = None
    p90: dt.date | None = None
    p_never: float | None = None
    p_deadline: float | None = None
    value: float | None = None
    value_on: dt.date | None = None
    curve: list[list] = field(default_factory=list)
    blocker_votes: list[dict] = field(default_factory=list)
    expansion: dict | None = None
    points: int = 0
    inputs_hash: str = ""
    engine: str = ""


KEPT = tuple(one.name for one in fields(OutlookValue) if one.name != "goal_id")


def _kept(value: OutlookValue) -> dict[str, Any]:
    return {name: getattr(value, name) for name in KEPT}


def as_outlook(value: OutlookValue) -> Outlook:
    """The row that `record_outlooks` makes of it, but for when."""
    return Outlook(goal_id=value.goal_id, **_kept(value))


@transaction.atomic(savepoint=False)
def record_outlooks(values: Iterable[OutlookValue], now: dt.datetime | None = None) -> None:
    """Keep the outlooks, unless one that rests on newer data is there: of two who write at once the newest stays."""
    newest = {value.goal_id: value for value in values}
    now = now or timezone.now()
    if len(newest) == 1:
        (value,) = newest.values()
        if _no_newer_than(value).update(computed_at=now, **_kept(value)):
            return
    # Whoever records outlooks of the same goals at once waits here, also where there is no outlook to lock yet.
    list(Goal.objects.select_for_update(no_key=True).filter(pk__in=list(newest)).order_by("pk").values_list("pk"))
    held = {
        goal: (basis, as_of)
        for goal, basis, as_of in Outlook.objects.filter(goal__in=list(newest)).values_list("goal", "basis", "as_of")
    }
    Outlook.objects.bulk_create(
        [
            Outlook(goal_id=goal, computed_at=now, **_kept(value))
            for goal, value in newest.items()
            if goal not in held or held[goal] <= (value.basis, value.as_of)
        ],
        update_conflicts=True,
        unique_fields=["goal"],
        update_fields=[*KEPT, "computed_at"],
        batch_size=200,
    )


def _no_newer_than(value: OutlookValue) -> QuerySet[Outlook]:
    """The goal's outlook, if it rests on no newer data: a writer who waited for another one looks at it again."""
    older = Q(basis__lt=value.basis) | Q(basis=value.basis, as_of__lte=value.as_of)
    return Outlook.objects.filter(older, goal=value.goal_id)


def record_votes(goal: Goal, as_of: dt.date, votes: list[dict]) -> bool:
    """Keep what engineers name as stopping a goal, where nothing else of it moved by its newest `data_version`.

    Its forecast stands then, and so does the ranking, which does not read votes. False where something else moved.
    """
    stands = Outlook.objects.filter(goal=goal, basis=goal.data_version - 1, as_of=as_of)
    return bool(stands.update(basis=goal.data_version, blocker_votes=votes))
