"""The course of a goal: its points, its targets and deadlines, and the fan of what is to come."""

import datetime as dt
import math
from collections.abc import Sequence

from projects.charts.parts import day_axis, lowered, rule_with_label
from projects.charts.values import LEVELS, SCHEMA, SHAPES, Band, Deadline, Mark, Point, Target, Words


def goal_fan(
    *,
    title: str,
    unit: str,
    points: Sequence[Point],
    targets: Sequence[Target],
    today: dt.date,
    deadlines: Sequence[Deadline] = (),
    fan: Sequence[Band] = (),
    former: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
    start: dt.date | None = None,
    words: Words | None = None,
    height: int = 320,
    legend: bool = True,
) -> dict:
    """What was reported, what is aimed at, and where it is going.

    Values hold until the next one, so the line is a staircase. The fan begins where the caller's first Band lies
    (today, or the last value) and ends at its last; labels sit on the lines, so that no legend is needed, except for
    the source levels where there is more than one: leave it out where a toggle by level names them. The signal
    `hidden_levels`, a list of levels, takes their points out of the picture; the line, what was in force, stays. Down
    is as good as up: nothing is flipped or coloured by direction. `former` is the curve from before an intervention,
    carried on.
    """
    words = words or Words()
    in_force = sorted((point for point in points if point.state == "in force"), key=lambda point: point.day)
    targets = sorted(targets, key=lambda target: target.day)
    fan = sorted(fan, key=lambda band: band.day)
    former = sorted(former, key=lambda band: band.day)
    shown_today = None if _is_long_over(points, deadlines, fan, today) else today
    first, last = _days_shown(points, targets, deadlines, fan, marks, start, shown_today)
    low, high = _values_shown(points, targets, [*fan, *former])
    layers: list[dict] = []
    if fan:
        layers += _fan_layers(fan, words)
    if former:
        layers += _former_layers(former, words)
    layers += _deadline_layers(deadlines, first, last, words)
    if shown_today:
        layers += rule_with_label(shown_today, words.today, first, last, at_top=True)
    layers += _mark_layers(marks, first, last, words, at_top=_runs_low(in_force, marks, low, high))
    if targets:
        layers += _target_layers(targets, last, unit, words)
    if points:
        layers += _point_layers(points, in_force, shown_today or last, words, legend)
    return {
        "$schema": SCHEMA,
        "description": _fan_in_words(title, unit, in_force, targets, deadlines, fan, words),
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "params": [{"name": "hidden_levels", "value": []}],
        "encoding": {
            "x": {
                "type": "temporal",
                "field": "day",
                "scale": {"type": "utc", "domain": [first.isoformat(), last.isoformat()], "nice": False},
                "axis": day_axis(first, last),
            },
            "y": {
                "type": "quantitative",
                "scale": {"domain": [low, high], "nice": False, "zero": False},
                "axis": {"title": unit, "titleAngle": 0, "titleAlign": "left", "titleX": 0, "titleY": -14},
            },
        },
        "layer": layers,
    }


def _is_long_over(points, deadlines, fan, today) -> bool:
    """Nothing is forecast and nothing was said for longer than it all took: today would squeeze it into a corner."""
    days = [point.day for point in points] + [deadline.day for deadline in deadlines]
    return bool(points) and not fan and today - max(days) > max(dt.timedelta(weeks=13), (max(days) - min(days)) / 2)


def _days_shown(points, targets, deadlines, fan, marks, start, today) -> tuple[dt.date, dt.date]:
    days = [point.day for point in points] + [band.day for band in fan] + [deadline.day for deadline in deadlines]
    days += [mark.day for mark in marks]
    days += [day for day in (start, today) if day]
    if not points and targets:
        days.append(targets[0].day)
    first, last = min(days), max(days)
    room = max(3, round((last - first).days * 0.03))
    return first, last + dt.timedelta(days=room)


