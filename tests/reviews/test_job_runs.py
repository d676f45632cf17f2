"""What ran, what is due, what failed and why; and asking for it again, once."""

import datetime as dt

import pytest
from celery import current_app
from django.contrib.auth.models import Permission
from django.db import OperationalError
from django.utils import timezone

from config.celery import app
from reviews import recorded, tasks
from reviews.models import JobRun
from reviews.schedule import TITLES, due_jobs
from reviews.services import jobs
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once():
    app.conf.update(task_always_eager=True)
    yield
    app.conf.update(task_always_eager=False)


@pytest.fixture
def operator(client):
    user = make.make_user("operator", is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args: found.append((name, args)))
    return found


def test_a_job_that_is_done_is_kept(at_once):
    tasks.refit_programs.delay([1, 2])
    (run,) = JobRun.objects.all()
    assert (run.task, run.arguments, run.state) == ("reviews.tasks.refit_programs", [[1, 2]], "done")
    assert run.seconds >= 0


def test_a_job_that_fails_is_kept_with_its_reason(at_once, monkeypatch):
    def fail():
        raise ArithmeticError("This one cannot be done.")

    monkeypatch.setattr(tasks.uploads, "sweep", fail)
    tasks.take_up_uploads.delay()
    (run,) = JobRun.objects.failed()
    assert run.error == "ArithmeticError: This one cannot be done."


def test_the_pulse_is_not_listed(at_once):
    tasks.pulse.delay()
    assert not JobRun.objects.exists()


def test_delivered_twice_it_is_one_run():
    for _ in range(2):
        jobs.begin_run(key="k", task="reviews.tasks.take_up_uploads", arguments=[])
    (run,) = JobRun.objects.all()
    assert (run.tries, run.state) == (2, "running")


def test_a_book_that_cannot_be_kept_keeps_no_job_from_being_done(at_once, monkeypatch, caplog):
    def refuse(**_):
        raise OperationalError("disk full")

    done = []
    monkeypatch.setattr(recorded.jobs, "begin_run", refuse)
    monkeypatch.setattr(tasks.uploads, "sweep", lambda: done.append(1))
    tasks.take_up_uploads.delay()
    assert done == [1]
    assert "could not be recorded" in caplog.text


def test_runs_whose_worker_ended_are_called_cut_off():
    old, new = (make.make_job_run(state="running", finished_at=None) for _ in range(2))
    JobRun.objects.filter(pk=old.pk).update(started_at=timezone.now() - 2 * jobs.LOST_AFTER)
    tasks.tidy_job_runs()
    assert list(JobRun.objects.failed()) == [old]
    new.refresh_from_db()
    assert new.state == "running"


def test_old_runs_are_forgotten_and_failures_later():
    for state in ("done", "failed"):
        for days in (1, 4, 91):
            run = make.make_job_run(state=state)
            JobRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - dt.timedelta(days=days))
    jobs.forget_old_runs(timezone.now())
    assert sorted(JobRun.objects.values_list("state", flat=True)) == ["done", "failed", "failed"]


def test_the_page_says_why_and_asks_again_once(client, operator, asked, django_capture_on_commit_callbacks):
    run = make.make_job_run(
        task="reviews.tasks.refit_programs", arguments=[[3]], state="failed", error="ValueError: <b>no</b>"
    )
    page = client.get("/jobs/").content.decode()
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in page
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(f"/jobs/{run.pk}/retry/").status_code == 302
    assert asked == [("reviews.tasks.refit_programs", [[3]])]
    run.refresh_from_db()
    assert (run.state, run.retried_by) == ("retried", operator)


def test_what_did_not_fail_is_not_asked_for(client, operator, asked, django_capture_on_commit_callbacks):
    run = make.make_job_run()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/jobs/{run.pk}/retry/")
    assert asked == []


def test_the_permission_to_see_jobs_is_enough(client):
    user = make.make_user("watcher")
    client.force_login(user)
    assert client.get("/jobs/").status_code == 404
    user.user_permissions.add(Permission.objects.get(codename="view_jobrun"))
    assert client.get("/jobs/").status_code == 200


def test_each_job_is_named_in_words():
    app.loader.import_default_modules()
    names = {name.rpartition(".")[2] for name in app.tasks if name.startswith("reviews.")}
    assert names - {"pulse"} == TITLES.keys()


def test_what_is_due_and_overdue():
    now = timezone.now()
    run = make.make_job_run(task="reviews.tasks.refit_everything")
    (job,) = [job for job in due_jobs(now) if job.last]
    assert now < job.due <= now + dt.timedelta(hours=25)
    assert abs(job.due - job.due.replace(hour=0, minute=20, second=0)) < dt.timedelta(seconds=2)
    assert not job.overdue
    JobRun.objects.filter(pk=run.pk).update(started_at=now - dt.timedelta(days=3))
    first = due_jobs(now)[0]
    assert (first.task, first.overdue) == ("reviews.tasks.refit_everything", True)


def test_the_page_asks_as_many_queries_of_many_runs_as_of_few(client, operator, django_assert_num_queries):
    def fill(count):
        for _ in range(count):
            make.make_job_run()
            make.make_job_run(state="failed")

    fill(2)
    client.get("/jobs/")
    with django_assert_num_queries(8):
        client.get("/jobs/")
    fill(30)
    with django_assert_num_queries(8):
        client.get("/jobs/")
