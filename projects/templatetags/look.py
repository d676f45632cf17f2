"""How values look: icons, verdicts, days, odds, numbers and small curves, the same on every page.

Nothing here queries or decides: it prints. Three rules hold throughout: unknown is a word and never 0, what is not
over is never 0 % or 100 %, and a colour never carries a meaning that no word carries.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from projects.charts import SmallFan, Words

register = template.Library()

NBSP = "\u00a0"
THIN = "\u202f"  # narrow no-break space between thousands
MINUS = "\u2212"
DASH = "\u2014"
NEVER_DAYS = 5 * 365.25  # beyond five years is "never" (see DESIGN: Definitions)

# Worst first: the order in which counts are read.
VERDICTS = {
    "diverging": (_("Diverging"), _("the gap to the target is growing")),
    "stalled": (_("Stalled"), _("no real progress is expected in the coming weeks")),
    "slow": (_("Slow"), _("getting there, but the deadline is unlikely")),
    "converging": (_("Converging"), _("on the way to the target")),
    "done": (_("Done"), _("the target is met")),
    "unknown": (_("Unknown"), _("too little is known to say")),
}


# ---- icons and verdicts ----------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite: decoration unless it has a `label`. `size` is "", "sm" or "lg"."""
    classes = f"icon icon-{size}" if size else "icon"
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def verdict(value: str | None) -> SafeString:
    """Shape, word and, on hover, what the word means. One element: boards have hundreds of them."""
    key = value if value in VERDICTS else "unknown"
    word, meaning = VERDICTS[key]
    return format_html('<span class="verdict verdict-{}" title="{}">{}</span>', key, meaning, word)


@register.simple_tag
def verdict_counts(counts: Mapping[str, int] | None) -> SafeString:
    """How many teams (or goals) have each verdict, worst first: shapes with numbers; the words are in the label."""
    present = [(key, VERDICTS[key][0], (counts or {}).get(key, 0)) for key in VERDICTS]
    present = [(key, word, count) for key, word, count in present if count]
    if not present:
        return format_html('<span class="muted">{}</span>', gettext("none yet"))
    words = ", ".join(f"{count} {str(word).lower()}" for _key, word, count in present)
    marks = format_html_join(
        "",
        '<span class="vc vc-{}" data-word="{}">{}</span>',
        ((key, str(word).lower(), count) for key, word, count in present),
    )
    return format_html('<span class="vcounts" role="img" aria-label="{}" title="{}">{}</span>', words, words, marks)


@register.simple_tag
def verdict_legend() -> SafeString:
    """What the shapes mean, once under a table that shows them as counts."""
    items = format_html_join("", "<li>{}</li>", ((verdict(key),) for key in VERDICTS))
    return format_html('<ul class="legend-verdicts" aria-label="{}">{}</ul>', gettext("What the shapes mean"), items)


# ---- days and instants -----------------------------------------------------------------------------------------------


