"""Every chart of the product, as Vega-Lite specs: plain values in, a dict out. Nothing here imports Django.

A spec names its colours by token ("token:accent"); static/charts.js looks them up in app.css when it draws, so that
one spec serves light, dark and paper. Words come in through `Words`, translated by the caller. Days travel as ISO dates
on a UTC scale: a date is a day, and must not move with the reader's zone.
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
LEVELS = ("doer", "lead", "manager", "relayed", "unknown")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def english_day(day: dt.date) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def english_number(value: float) -> str:
    return f"{value:,.6g}"


@dataclass(frozen=True)
class Words:
    """What a chart says. English by default; `look.chart_words()` gives the reader's language."""

    day: Callable[[dt.date], str] = english_day
    number: Callable[[float], str] = english_number
    today: str = "today"
    target: str = "target"
    deadline: str = "deadline"
    former_deadline: str = "former deadline"
    middle: str = "middle forecast"
    band_half: str = "half of outcomes"
    band_most: str = "8 in 10 outcomes"
    value: str = "Value"
    reported: str = "Observed"
    level: str = "Source"
    origin: str = "Entered"
    who: str = "Engineer"
    memo: str = "Memo"
    state: str = "State"
    in_force: str = "in force"
    superseded: str = "corrected later"
    quarantined: str = "quarantined"
    set_on: str = "Set on"
    levels: tuple[str, ...] = LEVELS  # in the order of LEVELS
    origins: tuple[tuple[str, str], ...] = ()  # origin -> word, where the word is another
    never: str = "not within 5 years"
    unknown: str = "unknown"
    finish: str = "Finish"
    last_acceptable: str = "last acceptable"
    share_by: str = "{share} by {day}"
    fan_alt: str = "{title}: {n} values from {first} to {last}, the newest {value}."
    fan_alt_target: str = "The target is {target}."
    fan_alt_deadline: str = "The deadline is {day}."
    fan_alt_forecast: str = "On {day} the forecast lies between {low} and {high}, in the middle {middle}."
    predicted: str = "Predicted finish"
    said_in: str = "Forecast of"
    kind: str = "Forecast"
    issued: str = "issued in that week"
    replayed: str = "replayed from what was known then"
    already_done: str = "done"
    catches_up: str = "today catches up"
    no_deadline: str = "none"
    slip_alt: str = "{title}: the finish predicted in {n} weeks, from {first} to {last}."
    slip_alt_first: str = "At first {finish}."
    slip_alt_newest: str = "Now {finish}."
    slip_alt_never: str = "In {n} of these weeks not within 5 years."
    finish_alt: str = "When {title} is finished: {early} is early, {middle} the middle, {late} late."
    finish_alt_deadline: str = "The chance to finish by the deadline, {day}, is {share}."
    finish_alt_never: str = "The chance of not finishing within 5 years is {share}."


@dataclass(frozen=True)
class Point:
    """A datapoint. `state` is "in force", "superseded" or "quarantined": these two are drawn hollow, off the line."""

    day: dt.date
    value: float
    level: str = "unknown"
    origin: str = ""
    engineer: str = ""
    memo: str = ""
    state: str = "in force"


@dataclass(frozen=True)
class Target:
    """The target in force from `day` on; a goal with revisions has several."""

    day: dt.date
    value: float


@dataclass(frozen=True)
class Deadline:
    """A stated deadline. Former ones are faint; `set_on` is when it was stated."""

    day: dt.date
    current: bool = True
    set_on: dt.date | None = None


@dataclass(frozen=True)
class Band:
    """The forecast of the value on a day: its quantiles."""

    day: dt.date
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


@dataclass(frozen=True)
class SlipWeek:
    """The finish as it was predicted on `day`: None is "not within 5 years", unless it was not `known` at all."""

    day: dt.date
    known: bool
    issued: bool = False  # then; else replayed now
    done: bool = False
    p10: dt.date | None = None
    p50: dt.date | None = None
    p90: dt.date | None = None
    deadline: dt.date | None = None  # in force then


@dataclass(frozen=True)
class SmallFan:
    """The course of a goal as shares of the way from its baseline (0) to its present target (1), on a shared scale."""

    points: Sequence[tuple[dt.date, float]]
    targets: Sequence[Target]
    first: dt.date
    last: dt.date
    today: dt.date
    fan: Sequence[Band] = ()
    deadline: dt.date | None = None
    label: str = ""  # the picture in words


