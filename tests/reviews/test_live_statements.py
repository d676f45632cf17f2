"""What is said beside a number: nothing new and why, what stops an engineer, and what is taken back."""

import uuid

import pytest
from django.urls import reverse

from projects.models import Event, Evidence, Factor, Goal, Outlook, Ranking, Role
from reviews.models import Datapoint, Statement, Turn
from reviews.services.forecasting import behind
from tests import factories as make

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def program(client):
    made = make.make_program("Engines")
    client.force_login(make.join(made, Role.MANAGER, make.make_user("ada")))
    return made


@pytest.fixture
def goal(program):
    return make.make_goal(make.make_team(program, "Blades", engineers=2), "Cast vanes", values=(1, 2, 3))


@pytest.fixture
def review(program, goal):
    make.refit_program(program)
    return make.open_review(program)


@pytest.fixture
def turn(review):
    return review.turns.first()


def say(client, turn, **changed):
    data = {"uuid": str(uuid.uuid4()), "engineer": turn.engineer_id, "kind": "nothing_new", "text": "Ovens are cold"}
    return client.post(reverse("review_say", args=[turn.review_id]), data | changed, headers=JSON)


def undo(client, review, entry, key=""):
    data = {"entry": str(entry), "uuid": key or str(uuid.uuid4())}
    return client.post(reverse("review_undo", args=[review.pk]), data, headers=JSON)


def state(turn: Turn) -> str:
    return Turn.objects.get(pk=turn.pk).state


def test_nothing_new_is_a_record_with_its_reason_and_the_engineer_is_heard(client, turn, goal):
    answer = say(client, turn, goal=goal.pk)
    assert answer.status_code == 200
    assert "Ovens are cold" in answer.json()["row"]
    said = Statement.objects.get()
    assert (said.kind, said.goal, said.late, said.recorded_by.username) == ("nothing_new", goal, False, "ada")
    assert said.said_at is not None
    assert state(turn) == "heard"
    assert Event.objects.filter(verb="said").count() == 1
    assert not Datapoint.objects.filter(review=turn.review).exists()


@pytest.mark.parametrize("text", ["", "-", "n/a", "  ", "x" * 201])
def test_a_reason_without_meaning_is_refused(text, client, turn):
    answer = say(client, turn, text=text)
    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {"text"}
    assert state(turn) == "waiting"


def test_the_same_reason_again_is_refused_and_the_same_blocker_is_not(client, turn):
    assert say(client, turn).status_code == 200
    assert say(client, turn, text="ovens are COLD").status_code == 422
    for _week in range(2):
        assert say(client, turn, kind="blocked", text="No foundry").status_code == 200


def test_the_same_key_is_one_row_and_with_other_content_refused(client, turn):
    key = str(uuid.uuid4())
    assert [say(client, turn, uuid=key).status_code for _again in range(2)] == [200, 200]
    assert say(client, turn, uuid=key, text="Something else").status_code == 422
    assert Statement.objects.count() == 1


def test_what_stops_them_votes_on_the_goal_it_is_said_of(client, turn, goal):
    say(client, turn, kind="blocked", text="No foundry", goal=goal.pk)
    assert make.outlook(goal).blocker_votes == [{"text": "No foundry", "factor": None, "votes": 1}]
    say(client, turn, kind="free", text="", goal=goal.pk)
    assert make.outlook(goal).blocker_votes == []


def test_a_number_in_the_same_turn_does_not_take_the_answer_back(client, turn, goal):
    say(client, turn, kind="blocked", text="No foundry", goal=goal.pk)
    make.log(goal, 4, review=turn.review, engineer=turn.engineer)
    assert make.outlook(goal).blocker_votes[0]["text"] == "No foundry"


def test_what_names_a_factor_of_the_program_is_evidence_for_it(client, program, turn):
    factor = make.make_factor("Foundries")
    make.declare(program, factor)
    say(client, turn, kind="blocked", text="foundries")
    assert Statement.objects.get().factor == factor
    assert Evidence.objects.get().factor == factor


def test_a_new_factor_is_made_on_demand_and_only_then(client, turn):
    say(client, turn, kind="blocked", text="No foundry")
    assert not Factor.objects.exists()
    say(client, turn, kind="blocked", text="Cast vanes", make_factor="on")
    assert Evidence.objects.get().factor == Factor.objects.get(name="Cast vanes")


