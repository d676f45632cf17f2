"""What an intervention brought: judged on its review date against the old curve carried on, kept, and shown."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Event, Goal, Role
from projects.services.goals import revise_goal, set_gate
from projects.services.interventions import withdraw_intervention
from projects.time import WEEK
from reviews import curves, tasks
from reviews.effects_page import by_type
from reviews.models import Datapoint, Forecast, InterventionEffect
from reviews.services.effects import due, judge, judge_due
from reviews.services.forecasting import refit_goals
from tests import factories as make

pytestmark = pytest.mark.django_db

SLOW_THEN_FAST = (0, 2, 4, 6, 8, 10, 12, 14, 16, 26, 36, 46, 56, 66, 76, 86)  # ten a week after two, eight weeks ago
FINISHED = (*SLOW_THEN_FAST[:-3], 90, 100, 100)
STEADILY = (0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75)


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def team(program):
    return make.make_team(program, "Blades")


def done_to(of: Goal, **fields):
    """An intervention of seven weeks ago whose review date is today."""
    started = make.today() - 7 * WEEK - dt.timedelta(days=1)
    fields = {"goal": of, "started_on": started, "review_on": make.today(), "expected_days": 90} | fields
    return make.make_intervention(of.team.program, **fields)


def brought(intervention) -> InterventionEffect:
    return judge(intervention, as_of=make.today(), by=None)


# ---- the estimate ----------------------------------------------------------------------------------------------------


def test_who_goes_five_times_as_fast_since_then_finishes_earlier(team):
    found = brought(done_to(make.make_goal(team, values=SLOW_THEN_FAST)))
    assert found.told
    assert found.days > 60
    assert found.low < found.days
    assert found.new_p50 < found.old_p50
    assert (found.forecast, found.finished, found.engine) == (None, False, curves.ENGINE_VERSION)


def test_who_goes_on_as_before_has_nothing_for_sure(team):
    found = brought(done_to(make.make_goal(team, values=STEADILY)))
    assert found.told
    assert abs(found.days) < 30
    assert not found.helped
    assert not found.cost


def test_what_is_finished_is_held_against_its_day(team):
    goal = make.make_goal(team, values=FINISHED)
    found = brought(done_to(goal))
    assert (found.finished, found.new_p50) == (True, make.today() - WEEK)
    assert found.helped


def test_down_is_as_good_as_up(team):
    up = brought(done_to(make.make_goal(team, values=SLOW_THEN_FAST)))
    mirrored = make.make_goal(team, baseline=100.0, target=0.0, values=[100 - value for value in SLOW_THEN_FAST])
    down = brought(done_to(mirrored))
    assert (down.days, down.low, down.high) == (up.days, up.low, up.high)


def test_the_forecast_issued_just_before_is_the_old_curve_whatever_was_corrected_since(team):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    done = done_to(goal)
    refit_goals([goal], done.started_on - dt.timedelta(days=3))
    issued = Forecast.objects.get(goal=goal)
    before = brought(done)
    assert before.forecast == issued
    Datapoint.objects.filter(goal=goal, observed_on__lt=done.started_on).update(value=1.0)
    assert brought(done).old_p50 == before.old_p50


def test_a_forecast_that_is_too_old_is_made_again(team):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    done = done_to(goal)
    refit_goals([goal], done.started_on - 3 * WEEK)
    assert brought(done).forecast is None


def test_only_what_was_observed_up_to_then_is_used(team):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    done = done_to(goal, review_on=make.today() - 2 * WEEK)
    then = judge(done, as_of=done.review_on, by=None)
    make.make_point(goal, 100.0)
    again = judge(done, as_of=done.review_on, by=None)
    assert (then.days, then.low, then.high) == (again.days, again.low, again.high)
    assert judge(done, as_of=make.today(), by=None).finished


def test_a_factor_is_judged_on_the_slowest_of_the_goals_that_it_gates(program, team):
    factor = make.make_factor("Foundries")
    slow, fast = make.make_goal(team, values=SLOW_THEN_FAST), make.make_goal(team, values=STEADILY)
    for goal in (slow, fast):
        set_gate(goal=goal, factor=factor, by=None)
    found = brought(done_to(slow, goal=None, factor=factor))
    assert found.goal == slow
    assert found.told


# ---- what cannot be told ---------------------------------------------------------------------------------------------


def test_it_says_why_it_cannot_tell(program, team):
    cannot = InterventionEffect.Cannot
    young = make.make_goal(team, values=(1, 2, 3, 4, 5, 6, 7, 8))
    assert brought(done_to(young)).cannot == cannot.NO_CURVE
    factor = make.make_factor("Gates nothing")
    assert brought(done_to(young, goal=None, factor=factor)).cannot == cannot.NO_GOAL
    finished = make.make_goal(team, values=(*(10 * k for k in range(8)), *[100] * 9))
    assert brought(done_to(finished)).cannot == cannot.DONE
    silent = make.make_goal(team)
    for week in range(9, 16):
        make.make_point(silent, 50.0 - 3 * week, observed_on=make.today() - week * WEEK)
    found = brought(done_to(silent))
    assert found.cannot == cannot.SILENT
    assert (found.days, found.low, found.high) == (None, None, None)


def test_a_target_that_was_cut_counts_as_what_was_done(team):
    goal = make.make_goal(team, values=STEADILY)
    done = done_to(goal, type="scope")
    before = brought(done)
    on = make.today() - 6 * WEEK
    revise_goal(
        goal=goal, version=1, target=80, deadline=goal.deadline, on=on, memo="Less will do.", by=make.make_user()
    )
    assert brought(done).days > before.days


# ---- when ------------------------------------------------------------------------------------------------------------


def test_in_the_night_what_is_due_is_judged_once_as_of_its_review_date(program, team):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    old = done_to(goal, review_on=make.today() - WEEK)
    done_to(goal, review_on=make.today() + WEEK)
    withdraw_intervention(intervention=done_to(goal), by=make.make_user())
    assert due(program) == [old]
    tasks.judge_program(program.pk)
    tasks.judge_program(program.pk)
    found = InterventionEffect.objects.get()
    assert (found.intervention, found.as_of) == (old, old.review_on)
    assert Event.objects.filter(subject="intervention", verb="judged").count() == 1
    assert judge_due(program) == 0


def test_judged_again_it_is_replaced_and_its_change_is_an_event(program, team):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    done = done_to(goal)
    first = brought(done)
    make.make_point(goal, 100.0)
    second = brought(done)
    assert InterventionEffect.objects.get().pk == first.pk == second.pk
    event = Event.objects.filter(verb="judged").latest("pk")
    assert event.changes["days"] == [first.days, second.days]
    brought(done)
    assert Event.objects.filter(verb="judged").count() == 2


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def test_on_demand_from_its_review_date_on(client, team, manager):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    early, done = done_to(goal, review_on=make.today() + WEEK), done_to(goal)
    for one in (early, done):
        client.post(reverse("intervention_judge", args=[one.pk]))
    assert [found.intervention for found in InterventionEffect.objects.all()] == [done]
    assert "has not come yet" in client.get(reverse("interventions")).content.decode()
    assert Event.objects.get(verb="judged").by == manager


def test_the_page_lists_what_is_due_under_way_and_judged_and_names_nobody(client, program, team, manager):
    goal = make.make_goal(team, "Vanes", values=SLOW_THEN_FAST)
    grace = make.make_user("grace")
    brought(done_to(goal, by=grace))
    done_to(goal, type="wait", by=grace, memo="Due, not judged.")
    done_to(goal, type="pilot", review_on=make.today() + WEEK, by=grace)
    page = client.get(reverse("interventions"))
    html = page.content.decode()
    assert [one.type for one in page.context["due"]] == ["wait"]
    assert [one.type for one in page.context["later"]] == ["pilot"]
    assert [row.n for row in page.context["types"]] == [1]
    assert "Substitute" in str(page.context["spec"])
    assert "too few to say" in html
    assert "grace" not in html


def test_other_programs_stay_out_and_one_can_be_chosen(client, program, team, manager):
    brought(done_to(make.make_goal(team, "Vanes", values=SLOW_THEN_FAST)))
    elsewhere = make.make_goal(name="Hidden", values=SLOW_THEN_FAST)
    brought(done_to(elsewhere))
    second = make.make_goal(name="Second vanes", values=STEADILY)
    make.join(second.team.program, Role.VIEWER, manager)
    brought(done_to(second))
    url = reverse("interventions")
    html = client.get(url).content.decode()
    assert "Hidden" not in html
    assert "Second vanes" in html
    assert "Second vanes" not in client.get(url, {"program": program.slug}).content.decode()
    assert client.get(url, {"program": elsewhere.team.program.slug}).context["program_name"] is None


def test_the_goal_shows_the_effect_and_draws_the_old_curve_carried_on(client, team, manager):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    done = done_to(goal)
    brought(done)
    page = client.get(goal.get_absolute_url())
    former = page.context["pictures"].former
    assert (former[0].day, former[-1].day) == (done.started_on, make.today())
    assert former[-1].p50 < 60 < SLOW_THEN_FAST[-1]
    html = page.content.decode()
    assert "old curve carried on" in str(page.context["pictures"].spec)
    assert "The old curve carried on, from before" in html
    assert "days earlier" in html


def test_of_what_is_long_over_it_is_carried_on_to_the_last_report_only(client, team, manager):
    goal = make.make_goal(team, start=make.today() - 200 * WEEK)
    for n, value in enumerate(FINISHED):
        make.make_point(goal, value, observed_on=make.today() - (150 - n) * WEEK)
    begun = make.today() - 142 * WEEK
    done_to(goal, started_on=begun, review_on=begun + 8 * WEEK)
    former = client.get(goal.get_absolute_url()).context["pictures"].former
    assert (former[0].day, former[-1].day) == (begun, make.today() - (150 - len(FINISHED) + 1) * WEEK)


def test_what_has_not_begun_draws_no_old_curve(client, team, manager):
    goal = make.make_goal(team, values=SLOW_THEN_FAST)
    assert not client.get(goal.get_absolute_url()).context["pictures"].former
    done_to(goal, started_on=make.today() + WEEK, review_on=make.today() + 9 * WEEK)
    assert not client.get(goal.get_absolute_url()).context["pictures"].former


def test_success_by_type(team):
    goal = make.make_goal(team, values=FINISHED)
    effects = [brought(done_to(goal, type=kind)) for kind in ("wait", *["pilot"] * 6)]
    effects.append(brought(done_to(make.make_goal(team, values=(1,)), type="pilot")))
    pilot, wait = by_type(effects)
    assert (pilot.label, pilot.n, pilot.told, pilot.helped, pilot.cost, pilot.enough) == (
        "A small pilot first",
        7,
        6,
        6,
        0,
        True,
    )
    assert (wait.n, wait.enough, wait.days) == (1, False, effects[0].days)


# ---- type against the facts of its factor ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "facts", "warned"),
    [
        ("prebuy", {"solvable_by_money": False}, True),
        ("prebuy", {"solvable_by_money": True}, False),
        ("prebuy", {"solvable_by_time": False}, False),
        ("prebuy", {}, False),
        ("wait", {"solvable_by_time": False}, True),
        ("build", {"solvable_by_money": False}, False),
        ("build", {"solvable_by_money": False, "solvable_by_time": False}, True),
        ("negotiate", {"solvable_by_permission": False, "solvable_by_money": False}, True),
        ("bypass", {"solvable_by_money": False, "solvable_by_time": False, "solvable_by_permission": False}, False),
    ],
)
def test_a_type_that_the_facts_say_cannot_solve_it_warns_and_stands(
    client, program, team, manager, kind, facts, warned
):
    factor = make.make_factor("Foundries", **facts)
    goal = make.make_goal(team, values=STEADILY)
    set_gate(goal=goal, factor=factor, by=None)
    data = {
        "type": kind,
        "factor": factor.pk,
        "started_on": make.today().isoformat(),
        "expected_days": "30",
        "review_on": (make.today() + 8 * WEEK).isoformat(),
        "memo": "The third foundry is asked.",
    }
    answer = client.post(reverse("intervention_create", args=[program.slug]), data, follow=True)
    assert program.interventions.count() == 1
    assert ("which cannot solve Foundries" in answer.content.decode()) is warned
