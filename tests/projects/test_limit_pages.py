"""What limits a program: declared by hand or with one click, confirmed, closed together with its successor."""

from itertools import pairwise

import pytest
from django.urls import reverse

from projects.models import Event, Factor, Gate, Limit, Role
from projects.services.goals import set_gate
from projects.time import WEEK
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_world("Engines")


@pytest.fixture
def goal(program):
    return program.teams.get().goals.get()


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER, make.make_user("ada"))
    client.force_login(user)
    return user


def address(name: str, program) -> str:
    return reverse(name, args=[program.slug])


def declare(client, program, **changed):
    data = {"state": "factor", "factor": "Gas turbines", "kind": "supply", "since": make.today().isoformat()}
    return client.post(address("limit_declare", program), data | {"memo": "Order books are full."} | changed)


def holes(program) -> list:
    """Limits that do not begin on the day the one before them ended."""
    limits = list(program.limits.order_by("since", "pk"))
    return [after for before, after in pairwise(limits) if before.until != after.since]


def labels(program) -> list[str]:
    return [limit.label for limit in program.limits.order_by("since", "pk")]


# ---- by hand ---------------------------------------------------------------------------------------------------------


def test_declared_by_hand(client, program, goal, manager):
    page = client.get(address("limit_declare", program)).content.decode()
    assert "What is stopping you now?" in page
    assert declare(client, program, gates=[goal.pk]).status_code == 302
    limit = program.limits.get(until=None)
    assert (limit.label, limit.by, limit.memo) == ("Gas turbines", manager, "Order books are full.")
    assert limit.factor.kind == Factor.Kind.SUPPLY
    assert Gate.objects.get().goal == goal
    assert holes(program) == []
    event = Event.objects.get(program=program, verb="declared")
    assert event.changes == {"limit": ["Not known yet", "Gas turbines"]}
    assert "Gas turbines" in client.get("/").content.decode()


def test_ranked_again_with_the_new_gate(client, program, goal, manager):
    declare(client, program, gates=[goal.pk])
    program.ranking.refresh_from_db()
    assert "Gas turbines" in [line["name"] for line in program.ranking.lines if line["kind"] == "factor"]


@pytest.mark.parametrize("name", ["gas TURBINES", "  Gas   turbines "])
def test_known_factor_is_taken_whatever_its_case(name, client, program, manager):
    factor = make.make_factor("Gas turbines", kind="physical")
    declare(client, program, factor=name)
    assert program.limits.get(until=None).factor == factor
    assert Factor.objects.get().kind == "physical"


def test_successor_closes_the_one_before_it(client, program, manager):
    make.declare(program, "Gas turbines", since=make.today() - 3 * WEEK)
    page = client.get(address("limit_declare", program)).content.decode()
    assert "Gas turbines is relieved. What limits next?" in page
    current = program.limits.get(until=None)
    assert declare(client, program, factor="Cast vanes", replaces=current.pk).status_code == 302
    assert labels(program) == ["Not known yet", "Gas turbines", "Cast vanes"]
    assert holes(program) == []
    timeline = client.get(program.get_absolute_url()).content.decode()
    assert "Since when, and what next" in timeline
    assert "Gas turbines" in timeline


@pytest.mark.parametrize(("state", "said"), [("converged", "None: converged"), ("unknown", "Not known yet")])
def test_closed_without_a_factor_after_it(state, said, client, program, manager):
    make.declare(program, "Gas turbines", since=make.today() - WEEK)
    memo = "The last turbine is installed."
    assert declare(client, program, state=state, factor="", memo=memo).status_code == 302
    limit = program.limits.get(until=None)
    assert (limit.label, limit.factor, limit.memo) == (said, None, memo)
    assert said in client.get("/").content.decode()


def test_word_for_no_factor_ignores_a_name_that_was_typed(client, program, manager):
    declare(client, program, state="converged", factor="Half typed")
    assert program.limits.get(until=None).factor is None
    assert not Factor.objects.exists()


def test_factor_needs_a_name(client, program, manager):
    response = declare(client, program, factor=" ")
    assert response.status_code == 422
    assert "Name the factor, or choose one of the other answers." in response.content.decode()


@pytest.mark.parametrize("memo", ["", "  ", "-", "n/a", "N.A.", "none", "…"])
def test_memo_without_meaning_is_refused(memo, client, program, manager):
    response = declare(client, program, memo=memo)
    assert response.status_code == 422
    assert response.context["form"].errors["memo"]
    assert labels(program) == ["Not known yet"]


def test_copy_of_the_last_memo_is_refused(client, program, manager):
    declare(client, program)
    response = declare(client, program, factor="Cast vanes", memo=" order books are FULL. ")
    assert response.status_code == 422
    assert "This repeats the last memo word for word." in response.content.decode()
    assert not Factor.objects.filter(name="Cast vanes").exists()


def test_same_factor_again_is_refused(client, program, manager):
    make.declare(program, "Gas turbines", since=make.today() - WEEK)
    response = declare(client, program)
    assert response.status_code == 422
    assert "Gas turbines is what limits it already." in response.content.decode()


