"""Goals: made, changed with a reason, logged late, corrected and withdrawn; the curve and the same data as a table."""

import datetime as dt
import json
import re
import uuid

import pytest
from django.urls import reverse

from projects.look.dates import day
from projects.models import Direction, Event, Goal, Program, Role
from projects.services.programs import set_archived as set_program_archived
from projects.services.teams import set_archived as set_team_archived
from projects.time import WEEK
from reviews.models import Datapoint, Forecast
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(client):
    program = make.make_program("Engines")
    client.force_login(make.join(program, Role.MANAGER, make.make_user("ada")))
    return make.make_team(program, "Blades", engineers=1)


@pytest.fixture
def engineer(team):
    return team.seats.get().engineer


@pytest.fixture
def goal(team, engineer):
    made = make.make_goal(team, "Cast vanes", values=make.STEADY)
    make.refit_program(team.program)
    return made


def shown(client, goal: Goal) -> str:
    response = client.get(goal.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def send(client, name: str, pk: int, /, **data):
    return client.post(reverse(name, args=[pk]), data)


def goal_data(**changed) -> dict:
    return {"name": "Cast vanes", "baseline": "0", "target": "100", "start": "2026-01-05"} | changed


def edit(client, goal: Goal, **changed):
    data = {"name": goal.name, "unit": goal.unit, "baseline": goal.baseline, "start": goal.start.isoformat()}
    return send(client, "goal_edit", goal.pk, **(data | {"version": goal.version} | changed))


def revise(client, goal: Goal, **changed):
    data = {"target": goal.target, "deadline": goal.deadline.isoformat(), "on": make.today().isoformat()}
    return send(client, "goal_revise", goal.pk, **(data | {"version": goal.version} | changed))


def entry(engineer, **changed) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": engineer.pk,
        "value": "66",
        "level": "doer",
        "observed_on": make.today().isoformat(),
        "memo": "The first vane came out whole.",
    } | changed


# ---- made ------------------------------------------------------------------------------------------------------------


def test_made_and_led_to_its_first_datapoint(client, team):
    response = send(client, "goal_create", team.pk, **goal_data(unit="vanes", deadline="2026-12-01"))
    goal = Goal.objects.get()
    assert response.headers["Location"] == goal.get_absolute_url() + "#log"
    assert (goal.direction, goal.unit, goal.deadline) == (Direction.UP, "vanes", dt.date(2026, 12, 1))
    page = shown(client, goal)
    assert "No datapoint yet" in page
    assert 'id="log"' in page
    assert "verdict-unknown" in page


def test_down_is_as_good_as_up(client, team):
    send(client, "goal_create", team.pk, **goal_data(baseline="40,5", target="−2"))
    goal = Goal.objects.get()
    assert (goal.baseline, goal.target, goal.direction) == (40.5, -2, Direction.DOWN)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " cast VANES "}, "name"),
        ({"target": "0"}, "baseline"),
        ({"deadline": "2026-01-05"}, "start"),
        ({"shortest_days": "5"}, "longest_days"),
        ({"shortest_days": "5", "longest_days": "4"}, "longest_days"),
    ],
)
def test_refused_on_the_field_and_kept(changed, field, client, team):
    make.make_goal(team, "Cast vanes")
    response = send(client, "goal_create", team.pk, **(goal_data(name="Another", unit="R&D") | changed))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert 'value="R&amp;D"' in response.content.decode()
    assert Goal.objects.count() == 1


def test_same_name_on_another_team_is_fine(client, team, goal):
    other = make.make_team(team.program)
    assert send(client, "goal_create", other.pk, **goal_data()).status_code == 302


def test_needs_are_set_and_a_ring_is_refused_by_name(client, team):
    first, second = make.make_goal(team, "First"), make.make_goal(team, "Second")
    assert edit(client, second, needs=[first.pk]).status_code == 302
    assert "First" in shown(client, second).split("Begins after")[1]
    assert "Second" in shown(client, first).split("Waited for by")[1]
    response = edit(client, first, needs=[second.pk])
    assert response.status_code == 422
    assert "These goals would wait for each other" in response.content.decode()
    assert not first.needs.exists()


def test_need_per_unit_is_asked_in_a_throughput_program_only(client, team):
    url = reverse("goal_create", args=[team.pk])
    assert "need_per_unit" not in client.get(url).content.decode()
    Program.objects.filter(pk=team.program_id).update(kind="throughput", output_unit="GW a year")
    assert "need_per_unit" in client.get(url).content.decode()


# ---- changed ---------------------------------------------------------------------------------------------------------


