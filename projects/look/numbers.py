"""Numbers as people write them: unknown is a word and never 0, what is not over is never 0 % or 100 %."""

import math

from django.utils import formats
from django.utils.translation import gettext, ngettext

NBSP = "\u00a0"
THIN = "\u202f"  # narrow no-break space between thousands
MINUS = "\u2212"
DASH = "\u2014"
NEVER_DAYS = 5 * 365.25  # beyond five years is "never" (see DESIGN: Definitions)
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def finite(value) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else number


def odds(value) -> str:
    """ "31 %", "< 1 %", "> 99 %": what is not over is never certain. None is "unknown"."""
    chance = finite(value)
    if chance is None:
        return gettext("unknown")
    if chance < 0.01:
        return f"<{NBSP}1{NBSP}%"
    if chance > 0.99:
        return f">{NBSP}99{NBSP}%"
    return f"{round(chance * 100)}{NBSP}%"


def then_and_now(then, now) -> str:
    """ "50 % when set, 31 % now": the odds of a deadline; each may be unknown."""
    words = {"then": odds(then), "now": odds(now)}
    if then is None:
        return (gettext("no forecast when set, %(now)s now") if now is not None else gettext("odds unknown")) % words
    if now is None:
        return gettext("%(then)s when set, unknown now") % words
    return gettext("%(then)s when set, %(now)s now") % words


def size(value) -> float | None:
    """How large, whichever way."""
    return None if finite(value) is None else abs(value)


def a_week(value) -> float | None:
    """A pace a day as one a week."""
    return None if finite(value) is None else value * 7


def share(value) -> str:
    """A part of a whole that is counted, not forecast: "34 %", and 0 % and 100 % where it is exactly that."""
    part = finite(value)
    return odds(part) if part is None or 0 < part < 1 else f"{round(part * 100)}{NBSP}%"


def points(value) -> str:
    """A difference of chances in points of a hundred: "1.4 points"."""
    amount = finite(value)
    if amount is None:
        return gettext("unknown")
    return ngettext("%(n)s point", "%(n)s points", 1 if round(100 * amount, 1) == 1 else 2) % {
        "n": number(round(100 * amount, 1))
    }


def days(value) -> str:
    """ "12 days", "under a day"; None, infinity and more than five years are "not within 5 years"."""
    count = finite(value)
    if count is None or abs(count) > NEVER_DAYS:
        return gettext("not within 5 years")
    if count and abs(count) < 0.5:
        return gettext("under a day")
    whole = round(count)
    return ngettext("%(n)s day", "%(n)s days", abs(whole)) % {"n": number(whole)}


def duration(minutes) -> str:
    """ "45 min", "3 h 20 min"."""
    hours, rest = divmod(round(finite(minutes) or 0), 60)
    if not hours:
        return gettext("%(n)d\u00a0min") % {"n": rest}
    if not rest:
        return gettext("%(n)d\u00a0h") % {"n": hours}
    return gettext("%(hours)d\u00a0h %(minutes)d\u00a0min") % {"hours": hours, "minutes": rest}


def number(value, unit: str = "") -> str:
    """A value as people write it: no trailing zeros, thousands apart, as many decimals as its size deserves."""
    amount = finite(value)
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
