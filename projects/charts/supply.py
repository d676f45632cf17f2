"""What each supply of a throughput program allows, on one axis, and when another takes over."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from projects.charts.parts import day_axis, rule_with_label
from projects.charts.values import SCHEMA, Words

SMALLEST = 1e-6  # share of the largest output that is drawn: a logarithm has no 0
HEIGHT = 260  # pixels, of the part above the takeovers
RUNG = 27  # pixels for a takeover: its words, its bar below them
LINE = 14  # pixels between two names
HEADROOM = 4  # the axis ends at so many times the largest output or target


@dataclass(frozen=True)
class SupplyCurve:
    """The output that one supply would allow, P10, P50 and P90 on each of the chart's days.

    role: "limits" (the one that binds now), "next" (takes over first), or "" (any other).
    """

    name: str
    p10: Sequence[float]
    p50: Sequence[float]
    p90: Sequence[float]
    role: str = ""


@dataclass(frozen=True)
class Takeover:
    """When another supply becomes the one that binds; a None lies beyond the five years."""

    name: str
    chance: float
    p10: dt.date | None
    p50: dt.date | None
    p90: dt.date | None

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
        return self.p10, self.p50, self.p90


COLOURS = {"limits": "token:urgent", "next": "token:accent", "": "token:faint"}


def supply_curves(
    *,
    title: str,
    days: Sequence[dt.date],
    supplies: Sequence[SupplyCurve],
    takeovers: Sequence[Takeover] = (),
    target: float | None = None,
    deadline: dt.date | None = None,
    unit: str = "",
    words: Words | None = None,
) -> dict:
    """Supplies as lines on one logarithmic axis, the output under the lowest of them; takeovers as bars at the foot.

    A bar runs from the P10 to the P90 of the day on which another supply becomes the one that binds, its dot on the
    P50. Raises ValueError without a day or a supply.
    """
    words = words or Words()
    if not days or not supplies:
        raise ValueError("supply curves need days and a supply")
    first, last = days[0], days[-1]
    # A limit that appears only at scale may lie far above: the axis follows the output.
    output = [min(each.p50[k] for each in supplies) for k in range(len(days))]
    top = max([*output, target or 0.0]) * HEADROOM
    bottom = max(min(output), top * SMALLEST) / 1.5
    foot = len(takeovers) * RUNG
    floor = bottom * (bottom / top) ** (foot / HEIGHT)  # the takeovers lie below the lines
    drawn = [each for each in supplies if any(value < top for value in each.p50)]
    layers: list[dict] = [_area(days, output, bottom)]
    order = sorted(drawn, key=lambda each: each.role != "limits")
    layers += [_line(each, days, bottom, top, words) for each in order]
    layers += _names(drawn, last, bottom, top)
    if target:
        layers += _target(target, first, unit, words)
    if deadline and first < deadline <= last:
        layers += rule_with_label(deadline, words.deadline, first, last, at_top=True)
    for rung, takeover in enumerate(takeovers):
        layers += _takeover(takeover, last, rung, words)
    return {
        "$schema": SCHEMA,
        "description": _in_words(title, supplies, takeovers, words),
        "width": "container",
        "height": HEIGHT + foot,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "padding": {"right": 8 + 6 * max(len(each.name) for each in drawn)},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [first.isoformat(), last.isoformat()], "nice": False},
                "axis": day_axis(first, last),
            },
            "y": {
                "field": "p50",
                "type": "quantitative",
                "scale": {
                    "type": "log",
                    "domain": [floor, top],
                    "nice": False,
                    "clamp": True,
                },
                "axis": {
                    "title": unit or None,
                    "values": _ticks(bottom, top),
                    "format": "~r",
                    "titleAlign": "left",
                    "titleAngle": 0,
                    "titleY": -12,
                },
            },
        },
        "layer": layers,
    }


def _rows(each: SupplyCurve, days: Sequence[dt.date], bottom: float, top: float) -> list[dict]:
    return [
        {
            "day": day.isoformat(),
            "name": each.name,
            **{q: min(max(value, bottom), top) for q, value in (("p10", low), ("p50", middle), ("p90", high))},
            "allows": f"{middle:,.4g}",
        }
        for day, low, middle, high in zip(days, each.p10, each.p50, each.p90, strict=True)
        if middle < top
    ]


def _area(days: Sequence[dt.date], output: Sequence[float], bottom: float) -> dict:
    rows = [{"day": day.isoformat(), "p50": max(value, bottom)} for day, value in zip(days, output, strict=True)]
    return {
        "data": {"values": rows},
        "mark": {"type": "area", "color": "token:accent-soft", "opacity": 0.7, "line": False},
    }


def _line(each: SupplyCurve, days: Sequence[dt.date], bottom: float, top: float, words: Words) -> dict:
    colour = COLOURS[each.role]
    band: dict = {
        "mark": {"type": "area", "color": colour, "opacity": 0.14},
        "encoding": {"y": {"field": "p10", "type": "quantitative"}, "y2": {"field": "p90"}},
    }
    line: dict = {
        "mark": {"type": "line", "color": colour, "strokeWidth": 2.2 if each.role else 1.4},
        "encoding": {
            "tooltip": [
                {"field": "name", "title": words.supply},
                {"field": "allows", "title": words.allows},
                {"field": "day", "type": "temporal", "title": words.reported, "format": "%b %Y"},
            ]
        },
    }
    return {"data": {"values": _rows(each, days, bottom, top)}, "layer": [band, line] if each.role else [line]}


def _names(supplies: Sequence[SupplyCurve], last: dt.date, bottom: float, top: float) -> list[dict]:
    """Each name beside the end of its line, no legend to look up; pushed apart where lines end close together."""
    step = (top / bottom) ** (LINE / HEIGHT)
    ends = sorted((min(max(each.p50[-1], bottom), top / step), each.name, each) for each in supplies)
    layers, above = list[dict](), 0.0
    for end, name, each in ends:
        above = max(end, above * step)
        mark = {"type": "text", "text": name, "align": "left", "dx": 6, "color": "token:muted"}
        if each.role:
            mark |= {"fontWeight": 600, "color": COLOURS[each.role]}
        layers.append({"data": {"values": [{"day": last.isoformat(), "p50": above}]}, "mark": mark})
    return layers


def _ticks(bottom: float, top: float) -> list[float]:
    """1, 3, 10, 30, ... between the ends: every power of ten alone leaves an axis of two numbers."""
    powers = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    return [value for power in powers for value in (10.0**power, 3 * 10.0**power) if bottom <= value <= top]


def _target(target: float, first: dt.date, unit: str, words: Words) -> list[dict]:
    row = {"p50": target, "day": first.isoformat()}
    text = f"{words.target} {words.number(target)} {unit}".strip()
    return [
        {
            "data": {"values": [row]},
            "mark": {"type": "rule", "color": "token:muted", "strokeDash": [4, 4]},
            "encoding": {"x": None},
        },
        {
            "data": {"values": [row]},
            "mark": {"type": "text", "text": text, "align": "left", "dx": 4, "dy": -6, "color": "token:muted"},
        },
    ]


def _takeover(one: Takeover, last: dt.date, rung: int, words: Words) -> list[dict]:
    if one.p10 is None:
        return []
    end = one.p90 or last
    row = {"day": one.p10.isoformat(), "end": end.isoformat(), "middle": (one.p50 or last).isoformat()}
    height = {"expr": f"height - {8 + rung * RUNG}"}
    said = words.takes_over.format(name=one.name, share=f"{round(one.chance * 100)} %")
    data = {"values": [row]}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "y": height, "color": "token:accent", "strokeWidth": 4, "opacity": 0.45},
            "encoding": {
                "x": {"field": "day", "type": "temporal"},
                "x2": {"field": "end", "type": "temporal"},
                "y": None,
            },
        },
        {
            "data": data,
            "mark": {"type": "point", "y": height, "filled": True, "size": 55, "color": "token:accent", "opacity": 1},
            "encoding": {"x": {"field": "middle", "type": "temporal"}, "y": None},
        },
        {
            "data": data,
            "mark": {
                "type": "text",
                "text": said,
                "y": height,
                "x": 4,
                "dy": -12,
                "align": "left",
                "color": "token:ink",
            },
            "encoding": {"x": None, "y": None},
        },
    ]


def _in_words(title: str, supplies: Sequence[SupplyCurve], takeovers: Sequence[Takeover], words: Words) -> str:
    said = [words.supplies_alt.format(title=title, names=", ".join(each.name for each in supplies))]
    said += [words.limits_alt.format(name=each.name) for each in supplies if each.role == "limits"]
    said += [
        words.takeover_alt.format(name=one.name, day=words.day(one.p50), share=f"{round(one.chance * 100)} %")
        for one in takeovers
        if one.p50
    ]
    return " ".join(said)


def binding_chances(
    *, title: str, days: Sequence[dt.date], binds: Sequence[tuple[str, Sequence[float]]], words: Words | None = None
) -> dict:
    """Which supply binds when: a row each, the darker the likelier. `binds` gives names with a chance a day."""
    words = words or Words()
    if len(days) < 2 or not binds:
        raise ValueError("chances to bind need two days and a supply")
    rows = [
        {
            "day": day.isoformat(),
            "end": (days[k + 1] if k + 1 < len(days) else day + (day - days[k - 1])).isoformat(),
            "name": name,
            "chance": chances[k],
            "said": f"{round(chances[k] * 100)} %",
        }
        for name, chances in binds
        for k, day in enumerate(days)
        if chances[k] > 0
    ]
    return {
        "$schema": SCHEMA,
        "description": words.binds_alt.format(title=title),
        "width": "container",
        "height": {"step": 22},
        "autosize": {"type": "fit-x", "contains": "padding", "resize": True},
        "data": {"values": rows},
        "mark": {"type": "rect", "color": "token:urgent"},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "scale": {"type": "utc", "nice": False},
                "axis": day_axis(days[0], days[-1]),
            },
            "x2": {"field": "end"},
            "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "scale": {"paddingInner": 0.2}},
            "opacity": {
                "field": "chance",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [0, 1]},
                "legend": None,
            },
            "tooltip": [
                {"field": "name", "title": words.supply},
                {"field": "said", "title": words.binds},
                {"field": "day", "type": "temporal", "title": words.reported, "format": "%b %Y"},
            ],
        },
    }
