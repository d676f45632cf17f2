"""The secret address of a person's calendar: made, and made anew so that the old one is dead."""

import secrets

from django.contrib.auth.models import User

from reviews.models import CalendarFeed


def feed_of(user: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def reset_feed(*, user: User) -> CalendarFeed:
    """A new address; what read the old one gets 404 from now on."""
    feed, _made = CalendarFeed.objects.update_or_create(user=user, defaults={"token": secrets.token_urlsafe(32)})
    return feed
