"""How values look, as tags and filters: each is a function of projects/look, which plain code calls by itself.

Nothing here queries or decides: it prints. Three rules hold throughout: unknown is a word and never 0, what is not
over is never 0 % or 100 %, and a colour never carries a meaning that no word carries.
"""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from projects.look import dates, events, numbers, signs
from projects.look.small_fan import small_fan
from projects.look.sparkline import sparkline

register = template.Library()

TAGS = (
    *(signs.icon, signs.verdict, signs.verdict_counts, signs.verdict_legend, signs.point_shape),
    *(dates.when, numbers.then_and_now, sparkline, small_fan),
)
FILTERS = (
    *(dates.day, dates.ago, dates.days_ago, dates.days_after),
    events.did,
    *(numbers.odds, numbers.share, numbers.points, numbers.days, numbers.duration, numbers.number),
    *(numbers.size, numbers.a_week),
)
for tag in TAGS:
    register.simple_tag(tag)
for function in FILTERS:
    register.filter(function)

DEEPEST_INDENT = 4


@register.filter
def indent(depth) -> str:
    """The class that indents an item of a tree by its depth."""
    return f"tree-{min(int(depth), DEEPEST_INDENT)}"


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
