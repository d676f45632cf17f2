"""Why did the board change since last week? The page says what the model says otherwise, which forecasts moved, and
what people did between."""

import datetime as dt

import pytest

from projects.models import Event, RankingDay
from projects.services.goals import revise_goal
from projects.time import WEEK
from projects.what_changed import Changed, what_changed
from tests.factories import declare, log, make_goal, make_program, make_team, make_user, today

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = dt.date(2026, 6, 15)


def line(name: str) -> dict:
    return {"kind": "goal", "id": 1, "name": name, "relief_days": 9.0, "gated_by": []}


def goal(verdict: str = "slow", p50: dt.date | None = None, value: float = 10) -> dict:
    return {"name": "Vanes", "verdict": verdict, "p50": p50.isoformat() if p50 else None, "value": value}


def compared(before: dict, after: dict, days: int = 7) -> Changed:
    """A week apart: what each row of the history says beside what both do."""
    program = make_program()
    same = {"known": True, "p50": NOW + 100 * DAY, "p_deadline": 0.4, "proposal": line("Vanes"), "goals": {}}
    RankingDay.objects.create(program=program, day=NOW - days * DAY, **same | before)
    RankingDay.objects.create(program=program, day=NOW, **same | after)
    found = what_changed(program, NOW)
    assert found
    return found


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {}, "The model still proposes Vanes."),
        ({}, {"proposal": line("Tanks")}, "The model proposes Tanks now; before, Vanes."),
        ({"proposal": None}, {}, "The model proposes Vanes now; before, it proposed nothing."),
        ({}, {"proposal": None}, "The model proposed Vanes and proposes nothing now."),
        ({}, {"p50": NOW + 112 * DAY}, "The P50 finish moved 12 days later"),
        ({}, {"p50": NOW + 99 * DAY}, "The P50 finish moved 1 day earlier"),
        ({}, {}, "The P50 finish stays at"),
        ({}, {"p50": None}, "is not within 5 years now."),
        ({"p50": None}, {}, "The P50 finish was not within 5 years and is"),
        ({}, {"p_deadline": 0.31}, "The odds of the deadline went from 40\u00a0% to 31\u00a0%."),
        ({}, {"p_deadline": 0.401}, "The odds of the deadline stay at 40\u00a0%."),
        ({"known": False}, {}, "The finish is forecast now; before, it was unknown."),
        ({}, {"known": False}, "The finish is unknown now; before, it was forecast."),
    ],
)
def test_what_the_model_says_otherwise(before, after, said):
    assert any(said in sentence for sentence in compared(before, after).said)


def test_a_verdict_that_flips_comes_first_then_the_largest_move():
    goals = {
        "1": [goal(p50=NOW), goal(p50=NOW + 40 * DAY, value=11)],
        "2": [goal("slow"), goal("stalled")],
        "3": [goal(p50=NOW), goal(p50=NOW + 300 * DAY, value=11)],
        "4": [goal(p50=NOW), goal(p50=None, value=11)],
    }
    found = compared(
        {"goals": {key: pair[0] for key, pair in goals.items()}},
        {"goals": {key: pair[1] for key, pair in goals.items()}},
    )
    assert [one.key for one in found.moved] == [2, 4, 3, 1]
    assert [one.flipped for one in found.moved] == [True, False, False, False]
    assert found.moved[0].later == 0, "never before and never now has not moved"


def test_a_goal_whose_finish_moves_with_the_calendar_stood_still():
    found = compared({"goals": {"1": goal(p50=NOW)}}, {"goals": {"1": goal(p50=NOW + 7 * DAY)}})
    assert (found.moved, found.still) == ([], 1)


def test_a_goal_as_it_was_is_not_listed():
    found = compared({"goals": {"1": goal(p50=NOW)}}, {"goals": {"1": goal(p50=NOW), "2": goal()}})
    assert (found.moved, found.still) == ([], 0)


def test_what_people_did_since_and_not_before():
    program = make_program()
    RankingDay.objects.create(program=program, day=today() - 7 * DAY)
    RankingDay.objects.create(program=program, day=today())
    user, goal = make_user("ada"), make_goal(make_team(program))
    declare(program, "Foundries", by=user)
    revise_goal(goal=goal, version=1, target=90.0, deadline=None, on=today(), memo="Less will do.", by=user)
    log(goal, 5.0, by=user)
    old = Event._base_manager.filter(verb="declared")
    found = what_changed(program, today())
    assert {"declared", "revised"} <= {event.verb for event in found.events}
    assert found.entries == 1
    old.update(at=dt.datetime.now(dt.UTC) - 2 * WEEK)
    assert "declared" not in {event.verb for event in what_changed(program, today()).events}


def test_it_is_compared_with_a_week_ago_or_with_the_oldest_day_there_is():
    assert compared({}, {}, days=10).since == NOW - 10 * DAY
    assert compared({}, {}, days=3).since == NOW - 3 * DAY
    program = make_program()
    for age in (20, 9, 6, 0):
        RankingDay.objects.create(program=program, day=NOW - age * DAY)
    assert what_changed(program, NOW).since == NOW - 9 * DAY


def test_one_day_alone_has_nothing_to_compare_with():
    program = make_program()
    assert what_changed(program, NOW) is None
    RankingDay.objects.create(program=program, day=NOW)
    assert what_changed(program, NOW) is None