def test_day_in_the_future_is_refused(client, program, manager):
    response = declare(client, program, since=(make.today() + WEEK).isoformat())
    assert response.context["form"].errors["since"]


def test_day_before_the_open_limit_is_refused(client, program, manager):
    make.declare(program, "Gas turbines", since=make.today() - WEEK)
    response = declare(client, program, factor="Cast vanes", since=(make.today() - 2 * WEEK).isoformat())
    assert response.status_code == 422
    assert response.context["form"].errors["since"]
    assert holes(program) == []


def test_two_tabs_the_second_is_told_and_may_send_again(client, program, manager):
    page = client.get(address("limit_declare", program))
    seen = page.context["form"]["replaces"].value()
    declare(client, program, factor="Theirs", memo="They were faster.", replaces=seen)
    late = declare(client, program, factor="Mine", replaces=seen)
    assert late.status_code == 422
    html = late.content.decode()
    assert "Meanwhile somebody declared" in html
    assert "Theirs" in html
    assert 'value="Mine"' in html
    assert "Order books are full." in html
    assert not Factor.objects.filter(name="Mine").exists()
    again = late.context["form"]["replaces"].value()
    assert declare(client, program, factor="Mine", replaces=again).status_code == 302
    assert labels(program) == ["Not known yet", "Theirs", "Mine"]


def test_double_click_declares_once(client, program, manager):
    seen = client.get(address("limit_declare", program)).context["form"]["replaces"].value()
    codes = [declare(client, program, replaces=seen).status_code for _click in range(2)]
    assert codes == [302, 422]
    assert labels(program) == ["Not known yet", "Gas turbines"]


def test_markup_is_escaped_once(client, program, manager):
    response = declare(client, program, factor="R&D <b>", memo="R&D <i> says so")
    page = client.get(response.headers["Location"]).content.decode()
    assert "R&amp;D &lt;b&gt;" in page
    assert "R&amp;D &lt;i&gt; says so" in page
    assert "&amp;amp;" not in page


# ---- by one click ----------------------------------------------------------------------------------------------------


def proposal(client, program) -> dict:
    """What the button on the program's page sends."""
    ranking = client.get(program.get_absolute_url()).context["ranking"]
    line = ranking.behind or ranking.proposal
    return {"kind": line["kind"], "line": line["id"]}


def test_proposal_of_a_goal_is_declared_as_a_factor_that_gates_it(client, program, goal, manager):
    response = client.post(address("limit_accept", program), proposal(client, program), follow=True)
    limit = program.limits.get(until=None)
    assert (limit.label, limit.since) == (goal.name, make.today())
    assert limit.memo.startswith("Accepted from the model: ")
    assert Gate.objects.get().goal == goal
    assert "The model agrees" in response.content.decode()


def test_proposal_behind_which_a_factor_stands_declares_the_factor(client, program, goal, manager):
    set_gate(goal=goal, factor=make.make_factor("Foundries"), by=None)
    make.refit_program(program)
    client.post(address("limit_accept", program), proposal(client, program))
    assert program.limits.get(until=None).label == "Foundries"


def test_stale_proposal_is_not_declared(client, program, goal, manager):
    seen = proposal(client, program)
    other = make.make_goal(program.teams.get(), values=(50, 44, 39, 33, 28, 22, 15, 10))
    make.refit_program(program)
    assert proposal(client, program)["line"] == other.pk
    response = client.post(address("limit_accept", program), seen, follow=True)
    assert "The proposal has changed meanwhile." in response.content.decode()
    assert labels(program) == ["Not known yet"]


def test_accepted_twice_is_declared_once(client, program, manager):
    seen = proposal(client, program)
    for _click in range(2):
        assert client.post(address("limit_accept", program), seen).status_code == 302
    assert len(labels(program)) == 2
    assert Factor.objects.count() == 1


def test_nothing_to_accept_where_the_model_proposes_nothing(client, manager):
    program = make.make_program("Bare")
    make.join(program, Role.MANAGER, manager)
    response = client.post(address("limit_accept", program), {"kind": "goal", "line": "1"}, follow=True)
    assert "The proposal has changed meanwhile." in response.content.decode()


# ---- still this ------------------------------------------------------------------------------------------------------


def test_confirmed_once_a_day(client, program, manager):
    limit = make.declare(program, "Gas turbines", since=make.today() - WEEK)
    for _click in range(2):
        response = client.post(address("limit_confirm", program), {"limit": limit.pk}, follow=True)
        assert "Confirmed: it still limits." in response.content.decode()
    limit.refresh_from_db()
    assert limit.confirmed_on == make.today()
    assert Event.objects.filter(verb="confirmed").count() == 1


def test_limit_that_was_closed_meanwhile_is_not_confirmed(client, program, manager):
    old = make.declare(program, "Gas turbines", since=make.today() - WEEK)
    new = make.declare(program, "Cast vanes")
    response = client.post(address("limit_confirm", program), {"limit": old.pk}, follow=True)
    assert "Meanwhile another limiting factor was declared." in response.content.decode()
    assert Limit.objects.exclude(confirmed_on=None).count() == 0
    assert new.pk == program.limits.get(until=None).pk
