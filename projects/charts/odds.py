"""The odds of finishing in time as each review closed, against the line under which only a decision helps."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from projects.charts.parts import day_axis, rule_with_label
from projects.charts.values import SCHEMA, Words, share_in_words

LEAST_TOP = 0.25  # the axis ends at least there, so that the line is not at the edge
HEIGHT = 170


@dataclass(frozen=True)
class OddsOfReview:
    """`p` of a review that closed on `day`; None is unknown."""

    day: dt.date
    p: float | None


def review_odds(
    *,
    title: str,
    reviews: Sequence[OddsOfReview],
    line: float,
    today: dt.date,
    decisions: Sequence[tuple[dt.date, str]] = (),
    words: Words | None = None,
) -> dict:
    """`line`: the odds below which success is no longer among the outcomes. Each decision is a day and a word."""
    words = words or Words()
    known = [one for one in reviews if one.p is not None]
    if not known:
        raise ValueError("odds need at least one review of which they are known")
    days = [one.day for one in reviews] + [day for day, _word in decisions]
    first = min([*days, today - dt.timedelta(days=14)])
    last = max([*days, today])
    edge = last + max(dt.timedelta(days=3), (last - first) * 0.06)
    top = min(1.0, max(LEAST_TOP, max(one.p or 0.0 for one in known) * 1.15))
    rows = [
        {
            "day": one.day.isoformat(),
            "p": one.p,
            "under": one.p is not None and one.p < line,
            "when": words.day(one.day),
            "said": share_in_words(one.p, words),
        }
        for one in known
    ]
    newest = known[-1]
    layers: list[dict] = [
        {
            "data": {"values": [{"from": 0, "to": line}]},
            "mark": {"type": "rect", "color": "token:diverging", "opacity": 0.1, "x": 0, "x2": "width"},
            "encoding": {"x": None, "y": {"field": "from", "type": "quantitative"}, "y2": {"field": "to"}},
        },
        {
            "data": {"values": [{"line": line}]},
            "mark": {"type": "rule", "color": "token:diverging", "strokeDash": [4, 3], "x": 0, "x2": "width"},
            "encoding": {"x": None, "y": {"field": "line", "type": "quantitative"}},
        },
    ]
    for day, word in decisions:
        layers += rule_with_label(day, word, first, edge, at_top=True, colour="token:ink")
    layers += [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "color": "token:accent", "strokeWidth": 1.5},
            "encoding": {"y": {"field": "p", "type": "quantitative"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "point", "shape": "circle", "size": 60, "filled": True, "opacity": 1},
            "encoding": {
                "y": {"field": "p", "type": "quantitative"},
                "color": {"condition": {"test": "datum.under", "value": "token:diverging"}, "value": "token:accent"},
                "tooltip": [
                    {"field": "when", "title": words.review},
                    {"field": "said", "title": words.odds},
                ],
            },
        },
    ]
    return {
        "$schema": SCHEMA,
        "description": words.odds_alt.format(
            title=title,
            n=len(known),
            newest=share_in_words(newest.p, words),
            day=words.day(newest.day),
            under=sum(one.p is not None and one.p < line for one in known),
            line=share_in_words(line, words),
        ),
        "width": "container",
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [first.isoformat(), edge.isoformat()], "nice": False},
                "axis": day_axis(first, edge),
            },
            "y": {
                "type": "quantitative",
                "scale": {"domain": [0, top], "nice": False},
                "axis": {"title": None, "format": "~%", "tickCount": 5},
            },
        },
        "layer": layers,
    }
