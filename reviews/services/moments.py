"""When something was said: an entry brings its age, never a clock (DESIGN: Definitions, Live)."""

import datetime as dt

from reviews.models import Review

OLDEST = dt.timedelta(days=30)  # an older age is no age: the browser's clock was moved while the entry waited


def said_at(review: Review | None, age: dt.timedelta | None, now: dt.datetime) -> dt.datetime | None:
    """The server's time of what is `age` old, not before the review opened; None where the age is not known."""
    if age is None or age > OLDEST:
        return None
    at = now - max(age, dt.timedelta())
    return max(at, review.opened_at) if review and review.opened_at else at


def is_live(review: Review | None, at: dt.datetime | None) -> bool:
    """Whether `at` lies inside the review, also where it is delivered after the review closed."""
    if review is None or at is None or review.opened_at is None:
        return False
    return review.opened_at <= at and (review.closed_at is None or at <= review.closed_at)


def day_of(at: dt.datetime | None, review: Review, now: dt.datetime) -> dt.datetime:
    """The instant whose day an entry belongs to: of unknown age, the end of its review."""
    return at or min(now, review.closed_at or now)
