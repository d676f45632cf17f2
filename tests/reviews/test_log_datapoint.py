"""Saving what was said: the row, its turn, its event, its evidence, the forecast; and every refusal."""

import datetime as dt
import math
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.models import Event, Evidence, Goal, Outlook, Program, Ranking
from projects.services import ranking
from projects.services.goals import set_gate, set_needs
from projects.services.ranking import rank_program
from projects.time import WEEK
from reviews.models import Datapoint, Turn
from reviews.services import datapoints
from reviews.services.datapoints import KeyReused, log_datapoint
from reviews.services.forecasting import behind, refit_goal, refit_program
from tests.factories import (
    STEADY,
    close,
    join,
    make_engineer,
    make_entry,
    make_factor,
    make_goal,
    make_point,
    make_supply,
    make_team,
    make_user,
    open_review,
    today,
)

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
ASKED = 31  # statements of one entry: session, form, checks, row, event, forecast and ranking, with BEGIN and PRAGMA


@pytest.fixture
def goal() -> Goal:
    goal = make_goal(make_team(engineers=1), values=STEADY)
    refit_program(goal.team.program)
    return goal


@pytest.fixture
def user():
    return make_user()


def rows() -> tuple:
    return Datapoint.objects.count(), Event.objects.count(), Evidence.objects.count(), Turn.objects.count()


def test_the_row_says_who_what_when(goal, user):
    engineer = goal.team.seats.get().engineer
    entry = make_entry(value=66.5, memo="  Two more pass.  ", engineer=engineer, level="lead", prepared=True)
    logged = log_datapoint(goal=goal, entry=entry, by=user)
    point = Datapoint.objects.get(uuid=entry.uuid)
    assert logged.created
    assert logged.datapoint == point
    assert (point.value, point.memo, point.engineer, point.level) == (66.5, "Two more pass.", engineer, "lead")
    assert (point.recorded_by, point.observed_on, point.prepared, point.origin) == (user, today(), True, "late")


def test_goal_and_program_are_forecast_and_ranked_at_once(goal, user):
    before = Ranking.objects.get().computed_at
    log_datapoint(goal=goal, entry=make_entry(value=100), by=user)
    outlook = Outlook.objects.get(goal=goal)
    goal.refresh_from_db()
    assert (outlook.value, outlook.verdict, outlook.basis) == (100, "done", goal.data_version)
    ranking = Ranking.objects.get()
    assert ranking.computed_at > before
    assert ranking.verdicts == {"done": 1}


def test_the_event_lies_beside_it(goal, user):
    log_datapoint(goal=goal, entry=make_entry(value=66, memo="Two more pass"), by=user)
    event = Event.objects.get(verb="logged")
    assert (event.by, event.memo, event.changes) == (user, "Two more pass", {"value": [None, 66]})


def test_inside_a_live_review_it_is_live_and_its_turn_heard(goal, user):
    review, engineer = open_review(goal.team.program), goal.team.seats.get().engineer
    point = log_datapoint(goal=goal, entry=make_entry(engineer=engineer), by=user, review=review).datapoint
    turn = Turn.objects.get()
    assert (point.origin, point.review, point.turn) == ("live", review, turn)
    assert (turn.engineer, turn.state) == (engineer, "heard")


def test_whoever_is_not_on_the_roster_gets_a_turn(goal, user):
    review, guest = open_review(goal.team.program), make_engineer()
    log_datapoint(goal=goal, entry=make_entry(engineer=guest), by=user, review=review)
    assert [turn.engineer for turn in review.turns.all()][-1] == guest


def test_after_the_review_was_closed_it_is_late(goal, user):
    review = open_review(goal.team.program)
    close(review, user)
    engineer = goal.team.seats.get().engineer
    point = log_datapoint(goal=goal, entry=make_entry(engineer=engineer), by=user, review=review).datapoint
    assert (point.origin, point.turn) == ("late", None)
    assert review.turns.get().state == "absent"


def test_a_blocker_of_a_known_factor_is_evidence(goal, user):
    factor = make_factor("Cast vanes")
    entry = make_entry(blocker="No vanes until May", factor=factor)
    point = log_datapoint(goal=goal, entry=entry, by=user).datapoint
    log_datapoint(goal=goal, entry=entry, by=user)
    evidence = Evidence.objects.get()
    assert (evidence.factor, evidence.text, evidence.program) == (factor, "No vanes until May", goal.team.program)
    assert evidence.reference == f"datapoint:{point.pk}"


def test_a_blocker_in_free_words_is_no_evidence(goal, user):
    log_datapoint(goal=goal, entry=make_entry(blocker="The weather"), by=user)
    assert not Evidence.objects.exists()


