"""Numbers said in words."""

from django.utils.translation import gettext as _


def surprise_words(percentile: float | None) -> str:
    """How the value compares with what was expected of its day; a percentile of 1 is better than anything expected."""
    if percentile is None:
        return ""
    n = min(max(round(percentile * 100), 1), 99)  # what is not over is never certain
    if percentile >= 0.95:
        words = _("A good surprise: better than %(n)s of 100 expected values.")
    elif percentile >= 0.8:
        words = _("Better than expected: better than %(n)s of 100 expected values.")
    elif percentile > 0.2:
        words = _("About as expected: better than %(n)s of 100 expected values.")
    elif percentile > 0.05:
        words = _("Worse than expected: better than only %(n)s of 100 expected values.")
    else:
        words = _("A bad surprise: better than only %(n)s of 100 expected values.")
    return words % {"n": n}