def _local_day(value) -> dt.date | None:
    """The reader's calendar day of a date, an instant or an ISO string; None for what is none of these."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, dt.date) else None


@register.filter
def day(value, form: str = "") -> str:
    """ "12 Mar", and "12 Mar 2025" outside the current year; "long" always has the year, "full" the weekday too."""
    local = _local_day(value)
    if local is None:
        return DASH
    if form == "full":
        return formats.date_format(local, "l j F Y")
    same_year = form != "long" and local.year == timezone.localdate().year
    return formats.date_format(local, "j M" if same_year else "j M Y").replace(" ", NBSP)


@register.simple_tag
def when(value, form: str = "") -> SafeString:
    """A day as a `<time>` element: short to read, whole on hover, exact for machines."""
    local = _local_day(value)
    if local is None:
        return format_html('<span class="muted">{}</span>', DASH)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), day(local, "full"), day(local, form)
    )


@register.filter
def ago(value) -> str:
    """ "3 weeks ago", "in 5 weeks", "yesterday"; minutes and hours for an instant less than a day away."""
    if isinstance(value, dt.datetime):
        instant = value if timezone.is_aware(value) else timezone.make_aware(value)
        seconds = (timezone.now() - instant).total_seconds()
        if abs(seconds) < 86_400:
            return _ago_within_a_day(seconds)
    local = _local_day(value)
    if local is None:
        return DASH
    past = (timezone.localdate() - local).days
    if past == 0:
        return gettext("today")
    if past == 1:
        return gettext("yesterday")
    if past == -1:
        return gettext("tomorrow")
    return _either_way(_span(abs(past)), past > 0)


def _ago_within_a_day(seconds: float) -> str:
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return gettext("just now")
    if minutes < 60:
        span = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    else:
        span = ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return _either_way(span, seconds > 0)


def _either_way(span: str, past: bool) -> str:
    return (pgettext("time", "%(span)s ago") if past else pgettext("time", "in %(span)s")) % {"span": span}


def _span(count: int) -> str:
    """Days up to two weeks, weeks up to three months, months up to two years, then years."""
    if count < 14:
        return ngettext("%(n)s day", "%(n)s days", count) % {"n": count}
    if count < 91:
        return ngettext("%(n)s week", "%(n)s weeks", count // 7) % {"n": count // 7}
    if count < 730:
        months = round(count / 30.44)
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    years = round(count / 365.25)
    return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}


# ---- numbers ---------------------------------------------------------------------------------------------------------


def _finite(value) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


@register.filter
def odds(value) -> str:
    """ "31 %", "< 1 %", "> 99 %": what is not over is never certain. None is "unknown"."""
    chance = _finite(value)
    if chance is None:
        return gettext("unknown")
    if chance < 0.01:
        return f"<{NBSP}1{NBSP}%"
    if chance > 0.99:
        return f">{NBSP}99{NBSP}%"
    return f"{round(chance * 100)}{NBSP}%"


@register.filter
def share(value) -> str:
    """A part of a whole that is counted, not forecast: "34 %", and 0 % and 100 % where it is exactly that."""
    part = _finite(value)
    return odds(part) if part is None or 0 < part < 1 else f"{round(part * 100)}{NBSP}%"


@register.filter
def points(value) -> str:
    """A difference of chances in points of a hundred: "1.4 points"."""
    amount = _finite(value)
    if amount is None:
        return gettext("unknown")
    return ngettext("%(n)s point", "%(n)s points", 1 if round(100 * amount, 1) == 1 else 2) % {
        "n": number(round(100 * amount, 1))
    }


@register.filter
def days_after(value, other) -> int | None:
    """How many days `value` lies after `other`; negative before."""
    late, early = _local_day(value), _local_day(other)
    return (late - early).days if late and early else None


@register.filter
def days(value) -> str:
    """ "12 days", "under a day"; None, infinity and more than five years are "not within 5 years"."""
    count = _finite(value)
    if count is None or abs(count) > NEVER_DAYS:
        return gettext("not within 5 years")
    if count and abs(count) < 0.5:
        return gettext("under a day")
    whole = round(count)
    return ngettext("%(n)s day", "%(n)s days", abs(whole)) % {"n": number(whole)}


@register.filter
def duration(minutes) -> str:
    """ "45 min", "3 h 20 min"."""
    hours, rest = divmod(round(_finite(minutes) or 0), 60)
    if not hours:
        return gettext("%(n)d\u00a0min") % {"n": rest}
    if not rest:
        return gettext("%(n)d\u00a0h") % {"n": hours}
    return gettext("%(hours)d\u00a0h %(minutes)d\u00a0min") % {"hours": hours, "minutes": rest}


@register.filter
def number(value, unit: str = "") -> str:
    """A value as people write it: no trailing zeros, thousands apart, as many decimals as its size deserves."""
    amount = _finite(value)
    if amount is None:
        return gettext("unknown")
    text = _plain(amount) if math.isfinite(amount) else f"{MINUS if amount < 0 else ''}∞"
    return f"{text}{NBSP}{unit}" if unit else text


def _plain(amount: float) -> str:
    size = abs(amount)
    if size and (size >= 1e15 or size < 1e-6):
        mantissa, exponent = f"{amount:.3e}".split("e")
        return f"{_plain(float(mantissa))}{NBSP}×{NBSP}10{str(int(exponent)).translate(SUPERSCRIPT)}"
    decimals = 0 if size >= 10_000 else 1 if size >= 100 else 2 if size >= 1 else 6
    if decimals == 6 and size:  # three significant digits below one
        decimals = min(6, 2 - math.floor(math.log10(size)))
    whole, _point, fraction = f"{size:,.{decimals}f}".partition(".")
    whole = whole.replace(",", THIN)
    fraction = fraction.rstrip("0")
    point = formats.get_format("DECIMAL_SEPARATOR")
    sign = MINUS if amount < 0 and (fraction or whole != "0") else ""
    return f"{sign}{whole}{point}{fraction}" if fraction else f"{sign}{whole}"


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


DEEPEST_INDENT = 4


@register.filter
def indent(depth) -> str:
    """The class that indents an item of a tree by its depth."""
    return f"tree-{min(int(depth), DEEPEST_INDENT)}"


# ---- small curves ----------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, PAD = 120, 28, 3


@register.simple_tag
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
    goal = _finite(target)
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
            local, y = _local_day(point[0]), _finite(point[1])
            x = float(local.toordinal()) if local else float(index)
        else:
            x, y = float(index), _finite(point)
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


POINT_SHAPES = {  # as projects/charts draws the source of a point, in a box of 12
    "doer": "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8Z",
    "lead": "M2.5 2.5h7v7h-7Z",
    "manager": "M6 2l4.500 7.800h-9Z",
    "relayed": "M6 1.200l3.600 4.800l-3.600 4.800l-3.600-4.800Z",
    "unknown": "M4.500 1.500h3v3h3v3h-3v3h-3v-3h-3v-3h3Z",
}


@register.simple_tag
def point_shape(level: str) -> SafeString:
    """The shape in which a chart draws what was said at a level; the word stands beside it."""
    shape = POINT_SHAPES.get(level, POINT_SHAPES["unknown"])
    return format_html(
        '<svg class="point-shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d="{}"/></svg>',
        shape,
    )


ACROSS, TALL = 300, 90  # the box of a small fan, which is stretched to the width there is
FLOOR, CEILING = -0.06, 1.12  # the shares at its edges; what lies beyond is drawn at the edge


@register.simple_tag
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


# ---- navigation ------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def nav_link(context, name: str, label: str, *also: str) -> SafeString | str:
    """An item of the top bar; nothing where the URL does not exist.

    It is current on its own page, below it, and below the path prefixes in `also`.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        return ""
    path = getattr(context.get("request"), "path", "")
    here = path == url or (url != "/" and path.startswith(url)) or any(path.startswith(prefix) for prefix in also)
    current = mark_safe(' aria-current="page"' if path == url else ' aria-current="true"') if here else ""  # noqa: S308
    return format_html('<li><a href="{}"{}>{}</a></li>', url, current, label)


