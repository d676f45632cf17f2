"""What limited a program, what limits it now, and what is expected to: periods as bars, one row a factor."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from projects.charts.parts import day_axis, rule_with_label
from projects.charts.values import SCHEMA, Words, share_in_words

ROWS = 8  # factors that limited last
BACK, AHEAD = dt.timedelta(days=730), dt.timedelta(days=365)  # how far at most
LEAST_AHEAD = dt.timedelta(days=60)
ROW_HEIGHT = 26


@dataclass(frozen=True)
class Period:
    """What limited from a day to a day; `last` None is now. `word`: no factor, but "converged" or "not known yet"."""

    label: str
    first: dt.date
    last: dt.date | None = None
    word: bool = False
    within: bool = False  # a layer of the factor above: the part of it that binds


@dataclass(frozen=True)
class Expected:
    """What may limit next: somewhere between two days, with a probability, as the model or a person says."""

    label: str
    first: dt.date
    last: dt.date
    probability: float
    by: str


def limit_ribbon(
    *, title: str, periods: Sequence[Period], expected: Sequence[Expected], today: dt.date, words: Words | None = None
) -> dict:
    """`periods` oldest first. Only what limits now has the urgent colour; what is expected is hollow."""
    words = words or Words()
    if not periods:
        raise ValueError("a ribbon needs at least one period")
    shown = [period for period in periods if (period.last or today) > today - BACK]
    labels = list(dict.fromkeys(period.label for period in shown))[-ROWS:]
    labels = list(dict.fromkeys([*labels, *(one.label for one in expected)]))
    shown = [period for period in shown if period.label in labels]
    first = max(min(period.first for period in shown), today - BACK) if shown else today - LEAST_AHEAD
    last = min(max([today + LEAST_AHEAD, *(one.last for one in expected)]), today + AHEAD)
    past = [_bar(period, first, today, words) for period in shown]
    ahead = [_window(one, today, last, words) for one in expected if one.first <= last]
    tooltip = [{"field": name, "title": title} for name, title in (("what", words.what), ("when", words.when))]
    height = len(labels) * ROW_HEIGHT
    bars = {"type": "bar", "height": 12, "cornerRadius": 2, "clip": True}
    colour = {
        "condition": [
            {"test": "datum.kind === 'now'", "value": "token:urgent"},
            {"test": "datum.kind === 'word'", "value": "token:line"},
        ],
        "value": "token:faint",
    }
    layers: list[dict] = [
        {"data": {"values": past}, "mark": bars, "encoding": {"color": colour, "tooltip": tooltip}},
        {
            "data": {"values": ahead},
            "mark": {**bars, "stroke": "token:accent", "strokeDash": [3, 2], "fill": "token:accent-soft"},
            "encoding": {"tooltip": [*tooltip, {"field": "chance", "title": words.probability}]},
        },
        {
            "data": {"values": ahead},
            "mark": {"type": "text", "align": "left", "dx": 4, "color": "token:ink", "clip": True},
            "encoding": {"text": {"field": "chance"}, "x2": None},
        },
    ]
    layers = [layer for layer in layers if layer["data"]["values"]]
    layers += [
        {**layer, "encoding": {"y": None, "x2": None}}
        for layer in rule_with_label(today, words.today, first, last, at_top=True)
    ]
    for layer in layers[-2:]:
        layer["mark"] = {**layer["mark"], **({"dy": -14} if layer["mark"]["type"] == "text" else {})}
    return {
        "$schema": SCHEMA,
        "description": _in_words(title, periods, expected, words),
        "width": "container",
        "height": height,
        "padding": {"top": 16},
        "autosize": {"type": "fit-x", "contains": "padding", "resize": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [first.isoformat(), last.isoformat()], "nice": False},
                "axis": day_axis(first, last),
            },
            "x2": {"field": "end", "type": "temporal"},  # else its copy of the domain is one of texts
            "y": {
                "field": "label",
                "type": "nominal",
                "sort": labels,
                "scale": {"domain": labels},
                "axis": {"title": None, "labelLimit": {"expr": "width < 420 ? 104 : 220"}, "domain": False},
            },
        },
        "layer": layers,
    }


def _bar(period: Period, first: dt.date, today: dt.date, words: Words) -> dict:
    end = period.last or today
    kind = "word" if period.word else "now" if period.last is None else "past"
    return {
        "label": period.label,
        "day": max(period.first, first).isoformat(),
        "end": max(end, period.first + dt.timedelta(days=1), first).isoformat(),
        "kind": kind,
        "what": period.label,
        "when": f"{words.day(period.first)} – {words.day(period.last) if period.last else words.now}",
    }


def _window(one: Expected, today: dt.date, last: dt.date, words: Words) -> dict:
    return {
        "label": one.label,
        "day": max(one.first, today).isoformat(),
        "end": min(one.last, last).isoformat(),
        "what": f"{one.label} ({one.by})",
        "when": f"{words.day(one.first)} – {words.day(one.last)}",
        "chance": share_in_words(one.probability, words),
    }


def _in_words(title: str, periods: Sequence[Period], expected: Sequence[Expected], words: Words) -> str:
    now = [period.label for period in periods if period.last is None]
    said = [words.ribbon_alt.format(title=title, n=len(periods), now=" ▸ ".join(now))]
    said += [
        words.ribbon_alt_next.format(
            what=one.label, by=one.by, first=words.day(one.first), last=words.day(one.last),
            share=share_in_words(one.probability, words),
        )
        for one in expected
    ]  # fmt: skip
    return " ".join(said)
