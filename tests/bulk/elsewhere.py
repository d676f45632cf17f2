"""The tests' world in another database than the tests' own: `python -m tests.bulk.elsewhere build|keys` prints JSON."""

import json
import os
import sys
from dataclasses import asdict

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  (Django first)

from projects.models import Role  # noqa: E402
from reviews.models import Datapoint  # noqa: E402
from tests import factories as make  # noqa: E402
from tests.bulk.client import Manager  # noqa: E402
from tests.bulk.world import build_review  # noqa: E402


def build() -> dict:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    review = build_review()
    manager = asdict(Manager.of(review, make.join(review.program, Role.MANAGER), 0))
    return {name: manager[name] for name in ("owner", "cookies", "targets", "url", "changes")}


def keys() -> list[str]:
    return [str(key) for key in Datapoint.objects.exclude(review=None).values_list("uuid", flat=True)]


print(json.dumps({"build": build, "keys": keys}[sys.argv[1]]()))
