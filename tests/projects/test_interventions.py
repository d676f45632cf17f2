"""What was done about a goal or a factor: on record once, with its memo; changed in the open; never removed."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from projects.models import Event, Intervention, Role
from projects.services.changes import Conflict
from projects.services.goals import set_gate
from projects.services.interventions import change_intervention, record_intervention, withdraw_intervention
from projects.time import WEEK
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def goal(program):
    return make.make_goal(make.make_team(program, "Blades"), "Cast vanes", values=make.STEADY)


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def sent(**changed) -> dict:
    """What the form sends."""
    data = {
        "uuid": str(uuid.uuid4()),
        "type": "guarantee",
        "started_on": make.today().isoformat(),
        "expected_days": "30",
        "review_on": (make.today() + 8 * WEEK).isoformat(),
        "memo": "A second foundry gets the order of three years.",
    }
    return data | changed


# ---- on record -------------------------------------------------------------------------------------------------------


def test_the_types_are_those_of_the_method():
    assert len(Intervention.Type.values) == 13
    assert {"build", "bypass", "relocate", "substitute", "prebuy", "reduce", "negotiate"} <= {*Intervention.Type.values}
    assert {"guarantee", "pilot", "people", "scope", "stop", "wait"} <= {*Intervention.Type.values}


def test_it_is_put_on_record_with_its_event(client, program, goal, manager):
    factor = make.make_factor("Foundries")
    set_gate(goal=goal, factor=factor, by=None)
    url = reverse("intervention_create", args=[program.slug])
    answer = client.post(url, sent(goal=goal.pk, factor=factor.pk))
    assert answer.headers["Location"] == goal.get_absolute_url()
    made = Intervention.objects.get()
    assert (made.program, made.goal, made.factor, made.type, made.by) == (program, goal, factor, "guarantee", manager)
    assert (made.started_on, made.review_on) == (make.today(), make.today() + 8 * WEEK)
    event = Event.objects.get(subject="intervention")
    assert (event.verb, event.by, event.memo) == ("recorded", manager, made.memo)
    assert event.changes["expected_days"] == [None, 30]


def test_a_factor_alone_is_enough_and_leads_back_to_the_program(client, program, goal, manager):
    factor = make.make_factor("Foundries")
    set_gate(goal=goal, factor=factor, by=None)
    answer = client.post(reverse("intervention_create", args=[program.slug]), sent(factor=factor.pk))
    assert answer.headers["Location"] == f"{program.get_absolute_url()}#interventions"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"goal": ""}, "Name the goal or the factor"),
        ({"memo": "n/a"}, "says nothing"),
        ({"memo": "  "}, "required"),
        ({"review_on": "2020-01-01"}, "must lie after the start"),
        ({"started_on": "1870-01-01"}, "Not a day between"),
        ({"expected_days": "4000"}, "No effect is larger than ten years"),
        ({"expected_days": "-4000"}, "No effect is larger than ten years"),
        ({"expected_days": "soon"}, "whole number"),
        ({"expected_days": ""}, "required"),
        ({"type": "hope"}, "not one of the available choices"),
        ({"goal": str(10**40)}, "not one of the available choices"),
        ({"uuid": "nonsense"}, None),
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_typed_is_lost(client, program, goal, manager, changed, said):
    data = sent(goal=goal.pk) | changed
    answer = client.post(reverse("intervention_create", args=[program.slug]), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert not Intervention.objects.exists()
    if said:
        assert said in html
    if "memo" not in changed:
        assert data["memo"] in html


def test_a_memo_is_no_copy_of_the_last_one(client, program, goal, manager):
    url = reverse("intervention_create", args=[program.slug])
    client.post(url, sent(goal=goal.pk))
    assert "repeats the last memo" in client.post(url, sent(goal=goal.pk)).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "hope"},
        {"goal": None},
        {"memo": " \n"},
        {"review_on": dt.date(2020, 1, 1)},
        {"expected_days": 5000},
    ],
)
def test_the_database_holds_it_too(program, goal, fields):
    known = make.make_intervention(program, goal=goal)
    with pytest.raises(IntegrityError), transaction.atomic():
        Intervention.objects.filter(pk=known.pk).update(**fields)


# ---- once ------------------------------------------------------------------------------------------------------------


def test_sent_twice_it_is_one(client, program, goal, manager):
    data, url = sent(goal=goal.pk), reverse("intervention_create", args=[program.slug])
    assert {client.post(url, data).status_code for _ in range(2)} == {302}
    assert Intervention.objects.count() == Event.objects.filter(subject="intervention").count() == 1


def test_the_same_form_with_other_content_is_refused(client, program, goal, manager):
    data, url = sent(goal=goal.pk), reverse("intervention_create", args=[program.slug])
    client.post(url, data)
    answer = client.post(url, data | {"expected_days": "60"})
    assert answer.status_code == 422
    assert "sent before with other content" in answer.content.decode()
    assert Intervention.objects.get().expected_days == 30


def test_a_key_of_another_program_is_refused(program, goal):
    other = make.make_goal()
    known = make.make_intervention(other.team.program, goal=other)
    with pytest.raises(ValidationError, match="sent before"):
        make.make_intervention(program, goal=goal, uuid=known.uuid)


@pytest.mark.django_db(transaction=True)
def test_sent_four_times_at_once_it_is_one(program, goal):
    user, key, start, made = make.make_user(), uuid.uuid4(), threading.Barrier(4), []

    def go():
        try:
            start.wait()
            made.append(make.make_intervention(program, goal=goal, uuid=key, by=user, memo="One and the same.").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(set(made)), Intervention.objects.count()) == (4, 1, 1)


# ---- changed, withdrawn ----------------------------------------------------------------------------------------------


def test_a_change_is_an_event_and_takes_a_memo_too(client, program, goal, manager):
    made = make.make_intervention(program, goal=goal)
    url = reverse("intervention_edit", args=[made.pk])
    assert "Edit intervention" in client.get(url).content.decode()
    answer = client.post(url, sent(goal=goal.pk, version="1", expected_days="-7", memo="It costs a week first."))
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.expected_days, made.memo, made.version) == (-7, "It costs a week first.", 2)
    event = Event.objects.get(subject="intervention", verb="changed")
    assert event.changes["expected_days"] == [20, -7]
    assert client.post(url, sent(goal=goal.pk, version="2", memo="-")).status_code == 422


def test_of_two_who_edit_the_second_sees_both_and_loses_nothing(client, program, goal, manager):
    made = make.make_intervention(program, goal=goal)
    change_intervention(intervention=made, version=1, by=make.make_user(), memo="Theirs came first.", expected_days=3)
    answer = client.post(reverse("intervention_edit", args=[made.pk]), sent(goal=goal.pk, version="1", memo="Mine."))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs came first." in html
    assert html.count("Mine.") == 2  # beside theirs, and still in the form
    with pytest.raises(Conflict):
        change_intervention(intervention=made, version=1, by=manager, memo="Once more.")


def test_withdrawn_it_leaves_the_pages_and_stays_on_record(client, program, goal, manager):
    made = make.make_intervention(program, goal=goal, memo="A second foundry.")
    for page in (program, goal):
        assert "A second foundry." in client.get(page.get_absolute_url()).content.decode()
    for _click in range(2):
        client.post(reverse("intervention_withdraw", args=[made.pk]))
    assert withdraw_intervention(intervention=made, by=manager) is False
    for page in (program, goal):
        assert "A second foundry.</span>" not in client.get(page.get_absolute_url()).content.decode()
    assert Intervention.objects.get(pk=made.pk).withdrawn_at
    assert Event.objects.filter(subject="intervention", verb="withdrew").count() == 1
    assert client.get(reverse("intervention_edit", args=[made.pk])).status_code == 404


# ---- seen ------------------------------------------------------------------------------------------------------------


def test_it_is_drawn_on_the_curve_and_stands_in_its_table(client, program, goal, manager):
    done = make.make_intervention(program, goal=goal, type="pilot", memo="Two vanes first.", expected_days=14)
    page = client.get(goal.get_absolute_url())
    rules = [layer for layer in page.context["pictures"].spec["layer"] if "Two vanes first." in str(layer)]
    assert [row["day"] for layer in rules for row in layer["data"]["values"]] == [done.started_on.isoformat()]
    assert "A small pilot first" in str(page.context["pictures"].spec)
    table = page.content.decode().split("<caption>Interventions</caption>")[1].split("</table>")[0]
    assert "A small pilot first" in table
    assert "14 days earlier" in table
    assert "Two vanes first." in table


def test_one_about_a_factor_is_seen_at_the_goals_that_it_gates_and_no_others(client, program, goal, manager):
    factor, other = make.make_factor("Foundries"), make.make_goal(goal.team, "Other", values=(1, 2))
    set_gate(goal=goal, factor=factor, by=None)
    make.make_intervention(program, factor=factor, memo="Bought ahead.")
    elsewhere = make.make_goal()
    set_gate(goal=elsewhere, factor=factor, by=None)
    make.make_intervention(elsewhere.team.program, factor=factor, memo="Of another program.")
    assert [one.memo for one in Intervention.objects.standing().on_goal(goal)] == ["Bought ahead."]
    assert "Bought ahead." not in client.get(other.get_absolute_url()).content.decode()


def test_the_form_begins_with_the_goal_one_comes_from(client, program, goal, manager):
    url = reverse("intervention_create", args=[program.slug])
    assert f'<option value="{goal.pk}" selected>' in client.get(f"{url}?goal={goal.pk}").content.decode()
    for nonsense in ("x", "-1", str(10**40)):
        assert client.get(f"{url}?goal={nonsense}").status_code == 200


def test_a_viewer_reads_and_is_offered_no_change(client, program, goal):
    made = make.make_intervention(program, goal=goal, memo="A second foundry.")
    client.force_login(make.join(program, Role.VIEWER))
    html = client.get(goal.get_absolute_url()).content.decode()
    assert "A second foundry." in html
    assert "/interventions/new/" not in html
    assert f"/interventions/{made.pk}/" not in html


def test_a_name_with_markup_is_text(client, program, goal, manager):
    make.make_intervention(program, goal=goal, memo="<script>alert(1)</script>")
    for page in (program, goal):
        html = client.get(page.get_absolute_url()).content.decode()
        assert "<script>alert(1)" not in html


def test_recorded_without_the_gate_is_impossible(program, goal):
    with pytest.raises(ValidationError, match="A memo is needed"):
        record_intervention(
            program=program,
            uuid=uuid.uuid4(),
            memo="",
            by=make.make_user(),
            type="wait",
            goal=goal,
            started_on=make.today(),
            expected_days=0,
            review_on=make.today() + WEEK,
        )
