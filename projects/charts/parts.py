"""Parts that more than one chart is made of."""

import datetime as dt


def day_axis(first: dt.date, last: dt.date) -> dict:
    """Days, or months, with the year under the first label and under each January: never a date without its year."""
    unit = "'%-d %b'" if (last - first).days <= 150 else "'%b'"
    new_year = "datum.index === 0 || (utcmonth(datum.value) === 0 && utcdate(datum.value) < 8)"
    return {
        "title": None,
        "labelExpr": f"[utcFormat(datum.value, {unit}), {new_year} ? utcFormat(datum.value, '%Y') : '']",
    }


def rule_with_label(
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


def lowered(layers: list[dict], pixels: int) -> list[dict]:
    """The same lines with their words further down, so that words of neighbouring lines do not meet."""
    return [
        {**layer, "mark": {**layer["mark"], "dy": layer["mark"]["dy"] + pixels}} if "dy" in layer["mark"] else layer
        for layer in layers
    ]