def test_the_surprise_is_where_the_value_fell(goal, user):
    low = log_datapoint(goal=goal, entry=make_entry(value=20, observed_on=today()), by=user).percentile
    high = log_datapoint(goal=make_other(goal), entry=make_entry(value=95), by=user).percentile
    assert 0 <= low < 0.5 < high <= 1


def make_other(goal: Goal) -> Goal:
    return make_goal(goal.team, values=STEADY)


def test_no_surprise_where_nothing_was_expected(goal, user):
    fresh = make_goal(goal.team)
    past = make_entry(observed_on=today() - 3 * WEEK)
    assert log_datapoint(goal=fresh, entry=make_entry(), by=user).percentile is None
    assert log_datapoint(goal=goal, entry=past, by=user).percentile is None


# ---- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.1e300])
def test_what_is_no_number(goal, user, value):
    before = rows()
    with pytest.raises(ValidationError) as refused:
        log_datapoint(goal=goal, entry=make_entry(value=value), by=user)
    assert list(refused.value.message_dict) == ["value"]
    assert rows() == before


@pytest.mark.parametrize("day", [today() + dt.timedelta(days=2), dt.date(2165, 1, 1), dt.date(1969, 12, 31)])
def test_a_day_that_cannot_be(goal, user, day):
    before = rows()
    with pytest.raises(ValidationError) as refused:
        log_datapoint(goal=goal, entry=make_entry(observed_on=day), by=user)
    assert list(refused.value.message_dict) == ["observed_on"]
    assert rows() == before


def test_today_is_the_programs_not_the_servers(goal, user, settings):
    """On Kiritimati the next day has begun for more than half of ours."""
    program = goal.team.program
    program.zone = "Pacific/Kiritimati"
    there = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=14))).date()
    assert log_datapoint(goal=goal, entry=make_entry(observed_on=there), by=user).created


@pytest.mark.parametrize("memo", ["", "   ", "-", "n/a", "N.A.", "…", "\n\t", "ok", "\u200b"])
def test_a_memo_without_meaning(goal, user, memo):
    before = rows()
    with pytest.raises(ValidationError):
        log_datapoint(goal=goal, entry=make_entry(memo=memo), by=user)
    assert rows() == before


def test_a_copy_of_the_last_memo_of_the_goal(goal, user):
    log_datapoint(goal=goal, entry=make_entry(memo="Waiting for parts"), by=user)
    with pytest.raises(ValidationError, match="word for word"):
        log_datapoint(goal=goal, entry=make_entry(memo=" waiting for PARTS"), by=user)
    assert log_datapoint(goal=make_other(goal), entry=make_entry(memo="Waiting for parts"), by=user).created


def test_a_level_that_was_not_said(goal, user):
    before = rows()
    with pytest.raises(IntegrityError), transaction.atomic():
        log_datapoint(goal=goal, entry=make_entry(level="unknown"), by=user)
    assert rows() == before


# ---- the same entry again ------------------------------------------------------------------------------------------


def test_the_same_entry_again_is_the_same_row(goal, user):
    entry = make_entry(value=66)
    first = log_datapoint(goal=goal, entry=entry, by=user)
    before = rows()
    again = log_datapoint(goal=goal, entry=entry, by=user)
    assert (again.created, again.datapoint) == (False, first.datapoint)
    assert rows() == before


def test_again_after_it_was_said_otherwise_since(goal, user):
    """The memo gate does not stand in the way of a resend: the row is there."""
    entry = make_entry(memo="Waiting for parts")
    log_datapoint(goal=goal, entry=entry, by=user)
    assert not log_datapoint(goal=goal, entry=entry, by=user).created


