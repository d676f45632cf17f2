"""The page of interventions: what is due, what they brought, and which types work here. Never by person."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from projects import charts
from projects.look.chart_words import chart_words
from projects.models import Intervention
from reviews.calibration import FEWEST
from reviews.models import InterventionEffect

DRAWN = 24  # newest effects in the picture


@dataclass(frozen=True)
class TypeRow:
    """What became of one type. n: judged. told: of how many it could be told. days: the middle of their effects.

    helped, cost: how many were surely earlier, surely later. expected: in how many the expectation lies within.
    """

    label: str
    n: int
    told: int
    helped: int
    cost: int
    expected: int
    days: float | None

    @property
    def enough(self) -> bool:
        return self.told >= FEWEST


def by_type(effects: Iterable[InterventionEffect]) -> list[TypeRow]:
    """A row for each type that was judged, in the order of the types: it is no ranking."""
    of: dict[str, list[InterventionEffect]] = {}
    for one in effects:
        of.setdefault(one.intervention.type, []).append(one)
    return [_type_row(kind, of[kind]) for kind in Intervention.Type if kind in of]


def _type_row(kind: Intervention.Type, rows: Sequence[InterventionEffect]) -> TypeRow:
    told = [one for one in rows if one.told]
    days = [one.days for one in told if one.days is not None]
    return TypeRow(
        label=str(kind.label),
        n=len(rows),
        told=len(told),
        helped=sum(one.helped for one in told),
        cost=sum(one.cost for one in told),
        expected=sum(one.as_expected for one in told),
        days=median(days) if len(days) == len(told) and days else None,
    )


def picture(effects: Sequence[InterventionEffect], title: str) -> dict | None:
    """The newest effects as intervals, those of one type together; None where none can be told."""
    order = {kind: n for n, kind in enumerate(Intervention.Type.values)}
    shown = sorted([one for one in effects if one.told][:DRAWN], key=lambda one: order[one.intervention.type])
    if not shown:
        return None
    rows = [
        charts.EffectRow(
            type=str(Intervention.Type(kind).label),
            what=one.intervention.target,
            days=one.days,
            low=one.low,
            high=one.high,
            expected=one.intervention.expected_days,
        )
        for kind, group in groupby(shown, key=lambda one: one.intervention.type)
        for one in group
    ]
    return charts.effect_intervals(title=title, rows=rows, words=chart_words())


def split_due(waiting: Iterable[Intervention], today: dt.date) -> tuple[list[Intervention], list[Intervention]]:
    """Those whose review date has come, and those that still have time."""
    every = list(waiting)
    return [one for one in every if one.review_on <= today], [one for one in every if one.review_on > today]
