"""What a test asks of the stage's own database: `python -m tests.bulk.mailing.elsewhere fill 20`."""

import datetime as dt
import json
import sys
import uuid

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402  (after setup)
from django.core.management import call_command  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from projects.models import Membership, Program, Role  # noqa: E402
from projects.time import monday  # noqa: E402
from reviews.models import Delivery, JobRun, Subscription  # noqa: E402
from reviews.services.deliveries import plan_now  # noqa: E402

WEEK = dt.timedelta(days=7)


def fill(readers: str) -> list[str]:
    """People who are mailed on Mondays at seven, and have not been for four weeks; the addresses of all."""
    call_command("migrate", verbosity=0)
    today = timezone.now().date()
    program = Program.objects.create(name="R&D", slug="rd", start=today - 20 * WEEK)
    people = User.objects.bulk_create(
        User(username=f"reader{n}", email=f"reader{n}@example.org") for n in range(int(readers))
    )
    Membership.objects.bulk_create(Membership(program=program, user=user, role=Role.VIEWER) for user in people)
    # The week of a Monday from which on four have ended by now, whatever day it is.
    newest = monday(today) if timezone.now() >= _seven(monday(today)) else monday(today) - WEEK
    begun = timezone.now() - 10 * WEEK
    Subscription.objects.bulk_create(
        Subscription(user=user, planned_to=newest - 4 * WEEK, changed_at=begun) for user in people
    )
    return [user.email for user in people]


def _seven(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(7), dt.UTC)


def states() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    rows = Delivery.objects.order_by().values_list("user__email", "state").annotate(n=Count("pk"))
    for address, state, n in rows:
        found.setdefault(address, {})[state] = n
    return found


def reasons() -> list[str]:
    return list(Delivery.objects.exclude(why="").order_by("pk").values_list("why", flat=True))


def runs() -> int:
    """How often a worker did what beat asked for."""
    return JobRun.objects.filter(task="reviews.tasks.sweep_deliveries", state=JobRun.State.DONE).count()


def send_now(reader: str) -> None:
    subscription = Subscription.objects.get(user__username=reader)
    plan_now(owner=subscription, key=uuid.uuid4(), now=timezone.now())


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    known = {"fill": fill, "states": states, "reasons": reasons, "runs": runs, "send_now": send_now}
    sys.stdout.write(json.dumps(known[what](*arguments)) + "\n")
