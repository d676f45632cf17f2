"""Numbers said in words."""

from django.utils.translation import gettext as _


def surprise_words(percentile: float | None) -> str:
    """How the value compares with what was expected of its day; a percentile of 1 is better than anything expected."""
    if percentile is None:
        return ""
    if percentile >= 0.95:
        return _("A good surprise: better than 19 of 20 expected values.")
    if percentile >= 0.8:
        return _("Better than expected: above 4 of 5 expected values.")
    if percentile > 0.2:
        return _("About as expected.")
    if percentile > 0.05:
        return _("Worse than expected: below 4 of 5 expected values.")
    return _("A bad surprise: worse than 19 of 20 expected values.")