def test_edit_changes_no_promise(client, goal):
    assert edit(client, goal, name="Cast more", target="1", deadline="2030-01-01").status_code == 302
    before = goal.target, goal.deadline
    goal.refresh_from_db()
    assert (goal.name, goal.version) == ("Cast more", 2)
    assert (goal.target, goal.deadline) == before


def test_edit_refits(client, goal):
    edit(client, goal, start=(goal.start - 4 * WEEK).isoformat())
    assert make.outlook(goal).basis > make.STEADY.index(58)
    goal.refresh_from_db()
    assert make.outlook(goal).basis == goal.data_version


def test_baseline_that_crosses_the_target_turns_the_goal_round(client, goal):
    edit(client, goal, baseline="200")
    goal.refresh_from_db()
    assert goal.direction == Direction.DOWN
    assert make.outlook(goal).verdict == "done"


def test_conflict_shows_both_and_loses_nothing(client, goal):
    edit(client, goal, name="Theirs")
    response = edit(client, goal, name="Mine & ours")
    assert response.status_code == 409
    assert "Theirs" in response.content.decode()
    assert "Mine &amp; ours" in response.content.decode()
    goal.refresh_from_db()
    assert goal.name == "Theirs"


def test_revision_takes_a_memo_and_stays_on_the_page(client, goal):
    deadline = make.today() + 20 * WEEK
    memo = "R&D <b> moved"
    assert revise(client, goal, target="120", deadline=deadline.isoformat(), memo=memo).status_code == 302
    revision = goal.revisions.get()
    assert (revision.old_target, revision.new_target, revision.new_deadline) == (100, 120, deadline)
    assert Event.objects.get(verb="revised").memo == memo
    page = shown(client, goal)
    assert "R&amp;D &lt;b&gt; moved" in page
    assert "ada" in page.split("Revisions")[1]


@pytest.mark.parametrize("memo", ["", " ", "-", "n/a", "tbd"])
def test_revision_without_a_reason_is_refused(memo, client, goal):
    response = revise(client, goal, target="120", memo=memo)
    assert response.status_code == 422
    assert response.context["form"].errors["memo"]
    goal.refresh_from_db()
    assert goal.target == 100


def test_second_revision_may_not_repeat_the_memo(client, goal):
    revise(client, goal, target="120", memo="More were found.")
    goal.refresh_from_db()
    assert revise(client, goal, target="140", memo="more were FOUND. ").status_code == 422


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"target": "0"},
        {"deadline": "2020-01-01"},
        {"target": "120", "on": (dt.date(2100, 1, 1)).isoformat()},
    ],
    ids=["nothing differs", "target is the baseline", "deadline before the start", "in the future"],
)
def test_revision_that_cannot_be_is_refused(changed, client, goal):
    assert revise(client, goal, memo="More were found.", **changed).status_code == 422
    assert not goal.revisions.exists()


def test_revision_before_the_last_one_is_refused(client, goal):
    revise(client, goal, target="120", memo="More were found.")
    goal.refresh_from_db()
    early = (make.today() - WEEK).isoformat()
    response = revise(client, goal, target="140", memo="And more.", on=early)
    assert response.status_code == 422
    assert "An earlier change is in force" in response.content.decode()


def test_deadline_may_be_taken_away(client, goal):
    assert revise(client, goal, deadline="", memo="Nobody waits for it.").status_code == 302
    goal.refresh_from_db()
    assert goal.deadline is None
    assert make.outlook(goal).p_deadline is None


def test_conflict_of_two_revisions(client, goal):
    revise(client, goal, target="120", memo="More were found.")
    response = revise(client, goal, target="130", memo="Even more.")
    assert response.status_code == 409
    assert "Even more." in response.content.decode()
    goal.refresh_from_db()
    assert goal.target == 120


def test_double_click_revises_once(client, goal):
    codes = [revise(client, goal, target="120", memo="More were found.").status_code for _click in range(2)]
    assert codes == [302, 422] or codes == [302, 409]
    assert goal.revisions.count() == 1


# ---- put away --------------------------------------------------------------------------------------------------------


def test_archived_goal_counts_no_more_and_comes_back(client, goal):
    program = goal.team.program
    for _click in range(2):
        assert send(client, "goal_archive", goal.pk).status_code == 302
    program.ranking.refresh_from_db()
    assert program.ranking.verdicts == {}
    assert "Archived: it does not count" in shown(client, goal)
    assert "1 archived goal" in client.get(goal.team.get_absolute_url()).content.decode()
    send(client, "goal_restore", goal.pk)
    program.ranking.refresh_from_db()
    assert program.ranking.verdicts == {"converging": 1}


