"""The Celery application: jobs live in `reviews/tasks.py`, their schedule in settings."""

import os
import sys

from celery import Celery
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from config import message_files  # noqa: F401  (its name among the transports)
from projects.checks import refuse_demo_in_production

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("limiting_factor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_demo_accounts(**_):
    try:
        refuse_demo_in_production()
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))  # Celery logs an exception of a signal's receiver and goes on
    connections.close_all()  # nothing open is carried into the pool's children
