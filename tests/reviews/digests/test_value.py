"""The digest as a value, without mail: what is in it, for whom, and what is quiet."""

import datetime as dt
import json
import uuid
from dataclasses import replace

import pytest
from django.utils import timezone

from projects.models import Goal, Limit, Membership, Program, Ranking, RankingDay, Role
from reviews.digests import words
from reviews.digests.build import build_digest
from reviews.digests.value import Deadline, Digest, ProgramWeek, from_json, to_json
from reviews.models import Delivery, Finding, StatedDate, Subscription
from reviews.services import deliveries, sending
from reviews.services.attention import candidates, keep_plan
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(days=7)


@pytest.fixture
def ada():
    return make.make_user("ada", first_name="Ada", email="ada@example.org")


def digest(user, **fields) -> Digest:
    now = fields.pop("now", timezone.now())
    fields = {"since": now - WEEK, "until": now + dt.timedelta(seconds=1), "due_at": now, "now": now} | fields
    if "programs" not in fields:
        mine = Subscription.objects.filter(user=user).first() or make.make_subscription(user)
        fields["programs"] = deliveries.programs_followed(mine)
    return build_digest(user=user, zone="UTC", late=False, **fields)


def week_before(program: Program, **changed) -> RankingDay:
    """What the model is made to have said eight days ago: as today, but for what is `changed`."""
    now = RankingDay.objects.filter(program=program).latest("day")
    now.pk, now.day = None, make.today() - dt.timedelta(days=8)
    for name, value in changed.items():
        setattr(now, name, value)
    now.save()
    return now


def only(found: Digest) -> ProgramWeek:
    (week,) = found.programs
    return week


def test_a_deadline_is_told_with_its_odds_when_it_was_set_and_now(ada):
    program = make.make_world("Engines")
    make.join(program, Role.VIEWER, ada)
    Program.objects.filter(pk=program.pk).update(odds_when_set=0.5, deadline=make.today() + 20 * WEEK)
    Ranking.objects.filter(program=program).update(p_deadline=0.31)
    week_before(program, p_deadline=0.38)
    own = only(digest(ada)).deadlines[0]
    assert (own.when_set, own.then, own.now) == (0.5, 0.38, 0.31)
    assert words.chances(own) == "50\xa0% when set, 31\xa0% now; 38\xa0% before"
    assert words.chances(replace(own, then=0.31)) == "50\xa0% when set, 31\xa0% now, as before"
    assert words.chances(replace(own, then=None)) == "50\xa0% when set, 31\xa0% now"
    assert words.chances(replace(own, when_set=None)) == "38\xa0% → 31\xa0%"
    as_before = {key: value for key, value in to_json(own).items() if key != "when_set"}
    assert from_json(Deadline, as_before).when_set is None


def test_a_reader_is_told_of_the_programs_they_may_see_and_no_other(ada):
    mine, _theirs = make.make_world("Mine"), make.make_world("Theirs")
    make.join(mine, Role.VIEWER, ada)
    make.join(make.make_world("As its engineer"), Role.ENGINEER, ada)
    assert [week.name for week in digest(ada).programs] == ["Mine"]


def test_only_those_that_were_chosen_and_may_still_be_seen(ada):
    first, second, left = (make.make_world(name) for name in ("First", "Second", "Left"))
    for program in (first, second):
        make.join(program, Role.VIEWER, ada)
    mine = make.make_subscription(ada, every_program=False)
    mine.programs.set([first, left])
    assert [one.name for one in deliveries.programs_followed(mine)] == ["First"]


def test_nothing_happened_is_one_line_that_says_so(ada):
    program = make.make_world("Calm", by=ada)
    fields = {"since": make.today() - 3 * WEEK, "state": "factor", "memo": "Seen."}  # as if declared three weeks ago
    Limit.objects.filter(program=program).update(factor=make.make_factor("Sand"), **fields)
    refit_program(program)
    week_before(program)
    week = only(digest(ada))
    assert week.quiet
    assert words.quiet(week).startswith("Nothing to decide. Sand, 4th week.")


