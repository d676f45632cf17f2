"""Factors whose facts have aged, or that nobody argues against.

They are shared and belong to no one program, so all active ones are looked at, whatever the scope.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.access import touched_by
from projects.look.dates import day
from projects.models import Factor, Limit, Program
from reviews.audit.rule import Found, Scope


def of_factor(factor: Factor, says: str) -> Found:
    return Found("factor", factor.pk, None, says)


def stale_facts(scope: Scope) -> Iterator[Found]:
    """Older than facts of their kind stay true, or past the day until which they were said to."""
    today = scope.today()
    old = Q()
    for kind, days in Factor.STALE_AFTER_DAYS.items():
        old |= Q(kind=kind, facts_as_of__lt=today - dt.timedelta(days=days))
    for factor in Factor.objects.filter(touched_by(Program.objects.active())).filter(old | Q(true_until__lt=today)):
        words = {"factor": factor.name, "kind": factor.get_kind_display()}
        if factor.true_until and factor.true_until < today:
            words["day"] = day(factor.true_until, "long")
            yield of_factor(factor, _("The facts of %(factor)s were said to hold until %(day)s.") % words)
        else:
            words |= {
                "day": day(factor.facts_as_of, "long"),
                "n": str(Factor.STALE_AFTER_DAYS[Factor.Kind(factor.kind)]),
            }
            says = _("The facts of %(factor)s are of %(day)s; those of its kind (%(kind)s) stay true for %(n)s days.")
            yield of_factor(factor, says % words)


def unchallenged(scope: Scope) -> Iterator[Found]:
    """It limits a program for two weeks, and nobody has argued against it in as long (M6)."""
    today = scope.today()
    since = today - dt.timedelta(days=Factor.CHALLENGE_EVERY_DAYS)
    limits = Limit.objects.filter(program__in=Program.objects.active(), until=None, since__lt=since)
    factors = Factor.objects.filter(Exists(limits.filter(factor=OuterRef("pk"))))
    held = Min("limits__since", filter=Q(limits__in=limits))
    for factor in factors.annotate(held=held).order_by(F("held"), "pk"):
        if factor.challenge_due(today):
            days = (today - (factor.challenged_on or factor.held)).days
            words = {"factor": factor.name, "n": days}
            says = ngettext(
                "%(factor)s limits a program, and nobody has argued against it for %(n)s day.",
                "%(factor)s limits a program, and nobody has argued against it for %(n)s days.",
                days,
            )
            yield of_factor(factor, says % words)
