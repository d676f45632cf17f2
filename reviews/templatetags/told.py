"""The sentences of a digest, for its templates."""

from django import template

from reviews.digests import words

register = template.Library()

for name in (
    *("headline", "factor", "worth", "finish", "deadline", "chances", "change", "surprise", "hours", "prediction"),
    *("reviews", "quiet", "by_how_much", "alert"),
):
    register.filter(f"told_{name}", getattr(words, name))
register.filter("told_due", words.fell_due)
register.filter("told_met", words.met_so_far)
