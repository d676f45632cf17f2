"""The Celery application: jobs live in `reviews/tasks.py`, their schedule in settings."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("limiting_factor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_demo_accounts(**_):
    from projects.checks import refuse_demo_in_production  # models exist only once Django is set up

    refuse_demo_in_production()
