"""The nightly jobs, as far as the service: which program is forecast, and that twice is as good as once."""

import pytest
from django.conf import settings
from django.db.models import F

from config.celery import app
from projects.models import Goal, Outlook, Program, Ranking
from projects.services.programs import set_archived
from projects.time import today_in
from reviews import series
from reviews.models import Forecast, Night
from reviews.tasks import TOGETHER, refit_everything, refit_programs, refit_what_is_behind, work_on_night
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
    refit_programs([goal.team.program_id])
    assert not Outlook.objects.exists()
    assert not Ranking.objects.exists()


def test_a_program_that_is_gone_is_no_error():
    refit_programs([10**9])


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
    refit_programs([goal.team.program_id])
    Outlook.objects.all().delete()
    Ranking.objects.all().delete()
    refit_everything()
    assert (Outlook.objects.count(), Ranking.objects.count()) == (1, 1)


def test_it_is_a_few_jobs_of_many_programs(monkeypatch):
    pks = [make_program().pk for _ in range(TOGETHER + 3)]
    queued: list[int] = []
    monkeypatch.setattr(work_on_night, "delay", queued.append)
    refit_everything()
    (night,) = Night.objects.all()
    assert queued == [night.pk] * 2
    assert list(night.parts.order_by("program").values_list("program", flat=True)) == pks


def test_each_program_is_forecast_of_its_own_day(at_once, monkeypatch):
    east, west = make_goal(values=STEADY), make_goal(values=STEADY)
    Program.objects.filter(pk=east.team.program_id).update(zone="Pacific/Kiritimati")  # 25 hours apart: never one day
    Program.objects.filter(pk=west.team.program_id).update(zone="Pacific/Niue")
    refit_everything()
    days = {outlook.goal_id: outlook.as_of for outlook in Outlook.objects.all()}
    assert days == {east.pk: today_in("Pacific/Kiritimati"), west.pk: today_in("Pacific/Niue")}
    assert days[east.pk] > days[west.pk]
    assert set(Ranking.objects.values_list("as_of", flat=True)) == set(days.values())


def test_a_program_that_cannot_be_forecast_spoils_no_other_ones_night(at_once, monkeypatch, caplog):
    good, bad = make_goal(values=STEADY), make_goal(values=STEADY)
    one_a_day = series.one_a_day

    def fail_for_bad(points):
        kept = one_a_day(points)
        if any(point.goal_id == bad.pk for point in kept):
            raise ArithmeticError("This one cannot be forecast.")
        return kept

    monkeypatch.setattr(series, "one_a_day", fail_for_bad)
    with pytest.raises(ArithmeticError):
        refit_everything()
    assert [outlook.goal for outlook in Outlook.objects.all()] == [good]
    assert "each is tried alone" in caplog.text


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