@pytest.mark.parametrize("what", ["goal", "team", "program"])
def test_nothing_is_logged_to_what_is_archived(what, client, goal, engineer, django_user_model):
    ada = django_user_model.objects.get()
    if what == "goal":
        send(client, "goal_archive", goal.pk)
    elif what == "team":
        set_team_archived(team=goal.team, archived=True, by=ada)
    else:
        set_program_archived(program=goal.team.program, archived=True, by=ada)
    before = Datapoint.objects.count()
    response = send(client, "goal_log", goal.pk, **entry(engineer))
    assert response.status_code == 422
    html = response.content.decode()
    assert "This goal is archived." in html
    assert "The first vane came out whole." in html
    assert Datapoint.objects.count() == before


# ---- logged late -----------------------------------------------------------------------------------------------------


def test_logged_late_and_said_so(client, goal, engineer):
    response = client.post(reverse("goal_log", args=[goal.pk]), entry(engineer), follow=True)
    point = Datapoint.objects.latest("pk")
    assert (point.value, point.origin, point.review, point.recorded_by.username) == (66, "late", None, "ada")
    html = response.content.decode()
    assert "Saved." in html
    assert "The first vane came out whole." in html
    assert make.outlook(goal).value == 66


def test_same_entry_twice_is_one_row(client, goal, engineer):
    data = entry(engineer)
    before = Datapoint.objects.count()
    codes = [client.post(reverse("goal_log", args=[goal.pk]), data).status_code for _click in range(2)]
    assert codes == [302, 302]
    assert Datapoint.objects.count() == before + 1


def test_same_key_with_other_content_is_refused(client, goal, engineer):
    data = entry(engineer)
    client.post(reverse("goal_log", args=[goal.pk]), data)
    response = client.post(reverse("goal_log", args=[goal.pk]), data | {"value": "67"})
    assert response.status_code == 422
    assert "This entry was sent before with other content" in response.content.decode()
    assert Datapoint.objects.latest("pk").value == 66


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"memo": ""}, "memo"),
        ({"memo": "n/a"}, "memo"),
        ({"value": "many"}, "value"),
        ({"observed_on": "2100-01-01"}, "observed_on"),
        ({"engineer": ""}, "engineer"),
        ({"level": "unknown"}, "level"),
    ],
)
def test_refusal_keeps_what_was_typed(changed, field, client, goal, engineer):
    data = entry(engineer, blocker="Foundry & <b>") | changed
    response = client.post(reverse("goal_log", args=[goal.pk]), data)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert "Foundry &amp; &lt;b&gt;" in response.content.decode()
    assert data["uuid"] in response.content.decode()


def test_engineer_who_left_cannot_have_said_it(client, goal, engineer):
    send(client, "seat_end", make.seat_of(engineer).pk)
    assert client.post(reverse("goal_log", args=[goal.pk]), entry(engineer)).status_code == 422
    assert "This team has no engineer yet" in shown(client, goal)


@pytest.mark.parametrize(("typed", "value"), [("12,5", 12.5), ("1 000", None), ("1\u202f000", 1000), ("−3", -3)])
def test_numbers_as_people_type_them(typed, value, client, goal, engineer):
    response = client.post(reverse("goal_log", args=[goal.pk]), entry(engineer, value=typed))
    if value is None:
        assert response.status_code == 422
    else:
        assert Datapoint.objects.latest("pk").value == value


# ---- corrected and withdrawn -----------------------------------------------------------------------------------------


def test_correction_supersedes_and_both_stay_visible(client, goal):
    point = Datapoint.objects.latest("observed_on")
    response = send(client, "datapoint_correct", point.pk, value="61", memo="Miscounted.")
    assert response.status_code == 302
    corrected = Datapoint.objects.get(supersedes=point)
    assert (corrected.value, corrected.observed_on, corrected.engineer) == (61, point.observed_on, point.engineer)
    assert make.outlook(goal).value == 61
    page = shown(client, goal)
    assert "corrected to 61\u00a0%: Miscounted." in page or "corrected to" in page
    assert 'class="struck"' in page


def test_superseded_one_cannot_be_corrected_again(client, goal):
    point = Datapoint.objects.latest("observed_on")
    send(client, "datapoint_correct", point.pk, value="61", memo="Miscounted.")
    response = send(client, "datapoint_correct", point.pk, value="62", memo="Counted again.")
    assert response.status_code == 422
    assert "Somebody corrected this datapoint meanwhile." in response.content.decode()
    assert Datapoint.objects.filter(supersedes=point).count() == 1


def test_correction_takes_a_memo_with_meaning(client, goal):
    point = Datapoint.objects.latest("observed_on")
    for memo in ("", "n/a", point.memo):
        assert send(client, "datapoint_correct", point.pk, value="61", memo=memo).status_code == 422
    assert make.outlook(goal).value == 58