@dataclass(frozen=True)
class Mark:
    """Something that happened: an intervention, a new limiting factor."""

    day: dt.date
    label: str


def share_in_words(chance: float | None, words: Words) -> str:
    """Never 0 % or 100 %: a forecast is not over."""
    if chance is None:
        return words.unknown
    return "< 1 %" if chance < 0.01 else "> 99 %" if chance > 0.99 else f"{round(chance * 100)} %"


# ---- the course of a goal --------------------------------------------------------------------------------------------


def goal_fan(
    *,
    title: str,
    unit: str,
    points: Sequence[Point],
    targets: Sequence[Target],
    today: dt.date,
    deadlines: Sequence[Deadline] = (),
    fan: Sequence[Band] = (),
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
    is as good as up: nothing is flipped or coloured by direction.
    """
    words = words or Words()
    in_force = sorted((point for point in points if point.state == "in force"), key=lambda point: point.day)
    targets = sorted(targets, key=lambda target: target.day)
    fan = sorted(fan, key=lambda band: band.day)
    shown_today = None if _is_long_over(points, deadlines, fan, today) else today
    first, last = _days_shown(points, targets, deadlines, fan, start, shown_today)
    low, high = _values_shown(points, targets, fan)
    layers: list[dict] = []
    if fan:
        layers += _fan_layers(fan, words)
    layers += _deadline_layers(deadlines, first, last, words)
    if shown_today:
        layers += _rule_with_label(shown_today, words.today, first, last, at_top=True)
    for mark in marks:
        layers += _rule_with_label(mark.day, mark.label, first, last, at_top=False, colour="token:accent")
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
                "axis": _day_axis(first, last),
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


def _days_shown(points, targets, deadlines, fan, start, today) -> tuple[dt.date, dt.date]:
    days = [point.day for point in points] + [band.day for band in fan] + [deadline.day for deadline in deadlines]
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


def _day_axis(first: dt.date, last: dt.date) -> dict:
    """Days, or months, with the year under the first label and under each January: never a date without its year."""
    unit = "'%-d %b'" if (last - first).days <= 150 else "'%b'"
    new_year = "datum.index === 0 || (utcmonth(datum.value) === 0 && utcdate(datum.value) < 8)"
    return {
        "title": None,
        "labelExpr": f"[utcFormat(datum.value, {unit}), {new_year} ? utcFormat(datum.value, '%Y') : '']",
    }


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
            rule = _rule_with_label(deadline.day, label, first, last, at_top=True, colour="token:ink", width=1.5)
            layers += _lowered(rule, 15)  # below the word for today, which may stand close by
    return layers


def _rule_with_label(
    day: dt.date,
    label: str,
    first: dt.date,
    last: dt.date,
    *,
    at_top: bool,
    colour: str = "token:muted",
    width: float = 1,
) -> list[dict]:
    """A vertical line with its word beside it, on the side where there is room."""
    position = (day - first).days / max(1, (last - first).days)
    right = position < 0.62
    data = {"values": [{"day": day.isoformat()}]}
    text = {
        "type": "text",
        "text": label,
        "align": "left" if right else "right",
        "dx": 5 if right else -5,
        "color": colour,
        "y": 0 if at_top else "height",
        "baseline": "top" if at_top else "bottom",
        "dy": 1 if at_top else -3,
    }
    rule = {"type": "rule", "color": colour, "strokeWidth": width, "y": 0, "y2": "height"}
    encoding = {"y": None}
    return [
        {"data": data, "mark": rule, "encoding": encoding},
        {"data": data, "mark": text, "encoding": encoding},
    ]


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


# ---- how the finish moved --------------------------------------------------------------------------------------------

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
                "axis": _day_axis(first, last),
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


# ---- when something is finished --------------------------------------------------------------------------------------

DOTS = 20
BINS = 14  # few enough for dots to stack


def finish_distribution(
    *,
    title: str,
    finish: Sequence[dt.date | None],
    today: dt.date,
    deadline: dt.date | None = None,
    last_acceptable: dt.date | None = None,
    p_deadline: float | None = None,
    p_never: float | None = None,
    words: Words | None = None,
) -> dict:
    """When it is finished, as twenty dots: people count chances better than they read densities.

    `finish` are equally likely finish days in any order (draws, or quantiles at equal steps); None is never. Each dot
    stands for one chance in twenty: filled by the deadline, hollow after it. What never finishes stands apart on the
    right, under its own words, and counts.
    """
    words = words or Words()
    if not finish:
        raise ValueError("a distribution needs at least one finish")
    dots = _twenty(finish)
    dated = [day for day in dots if day is not None]
    never = DOTS - len(dated)
    marks = [day for day in (deadline, last_acceptable) if day]
    first = min([today, *marks, *dated])
    last = max([today + dt.timedelta(days=14), *marks, *dated])
    step = max(1, math.ceil(((last - first).days + 1) / BINS))
    edge_of_deadline = (deadline + dt.timedelta(days=1)) if deadline else first
    rows, height_of = [], dict[int, int]()
    for day in dated:  # columns begin at the deadline, so that no column holds both sides of it
        column = (day - edge_of_deadline).days // step
        height_of[column] = height_of.get(column, 0) + 1
        rows.append(
            {
                "day": (edge_of_deadline + dt.timedelta(days=column * step + step // 2)).isoformat(),
                "stack": height_of[column],
                "when": words.day(day),
                "by": deadline is None or day <= deadline,
            }
        )
    tallest = max([*height_of.values(), 1])
    edge = last + dt.timedelta(days=step * (3 if never else 1))
    wall = last + dt.timedelta(days=step * 2)
    rows += [{"day": wall.isoformat(), "stack": index + 1, "when": words.never, "by": False} for index in range(never)]
    tallest = max(tallest, never)
    spacing = 14 if tallest <= 10 else 10
    layers: list[dict] = _rule_with_label(today, words.today, first, edge, at_top=True)
    if last_acceptable:
        layers += _rule_with_label(last_acceptable, words.last_acceptable, first, edge, at_top=True)
    if deadline:
        chance = p_deadline if p_deadline is not None else sum(row["by"] for row in rows) / DOTS
        label = words.share_by.format(share=share_in_words(chance, words), day=words.day(deadline))
        layers += _lowered(
            _rule_with_label(deadline, label, first, edge, at_top=True, colour="token:ink", width=1.5), 16
        )
    if never:
        chance = p_never if p_never is not None else never / DOTS
        label = f"{words.never}: {share_in_words(chance, words)}"
        layers += _lowered(_rule_with_label(wall, label, first, edge, at_top=True)[1:], 32)
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "shape": "circle", "size": 78 if spacing == 14 else 44, "opacity": 1},
            "encoding": {
                "y": {
                    "field": "stack",
                    "type": "quantitative",
                    "axis": None,
                    "scale": {"domain": [0.4, tallest + 0.6 + 50 / spacing], "nice": False, "zero": False},
                },
                "color": {"value": "token:accent"},
                "fill": {"condition": {"test": "datum.by", "value": "token:accent"}, "value": "token:surface"},
                "tooltip": [{"field": "when", "title": words.finish}],
            },
        }
    )
    return {
        "$schema": SCHEMA,
        "description": _finish_in_words(title, dots, deadline, p_deadline, p_never, words),
        "width": "container",
        "height": round(tallest * spacing + 50 + 36),  # dots, the words above them, the axis below
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "scale": {"type": "utc", "domain": [first.isoformat(), edge.isoformat()], "nice": False},
                "axis": _day_axis(first, edge),
            }
        },
        "layer": layers,
    }


def _lowered(layers: list[dict], pixels: int) -> list[dict]:
    """The same lines with their words further down, so that words of neighbouring lines do not meet."""
    return [
        {**layer, "mark": {**layer["mark"], "dy": layer["mark"]["dy"] + pixels}} if "dy" in layer["mark"] else layer
        for layer in layers
    ]


def _twenty(finish: Sequence[dt.date | None]) -> list[dt.date | None]:
    """Twenty equally likely days, never last."""
    ordered = sorted(finish, key=lambda day: (day is None, day or dt.date.max))
    return [ordered[min(len(ordered) - 1, math.floor((index + 0.5) / DOTS * len(ordered)))] for index in range(DOTS)]


def _finish_in_words(title, dots, deadline, p_deadline, p_never, words: Words) -> str:
    early, middle, late = (words.day(day) if day else words.never for day in (dots[1], dots[9], dots[17]))
    said = [words.finish_alt.format(title=title, early=early, middle=middle, late=late)]
    if deadline and p_deadline is not None:
        share = share_in_words(p_deadline, words)
        said.append(words.finish_alt_deadline.format(day=words.day(deadline), share=share))
    if p_never:
        said.append(words.finish_alt_never.format(share=share_in_words(p_never, words)))
    return " ".join(said)
