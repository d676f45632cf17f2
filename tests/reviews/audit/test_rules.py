"""What the audit names: what cannot be true, and nothing that is merely unlucky."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from projects.models import Factor, Goal, Limit, Program, Ranking
from projects.services.teams import end_seat
from projects.time import WEEK
from reviews.audit import BY_NAME, RULES, Scope
from reviews.models import Datapoint, Finding, Statement
from reviews.services.audit import run_audit
from reviews.services.cadences import add_guest
from tests import factories as make
from tests.reviews.audit.dirty import DAY, clean, goal_of, held_open, live_points, one, plant
from tests.tampering import Tamperer, an_old_history

pytestmark = pytest.mark.django_db


def names(rule: str) -> list[tuple[str, int]]:
    scope = Scope(Program.objects.active(), timezone.now())
    return [(found.subject, found.subject_id) for found in BY_NAME[rule].find(scope)]


def test_twelve_planted_errors_are_twelve_findings():
    planted = plant()
    assert len(planted) == 12
    run_audit(Program.objects.active(), deep=True)
    found = Finding.objects.filter(state="open").values_list("rule", "subject", "subject_id")
    assert {rule: (subject, pk) for rule, subject, pk in found} == planted
    assert len(found) == 12


def test_where_everything_is_in_order_nothing_is_found():
    clean()
    clean("Wings")
    assert run_audit(Program.objects.active(), deep=True) == 0
    assert not Finding.objects.exists()


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.deep], ids=lambda rule: rule.name)
def test_each_rule_asks_one_query(rule):
    plant()
    scope = Scope(Program.objects.active(), timezone.now())
    with CaptureQueriesContext(connection) as asked:
        list(rule.find(scope))
    assert len(asked) == 1, [query["sql"][:200] for query in asked]


def test_a_rule_has_a_name_of_its_own_and_words():
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert str(rule.title)
        assert str(rule.to_do).endswith(".")


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "value", "wrong"),
    [
        ({"unit": "%"}, 100, False),
        ({"unit": "%"}, 100.5, True),
        ({"unit": "%"}, -0.1, True),
        ({"unit": "%", "target": 150.0}, 120, False),  # a rate that may pass 100 %
        ({"unit": "%", "highest": 130.0}, 120, False),
        ({"unit": "kW"}, 120, False),
        ({"unit": "kW", "highest": 110.0}, 120, True),
        ({"unit": "kW", "lowest": 0.0}, -1, True),
        ({"unit": "kW", "lowest": -5.0}, -1, False),
    ],
)
def test_bounds_are_those_stated_and_those_of_a_share(fields, value, wrong):
    goal = goal_of(clean(), "Vanes", **fields)
    point = make.make_point(goal, value, engineer=one(goal.team.program))
    assert names("beyond_bound") == ([("datapoint", point.pk)] if wrong else [])


def test_what_was_corrected_or_withdrawn_or_put_away_harms_nothing():
    program = clean()
    goal = goal_of(program, "Vanes")
    for fields in ({"superseded": True}, {"quarantined_at": timezone.now()}, {"withdrawn": True}):
        superseded = fields.pop("superseded", False)
        point = make.make_point(goal, 120, engineer=one(program), **fields)
        if superseded:
            make.make_point(goal, 20, engineer=one(program), supersedes=point)
    assert names("beyond_bound") == []
    make.make_point(goal, 120, engineer=one(program))
    Goal.objects.filter(pk=goal.pk).update(archived_at=timezone.now())
    assert names("beyond_bound") == []


@pytest.mark.parametrize(("zone", "wrong"), [("Pacific/Kiritimati", False), ("Pacific/Pago_Pago", True)])
def test_the_future_begins_where_the_program_is(zone, wrong):
    program = clean()
    Program.objects.filter(pk=program.pk).update(zone=zone)
    here = timezone.now().astimezone(dt.timezone(dt.timedelta(hours=14))).date()  # Kiritimati, the first to have a day
    point = make.make_point(goal_of(program, "Vanes"), 3, observed_on=here, engineer=one(program))
    found = names("in_future")
    assert found == [] or (wrong and found == [("datapoint", point.pk)])
    make.make_point(goal_of(program, "Blades"), 3, observed_on=here + 2 * DAY, engineer=one(program))
    assert len(names("in_future")) == len(found) + 1


def test_only_the_fall_itself_is_named_and_only_of_what_grows():
    program = clean()
    goal = goal_of(program, "Tests written", 1, 5, 90, 9, 12, unit="tests", cumulative=True)
    fall = Datapoint.objects.get(goal=goal, value=9)
    goal_of(program, "Open issues", 1, 5, 90, 9, 12, unit="issues")
    assert names("falling") == [("datapoint", fall.pk)]


@pytest.mark.parametrize(
    ("value", "weeks", "wrong"), [(37, 5, True), (37, 4, False), (35, 5, False), (0, 8, False), (100, 8, False)]
)
def test_the_same_odd_value_five_weeks_running(value, weeks, wrong):
    goal = goal_of(clean(), "Welds", unit="welds")
    points = live_points(goal, value, weeks)
    assert names("same_odd_value") == ([("datapoint", points[0].pk)] if wrong else [])


def test_standing_still_is_no_finding_where_it_is_said_or_not_typed():
    """Real goals stand still in four weeks of five."""
    program = clean()
    imported = goal_of(program, "Imported", unit="welds")
    for age in range(6):
        make.make_point(imported, 37, observed_on=make.today() - age * WEEK, engineer=one(program))
    said = goal_of(program, "Said", unit="welds")
    points = live_points(said, 37, 6)
    review = make.open_review(program)
    turn = review.turns.get(engineer=points[3].engineer)
    Datapoint.objects.filter(pk=points[3].pk).update(review=review, turn=turn)
    Statement.objects.create(turn=turn, goal=said, kind="nothing_new", text="We wait for the press.")
    by_two = goal_of(program, "By two", unit="welds")
    other = by_two.team.seats.last().engineer
    for n, point in enumerate(live_points(by_two, 37, 6)):
        Datapoint.objects.filter(pk=point.pk).update(engineer=other if n % 2 else point.engineer)
    assert names("same_odd_value") == []


def test_of_a_run_all_but_the_first_would_leave_the_fit():
    goal = goal_of(clean(), "Welds", unit="welds")
    points = live_points(goal, 37)
    scope = Scope(Program.objects.active(), timezone.now())
    (found,) = BY_NAME["same_odd_value"].find(scope)
    assert found.points == tuple(point.pk for point in points[1:])


def test_runs_of_two_reporters_are_two_findings_each_named_by_its_first_value_however_long_ago():
    goal = goal_of(clean(), "Welds", unit="welds")
    first, second = live_points(goal, 37, 40), live_points(goal, 41, 6)
    other = make.make_engineer(goal.team, "Another")
    Datapoint.objects.filter(pk__in=[point.pk for point in second]).update(engineer=other)
    found = {("datapoint", first[0].pk), ("datapoint", second[0].pk)}
    assert set(names("same_odd_value")) == found
    make.make_point(goal, 12, engineer=first[0].engineer, origin="live")
    assert set(names("same_odd_value")) == found - {("datapoint", first[0].pk)}


def test_who_left_or_was_a_guest_was_no_stranger_when_they_spoke():
    program = clean()
    goal = goal_of(program, "Vanes")
    leaver = make.make_engineer(goal.team, "A leaver")
    make.make_point(goal, 5, observed_on=make.today() - 2 * WEEK, engineer=leaver)
    end_seat(seat=make.seat_of(leaver), left=make.today() - WEEK, by=make.make_user())
    review = make.open_review(program)
    guest = add_guest(review=review, team=goal.team, name="A guest", by=make.make_user())
    make.make_point(goal, 7, engineer=guest.engineer, review=review, turn=guest)
    assert names("reporter_off_team") == []
    late = make.make_point(goal, 6, observed_on=make.today(), engineer=leaver)
    assert names("reporter_off_team") == [("datapoint", late.pk)]


# ---- plans, facts and shares -----------------------------------------------------------------------------------------


def test_a_program_answers_for_itself():
    program = clean()
    Program.objects.filter(pk=program.pk).update(owner=None)
    assert names("program_without_owner") == [("program", program.pk)]
    gone = make.make_user(is_active=False)
    Program.objects.filter(pk=program.pk).update(owner=gone)
    assert names("program_without_owner") == [("program", program.pk)]


def test_converging_without_a_factor_is_an_answer_and_a_new_program_has_two_weeks():
    program = clean()
    Limit.objects.filter(program=program, until=None).update(state="converged", factor=None)
    assert names("program_without_factor") == []
    make.make_program("New", start=make.today() - 13 * DAY)
    assert names("program_without_factor") == []


def test_facts_go_stale_by_their_kind():
    program = clean()
    factor = program.limits.get(until=None).factor
    for kind, days, wrong in (("regulatory", 30, False), ("regulatory", 31, True), ("physical", 365, False)):
        Factor.objects.filter(pk=factor.pk).update(kind=kind, facts_as_of=make.today() - days * DAY)
        assert names("stale_facts") == ([("factor", factor.pk)] if wrong else []), (kind, days)
    Factor.objects.filter(pk=factor.pk).update(true_until=make.today() - DAY)
    assert names("stale_facts") == [("factor", factor.pk)]


def test_a_factor_is_argued_against_every_two_weeks_while_it_limits():
    program = clean()
    factor = program.limits.get(until=None).factor
    Factor.objects.filter(pk=factor.pk).update(challenged_on=None)
    assert names("unchallenged") == [("factor", factor.pk)]
    program.limits.filter(until=None).update(since=make.today() - 14 * DAY)
    assert names("unchallenged") == []


def test_shares_need_enough_values_to_be_one():
    program = clean()
    goal = goal_of(program, "Vanes")
    assert names("late_share") == []
    live_points(goal, 12, 2)
    for n in range(Datapoint.objects.filter(origin="live").count() + 1):
        make.make_point(goal, n, engineer=one(program))
    assert names("late_share") == [("program", program.pk)]
    live_points(goal, 14, 4)
    assert names("late_share") == []
    for n in range(4):
        make.make_goal(goal.team, f"Never reported {n}")
    assert names("unknown_share") == [("program", program.pk)]


def test_a_review_that_was_forgotten_and_a_night_without_a_job():
    program = clean()
    review = held_open(program, 23)
    assert names("review_left_open") == []
    held_open_longer = held_open(clean("Wings"), 25)
    assert names("review_left_open") == [("review", held_open_longer.pk)]
    assert review.pk != held_open_longer.pk
    Ranking.objects.filter(program=program).update(as_of=make.today() - 3 * DAY)
    assert names("ranking_old") == [("program", program.pk)]


def test_a_history_that_was_changed_in_the_table_is_seen_at_night_only():
    program = an_old_history(6)
    Tamperer(program, 1).edit(3)
    run_audit(Program.objects.active())
    assert not Finding.objects.filter(rule="history_broken").exists()
    run_audit(Program.objects.active(), deep=True)
    assert Finding.objects.get(rule="history_broken").program == program


def test_a_program_that_is_archived_is_left_alone():
    plant()
    Program.objects.update(archived_at=timezone.now())
    assert run_audit(Program.objects.all(), deep=True) == 0
