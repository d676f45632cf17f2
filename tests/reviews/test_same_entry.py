"""An entry that is sent again, at once or after the server was cut off, is one row with its forecast."""

import threading

import pytest
from django.db import connection

from projects.models import Outlook
from reviews.models import Datapoint
from reviews.services.datapoints import log_datapoint
from reviews.services.forecasting import refit_program
from tests.factories import STEADY, make_engineer, make_entry, make_goal, make_user


@pytest.mark.django_db
def test_an_entry_cut_off_before_its_forecast_is_forecast_when_it_is_sent_again():
    goal = make_goal(values=STEADY)
    refit_program(goal.team.program)
    entry = make_entry(value=66, engineer=make_engineer(goal.team))
    user = make_user()
    logged = log_datapoint(goal=goal, entry=entry, by=user)
    Outlook.objects.filter(goal=goal).update(basis=0, value=0)
    again = log_datapoint(goal=goal, entry=entry, by=user)
    assert (again.created, again.datapoint) == (False, logged.datapoint)
    assert Outlook.objects.get(goal=goal).value == 66


@pytest.mark.django_db(transaction=True)
def test_the_same_entry_sent_six_times_at_once_is_one_row_and_six_answers():
    goal = make_goal(values=STEADY)
    entry, user = make_entry(value=66, engineer=make_engineer(goal.team)), make_user()
    answers, failures = [], []
    together = threading.Barrier(6)

    def send():
        together.wait()
        try:
            answers.append(log_datapoint(goal=goal, entry=entry, by=user))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    row = Datapoint.objects.get(uuid=entry.uuid)
    assert [answer.datapoint for answer in answers] == [row] * 6
    assert sum(answer.created for answer in answers) == 1
    outlook = Outlook.objects.select_related("goal").get(goal=goal)
    assert (outlook.value, outlook.basis) == (66, outlook.goal.data_version)
