"""How what was said in a review is printed."""

from django import template
from django.utils.translation import gettext as _

from projects.look.numbers import days
from reviews.models import Datapoint, InterventionEffect
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


@register.filter
def interval(effect: InterventionEffect) -> str:
    """Where the effect lies with 80 %: "66 days later to 193 earlier", "at least 14 days earlier"."""
    least, most = _("at least %(end)s"), _("at most %(end)s")
    low, high = effect.low, effect.high
    if low is None and high is not None:
        return (most if high >= 0 else least) % {"end": _side(high)}
    if high is None and low is not None:
        return (least if low > 0 else most) % {"end": _side(low)}
    return _("%(low)s to %(high)s") % {"low": _side(low or 0), "high": _side(high or 0)}


def _side(count: int) -> str:
    said = _("%(days)s later") if count < 0 else _("%(days)s earlier")
    return said % {"days": days(abs(count))}