def _values_shown(points, targets, fan) -> tuple[float, float]:
    """The y range: all that was, the target, and the inner half of what may come; the outer band may leave it."""
    core = [point.value for point in points if point.state != "quarantined"] + [target.value for target in targets]
    core += [value for band in fan for value in (band.p25, band.p75)]
    core = [value for value in core if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(core), max(core)
    span = (high - low) or abs(high) or 1.0
    outer = [value for band in fan for value in (band.p10, band.p90) if math.isfinite(value)]
    bottom = max(min([low, *outer]), low - span / 2) - span * 0.06
    top = min(max([high, *outer]), high + span / 2) + span * 0.15  # room for the words at the top
    return (0.0 if low >= 0 > bottom else bottom), top


def _fan_layers(fan: Sequence[Band], words: Words) -> list[dict]:
    rows = [
        {
            "day": band.day.isoformat(),
            "p10": band.p10,
            "p25": band.p25,
            "p50": band.p50,
            "p75": band.p75,
            "p90": band.p90,
            "when": words.day(band.day),
            "middle": words.number(band.p50),
            "half": f"{words.number(band.p25)} … {words.number(band.p75)}",
            "most": f"{words.number(band.p10)} … {words.number(band.p90)}",
        }
        for band in fan
    ]
    tooltip = [
        {"field": "when", "title": words.reported},
        {"field": "middle", "title": words.middle},
        {"field": "half", "title": words.band_half},
        {"field": "most", "title": words.band_most},
    ]
    area = {"type": "area", "color": "token:accent", "clip": True}
    end = {"values": [{"day": rows[-1]["day"], "p50": fan[-1].p50, "label": words.middle}]}
    return [
        {
            "data": {"values": rows},
            "layer": [
                {
                    "mark": {**area, "opacity": 0.1},
                    "encoding": {"y": {"field": "p10", "type": "quantitative"}, "y2": {"field": "p90"}},
                },
                {
                    "mark": {**area, "opacity": 0.16},
                    "encoding": {"y": {"field": "p25", "type": "quantitative"}, "y2": {"field": "p75"}},
                },
                {
                    "mark": {
                        "type": "line",
                        "color": "token:accent",
                        "strokeWidth": 1.75,
                        "strokeDash": [5, 3],
                        "clip": True,
                    },
                    "encoding": {"y": {"field": "p50", "type": "quantitative"}},
                },
                {
                    "mark": {"type": "rule", "opacity": 0.001, "strokeWidth": 12, "clip": True},
                    "encoding": {
                        "y": {"field": "p10", "type": "quantitative"},
                        "y2": {"field": "p90"},
                        "tooltip": tooltip,
                    },
                },
            ],
        },
        {
            "data": end,
            "mark": {"type": "text", "align": "right", "dy": -12, "color": "token:accent", "text": words.middle},
            "encoding": {"y": {"field": "p50", "type": "quantitative"}},
        },
    ]


def _former_layers(former: Sequence[Band], words: Words) -> list[dict]:
    """The old curve carried on: its middle, and faintly where 8 in 10 outcomes lie."""
    rows = [
        {
            "day": band.day.isoformat(),
            "p10": band.p10,
            "p50": band.p50,
            "p90": band.p90,
            "when": words.day(band.day),
            "middle": words.number(band.p50),
            "most": f"{words.number(band.p10)} … {words.number(band.p90)}",
        }
        for band in former
    ]
    value = {"field": "p50", "type": "quantitative"}
    tooltip = [
        {"field": "when", "title": words.old_curve},
        {"field": "middle", "title": words.middle},
        {"field": "most", "title": words.band_most},
    ]
    line = {"type": "line", "color": "token:muted", "strokeWidth": 1.5, "strokeDash": [2, 3], "clip": True}
    return [
        {
            "data": {"values": rows},
            "layer": [
                {
                    "mark": {"type": "area", "color": "token:muted", "opacity": 0.1, "clip": True},
                    "encoding": {"y": {"field": "p10", "type": "quantitative"}, "y2": {"field": "p90"}},
                },
                {"mark": line, "encoding": {"y": value, "tooltip": tooltip}},
            ],
        },
        {
            "data": {"values": rows[-1:]},
            "mark": {"type": "text", "align": "right", "dy": 14, "color": "token:muted", "text": words.old_curve},
            "encoding": {"y": {"field": "p10", "type": "quantitative"}},
        },
    ]


def _deadline_layers(deadlines: Sequence[Deadline], first: dt.date, last: dt.date, words: Words) -> list[dict]:
    layers: list[dict] = []
    former = [
        {
            "day": deadline.day.isoformat(),
            "when": words.day(deadline.day),
            "set": words.day(deadline.set_on) if deadline.set_on else words.unknown,
        }
        for deadline in deadlines
        if not deadline.current
    ]
    if former:
        layers.append(
            {
                "data": {"values": former},
                "mark": {"type": "rule", "color": "token:faint", "strokeDash": [2, 3]},
                "encoding": {
                    "tooltip": [
                        {"field": "when", "title": words.former_deadline},
                        {"field": "set", "title": words.set_on},
                    ]
                },
            }
        )
    for deadline in deadlines:
        if deadline.current:
            label = f"{words.deadline} {words.day(deadline.day)}"
            rule = rule_with_label(deadline.day, label, first, last, at_top=True, colour="token:ink", width=1.5)
            layers += lowered(rule, 15)  # below the word for today, which may stand close by
    return layers


def _runs_low(in_force: Sequence[Point], marks: Sequence[Mark], low: float, high: float) -> bool:
    """Whether the course runs in the lower half where the marks stand: their words then stand above it."""
    near = [p.value for p in in_force if marks and min(m.day for m in marks) <= p.day]
    return sum(near) < (low + high) / 2 * len(near)


def _mark_layers(marks: Sequence[Mark], first: dt.date, last: dt.date, words: Words, *, at_top: bool) -> list[dict]:
    """A rule each with its word, in three rows by turns, so that neighbours do not meet."""
    layers: list[dict] = []
    for n, mark in enumerate(sorted(marks, key=lambda mark: mark.day)):
        rule = rule_with_label(mark.day, mark.label, first, last, at_top=at_top, colour="token:accent")
        layers += lowered(rule, 50 + 14 * (n % 3) if at_top else -14 * (n % 3))
    rows = [
        {
            "day": mark.day.isoformat(),
            "when": words.day(mark.day),
            "done": mark.label,
            "memo": _short(mark.memo),
            "expected": mark.expected,
        }
        for mark in marks
    ]
    if rows:
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "rule", "opacity": 0.001, "strokeWidth": 12, "y": 0, "y2": "height"},
                "encoding": {
                    "y": None,
                    "tooltip": [
                        {"field": "done", "title": words.intervention},
                        {"field": "when", "title": words.set_on},
                        {"field": "expected", "title": words.expected},
                        {"field": "memo", "title": words.memo},
                    ],
                },
            }
        )
    return layers