def test_undo_of_all_that_was_said_leaves_the_engineer_to_be_heard_again(client, review, turn, goal):
    say(client, turn)
    point = make.log(goal, 4, review=review, engineer=turn.engineer)
    assert undo(client, review, Statement.objects.get().uuid).json()["state"] == "saved"
    assert state(turn) == "heard"
    assert undo(client, review, point.uuid).json()["gone"] == [str(point.uuid)]
    assert state(turn) == "waiting"
    assert make.outlook(goal).value == 3
    page = client.get(review.get_absolute_url()).content.decode()
    assert "Ovens are cold" not in page


def test_undo_twice_with_one_key_or_two_takes_back_once(client, review, turn, goal):
    point = make.log(goal, 4, review=review, engineer=turn.engineer)
    key = str(uuid.uuid4())
    for sent in (key, key, str(uuid.uuid4())):
        assert undo(client, review, point.uuid, key=sent).status_code == 200
    assert Datapoint.objects.filter(supersedes=point).count() == 1


def test_undo_without_scripts_leads_back_to_the_room(client, review, turn):
    say(client, turn)
    response = client.post(reverse("review_undo", args=[review.pk]), {"entry": str(Statement.objects.get().uuid)})
    assert response.headers["Location"] == review.get_absolute_url()
    assert not Statement.objects.in_force().exists()


def test_what_is_of_another_review_or_nothing_is_not_found(client, review, goal):
    elsewhere = make.make_point(goal, 9)
    for key in (elsewhere.uuid, uuid.uuid4()):
        assert undo(client, review, key).status_code == 404


@pytest.mark.parametrize("name", ["review_log", "review_say", "review_undo", "review_spell"])
def test_what_waited_for_another_login_is_refused_whatever_it_is(name, client, review, turn):
    answer = client.post(reverse(name, args=[review.pk]), {"owner": "999999"}, headers=JSON)
    assert (answer.status_code, answer.json()["state"]) == (409, "other")


# ---- minutes ---------------------------------------------------------------------------------------------------------


def spell(client, turn, seconds, key):
    data = {"uuid": key, "engineer": turn.engineer_id, "seconds": seconds}
    return client.post(reverse("review_spell", args=[turn.review_id]), data, headers=JSON)


def minutes(turn) -> int | None:
    return Turn.objects.get(pk=turn.pk).minutes


def test_minutes_grow_with_a_spell_and_add_up_over_spells(client, turn):
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    for seconds, key, total in ((60, first, 1), (180, first, 3), (120, first, 3), (120, second, 5)):
        assert spell(client, turn, seconds, key).status_code == 200
        assert minutes(turn) == total


def test_two_who_follow_one_turn_do_not_double_it(client, program, turn):
    spell(client, turn, 300, str(uuid.uuid4()))
    client.force_login(make.join(program, Role.MANAGER))
    spell(client, turn, 240, str(uuid.uuid4()))
    assert minutes(turn) == 5


def test_a_page_left_open_overnight_is_no_turn(client, turn):
    spell(client, turn, 12 * 3600, str(uuid.uuid4()))
    assert minutes(turn) == 360


def test_what_stops_them_counts_at_once_and_leaves_forecast_and_ranking_as_they_stand(client, turn, goal):
    before = Outlook.objects.get(goal=goal)
    ranked_at = goal.team.program.ranking.computed_at
    assert say(client, turn, kind="blocked", text="No foundry", goal=goal.pk).status_code == 200
    after = Outlook.objects.get(goal=goal)
    assert [vote["text"] for vote in after.blocker_votes] == ["No foundry"]
    assert after.basis == before.basis + 1 == Goal.objects.get(pk=goal.pk).data_version
    assert (after.computed_at, after.finish_days, after.inputs_hash) == (
        before.computed_at,
        before.finish_days,
        before.inputs_hash,
    )
    assert Ranking.objects.get().computed_at == ranked_at
    assert not behind().exists()


def test_a_statement_on_a_goal_whose_forecast_is_behind_forecasts_it(client, turn, goal):
    make.make_point(goal, 9.0)
    assert say(client, turn, kind="blocked", text="No foundry", goal=goal.pk).status_code == 200
    outlook = Outlook.objects.get(goal=goal)
    assert (outlook.value, [vote["text"] for vote in outlook.blocker_votes]) == (9.0, ["No foundry"])
    assert not behind().exists()