# ---- charts ----------------------------------------------------------------------------------------------------------


def chart_words() -> Words:
    """The words of projects/charts in the reader's language, with days and numbers as every page prints them."""
    return Words(
        day=lambda value: day(value, "long"),
        number=number,
        today=gettext("today"),
        target=gettext("target"),
        deadline=gettext("deadline"),
        former_deadline=gettext("Former deadline"),
        intervention=gettext("Intervention"),
        expected=gettext("Expected"),
        middle=gettext("middle forecast"),
        band_half=gettext("Half of outcomes"),
        band_most=gettext("8 in 10 outcomes"),
        value=gettext("Value"),
        reported=gettext("Day"),
        level=gettext("Source"),
        origin=gettext("Entered"),
        who=gettext("Engineer"),
        memo=gettext("Memo"),
        state=gettext("State"),
        in_force=gettext("in force"),
        superseded=gettext("corrected later"),
        quarantined=gettext("quarantined"),
        set_on=gettext("Set on"),
        levels=(gettext("doer"), gettext("lead"), gettext("manager"), gettext("relayed"), gettext("unknown")),
        origins=(
            ("live", gettext("in the review")),
            ("late", gettext("after the review")),
            ("import", gettext("by an import")),
            ("api", gettext("by the API")),
        ),
        never=gettext("not within 5 years"),
        unknown=gettext("unknown"),
        finish=gettext("Finish"),
        share_by=gettext("{share} by {day}"),
        last_acceptable=gettext("last acceptable"),
        fan_alt=gettext("{title}: {n} values from {first} to {last}, the newest {value}."),
        fan_alt_target=gettext("The target is {target}."),
        fan_alt_deadline=gettext("The deadline is {day}."),
        fan_alt_forecast=gettext("On {day} the forecast lies between {low} and {high}, in the middle {middle}."),
        predicted=gettext("Predicted finish"),
        said_in=gettext("Forecast of"),
        kind=gettext("Forecast"),
        issued=gettext("issued in that week"),
        replayed=gettext("replayed from what was known then"),
        already_done=gettext("done"),
        catches_up=gettext("today catches up"),
        no_deadline=gettext("none"),
        slip_alt=gettext("{title}: the finish predicted in {n} weeks, from {first} to {last}."),
        slip_alt_first=gettext("At first {finish}."),
        slip_alt_newest=gettext("Now {finish}."),
        slip_alt_never=gettext("In {n} of these weeks not within 5 years."),
        finish_alt=gettext("When {title} is finished: {early} is early, {middle} the middle, {late} late."),
        finish_alt_deadline=gettext("The chance to finish by the deadline, {day}, is {share}."),
        finish_alt_never=gettext("The chance of not finishing within 5 years is {share}."),
        supply=gettext("Supply"),
        allows=gettext("Allows"),
        binds=gettext("Binds in"),
        takes_over=gettext("{name} takes over ({share})"),
        supplies_alt=gettext("{title}: the output that each supply allows: {names}."),
        limits_alt=gettext("{name} limits now."),
        takeover_alt=gettext("{name} takes over in {share} of the runs, about {day}."),
        binds_alt=gettext("{title}: which supply limits, and how likely, month by month."),
        what=gettext("What"),
        when=gettext("When"),
        now=gettext("now"),
        probability=gettext("Probability"),
        ribbon_alt=gettext("What limited {title} over {n} periods; now: {now}."),
        ribbon_alt_next=gettext("{what} is expected between {first} and {last}, {share}, says {by}."),
    )
