"""What limits a throughput program: its supplies as the engine takes them, and what is stored of the answer."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from projects import bottleneck
from projects.models import Outlook, Program, Supply
from projects.time import day_after


def supplies_of(program: Program) -> list[Supply]:
    """The supplies with all that `engine_supply` reads: two queries."""
    return list(program.supplies.select_related("factor", "goal__outlook").prefetch_related("capacities"))


def engine_supply(supply: Supply, today: dt.date) -> bottleneck.Supply:
    """The supply as the engine takes it: days count from `today`, growth is a share of 1 a year."""
    growth = None
    if supply.growth_low is not None and supply.growth_high is not None:
        growth = (supply.growth_low / 100, supply.growth_high / 100)
    return bottleneck.Supply(
        key=str(supply.factor_id),
        need=(supply.need_low, supply.need_high),
        stated=tuple((float((c.on - today).days), c.low, c.high) for c in supply.capacities.all()),
        points=measured(supply, today),
        growth=growth,
        beyond=supply.beyond,
        name=supply.factor.name,
    )


def measured(supply: Supply, today: dt.date) -> tuple[tuple[float, float], ...]:
    """(days from `today`, capacity) as its goal was reported; what is 0 or lies ahead is no capacity to grow from."""
    outlook = getattr(supply.goal, "outlook", None)
    if outlook is None:
        return ()
    points = ((float((dt.date.fromisoformat(day) - today).days), value) for day, value in outlook.curve)
    return tuple((day, value) for day, value in points if day <= 0 < value)


def engine_throughput(program: Program, supplies: Iterable[Supply], today: dt.date) -> bottleneck.Throughput:
    return bottleneck.Throughput(
        supplies=tuple(engine_supply(supply, today) for supply in supplies),
        target=program.output_target,
        deadline=float((program.deadline - today).days) if program.deadline else None,
        unit=program.output_unit,
    )


def flow_fields(program: Program, outlooks: Mapping[int, Outlook | None], today: dt.date) -> dict[str, Any]:
    """The fields of a Ranking that a throughput program has otherwise than a delivery program.

    `outlooks`: of its goals, as they are ranked; they may be about to be stored.
    """
    supplies = supplies_of(program)
    for supply in supplies:
        if supply.goal and (known := outlooks.get(supply.goal.pk)):
            supply.goal.outlook = known
    found = bottleneck.rank_throughput(engine_throughput(program, supplies, today))
    names = {str(supply.factor_id): supply.factor.name for supply in supplies}
    last = (program.last_acceptable - today).days if program.last_acceptable else None
    return {
        "p10": day_after(today, found.p10),
        "p50": day_after(today, found.p50),
        "p90": day_after(today, found.p90),
        "p_never": share(found.reached, math.isinf),
        "p_deadline": found.p_deadline,
        "p_last_acceptable": None if last is None else share(found.reached, lambda days: days <= last),
        "finish_days": [None if math.isinf(days) else round(days, 1) for days in found.reached],
        "lines": [_line(line) for line in found.lines],
        "proposal": _line(found.proposal) if found.proposal else None,
        "behind": None,
        "following": _line(found.next) if found.next else None,
        "confidence": found.confidence.word if found.confidence else "",
        "reasons": [reason.text for reason in found.reasons],
        "left_out": [names[key] for key in found.left_out],
        "newest_data": newest_data(supplies, today),
        "flow": flow_of(found, supplies),
    }


def newest_data(supplies: Iterable[Supply], today: dt.date) -> dt.date | None:
    """The last day of which a capacity is stated or measured."""
    stated = [capacity.on for supply in supplies for capacity in supply.capacities.all() if capacity.on <= today]
    outlooks = (getattr(supply.goal, "outlook", None) for supply in supplies)
    return max([*stated, *(one.value_on for one in outlooks if one and one.value_on)], default=None)


def share(days: Sequence[float], holds) -> float | None:
    return sum(map(holds, days)) / len(days) if days else None


def _line(line: bottleneck.SupplyLine) -> dict:
    """As a line of a delivery program, with outputs beside the days. None of a gain: nothing else limits."""
    return {
        "kind": "factor",
        "id": int(line.key),
        "name": line.name,
        "criticality": round(line.binds_now, 4),
        "relief_days": round(line.relief_days or 0.0, 1),
        "eased_days": None,
        "urgency": None,  # a supply has no day on which it falls
        "gain_in_p_deadline": None if line.gain_in_p_deadline is None else round(line.gain_in_p_deadline, 4),
        "gain_in_p_done": None,
        "gated_by": [],
        "relief_output": digits(line.relief_output),
        "eased_output": digits(line.eased_output),
    }


def flow_of(found: bottleneck.ThroughputRanking, supplies: Iterable[Supply]) -> dict[str, Any]:
    """What the pictures need. Days count from the ranking's `as_of`, about monthly; null is not within five years."""
    assumed = {str(supply.factor_id): supply.growth_assumed for supply in supplies}
    return {
        "days": [round(day) for day in found.days],
        "output": _band(found.output),
        "supplies": [
            {
                "factor": int(line.key),
                "name": line.name,
                "binds": [round(chance, 3) for chance in line.binds],
                "allows": _band(line.allows),
                "assumed": assumed[line.key],
            }
            for line in found.lines
        ],
        "crossings": [
            {"first": int(one.first), "then": int(one.then), "chance": round(one.chance, 3), **_days(one)}
            for one in found.crossings
        ],
        "successors": [
            {"factor": int(one.key), "name": one.name, "chance": round(one.chance, 3), **_days(one)}
            for one in found.successors
        ],
        "eras": [
            {"factor": int(era.key), "name": era.name, "start": round(era.start), "end": round(era.end)}
            for era in found.eras
        ],
    }


def _band(band: bottleneck.Band) -> dict[str, list[float | None]]:
    return {name: [digits(value) for value in getattr(band, name)] for name in ("p10", "p50", "p90")}


def _days(one: bottleneck.Crossing | bottleneck.Successor) -> dict[str, int | None]:
    return {
        name: None if math.isinf(getattr(one, name)) else round(getattr(one, name)) for name in ("p10", "p50", "p90")
    }


def digits(value: float, many: int = 5) -> float | None:
    """Rounded to so many digits; None for infinity."""
    return None if math.isinf(value) else float(f"{value:.{many}g}")