def test_then_and_now_are_those_of_the_period(ada):
    program = make.make_world("Engines", by=ada)
    Program.objects.filter(pk=program.pk).update(deadline=make.today() + 10 * WEEK)
    refit_program(Program.objects.get(pk=program.pk))
    now = RankingDay.objects.get()
    goal = Goal.objects.get()
    earlier = {"name": goal.name, "verdict": "stalled", "p50": None, "value": 1.0, "p_deadline": 0.02}
    week_before(program, p50=now.p50 - dt.timedelta(days=12), p_deadline=0.91, goals={str(goal.pk): earlier})
    week = only(digest(ada))
    assert week.later == 12
    assert "12 days later" in words.finish(week)
    own, of_goal = week.deadlines
    assert (own.then, own.name) == (0.91, "")
    assert own.now == pytest.approx(now.p_deadline)
    assert (of_goal.then, of_goal.goal) == (0.02, goal.pk)
    (change,) = week.changes
    assert (change.before, change.after, change.flipped) == ("stalled", now.goals[str(goal.pk)]["verdict"], True)
    assert not week.quiet


def test_a_row_of_the_day_on_which_the_period_begins_is_part_of_it(ada):
    """It may have been written after the hour of the last digest: told twice rather than never."""
    program = make.make_world("Engines", by=ada)
    row = week_before(program, p_deadline=0.9)
    RankingDay.objects.filter(pk=row.pk).update(day=make.today() - dt.timedelta(days=7))
    week = only(digest(ada))
    assert week.compared_with == make.today() - dt.timedelta(days=7)  # there is nothing older
    week_before(program, p_deadline=0.1)
    assert only(digest(ada)).compared_with == make.today() - dt.timedelta(days=8)


def test_the_first_of_all_has_nothing_to_compare_with(ada):
    make.make_world("New", by=ada)
    week = only(digest(ada))
    assert (week.compared_with, week.later, week.changes) == (None, None, ())
    assert "before" not in words.finish(week)


def test_a_factor_declared_in_the_period_and_its_memo(ada):
    program = make.make_world("Engines", by=ada)
    make.declare(program, "Sand")
    make.declare(program, "Foundries", memo="Three of them, sold out.")
    first, second = only(digest(ada)).named
    assert (first.was, first.now) == ("", "Sand")
    assert (second.was, second.now, second.memo) == ("Sand", "Foundries", "Three of them, sold out.")
    before = timezone.now() - WEEK
    assert only(digest(ada, since=before - WEEK, until=before)).named == ()


def test_reviews_held_and_missed(ada):
    program = make.make_world("Engines", by=ada)
    make.close(make.open_review(program))
    make.make_cadence(program, weekdays="MO,TU,WE,TH,FR,SA,SU", at=dt.time(0, 1), minutes=5, zone="UTC")
    week = only(digest(ada, now=timezone.now()))
    assert len(week.held) >= 1
    assert 5 <= len(week.missed) <= 7
    assert "missed" in words.reviews(week)


def test_values_that_came_in_and_those_that_surprised(ada):
    program = make.make_world("Engines", by=ada)
    goal = Goal.objects.get()
    make.make_point(goal, 3, surprise=0.01, memo="The mould broke.")
    make.make_point(goal, 60, surprise=0.5)
    week = only(digest(ada))
    assert week.entries == 10
    (found,) = week.surprises
    assert (found.value, found.memo) == (3, "The mould broke.")
    assert "bad surprise" in words.surprise(found)
    assert program.pk == week.program


def test_what_asks_for_a_decision_comes_first(ada):
    calm = make.make_world("A calm one", by=ada)
    make.declare(calm, "Sand")
    lost = make.make_world("Z lost one", by=ada)
    Ranking.objects.filter(program=lost).update(p_last_acceptable=0.01)
    found = digest(ada)
    assert found.programs[0].name == "Z lost one"
    assert "fails" in found.asking[0].asks
    Program.objects.filter(pk=lost.pk).update(decision_due_since=timezone.now())
    assert digest(ada).asking[0].asks.startswith("Decide: people, scope, path, or stop.")


def test_next_weeks_plan_is_the_one_that_was_kept(ada):
    program = make.make_world("Engines", by=ada, values=(5, 5, 6, 6, 7, 7))
    now = timezone.now()
    monday = now.date() - dt.timedelta(days=now.weekday())
    found = candidates(ada)
    keep_plan(user=ada, week=monday, hours=4, found=found, given={program.pk: 3.5}, expected={program.pk: 9})
    told = digest(ada)
    assert told.plan_kept
    assert [(line.name, line.hours) for line in told.plan] == [("Engines", 3.5)]
    assert digest(make.join(program, Role.VIEWER)).plan == ()


