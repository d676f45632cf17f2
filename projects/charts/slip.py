"""How the predicted finish of a goal moved, week by week."""

import datetime as dt
import math
from collections.abc import Sequence

from projects.charts.parts import day_axis
from projects.charts.values import SCHEMA, SlipWeek, Words

MOST_TICKS = 6


def slip_chart(*, title: str, weeks: Sequence[SlipWeek], words: Words | None = None, height: int = 320) -> dict:
    """The finish as it was predicted, week by week: across the week of the forecast, upwards the day it predicted.

    A finish that holds still is a level row of points; one that moves a week a week runs beside the line on which
    today catches up, and never meets it. "Not within 5 years" has a lane of its own at the top. Filled points were
    issued in their week, hollow ones are replayed; a week without a forecast is a gap.
    """
    words = words or Words()
    weeks = sorted(weeks, key=lambda week: week.day)
    if not any(week.known for week in weeks):
        raise ValueError("a slip chart needs at least one forecast")
    first, last = _end_of_week(weeks[0].day), _end_of_week(weeks[-1].day) + dt.timedelta(days=3)
    lane = any(week.known and week.p50 is None for week in weeks)
    low, ceiling, top = _finishes_shown(weeks, first, last, lane)
    rows = [_slip_row(week, ceiling, top, words) for week in weeks]
    layers = _catching_up_layers(first, last, low, words)
    if lane:
        layers += _lane_layers(first, last, ceiling, top, words)
    layers += _moved_layers(rows, words)
    return {
        "$schema": SCHEMA,
        "description": _slip_in_words(title, weeks, words),
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "encoding": {
            "x": {
                "type": "temporal",
                "field": "day",
                "scale": {"type": "utc", "domain": [first.isoformat(), last.isoformat()], "nice": False},
                "axis": day_axis(first, last),
            },
            "y": {
                "type": "quantitative",
                "scale": {"domain": [_instant(low), _instant(top)], "nice": False, "zero": False},
                "axis": {
                    **_finish_axis(low, ceiling),
                    "title": words.predicted,
                    "titleAngle": 0,
                    "titleAlign": "left",
                    "titleX": 0,
                    "titleY": -14,
                },
            },
        },
        "layer": layers,
    }


def _end_of_week(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=6 - day.weekday())


def _instant(day: dt.date) -> int:
    """Milliseconds, as Vega counts them. A second axis of time cannot be told its range as days can."""
    return (day - dt.date(1970, 1, 1)).days * 86_400_000


def _finishes_shown(
    weeks: Sequence[SlipWeek], first: dt.date, last: dt.date, lane: bool
) -> tuple[dt.date, dt.date, dt.date]:
    """The y range, and the day above which only the lane lies. Late outcomes may leave it, predictions may not."""
    middles = [day for week in weeks for day in (week.p10, week.p50) if day]
    deadlines = [week.deadline for week in weeks if week.deadline and week.deadline >= first - dt.timedelta(weeks=26)]
    low = min([first, *middles, *deadlines])
    high = max([last, *middles, *deadlines])
    if lane:  # today's own line stays well below the lane
        high = max(high, last + (last - first) / 2)
    late = [week.p90 for week in weeks if week.p90]
    high = max(high, min(max(late, default=high), high + (high - low) * 0.4))
    ceiling = high + max(dt.timedelta(days=4), (high - low) * 0.06)
    return low, ceiling, ceiling + (ceiling - low) * 0.12 if lane else ceiling


