"""A stored forecast is replayed from its receipt."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from projects.models import Goal
from projects.services.goals import edit_goal, revise_goal
from projects.services.teams import add_weeks_off, remove_weeks_off
from projects.time import WEEK
from reviews.models import Datapoint, Forecast
from reviews.services.datapoints import correct_datapoint
from reviews.services.forecasting import refit_goal, refit_goals
from reviews.services.receipts import Replay, replay
from tests.factories import STEADY, join, log, make_goal, make_point, make_user, today

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


def test_a_revision_that_turned_the_direction_still_replays():
    goal = make_goal(values=STEADY, baseline=50.0, target=100.0)
    refit_goal(goal)
    revise_goal(
        goal=goal, version=goal.version, target=10, deadline=None, on=today(), memo="Less is more.", by=make_user()
    )
    assert goal.direction == "down"
    assert replay(issued(goal)).identical is True


def test_an_edited_start_is_named_and_the_receipt_still_replays(goal):
    user, start = make_user(), goal.start
    for weeks in (1, 2):
        goal.refresh_from_db()
        edit_goal(goal=goal, version=goal.version, by=user, start=start - weeks * WEEK)
    found = replay(issued(goal))
    assert (found.identical, found.changes) == (True, (f"goal edited: start was {start}",))


def test_an_edited_name_changes_nothing(goal):
    edit_goal(goal=goal, version=goal.version, by=make_user(), name="Another name")
    assert replay(issued(goal)) == Replay(identical=True)


def test_weeks_off_added_since_are_named_and_the_receipt_still_replays(goal):
    days = {"first_day": today() - 5 * WEEK, "last_day": today() - 4 * WEEK}
    add_weeks_off(team=goal.team, reason="Summer", by=make_user(), **days)
    found = replay(issued(goal))
    assert found.identical is True
    assert found.changes == (f"weeks off added: {days['first_day']} to {days['last_day']}",)


def test_weeks_off_removed_since_are_named_and_the_receipt_still_replays():
    goal = make_goal(values=STEADY)
    days = {"first_day": today() - 5 * WEEK, "last_day": today() - 4 * WEEK}
    off = add_weeks_off(team=goal.team, reason="Summer", by=make_user(), **days)
    refit_goal(goal)
    remove_weeks_off(off=off, by=make_user())
    found = replay(issued(goal))
    assert found.identical is True
    assert found.changes == (f"weeks off removed: {days['first_day']} to {days['last_day']}",)


def test_an_edit_that_left_no_record_is_noticed(goal):
    Goal.objects.filter(pk=goal.pk).update(start=goal.start - WEEK)
    found = replay(issued(goal))
    assert found.identical is None
    assert found.changes == ("something that no record tells of",)


def test_the_goal_page_shows_the_receipt(client, goal):
    client.force_login(join(goal.team.program))
    html = client.get(goal.get_absolute_url()).content.decode()
    forecast = issued(goal)
    assert f"replay_forecast {forecast.pk}" in html
    assert forecast.inputs_hash in html
    assert forecast.engine in html


def test_without_a_forecast_there_is_no_receipt(client):
    goal = make_goal(values=[1])
    refit_goal(goal)
    client.force_login(join(goal.team.program))
    assert "replay_forecast" not in client.get(goal.get_absolute_url()).content.decode()


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