def _target_layers(targets: Sequence[Target], last: dt.date, unit: str, words: Words) -> list[dict]:
    rows = [
        {
            "day": target.day.isoformat(),
            "target": target.value,
            "said": f"{words.number(target.value)} {unit}".strip(),
            "when": words.day(target.day),
        }
        for target in targets
    ]
    rows.append({**rows[-1], "day": last.isoformat()})
    label = {"day": rows[0]["day"], "target": targets[0].value}
    newest = targets[-1]
    texts = [{**label, "text": f"{words.target} {words.number(targets[0].value)}"}]
    if newest.value != targets[0].value:
        texts.append(
            {
                "day": newest.day.isoformat(),
                "target": newest.value,
                "text": f"{words.target} {words.number(newest.value)}",
            }
        )
    value = {"y": {"field": "target", "type": "quantitative"}}
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "interpolate": "step-after", "color": "token:muted", "strokeWidth": 1.5},
            "encoding": {
                **value,
                "tooltip": [{"field": "said", "title": words.target}, {"field": "when", "title": words.set_on}],
            },
        },
        {
            "data": {"values": texts},
            "mark": {"type": "text", "align": "left", "baseline": "bottom", "dx": 3, "dy": -4, "color": "token:muted"},
            "encoding": {**value, "text": {"field": "text"}},
        },
    ]


