"""A deadline is the most aggressive date with a 50 % chance: offered, set with its odds, shown with both (M13)."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Event, Goal, Program, Revision, Role
from projects.services.deadlines import revise_program
from projects.services.ranking import rank_program
from projects.time import WEEK
from reviews.models import Forecast
from reviews.services.deadlines import odds_if_set, offer_for_goal
from reviews.services.forecasting import refit_goal, refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def goal():
    made = make.make_goal(make.make_team(make.make_program("Engines"), "Blades"), "Cast vanes", values=make.STEADY)
    refit_goal(made)
    return made


@pytest.fixture
def writer(client, goal):
    user = make.join(goal.team.program)
    client.force_login(user)
    return user


def send(client, goal: Goal, **changed):
    goal.refresh_from_db()
    data = {"target": goal.target, "deadline": goal.deadline or "", "on": make.today(), "version": goal.version}
    data |= {"memo": "The foundry has a second line."} | changed
    return client.post(reverse("goal_revise", args=[goal.pk]), data)


def test_the_offer_is_the_earliest_date_that_is_even_as_the_deadline(goal):
    offer = offer_for_goal(goal, make.today())
    assert offer.p10 <= offer.p50 <= offer.p90
    assert offer.p >= 0.5
    asked = {"target": goal.target, "on": make.today(), "today": make.today()}
    assert odds_if_set(goal, deadline=offer.earliest, **asked).p == offer.p
    step = max(1, (offer.earliest - make.today()).days // 100)
    assert odds_if_set(goal, deadline=offer.earliest - dt.timedelta(days=step + 1), **asked).p < 0.5


def test_without_a_forecast_it_says_so_and_offers_nothing(client, writer, goal):
    young = make.make_goal(goal.team, "Young", values=(1,))
    offer = offer_for_goal(young, make.today())
    assert (offer.earliest, offer.p50, bool(offer.why)) == (None, None, True)
    page = client.get(reverse("goal_revise", args=[young.pk])).content.decode()
    assert "Nothing is forecast yet" in page
    assert "Take this date" not in page


def test_one_click_fills_the_date_without_scripts(client, writer, goal):
    offer = offer_for_goal(goal, make.today())
    url = reverse("goal_revise", args=[goal.pk])
    page = client.get(url).content.decode()
    assert f'href="?deadline={offer.earliest}"' in page
    assert f'value="{offer.earliest}"' in client.get(f"{url}?deadline={offer.earliest}").content.decode()


def test_the_odds_are_kept_with_the_revision_and_its_receipt_is_that_of_the_next_forecast(client, writer, goal):
    offer = offer_for_goal(goal, make.today())
    assert send(client, goal, deadline=offer.earliest).status_code == 302
    goal.refresh_from_db()
    revision = Revision.objects.get()
    assert (revision.odds_when_set, goal.odds_when_set) == (offer.p, offer.p)
    assert goal.deadline_set_on == make.today()
    issued = Forecast.objects.get(goal=goal, inputs_hash=revision.inputs_hash)
    assert (issued.p_deadline, issued.deadline, issued.engine) == (offer.p, offer.earliest, revision.engine)


def test_a_new_target_is_part_of_what_is_judged(client, writer, goal):
    send(client, goal, target="70", deadline=make.today() + 5 * WEEK)
    revision = Revision.objects.get()
    assert Forecast.objects.get(goal=goal, inputs_hash=revision.inputs_hash).p_deadline == revision.odds_when_set


def test_a_first_deadline_has_its_odds_too_and_one_taken_away_has_none(client, writer, goal):
    Goal.objects.filter(pk=goal.pk).update(deadline=None)
    refit_goal(goal)
    send(client, goal, deadline=make.today() + 6 * WEEK)
    goal.refresh_from_db()
    assert 0 < goal.odds_when_set < 1
    send(client, goal, deadline="", memo="Nobody waits for it any more.")
    goal.refresh_from_db()
    assert (goal.odds_when_set, goal.deadline_set_on, goal.deadline) == (None, None, None)


def test_both_odds_stand_wherever_the_deadline_is_shown(client, writer, goal):
    offer = offer_for_goal(goal, make.today())
    send(client, goal, deadline=offer.earliest)
    program = goal.team.program
    revise_program(program=program, version=program.version, deadline=offer.earliest, last_acceptable=None,
                   memo="The pad is booked from then on.", by=writer)  # fmt: skip
    rank_program(program)
    for url in (goal.get_absolute_url(), goal.team.get_absolute_url(), program.get_absolute_url(), "/"):
        assert "when set" in client.get(url).content.decode(), url
    review = make.open_review(program)
    make.log(goal, 61, review=review, engineer=make.make_engineer(goal.team))
    make.close(review)
    page = client.get(review.get_absolute_url()).content.decode()
    assert page.count("when set") == 2


def test_the_live_result_says_both(client, writer, goal):
    engineer = make.make_engineer(goal.team)
    send(client, goal, deadline=make.today() + 7 * WEEK)
    review = make.open_review(goal.team.program)
    entry = make.make_entry(value=63)
    data = {"uuid": str(entry.uuid), "engineer": engineer.pk, "goal": goal.pk, "value": "63", "level": "doer"}
    data |= {"memo": "Two more came out whole.", "observed_on": make.today().isoformat()}
    page = client.post(reverse("review_log", args=[review.pk]), data, headers={"Accept": "application/json"}).json()
    assert "when set" in page["result"]


# ---- beyond 18 months -----------------------------------------------------------------------------------------------


FAR = {"deadline": make.later(3).isoformat()}
GATE = {"on_the_way": "Half of the vanes are cast", "on_the_way_by": make.later(1).isoformat()}


def test_a_far_deadline_asks_for_a_gate_on_the_way(client, writer, goal):
    response = send(client, goal, **FAR)
    assert response.status_code == 422
    assert "more than 18 months away" in response.content.decode()
    assert not Revision.objects.exists()
    assert send(client, goal, **FAR, **GATE).status_code == 302
    goal.refresh_from_db()
    assert (goal.on_the_way, goal.on_the_way_by.isoformat()) == tuple(GATE.values())
    assert "Half of the vanes are cast" in client.get(goal.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "gate",
    [
        {"on_the_way": "Half of them"},
        {"on_the_way_by": make.later(1).isoformat()},
        {"on_the_way": "Half of them", "on_the_way_by": make.later(2).isoformat()},  # itself beyond 18 months
        {"on_the_way": "Half of them", "on_the_way_by": make.later(4).isoformat()},  # after the deadline
    ],
)
def test_half_a_gate_or_one_that_is_far_too_is_refused(client, writer, goal, gate):
    assert send(client, goal, **FAR, **gate).status_code == 422


def test_new_goals_and_programs_are_asked_too(client, goal):
    client.force_login(make.join(goal.team.program, Role.ADMIN, make.make_user(may_create=True)))
    day = make.today().isoformat()
    made = {"name": "Fly", "baseline": "0", "target": "9", "start": day} | FAR
    url = reverse("goal_create", args=[goal.team.pk])
    assert client.post(url, made).status_code == 422
    assert client.post(url, made | GATE).status_code == 302
    program = {"name": "Wings", "kind": "delivery", "start": day, "zone": "UTC"} | FAR
    assert client.post(reverse("program_create"), program).status_code == 422
    assert client.post(reverse("program_create"), program | GATE).status_code == 302
    assert Program.objects.get(name="Wings").on_the_way == GATE["on_the_way"]


def test_a_far_deadline_that_a_file_brought_is_told_to_name_its_gate(client, writer, goal):
    Goal.objects.filter(pk=goal.pk).update(deadline=make.later(3))
    assert "name a gate on the way" in client.get(goal.get_absolute_url()).content.decode()
    Goal.objects.filter(pk=goal.pk).update(**GATE)
    assert "name a gate on the way" not in client.get(goal.get_absolute_url()).content.decode()


def test_a_gate_alone_changes_with_a_memo_and_is_no_revision(client, writer, goal):
    assert send(client, goal, **GATE).status_code == 422  # it lies after the deadline
    near = {"on_the_way": "Half of the vanes are cast", "on_the_way_by": make.today() + 2 * WEEK}
    assert send(client, goal, **near).status_code == 302
    assert not Revision.objects.exists()
    assert Event.objects.get(verb="revised").memo == "The foundry has a second line."


# ---- a program's dates ----------------------------------------------------------------------------------------------


def revise(client, program: Program, **changed):
    program.refresh_from_db()
    data = {"deadline": program.deadline or "", "last_acceptable": program.last_acceptable or ""}
    data |= {"version": program.version, "memo": "The pad is booked from then on."} | changed
    return client.post(reverse("program_revise", args=[program.slug]), data)


def test_a_program_is_offered_its_date_and_keeps_the_odds(client, writer, goal):
    program = Program.objects.get()
    refit_program(program)
    page = client.get(reverse("program_revise", args=[program.slug]))
    offer = page.context["offer"]
    assert f'href="?deadline={offer.earliest}"' in page.content.decode()
    assert revise(client, program, deadline=offer.earliest, last_acceptable=make.later(1)).status_code == 302
    program.refresh_from_db()
    revision = program.revisions.get()
    assert program.odds_when_set == revision.odds_when_set >= 0.5
    assert program.ranking.p_deadline == pytest.approx(revision.odds_when_set, abs=0.01)
    assert (len(revision.inputs_hash), revision.by) == (64, writer)
    assert "when set" in client.get(program.get_absolute_url()).content.decode()


@pytest.mark.parametrize("memo", ["", " ", "n/a"])
def test_a_program_never_changes_its_dates_silently(client, writer, goal, memo):
    assert revise(client, Program.objects.get(), deadline=make.later(1), memo=memo).status_code == 422
    assert not Program.objects.get().revisions.exists()


def test_edit_no_longer_changes_the_deadline(client, writer, goal):
    program = Program.objects.get()
    data = {"name": "Engines", "kind": "delivery", "start": program.start, "zone": "UTC", "version": program.version}
    client.post(reverse("program_edit", args=[program.slug]), data | {"deadline": make.later(1)})
    program.refresh_from_db()
    assert program.deadline is None


def test_two_who_change_it_at_once_see_a_conflict(client, writer, goal):
    program = Program.objects.get()
    assert revise(client, program, deadline=make.today() + 9 * WEEK).status_code == 302
    response = revise(client, program, deadline=make.today() + 5 * WEEK, version=1, memo="Sooner will do.")
    assert response.status_code == 409
    program.refresh_from_db()
    assert program.deadline == make.today() + 9 * WEEK


def test_the_last_acceptable_date_lies_after_the_deadline(client, writer, goal):
    program = Program.objects.get()
    late = {"deadline": make.today() + 9 * WEEK, "last_acceptable": make.today() + 8 * WEEK}
    assert revise(client, program, **late).status_code == 422
