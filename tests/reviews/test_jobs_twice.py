"""Every job run twice in a row does nothing the second time: no row changes, no mail goes, nothing is asked for.

The jobs come from Celery itself: a new one that takes arguments fails here until it has its case in ARGUMENTS.
"""

import inspect
from collections.abc import Callable

import pytest
from django.apps import apps

from config.celery import app
from projects.models import Program
from reviews.models import JobRun, Upload
from reviews.services.nights import begin_night
from reviews.services.uploads import bring_in
from tests import factories as make
from tests.test_access import OUR_APPS, build

pytestmark = pytest.mark.django_db

app.loader.import_default_modules()
JOBS = sorted(name for name in app.tasks if name.startswith(("projects.", "reviews.")))
# That the same was computed or looked for again, or that a process lives, is no change.
TIMES = {"computed_at", "seen_at"}
LEFT_OUT = {"reviews_heartbeat"}


def ready_upload(world) -> int:
    """A file that was checked, and whose memo was given."""
    upload = world.uploads
    app.tasks["reviews.tasks.work_on_upload"](upload.pk)
    upload.refresh_from_db()
    if upload.state == Upload.State.CHECKED:
        bring_in(upload=upload, memo="Weekly figures of the foundry.")
    return upload.pk


ARGUMENTS: dict[str, Callable] = {
    "reviews.tasks.judge_program": lambda world: [world.program.pk],
    "reviews.tasks.refit_programs": lambda world: [list(Program.objects.values_list("pk", flat=True))],
    "reviews.tasks.work_on_night": lambda world: [begin_night(make.timezone.now()).pk],
    "reviews.tasks.work_on_upload": lambda world: [ready_upload(world)],
}


def rows() -> dict[str, list]:
    found = {}
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            columns = [field.attname for field in model._meta.concrete_fields if field.name not in TIMES]
            if model._meta.db_table not in LEFT_OUT:
                found[model._meta.db_table] = sorted(model._default_manager.values_list(*columns), key=repr)
    return found


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The jobs that jobs ask for; none of them runs here."""
    found: list[str] = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda self, *_, **__: found.append(self.name))
    return found


def test_there_are_jobs():
    assert len(JOBS) >= 10
    assert ARGUMENTS.keys() <= set(JOBS)


@pytest.mark.parametrize("name", JOBS)
def test_twice(name, asked, mailoutbox, django_capture_on_commit_callbacks):
    job = app.tasks[name]
    needed = [one for one in inspect.signature(job.run).parameters.values() if one.default is inspect.Parameter.empty]
    assert not needed or name in ARGUMENTS, f"give {name} arguments in ARGUMENTS"
    world = build("Ours")
    make.make_goal(world.teams, values=make.STEADY)
    make.make_job_run(state="running", finished_at=None)
    JobRun.objects.update(started_at=make.timezone.now() - 200 * make.WEEK)
    arguments = ARGUMENTS[name](world) if needed else []
    with django_capture_on_commit_callbacks(execute=True):
        job(*arguments)
    first, mails, jobs = rows(), len(mailoutbox), len(asked)
    with django_capture_on_commit_callbacks(execute=True):
        job(*arguments)
    assert len(mailoutbox) == mails
    second = rows()
    assert {table for table in second if second[table] != first[table]} == set()
    # What a first run asked for has not been done here, so a second may ask for the same; never for more.
    assert len(asked) - jobs <= jobs
