"""When something is finished, as twenty dots."""

import datetime as dt
import math
from collections.abc import Sequence

from projects.charts.parts import day_axis, lowered, rule_with_label
from projects.charts.values import SCHEMA, Words, share_in_words

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
    layers: list[dict] = rule_with_label(today, words.today, first, edge, at_top=True)
    if last_acceptable:
        layers += rule_with_label(last_acceptable, words.last_acceptable, first, edge, at_top=True)
    if deadline:
        chance = p_deadline if p_deadline is not None else sum(row["by"] for row in rows) / DOTS
        label = words.share_by.format(share=share_in_words(chance, words), day=words.day(deadline))
        layers += lowered(rule_with_label(deadline, label, first, edge, at_top=True, colour="token:ink", width=1.5), 16)
    if never:
        chance = p_never if p_never is not None else never / DOTS
        label = f"{words.never}: {share_in_words(chance, words)}"
        layers += lowered(rule_with_label(wall, label, first, edge, at_top=True)[1:], 32)
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
                "axis": day_axis(first, edge),
            }
        },
        "layer": layers,
    }


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
