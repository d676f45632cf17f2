"""{% kept "name" value … %} … {% endkept %}: a part of a page, drawn once for these values (see projects/kept.py)."""

import datetime as dt
from typing import Any

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from projects import kept

register = template.Library()

PLAIN = (str, int, float, dt.date, type(None))


class KeptNode(template.Node):
    def __init__(self, nodelist: template.NodeList, name: FilterExpression, values: list[FilterExpression]) -> None:
        self.nodelist, self.name, self.values = nodelist, name, values

    def render(self, context: Context) -> SafeString:
        made_from = tuple(plain(one.resolve(context)) for one in (self.name, *self.values))
        return kept.fragments.get(made_from, lambda: self.nodelist.render(context))


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
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, parser.compile_filter(name), [parser.compile_filter(value) for value in values])
