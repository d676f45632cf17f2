"""Conditions that the database itself holds, written once."""

from django.db.models import CheckConstraint, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Length, Replace, Trim
from django.db.models.lookups import GreaterThan

LARGEST = 1e300  # beyond it a sum of two values is no longer finite


def finite(field: str) -> Q:
    """True of a number, and of nothing else: PostgreSQL sorts NaN above every number."""
    return Q(**{f"{field}__gte": -LARGEST, f"{field}__lte": LARGEST})


def meant(field: str) -> Q:
    """True of a text that is not blank (M11). The gate in `projects.memo` asks for more."""
    text: Combinable = F(field)
    for space in "\t\n\r":  # SQL trims spaces only
        text = Replace(text, Value(space))
    return Q(GreaterThan(Length(Trim(text)), 0))


def holds(condition: Q, name: str, message) -> CheckConstraint:
    return CheckConstraint(condition=condition, name=name, violation_error_message=message)
