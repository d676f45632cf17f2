"""How good what was said turned out to be: the reliability diagram, and deadlines met against their band."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.charts.values import SCHEMA, Words, share_in_words

MOST_DOTS = 60  # beyond it a dot each says no more than the place of the last


@dataclass(frozen=True)
class ReliableBin:
    """Forecasts that said about the same. said: their mean; came: the share that came; low, high: where it may lie."""

    said: float
    came: float
    low: float
    high: float
    n: int
    goals: int


def reliability(*, title: str, bins: Sequence[ReliableBin], words: Words | None = None) -> dict:
    """What was said against what came. On the diagonal both are the same; the bars are where luck alone may put it."""
    words = words or Words()
    if not bins:
        raise ValueError("a diagram needs at least one bin")
    rows = [
        {
            "said": one.said,
            "came": one.came,
            "low": one.low,
            "high": one.high,
            "n": one.n,
            "said_words": share_in_words(one.said, words),
            "came_words": f"{round(100 * one.came)} %",
            "band_words": f"{round(100 * one.low)} … {round(100 * one.high)} %",
            "goals": one.goals,
            "inside": one.low <= one.came <= one.high,
        }
        for one in bins
    ]
    tooltip = [
        {"field": "said_words", "title": words.said},
        {"field": "came_words", "title": words.came},
        {"field": "band_words", "title": words.band},
        {"field": "n", "title": words.forecasts},
        {"field": "goals", "title": words.of_goals},
    ]
    scale, axis = {"domain": [0, 1], "nice": False}, {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}

    def along(field: str, name: str) -> dict:
        return {"field": field, "type": "quantitative", "scale": scale, "axis": {**axis, "title": name}}

    return {
        "$schema": SCHEMA,
        "description": words.reliability_alt.format(title=title, n=sum(one.n for one in bins)),
        "width": "container",
        "height": 320,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "layer": [
            {
                "data": {"values": [{"said": 0, "came": 0}, {"said": 1, "came": 1}]},
                "mark": {"type": "line", "color": "token:muted", "strokeDash": [4, 3], "strokeWidth": 1},
                "encoding": {"x": along("said", words.said), "y": along("came", words.came)},
            },
            {
                "data": {"values": rows},
                "layer": [
                    {
                        "mark": {"type": "rule", "color": "token:accent", "strokeWidth": 7, "opacity": 0.22},
                        "encoding": {
                            "x": along("said", words.said),
                            "y": along("low", words.came),
                            "y2": {"field": "high"},
                        },
                    },
                    {
                        "mark": {"type": "point", "opacity": 1, "strokeWidth": 1.5},
                        "encoding": {
                            "x": along("said", words.said),
                            "y": along("came", words.came),
                            "size": {
                                "field": "n",
                                "type": "quantitative",
                                "scale": {"range": [50, 260]},
                                "legend": None,
                            },
                            "color": {"value": "token:accent"},
                            "fill": {
                                "condition": {"test": "datum.inside", "value": "token:accent"},
                                "value": "token:surface",
                            },
                            "tooltip": tooltip,
                        },
                    },
                ],
            },
        ],
    }


def deadlines_met(*, title: str, met: int, due: int, band: tuple[int, int], words: Words | None = None) -> dict:
    """A dot for each deadline due, filled where it was met; the last filled one lies in the shaded band, or does not.

    Of more than `MOST_DOTS` each dot stands for several.
    """
    words = words or Words()
    if due < 1:
        raise ValueError("nothing fell due")
    each = -(-due // MOST_DOTS)
    dots = [
        {"at": at, "met": at <= met, "state": words.met if at <= met else words.missed}
        for at in (min(end, due) for end in range(each, due + each, each))
    ]
    least, most = band
    said = words.met_of.format(met=met, n=due, least=least, most=most)
    x = {"type": "quantitative", "scale": {"domain": [0, due + each], "nice": False}}
    return {
        "$schema": SCHEMA,
        "description": words.met_alt.format(title=title, said=said),
        "width": "container",
        "height": 56,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "layer": [
            {
                "data": {"values": [{"least": least - 0.5, "most": most + 0.5, "band": f"{least} … {most}"}]},
                "mark": {"type": "rect", "color": "token:accent", "opacity": 0.14},
                "encoding": {
                    "x": {**x, "field": "least", "axis": {"title": None, "tickMinStep": 1, "grid": False}},
                    "x2": {"field": "most"},
                    "tooltip": [{"field": "band", "title": words.band}],
                },
            },
            {
                "data": {"values": dots},
                "mark": {"type": "point", "size": 70 if due <= 30 else 34, "opacity": 1},
                "encoding": {
                    "x": {**x, "field": "at"},
                    "color": {"value": "token:accent"},
                    "fill": {"condition": {"test": "datum.met", "value": "token:accent"}, "value": "token:surface"},
                    "tooltip": [{"field": "state", "title": words.deadline}],
                },
            },
        ],
    }
