"""The nightly jobs, as far as the service: which program is forecast, and that twice is as good as once."""

import pytest
from django.conf import settings
from django.db.models import F

from config.celery import app
from projects.models import Goal, Outlook, Program, Ranking
from projects.services.programs import set_archived
from reviews.models import Forecast
from reviews.tasks import refit_everything, refit_program, refit_what_is_behind
from tests.factories import STEADY, make_goal, make_program, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_once():
    """A job that is queued runs where it was queued, and what it raises is raised there."""
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


def test_every_active_program_is_forecast_and_ranked(at_once):
    goals = [make_goal(values=STEADY) for _ in range(3)]
    make_program("Without goals")
    refit_everything()
    assert set(Outlook.objects.values_list("goal", flat=True)) == {goal.pk for goal in goals}
    assert Ranking.objects.count() == 4


def test_an_archived_program_is_left_alone(at_once):
    goal = make_goal(values=STEADY)
    set_archived(program=goal.team.program, archived=True, by=make_user())
    refit_everything()
    refit_program(goal.team.program_id)
    assert not Outlook.objects.exists()
    assert not Ranking.objects.exists()


def test_a_program_that_is_gone_is_no_error():
    refit_program(10**9)


def test_twice_is_as_good_as_once(at_once):
    goal = make_goal(values=STEADY)
    refit_everything()
    said = Outlook.objects.values("verdict", "finish_days", "p_never", "p_deadline").get(goal=goal)
    refit_everything()
    assert Outlook.objects.values("verdict", "finish_days", "p_never", "p_deadline").get(goal=goal) == said
    assert (Forecast.objects.count(), Ranking.objects.count()) == (1, 1)


def test_what_was_lost_is_there_in_the_morning(at_once):
    goal = make_goal(values=STEADY)
    Program.objects.update(zone="Asia/Tokyo")
    refit_program(goal.team.program_id)
    Outlook.objects.all().delete()
    Ranking.objects.all().delete()
    refit_everything()
    assert (Outlook.objects.count(), Ranking.objects.count()) == (1, 1)


def test_it_is_on_the_schedule_every_night():
    (entry,) = [job for job in settings.CELERY_BEAT_SCHEDULE.values() if job["task"] == refit_everything.name]
    assert (entry["schedule"].hour, len(entry["schedule"].minute)) == ({0}, 1)


def test_what_a_cut_off_writer_left_is_forecast_within_minutes_and_nothing_else(at_once):
    behind, fresh = make_goal(values=STEADY), make_goal(values=STEADY)
    refit_everything()
    Goal.objects.filter(pk=behind.pk).update(data_version=F("data_version") + 1)
    Outlook.objects.update(value=-1)
    refit_what_is_behind()
    assert Outlook.objects.get(goal=behind).value == STEADY[-1]
    assert Outlook.objects.get(goal=fresh).value == -1
    assert settings.CELERY_BEAT_SCHEDULE["refit-what-is-behind"]["task"] == refit_what_is_behind.name
