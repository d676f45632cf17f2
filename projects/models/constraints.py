"""Conditions that the database itself holds, written once."""

from django.db.models import CheckConstraint, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Length, Replace, Trim
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

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


def chance_or_unknown(field: str, name: str) -> CheckConstraint:
    within = Q(**{f"{field}__gte": 0, f"{field}__lte": 1})
    return holds(Q(**{f"{field}__isnull": True}) | within, name, _("A probability lies within 0 and 1."))


def states_of_a_deadline(model: str) -> list[CheckConstraint]:
    """Of a row with `odds_when_set` and a gate on the way, in words and with its day, or neither."""
    return [
        chance_or_unknown("odds_when_set", f"{model}_odds_when_set"),
        holds(
            Q(on_the_way="", on_the_way_by__isnull=True) | (Q(on_the_way_by__isnull=False) & meant("on_the_way")),
            f"{model}_on_the_way_whole",
            _("A gate on the way needs its day, and what is true by then."),
        ),
    ]
