"""What reviews tells projects of a goal: the only crossing between the two."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from projects.models import Outlook


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
    points: int = 0
    inputs_hash: str = ""
    engine: str = ""


@transaction.atomic
def record_outlooks(values: Iterable[OutlookValue]) -> None:
    """Keep the outlooks, unless one that rests on newer data is there: of two who write at once the newest stays."""
    newest = {value.goal_id: value for value in values}
    known = set(Outlook.objects.filter(goal__in=list(newest)).values_list("goal", flat=True))
    now = timezone.now()
    for goal_id, value in newest.items():
        row = asdict(value) | {"computed_at": now}
        del row["goal_id"]
        if goal_id not in known:
            _, created = Outlook.objects.get_or_create(goal_id=goal_id, defaults=row)
            if created:
                continue
        older = Q(basis__lt=value.basis) | Q(basis=value.basis, as_of__lte=value.as_of)
        Outlook.objects.filter(older, goal_id=goal_id).update(**row)