@pytest.mark.parametrize(
    "other",
    [
        {"value": 67.0},
        {"memo": "Something else"},
        {"level": "manager"},
        {"observed_on": today() - WEEK},
        {"blocker": "x"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_same_key_with_other_content(goal, user, other):
    key = uuid.uuid4()
    said = {"uuid": key, "value": 66.0, "memo": "Two more pass"}
    log_datapoint(goal=goal, entry=make_entry(**said), by=user)
    before = rows()
    with pytest.raises(KeyReused):
        log_datapoint(goal=goal, entry=make_entry(**said | other), by=user)
    assert rows() == before


def test_the_same_key_for_another_goal(goal, user):
    entry = make_entry()
    log_datapoint(goal=goal, entry=entry, by=user)
    with pytest.raises(KeyReused):
        log_datapoint(goal=make_other(goal), entry=entry, by=user)


# ---- what was read before is read again only where something changed -------------------------------------------------


def test_the_forecast_after_an_entry_is_that_of_reading_everything_again(goal, user):
    log_datapoint(goal=goal, entry=make_entry(value=35), by=user)
    told = Outlook.objects.values().get(goal=goal)
    refit_goal(Goal.objects.get(pk=goal.pk))
    again = Outlook.objects.values().get(goal=goal)
    differing = {name for name in told if told[name] != again[name]}
    assert differing == {"computed_at"}


def test_an_entry_between_reading_and_saving_is_not_overlooked(goal, user, monkeypatch):
    """Another writer's value, saved after this one read the goal, is in the forecast that follows."""
    read = datapoints.read_told

    def read_then_another_writes(read_goal, day):
        found = read(read_goal, day)
        make_point(Goal.objects.get(pk=goal.pk), 77, observed_on=today() - dt.timedelta(days=1))
        return found

    monkeypatch.setattr(datapoints, "read_told", read_then_another_writes)
    log_datapoint(goal=goal, entry=make_entry(value=80), by=user)
    outlook = Outlook.objects.get(goal=goal)
    assert 77.0 in [value for _day, value in outlook.curve]
    assert outlook.basis == Goal.objects.get(pk=goal.pk).data_version


# ---- the ranking that is stored with an entry ------------------------------------------------------------------------


def ranked(program) -> dict:
    """What the stored ranking says, without when it was made."""
    row = Ranking.objects.filter(program=program).values().get()
    return {name: value for name, value in row.items() if name not in ("id", "computed_at")}


@pytest.fixture
def others(goal) -> list[Goal]:
    """Goals beside it: one that waits for it, one of another team, one that a factor gates."""
    program = goal.team.program
    made = [make_goal(make_team(program), f"Beside {n}", values=[v * 0.7 for v in STEADY]) for n in range(3)]
    set_needs(goal=made[0], needs=[goal], by=None)
    set_gate(goal=made[1], factor=make_factor("Vanes"), by=None)
    refit_program(program)
    return made


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("value", [35.0, 99.0, 100.0, 3.0])
def test_the_ranking_stored_with_an_entry_is_that_of_ranking_everything_again(value, goal, user):
    log_datapoint(goal=goal, entry=make_entry(value=value), by=user)
    told = ranked(goal.team.program)
    assert told["newest_data"] == today()
    rank_program(Program.objects.get(pk=goal.team.program_id))
    assert told == ranked(goal.team.program)
    assert not behind().exists()


def test_a_supply_measured_by_the_goal_reads_the_new_value(goal, user):
    program = goal.team.program
    Program.objects.filter(pk=program.pk).update(
        kind="throughput", output_unit="GW", output_target=100.0, deadline=today() + 900 * dt.timedelta(days=1)
    )
    program.refresh_from_db()
    make_supply(program, "Cells", goal=goal, need_low=1.0, need_high=1.0)
    refit_program(program)
    before = ranked(program)["flow"]
    log_datapoint(goal=goal, entry=make_entry(value=93.0), by=user)
    told = ranked(program)
    assert told["flow"] != before
    rank_program(program)
    assert told == ranked(program)


def test_what_another_writes_while_the_engine_runs_is_ranked_too(goal, others, user, monkeypatch):
    store = ranking._store

    def another_is_faster(found):
        monkeypatch.setattr(ranking, "_store", store)
        log_datapoint(goal=Goal.objects.get(pk=others[2].pk), entry=make_entry(value=90), by=user)
        return store(found)

    monkeypatch.setattr(ranking, "_store", another_is_faster)
    log_datapoint(goal=goal, entry=make_entry(value=80), by=user)
    told = ranked(goal.team.program)
    rank_program(goal.team.program)
    assert told == ranked(goal.team.program)


def test_an_entry_of_a_review_asks_no_more_than_this(client, goal, others, django_assert_max_num_queries):
    """The same with 4 goals as with 40: what one entry costs does not grow with the program."""
    program = goal.team.program
    client.force_login(join(program))
    review = open_review(program)
    engineer = goal.team.seats.get().engineer

    def enter(memo: str):
        data = {"uuid": str(uuid.uuid4()), "engineer": engineer.pk, "goal": goal.pk, "value": "61", "level": "doer"}
        sent = client.post(reverse("review_log", args=[review.pk]), data | {"memo": memo}, headers=JSON)
        assert sent.status_code == 200, sent.content

    enter("The first of this review.")
    with django_assert_max_num_queries(ASKED):
        enter("The second of this review.")
    for n in range(36):
        make_goal(goal.team, f"More {n}", values=STEADY[:3])
    refit_program(program)
    enter("The third of this review.")  # reads the new goals
    with django_assert_max_num_queries(ASKED):
        enter("The fourth of this review.")