def test_withdrawn_leaves_the_curve_and_stays_visible(client, goal):
    point = Datapoint.objects.latest("observed_on")
    for said in ("Withdrawn: it counts no more", "It was corrected or withdrawn already."):
        response = client.post(reverse("datapoint_withdraw", args=[point.pk]), follow=True)
        assert said in response.content.decode()
    assert Datapoint.objects.filter(supersedes=point).count() == 1
    assert make.outlook(goal).value == 50
    page = shown(client, goal)
    assert "withdrawn: it does not count" in page
    assert "corrected to" not in page


def test_withdrawal_itself_cannot_be_withdrawn(client, goal):
    point = Datapoint.objects.latest("observed_on")
    send(client, "datapoint_withdraw", point.pk)
    again = Datapoint.objects.get(supersedes=point)
    response = client.post(reverse("datapoint_withdraw", args=[again.pk]), follow=True)
    assert "It was corrected or withdrawn already." in response.content.decode()


def test_withdrawing_one_whose_memo_reads_like_a_withdrawal(client, goal):
    point = make.make_point(goal, memo="Withdrawn by ada: entered by mistake.", observed_on=make.today() - WEEK)
    assert send(client, "datapoint_withdraw", point.pk).status_code == 302


def test_everything_withdrawn_is_unknown_again(client, team, engineer):
    goal = make.make_goal(team, values=(5,))
    make.refit_program(team.program)
    send(client, "datapoint_withdraw", Datapoint.objects.get().pk)
    assert make.outlook(goal).value is None
    assert "verdict-unknown" in shown(client, goal)


# ---- the curve -------------------------------------------------------------------------------------------------------


def spec_of(page: str) -> dict:
    found = re.search(r'<script id="goal-fan" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_fan_spec_is_in_the_page_with_the_data(client, goal):
    spec = spec_of(shown(client, goal))
    text = json.dumps(spec)
    assert "vega-lite" in spec["$schema"]
    for point in Datapoint.objects.all():
        assert point.observed_on.isoformat() in text
    assert goal.deadline.isoformat() in text


def test_same_data_stand_in_a_table(client, goal):
    response = client.get(goal.get_absolute_url())
    page = response.content.decode()
    table = page[page.index("Forecast of the value") :]
    table = table[: table.index("</table>")]
    assert table.count("<tr") >= len(response.context["fan"])
    for band in response.context["fan"]:
        assert day(band.day, "long") in table


def test_no_chart_without_a_datapoint(client, team):
    page = shown(client, make.make_goal(team))
    assert "application/json" not in page
    assert "No datapoint yet" in page


def test_two_points_are_drawn_without_a_fan(client, team):
    goal = make.make_goal(team, values=(1, 2))
    make.refit_program(team.program)
    page = shown(client, goal)
    assert spec_of(page)
    assert "Forecast of the value" not in page


def test_done_goal_says_done_and_draws_no_fan(client, goal, engineer):
    client.post(reverse("goal_log", args=[goal.pk]), entry(engineer, value="100"))
    page = shown(client, goal)
    assert "verdict-done" in page
    assert "Forecast of the value" not in page


def test_markup_in_a_memo_cannot_leave_the_spec(client, goal, engineer):
    memo = "</script><script>alert(1)</script>"
    client.post(reverse("goal_log", args=[goal.pk]), entry(engineer, memo=memo))
    page = shown(client, goal)
    assert "<script>alert" not in page
    assert memo in json.dumps(spec_of(page)).replace("\\/", "/")


def test_what_engineers_name_is_counted(client, goal, engineer):
    client.post(reverse("goal_log", args=[goal.pk]), entry(engineer, blocker="No foundry"))
    page = shown(client, goal)
    assert re.search(r'No foundry <span class="badge">1</span>', page)


def test_forecast_is_issued_once_for_the_same_inputs(goal):
    make.refit_program(goal.team.program)
    make.refit_program(goal.team.program)
    assert Forecast.objects.filter(goal=goal).count() == 1


@pytest.mark.parametrize(
    "values",
    [(0,) * 8, (100,) * 3, (58, 50, 41, 33, 24), (1e300, -1e300, 0), (0.1, 0.1, 0.1000001), (5, 5)],
    ids=str,
)
def test_page_holds_for_any_course(values, client, team):
    goal = make.make_goal(team, values=values)
    make.refit_program(team.program)
    page = shown(client, goal)
    for word in ("nan", "inf", "None", "Infinity"):
        assert not re.search(rf">\s*{word}\s*<", page)
    assert client.get(team.get_absolute_url()).status_code == 200
