"""A part of a page, drawn once for these values (see projects/kept.py):

{% kept "name" value … %} … {% endkept %}
{% kept "name" value … from mapping %} … {% endkept %}: with the names in `mapping`, which is read only to draw it
"""

import datetime as dt
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from projects import kept

register = template.Library()

PLAIN = (str, int, float, dt.date, type(None))


class KeptNode(template.Node):
    def __init__(
        self, nodelist: template.NodeList, values: list[FilterExpression], names: FilterExpression | None
    ) -> None:
        self.nodelist, self.values, self.names = nodelist, values, names

    def render(self, context: Context) -> SafeString:
        made_from = tuple(plain(one.resolve(context)) for one in self.values)
        html = kept.fragments.get(made_from, lambda: self._draw(context), shelve=self.names is not None)
        mark = kept.csrf_mark()
        if mark not in html:
            return html
        return mark_safe(html.replace(mark, escape(context.get("csrf_token"))))  # noqa: S308  (the template drew it)

    def _draw(self, context: Context) -> str:
        names = self.names.resolve(context) if self.names else {}
        with context.push(**names, csrf_token=kept.csrf_mark()):
            return self.nodelist.render(context)


def plain(value: Any) -> Any:
    """A value that equals another only where both look alike; a model instance, equal by its key alone, is refused."""
    if isinstance(value, Promise):
        value = str(value)
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if not isinstance(value, PLAIN) or isinstance(value, dt.datetime):
        raise TypeError(f"A fragment is kept under plain values, not under {type(value).__name__}.")
    return value


@register.tag("kept")
def kept_tag(parser: Parser, token: Token) -> KeptNode:
    """`values` name everything that the part shows; it is shown again for the same ones, language, day and zone."""
    _tag, *values = token.split_contents()
    names = None
    if len(values) > 2 and values[-2] == "from":
        *values, _from, mapping = values
        names = parser.compile_filter(mapping)
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, [parser.compile_filter(value) for value in values], names)
