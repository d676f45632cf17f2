"""The course of a goal beside those of its team, all on one scale, as an inline SVG."""

import datetime as dt

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from projects.charts import SmallFan

ACROSS, TALL = 300, 90  # the box of a small fan, which is stretched to the width there is
FLOOR, CEILING = -0.06, 1.12  # the shares at its edges; what lies beyond is drawn at the edge


def small_fan(fan: SmallFan) -> SafeString:
    """One of several small charts on one scale: what was reported, the fan, the target and the deadline.

    Lines keep their width however far the box is stretched, and a point is a line of no length with a round end.
    """
    wide = max((fan.last - fan.first).days, 1)

    def across(day_shown: dt.date) -> str:
        return f"{min(max((day_shown - fan.first).days / wide, 0), 1) * ACROSS:.1f}".removesuffix(".0")

    def up(part: float) -> str:
        held = min(max(part, FLOOR), CEILING)
        return f"{(CEILING - held) / (CEILING - FLOOR) * TALL:.1f}".removesuffix(".0")

    def steps(course: list[tuple[dt.date, float]], until: dt.date) -> str:
        begun = max((index for index, (on, _part) in enumerate(course) if on <= fan.first), default=0)
        course = course[begun:]  # what stood at the left edge
        drawn = f"M{across(course[0][0])} {up(course[0][1])}"
        drawn += "".join(f"H{across(on)}V{up(part)}" for on, part in course[1:])
        return f"{drawn}H{across(until)}"

    def area(low: str, high: str) -> str:
        there = "L".join(f"{across(band.day)} {up(getattr(band, high))}" for band in fan.fan)
        back = "L".join(f"{across(band.day)} {up(getattr(band, low))}" for band in reversed(fan.fan))
        return f"M{there}L{back}Z"

    shapes = [("grid", "".join(f"M0 {up(part)}H{ACROSS}" for part in (0, 0.5, 1)))]
    if fan.fan:
        middle = "M" + "L".join(f"{across(band.day)} {up(band.p50)}" for band in fan.fan)
        shapes += [("most", area("p10", "p90")), ("half", area("p25", "p75")), ("middle", middle)]
    shapes.append(("today", f"M{across(fan.today)} 0V{TALL}"))
    if fan.targets:
        shapes.append(("target", steps([(target.day, target.value) for target in fan.targets], fan.last)))
    if fan.deadline and fan.first <= fan.deadline <= fan.last:
        shapes.append(("deadline", f"M{across(fan.deadline)} 0V{TALL}"))
    if fan.points:
        shapes.append(("course", steps(list(fan.points), max(fan.today, fan.points[-1][0]))))
        inside = [(on, part) for on, part in fan.points if on >= fan.first]
        shapes.append(("dots", "".join(f"M{across(on)} {up(part)}h0" for on, part in inside)))
        shapes.append(("newest", f"M{across(fan.points[-1][0])} {up(fan.points[-1][1])}h0"))
    paths = "".join(f'<path class="sf-{name}" d="{path}"/>' for name, path in shapes)
    frame = f'class="small-fan" viewBox="0 0 {ACROSS} {TALL}" preserveAspectRatio="none" role="img"'
    label = escape(fan.label)
    return mark_safe(f'<svg {frame} aria-label="{label}">{paths}</svg>')  # noqa: S308  numbers and escaped words only