def test_predictions_whose_window_ends(ada):
    program = make.make_world("Engines", by=ada)
    limit = make.declare(program, "Sand")
    near, far = make.today() + dt.timedelta(days=3), make.today() + 10 * WEEK
    make.predict(limit, "Foundries", window_to=near, by=ada)
    make.predict(limit, "Power", window_to=far)
    (due,) = only(digest(ada)).predictions
    assert (due.name, due.by) == ("Foundries", "Ada")


def test_deadlines_that_fell_due_in_the_period_once_each(ada):
    """Each on the first digest after its day, with how many were met so far; an imported one is no claim of theirs."""
    program = make.make_world("Engines", by=ada)
    goal = program.teams.get().goals.get()

    def stated(days_ago: int, outcome: str, goal=None, **fields):
        day = make.today() - dt.timedelta(days=days_ago)
        StatedDate.objects.create(program=program, goal=goal, day=day, stated_on=day - WEEK, outcome=outcome, **fields)
        return day

    old = [stated(n, "met", goal) for n in (30, 60)]
    stated(20, "unknown", goal)
    stated(3, "missed", goal, imported=True)
    stated(1, "missed", goal)
    stated(2, "met")
    stated(7, "unknown")
    week = only(digest(ada))
    assert [(one.goal, one.met) for one in week.due] == [(None, None), (None, True), (goal.pk, False)]
    assert (week.met, week.met_of) == (3, 4)
    assert not week.quiet
    assert words.met_so_far(week) == "3 of 4 met so far."
    assert words.fell_due(week.due[2]).endswith("was missed.")
    (again,) = digest(ada, since=timezone.now(), until=timezone.now() + WEEK).programs
    assert again.due == ()
    (before,) = digest(ada, since=timezone.now() - 9 * WEEK, until=timezone.now() - WEEK).programs
    assert [one.on for one in before.due if one.met] == old[::-1]


def test_json_and_back_is_the_same_value(ada):
    program = make.make_world("Engines", by=ada)
    Program.objects.filter(pk=program.pk).update(deadline=make.today() + 10 * WEEK)
    make.declare(program, "R&D")
    make.close(make.open_review(program))
    week_before(program, p_deadline=0.5)
    found = digest(ada)
    assert from_json(Digest, json.loads(json.dumps(to_json(found)))) == found
    lacking = to_json(found)
    del lacking["programs"][0]["surprises"], lacking["findings"]
    assert from_json(Digest, lacking).programs[0].surprises == ()


def test_late_is_said(ada):
    make.make_world("Engines", by=ada)
    mine = make.make_subscription(ada)
    now = timezone.now()
    row = deliveries.plan_now(owner=mine, key=uuid.uuid4(), now=now - dt.timedelta(hours=5))
    late = sending.digest_of(row, now, None)
    assert late.late
    assert words.subject(late).startswith("Late: ")
    assert not sending.digest_of(row, now - dt.timedelta(hours=5), None).late


def test_as_many_queries_for_thirty_programs_as_for_three(ada, django_assert_num_queries):
    def grow(n):
        for _ in range(n):
            program = make.make_world(by=ada)
            make.declare(program, "Sand")
            make.close(make.open_review(program))
            week_before(program)

    mine = make.make_subscription(ada)
    grow(3)
    digest(ada, programs=deliveries.programs_followed(mine))
    with django_assert_num_queries(24):
        digest(ada, programs=deliveries.programs_followed(mine))
    grow(12)
    with django_assert_num_queries(24):
        assert len(digest(ada, programs=deliveries.programs_followed(mine)).programs) == 15


def test_who_left_is_told_nothing(ada):
    program = make.make_world("Engines", by=ada)
    row = make.make_delivery(ada, subscription=make.make_subscription(ada), program=program)
    program.memberships.all().delete()
    with pytest.raises(sending.Nobody):
        sending.digest_of(Delivery.objects.get(pk=row.pk), timezone.now(), None)


def test_open_findings_of_the_audit_are_told_to_who_can_put_them_right(ada):
    program = make.make_world("Engines")
    row = {"rule": "no_factor", "subject": "program", "subject_id": program.pk, "program": program}
    row |= {"says": "It has no limiting factor.", "found_at": timezone.now(), "seen_at": timezone.now()}
    finding = Finding.objects.create(**row)
    make.join(program, Role.VIEWER, ada)
    assert digest(ada).findings == ()
    Membership.objects.filter(user=ada).update(role=Role.MANAGER)
    (told,) = digest(ada).findings
    assert (told.text, told.address) == ("Engines: It has no limiting factor.", f"/findings/{finding.pk}/")
    Finding.objects.update(state=Finding.State.FIXED)
    assert digest(ada).findings == ()
