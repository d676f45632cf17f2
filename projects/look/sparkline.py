"""The course of a goal or a program in a row of a table, as a small inline SVG."""

import math
from collections.abc import Iterable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from projects.look.dates import local_day
from projects.look.numbers import DASH, finite, number

WIDTH, HEIGHT, PAD = 120, 28, 3


def sparkline(points: Iterable | None, target: float | None = None, unit: str = "", label: str = "") -> SafeString:
    """The course of a goal or program as a small inline SVG: a step line, the target, the last point.

    `points` are numbers, or pairs of a day (date or ISO string) and a number, oldest first. Values hold until the next
    one, so the line is a staircase: a slope would invent progress between two reports.
    """
    series = _series(points)
    if not series:
        return format_html(
            '<span class="muted" title="{0}">{1}<span class="visually-hidden"> {0}</span></span>',
            gettext("no data"),
            DASH,
        )
    xs, ys = [x for x, _y in series], [y for _x, y in series]
    goal = finite(target)
    low, high = min([*ys, *([goal] if goal is not None else [])]), max([*ys, *([goal] if goal is not None else [])])
    wide, tall = (xs[-1] - xs[0]) or 1.0, (high - low) or 1.0

    def up(y: float) -> float:
        return round(HEIGHT - PAD - (y - low if high > low else 0.5) / tall * (HEIGHT - 2 * PAD), 1)

    steps, level = [], None
    for x, y in series:  # a board draws hundreds of these: one pass, and nothing where nothing moved
        across, height = round(PAD + ((x - xs[0]) / wide if xs[-1] > xs[0] else 1) * (WIDTH - 2 * PAD), 1), up(y)
        if level is None:
            steps.append(f"M{across:g} {height:g}")
        elif height != level:
            steps.append(f"H{across:g}V{height:g}")
        level = height
    if not steps[-1].startswith(f"H{across:g}V"):
        steps.append(f"H{across:g}")
    line, top = "", ""
    if goal is not None and up(goal) == PAD:
        top = " spark-top"  # a background of app.css: one element less in each row of a board
    elif goal is not None:
        line = f'<line x1="0" x2="{WIDTH}" y1="{up(goal):g}" y2="{up(goal):g}"/>'
    shapes = f'{line}<path d="{"".join(steps)}" marker-end="url(#spark-end)"/>'
    words = escape(label or _course(ys, goal, unit))
    frame = f'class="spark{top}" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
    return mark_safe(f'<svg {frame} aria-label="{words}">{shapes}</svg>')  # noqa: S308  numbers and escaped words only


def _series(points: Iterable | None) -> list[tuple[float, float]]:
    """Points as (position, finite value), in order of position."""
    series = []
    for index, point in enumerate(points or ()):
        if isinstance(point, (tuple, list)):
            local, y = local_day(point[0]), finite(point[1])
            x = float(local.toordinal()) if local else float(index)
        else:
            x, y = float(index), finite(point)
        if y is not None and math.isfinite(y):
            series.append((x, y))
    return sorted(series, key=lambda pair: pair[0])


def _course(ys: list[float], goal: float | None, unit: str) -> str:
    """The curve in words, for those who do not see it."""
    words = {"first": number(ys[0], unit), "last": number(ys[-1], unit), "n": len(ys)}
    if len(ys) == 1:
        text = gettext("one value: %(last)s") % words
    else:
        text = gettext("from %(first)s to %(last)s in %(n)s values") % words
    if goal is not None:
        text = gettext("%(course)s, target %(target)s") % {"course": text, "target": number(goal, unit)}
    return text
