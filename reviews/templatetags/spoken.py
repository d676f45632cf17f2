"""How what was said in a review is printed."""

from django import template

from reviews.models import Datapoint
from reviews.views.words import surprise_words

register = template.Library()


@register.filter
def surprise(percentile: float | None) -> str:
    """A percentile of what was expected, in words."""
    return surprise_words(percentile)


@register.filter
def level_word(level: str) -> str:
    """The word for a source level that was stored by its key."""
    return str(Datapoint.Level(level).label)


@register.filter
def origin_word(origin: str) -> str:
    """The mark of a datapoint or a statement: live, late, import or API."""
    return str(Datapoint.Origin(origin).label)