def _finish_axis(low: dt.date, high: dt.date) -> dict:
    """Firsts of months or years within the range, each with its year."""
    months = range(low.year * 12 + low.month - 1, high.year * 12 + high.month)
    for step in (1, 2, 3, 6, 12, 24):
        ticks = [dt.date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= MOST_TICKS:
            break
    form = "%Y" if step >= 12 else "%b %Y"
    if len(ticks) < 3:
        apart = max(1, math.ceil((high - low).days / MOST_TICKS))
        ticks = [low + dt.timedelta(days=k * apart) for k in range((high - low).days // apart + 1)]
        form = "%-d %b %Y"
    return {
        "values": [_instant(tick) for tick in ticks],
        "labelExpr": f"utcFormat(datum.value, '{form}')",
        "labelOverlap": False,
        "labelFlush": False,
    }


def _slip_row(week: SlipWeek, ceiling: dt.date, top: dt.date, words: Words) -> dict:
    never = week.known and week.p50 is None
    shown = (ceiling + (top - ceiling) / 2) if never else week.p50

    def said(day: dt.date | None) -> str:
        return words.day(day) if day else words.never if week.known else words.unknown

    bar = not week.done and week.p10 is not None
    return {
        "day": _end_of_week(week.day).isoformat(),  # at even steps, also where the week is not over
        "finish": _instant(shown) if shown else None,
        "dated": _instant(week.p50) if week.p50 else None,
        "early": _instant(week.p10) if bar and week.p10 else None,
        "late": _instant(min(week.p90 or ceiling, ceiling)) if bar else None,
        "deadline": _instant(week.deadline) if week.deadline else None,
        "issued": week.issued,
        "done": week.done,
        "never": never,
        "when": words.day(week.day),
        "middle": f"{said(week.p50)} ({words.already_done})" if week.done else said(week.p50),
        "most": f"{said(week.p10)} … {said(week.p90)}" if bar else said(week.p50),
        "due": words.day(week.deadline) if week.deadline else words.no_deadline,
        "kind": (words.issued if week.issued else words.replayed) if week.known else words.unknown,
    }


def _catching_up_layers(first: dt.date, last: dt.date, low: dt.date, words: Words) -> list[dict]:
    """The line on which the predicted finish is the day of the forecast; what lies under it is past."""
    ends = [{"day": day.isoformat(), "same": _instant(day), "low": _instant(low)} for day in (first, last)]
    return [
        {
            "data": {"values": ends},
            "mark": {"type": "area", "color": "token:line", "opacity": 0.45},
            "encoding": {"y": {"field": "same", "type": "quantitative"}, "y2": {"field": "low"}},
        },
        {
            "data": {"values": ends},
            "mark": {"type": "line", "color": "token:muted", "strokeWidth": 1},
            "encoding": {"y": {"field": "same", "type": "quantitative"}},
        },
        {
            "data": {"values": ends[-1:]},
            "mark": {
                "type": "text",
                "text": words.catches_up,
                "align": "right",
                "baseline": "bottom",
                "y": "height",
                "dx": -4,
                "dy": -4,
                "color": "token:muted",
            },
            "encoding": {"y": None},
        },
    ]


def _lane_layers(first: dt.date, last: dt.date, ceiling: dt.date, top: dt.date, words: Words) -> list[dict]:
    edge = [{"day": day.isoformat(), "edge": _instant(ceiling), "top": _instant(top)} for day in (first, last)]
    return [
        {
            "data": {"values": edge},
            "mark": {"type": "area", "color": "token:diverging", "opacity": 0.07},
            "encoding": {"y": {"field": "edge", "type": "quantitative"}, "y2": {"field": "top"}},
        },
        {
            "data": {"values": edge},
            "mark": {"type": "line", "color": "token:line-strong", "strokeWidth": 1},
            "encoding": {"y": {"field": "edge", "type": "quantitative"}},
        },
        {
            "data": {"values": edge[1:]},
            "mark": {
                "type": "text",
                "text": words.never,
                "align": "right",
                "baseline": "bottom",
                "y": 0,
                "dy": -3,
                "color": "token:muted",
            },
            "encoding": {"y": None},
        },
    ]


def _moved_layers(rows: list[dict], words: Words) -> list[dict]:
    wide = f"max(2, min(9, width / {max(len(rows), 12)} * 0.5))"
    layers: list[dict] = [
        {
            "data": {"values": _only([row for row in rows if row["early"]], "day", "early", "late")},
            "mark": {
                "type": "rule",
                "color": "token:accent",
                "opacity": 0.2,
                "strokeWidth": {"expr": wide},
                "clip": True,
            },
            "encoding": {"y": {"field": "early", "type": "quantitative"}, "y2": {"field": "late"}},
        },
        {
            "data": {"values": _only(rows, "day", "dated")},
            "mark": {"type": "line", "color": "token:accent", "strokeWidth": 1, "invalid": "break-paths-show-domains"},
            "encoding": {"y": {"field": "dated", "type": "quantitative"}},
        },
    ]
    due = [row for row in rows if row["deadline"]]
    if due:
        named = _roomier_end(rows, due)
        layers += [
            {
                "data": {"values": _only(rows, "day", "deadline")},
                "mark": {
                    "type": "line",
                    "interpolate": "step-after",
                    "color": "token:ink",
                    "strokeWidth": 1.5,
                    "clip": True,
                    "invalid": "break-paths-show-domains",
                },
                "encoding": {"y": {"field": "deadline", "type": "quantitative"}},
            },
            {
                "data": {"values": [{"day": named["day"], "deadline": named["deadline"]}]},
                "mark": {
                    "type": "text",
                    "text": f"{words.deadline} {named['due']}",
                    "align": "right" if named is due[-1] else "left",
                    "baseline": "bottom",
                    "dy": -4,
                    "color": "token:ink",
                    "clip": True,
                },
                "encoding": {"y": {"field": "deadline", "type": "quantitative"}},
            },
        ]
    filled = {"condition": {"test": "datum.issued", "value": "token:accent"}, "value": "token:surface"}
    place = {"y": {"field": "finish", "type": "quantitative"}, "fill": filled}
    point = {"type": "point", "color": "token:accent", "opacity": 1, "strokeWidth": {"expr": "width < 420 ? 0.8 : 1.5"}}
    held = [row for row in rows if row["finish"]]
    layers += [
        {
            "data": {"values": _only([row for row in held if not row["never"]], "day", "finish", "issued")},
            "mark": {**point, "shape": "circle", "size": {"expr": "width < 420 ? 14 : 30"}},
            "encoding": place,
        },
        {
            "data": {"values": _only([row for row in held if row["never"]], "day", "finish", "issued")},
            "mark": {**point, "shape": "triangle-up", "size": {"expr": "width < 420 ? 12 : 36"}},
            "encoding": place,
        },
        {
            "data": {"values": _only(rows, "day", "when", "middle", "most", "due", "kind")},
            "mark": {"type": "rule", "opacity": 0.001, "strokeWidth": {"expr": wide}, "y": 0, "y2": "height"},
            "encoding": {
                "y": None,
                "tooltip": [
                    {"field": "when", "title": words.said_in},
                    {"field": "middle", "title": words.predicted},
                    {"field": "most", "title": words.band_most},
                    {"field": "due", "title": words.deadline},
                    {"field": "kind", "title": words.kind},
                ],
            },
        },
    ]
    return [layer for layer in layers if layer["data"]["values"]]


def _only(rows: list[dict], *fields: str) -> list[dict]:
    return [{field: row[field] for field in fields} for row in rows]


def _roomier_end(rows: list[dict], due: list[dict]) -> dict:
    """Where the deadline is named: at its end, or at its beginning where the finish comes near it at the end."""

    def room(near: list[dict]) -> int:
        return min(
            (abs(row["finish"] - row["deadline"]) for row in near if row["finish"] and row["deadline"]), default=0
        )

    part = max(1, len(rows) * 2 // 5)
    moved = due[0]["deadline"] != due[-1]["deadline"]
    return due[-1] if moved or room(rows[-part:]) >= room(rows[:part]) else due[0]


def _slip_in_words(title: str, weeks: Sequence[SlipWeek], words: Words) -> str:
    known = [week for week in weeks if week.known]
    never = sum(week.p50 is None for week in known)
    first, newest = (words.day(week.p50) if week.p50 else words.never for week in (known[0], known[-1]))
    said = [
        words.slip_alt.format(title=title, n=len(known), first=words.day(known[0].day), last=words.day(known[-1].day)),
        words.slip_alt_first.format(finish=first),
        words.slip_alt_newest.format(finish=newest),
    ]
    if never:
        said.append(words.slip_alt_never.format(n=never))
    return " ".join(said)
