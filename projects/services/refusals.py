"""What the memo gate refused, written down by rule and week."""

import datetime as dt
import logging

from django.db import Error, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from projects import refusals
from projects.models import RefusalCount
from projects.time import monday

log = logging.getLogger(__name__)


def flush() -> None:
    """One short statement a rule, outside any transaction. A database that is away costs the count, not the answer."""
    taken = refusals.take()
    week = monday(timezone.now().date())
    while taken:
        rule, count = taken.popitem()
        try:
            _add(rule, week, count)
        except Error:
            log.exception("%d refusals could not be counted", count)


def _add(rule: str, week: dt.date, count: int) -> None:
    row = RefusalCount.objects.filter(rule=rule, week=week)
    if row.update(count=F("count") + count):
        return
    try:
        with transaction.atomic():
            RefusalCount.objects.create(rule=rule, week=week, count=count)
    except IntegrityError:  # another process was the first of the week
        row.update(count=F("count") + count)