def _point_layers(
    points: Sequence[Point], in_force: Sequence[Point], until: dt.date, words: Words, legend: bool
) -> list[dict]:
    states = {"in force": words.in_force, "superseded": words.superseded, "quarantined": words.quarantined}
    level_words = dict(zip(LEVELS, words.levels, strict=True))
    origins = dict(words.origins)

    def row(point: Point) -> dict:
        return {
            "day": point.day.isoformat(),
            "value": point.value,
            "when": words.day(point.day),
            "said": words.number(point.value),
            "level": level_words.get(point.level, point.level),
            "source": point.level,
            "origin": origins.get(point.origin, point.origin),
            "who": point.engineer,
            "memo": _short(point.memo),
            "state": states[point.state],
        }

    value = {"y": {"field": "value", "type": "quantitative"}}
    tooltip = [
        {"field": "when", "title": words.reported},
        {"field": "said", "title": words.value},
        {"field": "level", "title": words.level},
    ]
    optional = (("who", words.who, "engineer"), ("origin", words.origin, "origin"), ("memo", words.memo, "memo"))
    tooltip += [
        {"field": key, "title": title} for key, title, name in optional if any(getattr(p, name) for p in points)
    ]
    levels = [level_words[level] for level in LEVELS if any(point.level == level for point in points)]
    shape: dict = {"value": "circle"}
    if len(levels) > 1:
        shape = {
            "field": "level",
            "type": "nominal",
            "scale": {"domain": levels, "range": [SHAPES[words.levels.index(level)] for level in levels]},
            "legend": {
                "title": words.level,
                "orient": "bottom",
                "direction": "horizontal",
                "symbolFillColor": "token:ink",
            }
            if legend
            else None,
        }
    shown = [{"filter": "indexof(hidden_levels, datum.source) < 0"}]
    layers: list[dict] = []
    if in_force:
        held = [row(point) for point in in_force]
        if in_force[-1].day < until:
            held.append({**held[-1], "day": until.isoformat()})  # the last value holds
        layers.append(
            {
                "data": {"values": [{"day": item["day"], "value": item["value"]} for item in held]},
                "mark": {"type": "line", "interpolate": "step-after", "color": "token:ink", "strokeWidth": 1.5},
                "encoding": value,
            }
        )
        layers.append(
            {
                "data": {"values": [row(point) for point in in_force]},
                "transform": shown,
                "mark": {"type": "point", "filled": True, "color": "token:ink", "opacity": 1, "size": 34},
                "encoding": {**value, "shape": shape, "tooltip": tooltip},
            }
        )
    hollow = [row(point) for point in points if point.state != "in force"]
    if hollow:
        layers.append(
            {
                "data": {"values": hollow},
                "transform": shown,
                "mark": {
                    "type": "point",
                    "filled": False,
                    "color": "token:faint",
                    "opacity": 1,
                    "size": 34,
                    "clip": True,
                },
                "encoding": {**value, "shape": shape, "tooltip": [*tooltip, {"field": "state", "title": words.state}]},
            }
        )
    return layers


def _short(memo: str, limit: int = 160) -> str:
    return memo if len(memo) <= limit else f"{memo[: limit - 1].rstrip()}…"


def _fan_in_words(title, unit, in_force, targets, deadlines, fan, words: Words) -> str:
    said = []
    if in_force:
        newest = in_force[-1]
        said.append(
            words.fan_alt.format(
                title=title,
                n=len(in_force),
                first=words.day(in_force[0].day),
                last=words.day(newest.day),
                value=f"{words.number(newest.value)} {unit}".strip(),
            )
        )
    else:
        said.append(f"{title}.")
    if targets:
        said.append(words.fan_alt_target.format(target=f"{words.number(targets[-1].value)} {unit}".strip()))
    said += [words.fan_alt_deadline.format(day=words.day(deadline.day)) for deadline in deadlines if deadline.current]
    if fan:
        end = fan[-1]
        low, middle, high = (words.number(value) for value in (end.p10, end.p50, end.p90))
        said.append(words.fan_alt_forecast.format(day=words.day(end.day), low=low, middle=middle, high=high))
    return " ".join(said)
