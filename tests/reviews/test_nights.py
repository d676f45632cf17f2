"""The nightly refit, split over workers: nothing missing, nothing twice, whoever is killed."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from projects.models import Goal, Outlook, Program, Ranking
from reviews import tasks
from reviews.models import Night, NightPart
from reviews.services import forecasting, nights
from tests import factories as make

STATES = NightPart.State


@pytest.fixture
def queued(monkeypatch):
    found: list[int] = []
    monkeypatch.setattr(tasks.work_on_night, "delay", found.append)
    return found


def night_of(programs: int) -> Night:
    for _ in range(programs):
        make.make_goal(values=make.STEADY)
    return nights.begin_night(timezone.now())


def states(night: Night) -> list[str]:
    return list(night.parts.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_asked_for_twice_it_is_one_night(queued):
    for _ in range(3):
        make.make_goal(values=make.STEADY)
    tasks.refit_everything()
    tasks.refit_everything()
    assert (Night.objects.count(), NightPart.objects.count()) == (1, 3)


@pytest.mark.django_db
def test_as_many_jobs_as_it_takes_and_none_once_it_is_done(queued):
    night = night_of(nights.TOGETHER + 3)
    tasks.take_up_nights()
    assert queued == [night.pk] * 2
    for _ in queued:
        tasks.work_on_night(night.pk)
    progress = nights.progress_of(night)
    assert (progress.done, progress.failed, progress.goals, progress.finished) == (13, 0, 13, True)
    night.refresh_from_db()
    assert night.finished_at
    queued.clear()
    tasks.take_up_nights()
    tasks.refit_everything()
    assert queued == []


@pytest.mark.django_db
def test_what_is_fresh_is_not_forecast_again(monkeypatch):
    night = night_of(2)
    fresh = Goal.objects.order_by("pk").first()
    forecasting.refit_program(fresh.team.program)
    Outlook.objects.update(value=-1)
    tasks.work_on_night(night.pk)
    assert Outlook.objects.get(goal=fresh).value == -1
    assert sorted(night.parts.values_list("goals", flat=True)) == [0, 1]
    assert Ranking.objects.count() == 2


@pytest.mark.django_db
def test_a_killed_worker_s_claim_ends_and_what_it_wrote_is_not_written_again():
    """Killed after the outlooks and before the ranking: another ranks, and forecasts nothing."""
    night = night_of(1)
    program, goal = Program.objects.get(), Goal.objects.get()
    (part,) = nights._claim(night.pk, make.uuid.uuid4())
    forecasting.refit_goals([goal], forecasting.today_in(program.zone))
    written = Outlook.objects.get().computed_at
    assert nights.silent_nights(timezone.now()) == []
    assert nights.work_on_night(night.pk) == 0, "the claim stands"
    NightPart.objects.filter(pk=part.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert nights.silent_nights(timezone.now()) == [night]
    assert nights.work_on_night(night.pk) == 1
    part.refresh_from_db()
    assert (part.state, part.tries, part.goals) == (STATES.DONE, 2, 0)
    assert Outlook.objects.get().computed_at == written
    assert Ranking.objects.count() == 1


@pytest.mark.django_db
def test_who_was_too_slow_does_not_mark_what_another_took():
    night = night_of(1)
    slow = make.uuid.uuid4()
    (part,) = nights._claim(night.pk, slow)
    NightPart.objects.filter(pk=part.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    (taken,) = nights._claim(night.pk, make.uuid.uuid4())
    nights._mark(part, slow, 1, ValueError("too late"))
    assert states(night) == [STATES.CLAIMED]
    taken.refresh_from_db()
    assert taken.error == ""


@pytest.mark.django_db
def test_a_program_that_fails_is_marked_with_its_reason_and_tried_again_by_hand(monkeypatch):
    night = night_of(3)
    bad = Program.objects.order_by("pk").first()
    real = forecasting.refit_stale

    def refit(programs):
        if bad in programs:
            raise ArithmeticError("This one cannot be forecast.")
        return real(programs)

    monkeypatch.setattr(nights, "refit_stale", refit)
    with pytest.raises(ArithmeticError):
        tasks.work_on_night(night.pk)
    assert states(night) == [STATES.FAILED, STATES.DONE, STATES.DONE]
    assert night.parts.get(program=bad).error == "ArithmeticError: This one cannot be forecast."
    monkeypatch.setattr(nights, "refit_stale", real)
    assert nights.retry_failed(night=night) == 1
    assert nights.retry_failed(night=night) == 0
    tasks.work_on_night(night.pk)
    assert set(states(night)) == {STATES.DONE}


@pytest.mark.django_db
def test_a_program_archived_meanwhile_is_left_alone():
    night = night_of(1)
    Program.objects.update(archived_at=timezone.now())
    tasks.work_on_night(night.pk)
    assert states(night) == [STATES.DONE]
    assert not Outlook.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_it_out():
    night = night_of(3 * nights.TOGETHER)
    gate, claims = threading.Barrier(4), []

    def work():
        gate.wait()
        try:
            while parts := nights._claim(night.pk, make.uuid.uuid4()):
                claims.extend(part.pk for part in parts)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == sorted(night.parts.values_list("pk", flat=True))


@pytest.mark.django_db
def test_the_page_shows_how_far_it_is(client):
    night = night_of(2)
    client.force_login(make.make_user(is_superuser=True))
    assert "0 of 2 programs" in client.get("/jobs/").content.decode()
    tasks.work_on_night(night.pk)
    page = client.get("/jobs/").content.decode()
    assert "2 of 2 programs, 2 goals forecast" in page
    assert "every 2s" not in page
