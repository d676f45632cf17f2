"""A restored copy sends nothing that the original may have sent since: the one place that says what is held.

What lies in the backup as due, and what has become due between the backup and the restore, is superseded, each with
the reason in its row. What becomes due after the restore is sent as ever: restore a copy for trying things out with
`EMAIL_URL=consolemail://`.
"""

import datetime as dt

from django.db import models
from django.utils.translation import gettext as _

from reviews.models import Delivery
from reviews.services.deliveries import plan

LABEL = "reviews.Delivery"


def hold_deliveries(tables: dict[str, type[models.Model]], made_at: str) -> None:
    """In the very transaction that brings the rows in; `tables` are as the backup has them."""
    delivery = tables.get(LABEL)
    if delivery is not None:
        _hold(
            delivery._base_manager.all(),
            _("Restored from a backup of %(at)s: it may have been sent since.") % {"at": made_at},
        )


def hold_what_became_due(now: dt.datetime) -> None:
    """Weeks and reviews that ended since the backup get their row, as they have in the original, and are held too."""
    plan(now)
    _hold(Delivery.objects.filter(due_at__lte=now), _("Due before this copy was restored: it may have been sent."))


def _hold(rows: models.QuerySet, why: str) -> None:
    """What was at the mail server already has an unknown fate; the rest is superseded."""
    rows.filter(state="claimed", handed_at__isnull=False).update(state="unknown", claim=None, lease_until=None, why=why)
    rows.filter(state__in=["due", "claimed"]).update(state="superseded", claim=None, lease_until=None, why=why)
