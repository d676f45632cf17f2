"""What limits next: filed with a window and a probability, judged when the factor changes (M5)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.models import Factor, Limit, Role, SuccessorPrediction
from projects.services.goals import set_gate
from projects.services.limits import declare_limit
from projects.services.predictions import set_condition
from projects.services.ranking import rank_program
from tests import factories as make
from tests.projects.test_ranking import say, spread

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    return make.make_program("Orbit")


@pytest.fixture
def power(program) -> Limit:
    return make.declare(program, "Power", since=make.today() - 30 * DAY)


def outcome(prediction: SuccessorPrediction) -> str:
    prediction.refresh_from_db()
    return prediction.outcome


# ---- judged --------------------------------------------------------------------------------------------------------


def test_what_comes_within_its_window_came(program, power):
    chips, memory = make.predict(power, "Chips"), make.predict(power, "Memory", probability=0.2)
    make.declare(program, "Chips")
    assert (outcome(chips), outcome(memory)) == ("came", "other")
    assert (round(chips.brier, 4), round(memory.brier, 4)) == (0.09, 0.04)
    assert chips.resolved_on == make.today()


def test_a_part_of_the_predicted_counts_and_its_whole_does_not(program, power):
    chips = make.make_factor("Chips")
    memory = make.make_factor("Memory", parent=chips)
    wide, narrow = make.predict(power, chips), make.predict(power, "Logic")
    make.declare(program, memory)
    assert (outcome(wide), outcome(narrow)) == ("came", "other")
    other = make.make_program()
    limit = make.declare(other, "Power", since=make.today() - DAY)
    part = make.predict(limit, memory)
    make.declare(other, chips)
    assert outcome(part) == "other"


@pytest.mark.parametrize(("first", "last"), [(5, 9), (-40, -20)])
def test_outside_its_window_it_did_not(first, last, program, power):
    window = {"window_from": make.today() + first * DAY, "window_to": make.today() + last * DAY}
    made = make.predict(power, "Chips", **window, today=make.today() - 60 * DAY)
    make.declare(program, "Chips")
    assert outcome(made) == "other"


def test_a_goal_is_named_by_its_name_or_by_a_factor_that_gates_it(program, power):
    goal = make.make_goal(make.make_team(program), "Weld the tank")
    by_gate = make.predict(power, None, goal=goal)
    welders = make.make_factor("Welders")
    make.declare(program, welders, gates=(goal,))
    assert outcome(by_gate) == "came"
    by_name = make.predict(program.limits.get(until=None), None, goal=goal)
    make.declare(program, "weld the tank")
    assert outcome(by_name) == "came"


def test_not_known_yet_settles_nothing(program, power):
    made = make.predict(power, "Chips")
    declare_limit(program=program, state="unknown", memo="Power came; we look.", since=make.today() - 2 * DAY, by=None)
    assert outcome(made) == "open"
    make.declare(program, "Chips", since=make.today())
    assert outcome(made) == "came"


def test_converged_means_that_something_else_came(program, power):
    made = make.predict(power, "Chips")
    make.declare(program, None)
    assert outcome(made) == "other"


def test_a_judged_one_is_not_judged_again(program, power):
    made = make.predict(power, "Chips")
    make.declare(program, "Chips")
    make.declare(program, "Memory")
    assert outcome(made) == "came"


def test_void_where_its_condition_never_held_and_back(program, power):
    user = make.make_user()
    made = make.predict(power, "Chips", condition="power is solved")
    make.declare(program, "Memory")
    for held, wanted in ((False, "void"), (False, "void"), (True, "other")):
        set_condition(prediction=made, held=held, today=make.today(), by=user)
        assert outcome(made) == wanted
    assert made.brier is not None
    made.outcome = "void"
    assert made.brier is None


# ---- the model's own -------------------------------------------------------------------------------------------------


@pytest.fixture
def ranked(program):
    """Two goals, Vanes slower than Tanks."""
    team = make.make_team(program)
    for name, days in (("Vanes", 100), ("Tanks", 50)):
        say(
            make.make_goal(team, name),
            days=spread(days),
            p10=make.today() + days // 2 * DAY,
            p50=make.today() + days * DAY,
            p90=make.today() + 2 * days * DAY,
            p_never=0.0,
        )
    return program


def of_model(program) -> SuccessorPrediction:
    return SuccessorPrediction.objects.get(by_model=True, limit__program=program)


def test_it_agrees_and_predicts_what_limits_once_that_is_relieved(ranked):
    factor = make.make_factor("Foundries")
    set_gate(goal=ranked.teams.get().goals.get(name="Vanes"), factor=factor, by=None)
    make.declare(ranked, factor)
    rank_program(ranked)
    made = of_model(ranked)
    assert made.goal.name == "Tanks"
    assert (made.window_from, made.window_to) == (make.today() + 50 * DAY, make.today() + 200 * DAY)
    assert 0 < made.probability <= 0.8
    assert "Foundries" in made.condition


def test_it_disagrees_and_predicts_what_it_proposes(ranked):
    make.declare(ranked, "Paint")
    rank_program(ranked)
    assert of_model(ranked).goal.name == "Vanes"


def test_it_is_filed_once_for_each_limit_and_judged_like_any_other(ranked):
    make.declare(ranked, "Paint", since=make.today() - DAY)
    for _ in range(2):
        rank_program(ranked)
    first = of_model(ranked)
    make.declare(ranked, "Vanes")
    rank_program(ranked)
    assert outcome(first) == "other", "Vanes came before the window"
    assert SuccessorPrediction.objects.filter(by_model=True).count() == 2


@pytest.mark.parametrize("state", ["converged", "unknown"])
def test_nothing_is_filed_where_no_factor_is_declared(state, ranked):
    if state == "converged":
        make.declare(ranked, None)
    rank_program(ranked)
    assert not SuccessorPrediction.objects.exists()


# ---- refused -------------------------------------------------------------------------------------------------------


def test_what_limits_now_does_not_limit_next(power):
    with pytest.raises(ValidationError, match="is what limits now"):
        make.predict(power, power.factor)


def test_a_limit_that_gave_way_has_its_successor(program, power):
    make.declare(program, "Chips")
    with pytest.raises(ValidationError, match="given way"):
        make.predict(power, "Memory")


def test_a_window_in_the_past(power):
    with pytest.raises(ValidationError, match="not in the past"):
        make.predict(power, "Chips", window_from=make.today() - 9 * DAY, window_to=make.today() - DAY)


# ---- in the browser --------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client, program, power):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def send(client, program, **changed):
    data = {
        "factor": "Chips",
        "goal": "",
        "window_from": make.today().isoformat(),
        "window_to": (make.today() + 700 * DAY).isoformat(),
        "probability": "70",
        "condition": "power is solved",
        "memo": "Every order book says so.",
    }
    return client.post(reverse("prediction_create", args=[program.slug]), data | changed)


def test_the_second_click_files_nothing(client, program, manager):
    for _ in range(2):
        assert send(client, program).status_code == 302
    made = SuccessorPrediction.objects.get(by_model=False)
    assert (made.name, made.probability, made.by, made.condition) == ("Chips", 0.7, manager, "power is solved")
    page = client.get(program.get_absolute_url()).content.decode()
    assert "Chips" in page
    assert "70\u00a0%" in page


@pytest.mark.parametrize(
    "changed",
    [
        {"factor": ""},
        {"probability": "0"},
        {"probability": "100"},
        {"probability": "likely"},
        {"memo": "tbd"},
        {"window_to": "2020-01-01"},
        {"factor": "Power"},
    ],
)
def test_what_cannot_be_judged_is_refused_and_leaves_no_factor(changed, client, program, manager):
    factors = Factor.objects.count()
    response = send(client, program, **changed)
    assert response.status_code == 422
    assert not SuccessorPrediction.objects.exists()
    assert Factor.objects.count() == factors


def test_a_factor_and_a_goal_at_once_are_refused(client, program, manager):
    goal = make.make_goal(make.make_team(program))
    assert send(client, program, goal=goal.pk).status_code == 422
    assert send(client, program, goal=goal.pk, factor="").status_code == 302


def test_void_by_one_press(client, program, power, manager):
    made = make.predict(power, "Chips")
    url = reverse("prediction_condition", args=[made.pk])
    client.post(url, {"held": "0"})
    assert outcome(made) == "void"
    client.post(url, {"held": "1"})
    assert outcome(made) == "open"
