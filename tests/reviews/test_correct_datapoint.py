"""A correction is a new row that supersedes; nothing is ever changed or deleted."""

import math
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from projects.models import Event, Goal, Outlook
from reviews.models import Datapoint
from reviews.services.datapoints import NotInForce, correct_datapoint
from reviews.services.forecasting import refit_program
from tests.factories import STEADY, close, log, make_engineer, make_goal, make_user, open_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def goal() -> Goal:
    goal = make_goal(values=STEADY)
    refit_program(goal.team.program)
    return goal


@pytest.fixture
def point(goal) -> Datapoint:
    return Datapoint.objects.filter(goal=goal).latest("observed_on")


def correct(point: Datapoint, value: float = 60, memo: str = "Counted again", **more) -> Datapoint:
    return correct_datapoint(datapoint=point, value=value, memo=memo, by=make_user(), **more)


def test_both_stay_and_the_new_one_counts(goal, point):
    corrected = correct(point, 61)
    point.refresh_from_db()
    assert point.value == STEADY[-1]
    assert (corrected.supersedes, corrected.value, corrected.memo) == (point, 61, "Counted again")
    assert list(Datapoint.objects.in_force().filter(observed_on=point.observed_on)) == [corrected]
    assert Outlook.objects.get(goal=goal).value == 61


def test_it_keeps_who_said_it_when_and_at_what_level(goal):
    engineer = make_engineer(goal.team)
    point = log(goal, 62, engineer=engineer, level="lead", blocker="A part", prepared=True)
    kept = ("goal", "engineer", "level", "observed_on", "blocker", "prepared")
    corrected = correct(point, 63)
    assert [getattr(corrected, name) for name in kept] == [getattr(point, name) for name in kept]
    assert corrected.uuid != point.uuid


def test_in_a_live_review_it_is_live_and_later_late(goal):
    review = open_review(goal.team.program)
    point = log(goal, 62, review=review, engineer=make_engineer(goal.team))
    first = correct(point, 63)
    assert (first.origin, first.review, first.turn) == ("live", review, point.turn)
    close(review)
    assert correct(Datapoint.objects.get(pk=first.pk), 64, "And again").origin == "late"


def test_the_event_tells_old_and_new(point):
    correct(point, 61)
    assert Event.objects.get(verb="corrected").changes == {"value": [STEADY[-1], 61]}


def test_a_withdrawal_takes_it_out_of_the_curve(goal, point):
    correct(point, point.value, "Entered for another goal", withdraw=True)
    assert Outlook.objects.get(goal=goal).value == STEADY[-2]
    assert Datapoint.objects.filter(goal=goal).count() == len(STEADY) + 1
    assert Event.objects.get(verb="withdrew").changes == {"value": [STEADY[-1], None]}


def test_the_only_value_withdrawn_is_unknown_not_zero():
    goal = make_goal(values=(40,))
    correct(Datapoint.objects.get(goal=goal), 40, "Entered by mistake", withdraw=True)
    outlook = Outlook.objects.get(goal=goal)
    assert (outlook.value, outlook.value_on, outlook.points, outlook.verdict) == (None, None, 0, "unknown")


def test_a_correction_can_be_corrected(goal, point):
    second = correct(correct(point, 61), 62, "And once more")
    assert Outlook.objects.get(goal=goal).value == 62
    assert second.supersedes.supersedes == point


# ---- refusals ------------------------------------------------------------------------------------------------------


def refused(error, point, *args, **more) -> None:
    before = Datapoint.objects.count(), Event.objects.count()
    with pytest.raises(error):
        correct(point, *args, **more)
    assert (Datapoint.objects.count(), Event.objects.count()) == before


def test_what_was_corrected_already(point):
    correct(point)
    refused(NotInForce, point, 65, "Late to the party")


def test_what_was_withdrawn(point):
    refused(NotInForce, correct(point, withdraw=True), 65, "Back again, please")


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e301])
def test_what_is_no_number(point, value):
    refused(ValidationError, point, value)


@pytest.mark.parametrize("memo", ["", " ", "-", "n/a"])
def test_a_memo_without_meaning(point, memo):
    refused(ValidationError, point, 61, memo)


def test_the_memo_of_what_it_corrects(point):
    refused(ValidationError, point, 61, point.memo.upper())


def test_a_quarantined_value_may_be_corrected(goal, point):
    Datapoint.objects.filter(pk=point.pk).update(quarantined_at=timezone.now(), quarantine_reason="Impossible")
    correct(Datapoint.objects.get(pk=point.pk), 61)
    assert Outlook.objects.get(goal=goal).value == 61


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_told(goal, point):
    """Both saw the same row; one supersedes it, the other hears that it is not in force any more."""
    outcomes = []
    start = threading.Barrier(2)

    def go(value):
        try:
            start.wait()
            correct(Datapoint.objects.get(pk=point.pk), value, f"It was {value}")
            outcomes.append("corrected")
        except NotInForce:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(value,)) for value in (61.0, 62.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["corrected", "told"]
    assert Datapoint.objects.filter(supersedes=point).count() == 1
