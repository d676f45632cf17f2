"""A stored forecast is replayed from its receipt."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.models import Goal
from projects.services.goals import revise_goal
from projects.time import WEEK
from reviews.models import Datapoint, Forecast
from reviews.services.datapoints import correct_datapoint
from reviews.services.forecasting import refit_goal, refit_goals
from reviews.services.receipts import replay
from tests.factories import STEADY, log, make_goal, make_point, make_user, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def goal() -> Goal:
    goal = make_goal(values=STEADY)
    refit_goal(goal)
    return goal


def issued(goal: Goal) -> Forecast:
    return Forecast.objects.filter(goal=goal).earliest("pk")


def test_the_same_inputs_give_the_same_answer(goal):
    found = replay(issued(goal))
    assert (found.needs, found.identical, found.changes) == ("", True, ())


def test_a_correction_since_is_named_and_the_receipt_still_replays(goal):
    point = Datapoint.objects.filter(goal=goal).order_by("observed_on")[3]
    correction = correct_datapoint(datapoint=point, value=11, memo="Read off the wrong gauge.", by=make_user())
    found = replay(issued(goal))
    assert found.identical is True
    assert found.changes == (f"corrected: datapoint {correction.pk} of {point.observed_on}",)


def test_a_late_point_is_named(goal):
    late = log(goal, 30, observed_on=today() - dt.timedelta(days=10))
    found = replay(issued(goal))
    assert found.identical is True
    assert found.changes == (f"late: datapoint {late.pk} of {late.observed_on}",)


def test_a_point_of_a_later_day_changes_nothing():
    goal = make_goal()
    for age, value in [(5, 0), (4, 10), (3, 20)]:
        make_point(goal, value, observed_on=today() - age * WEEK)
    refit_goals([goal], today() - 2 * WEEK)
    log(goal, 30)
    found = replay(issued(goal))
    assert (found.identical, found.changes) == (True, ())


def test_a_withdrawn_point_is_named_as_a_correction(goal):
    point = Datapoint.objects.filter(goal=goal).latest("observed_on")
    correct_datapoint(datapoint=point, value=point.value, memo="Never measured.", by=make_user(), withdraw=True)
    found = replay(issued(goal))
    assert found.identical is True
    assert [change.split(":")[0] for change in found.changes] == ["corrected"]


def test_a_quarantine_since_is_named(goal):
    point = Datapoint.objects.filter(goal=goal).order_by("observed_on")[2]
    Datapoint.objects.filter(pk=point.pk).update(quarantined_at=timezone.now(), quarantine_reason="beyond the bound")
    found = replay(issued(goal))
    assert found.identical is True
    assert found.changes == (f"quarantined: datapoint {point.pk} of {point.observed_on}",)


def test_a_revision_since_is_named(goal):
    revise_goal(
        goal=goal,
        version=goal.version,
        target=140,
        deadline=None,
        on=today(),
        memo="Scope grew.",
        by=make_user(),
    )
    found = replay(issued(goal))
    assert found.identical is True
    assert [change.split()[0] for change in found.changes] == ["Revision"]


def test_another_engine_or_other_parameters_are_asked_for(goal):
    Forecast.objects.filter(goal=goal).update(engine="curves-0", parameters="0123")
    assert replay(issued(goal)).needs == "engine curves-0, parameters 0123"


def test_an_edited_start_is_noticed(goal):
    Goal.objects.filter(pk=goal.pk).update(start=goal.start - WEEK)
    found = replay(issued(goal))
    assert found.identical is None
    assert found.changes == ("goal, start or weeks off edited",)


def test_an_answer_that_was_tampered_with_is_found(goal):
    Forecast.objects.filter(goal=goal).update(p_never=0.123)
    assert replay(issued(goal)).identical is False
    with pytest.raises(CommandError, match="differs"):
        call_command("replay_forecast", issued(goal).pk, stdout=StringIO())


def test_the_command_says_identical_and_refuses_an_unknown_id(goal):
    out = StringIO()
    call_command("replay_forecast", issued(goal).pk, stdout=out)
    assert "identical" in out.getvalue().splitlines()
    with pytest.raises(CommandError, match="no forecast"):
        call_command("replay_forecast", 999_999, stdout=out)
