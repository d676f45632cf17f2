"""What interventions brought, each as an interval in days, by type."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from projects.charts.values import SCHEMA, Words

ROW, AXIS = 22, 56  # pixels
LEAST_REACH = 30  # days: the axis never shows less on either side


@dataclass(frozen=True)
class EffectRow:
    """One intervention: days earlier, with 80 % from `low` to `high`; an end of None is beyond counting."""

    type: str
    what: str
    days: float | None
    low: float | None
    high: float | None
    expected: float


def effect_intervals(*, title: str, rows: Sequence[EffectRow], words: Words | None = None) -> dict:
    """A line from the low to the high end of each, its middle as a dot, what was expected as a tick. Right is earlier.

    An end beyond counting runs to the edge and ends in an arrow. Rows of one type stand together, in the order given.
    """
    words = words or Words()
    if not rows:
        raise ValueError("a picture of effects needs at least one")
    ends = [abs(end) for row in rows for end in (row.low, row.high, row.days, row.expected) if end is not None]
    reach = math.ceil(max([LEAST_REACH, *ends]) * 1.1)
    values = [
        {
            "row": f"{n:03d}",
            "what": f"{row.type}: {row.what}",
            "low": -reach if row.low is None else row.low,
            "high": reach if row.high is None else row.high,
            "days": row.days,
            "expected": row.expected,
            "from": words.unknown_end if row.low is None else words.number(row.low),
            "to": words.unknown_end if row.high is None else words.number(row.high),
            "middle": words.unknown if row.days is None else words.number(row.days),
            "wanted": words.number(row.expected),
            "open_low": row.low is None,
            "open_high": row.high is None,
        }
        for n, row in enumerate(rows)
    ]
    names = {f"{n:03d}": f"{row.type}: {row.what}" for n, row in enumerate(rows)}
    y = {
        "field": "row",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelExpr": f"({_table(names)})[datum.value]",
            "labelLimit": 170,
            "labelOverlap": False,  # a row each, and each has its name beside it
            "labelFlush": False,
            "ticks": False,
            "domain": False,
        },
    }
    tooltip = [
        {"field": "what", "title": words.intervention},
        {"field": "middle", "title": words.days_earlier},
        {"field": "from", "title": words.at_least},
        {"field": "to", "title": words.at_most},
        {"field": "wanted", "title": words.expected},
    ]

    def arrow(field: str, end: str, shape: str) -> dict:
        return {
            "transform": [{"filter": f"datum.{field}"}],
            "mark": {
                "type": "point",
                "shape": shape,
                "filled": True,
                "size": 60,
                "color": "token:accent",
                "opacity": 1,
            },
            "encoding": {"x": {"field": end, "type": "quantitative"}},
        }

    # A layer without a mark would be a picture without words to a screen reader.
    arrows = [arrow("open_low", "low", "triangle-left")] if any(row.low is None for row in rows) else []
    arrows += [arrow("open_high", "high", "triangle-right")] if any(row.high is None for row in rows) else []
    return {
        "$schema": SCHEMA,
        "description": words.effects_alt.format(title=title, n=len(rows)),
        "width": "container",
        "height": len(rows) * ROW + AXIS,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {
                "data": {"values": [{"days": 0}]},
                "mark": {"type": "rule", "color": "token:muted"},
                "encoding": {"x": {"field": "days", "type": "quantitative"}, "y": None},
            },
            {
                "mark": {"type": "rule", "color": "token:accent", "strokeWidth": 2},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "scale": {"domain": [-reach, reach], "nice": False},
                        "axis": {"title": words.later_earlier},
                    },
                    "x2": {"field": "high"},
                    "tooltip": tooltip,
                },
            },
            *arrows,
            {
                "mark": {"type": "tick", "color": "token:ink", "thickness": 2, "size": 14},
                "encoding": {"x": {"field": "expected", "type": "quantitative"}},
            },
            {
                "transform": [{"filter": "datum.days !== null"}],
                "mark": {"type": "point", "filled": True, "color": "token:accent", "opacity": 1, "size": 70},
                "encoding": {"x": {"field": "days", "type": "quantitative"}, "tooltip": tooltip},
            },
        ],
    }


def _table(names: dict[str, str]) -> str:
    """A Vega expression that maps row keys to names; quotes in a name stay text."""
    pairs = (f"'{key}': '{_quoted(name)}'" for key, name in names.items())
    return "{" + ", ".join(pairs) + "}"


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")
