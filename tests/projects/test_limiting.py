"""What limits a program, as one value, and the command that prints it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from projects.limiting import LimitingFactor, read_limiting_factors
from projects.models import Layer, Limit, Program, RankingDay
from projects.services.goals import set_gate
from projects.services.ranking import rank_program
from projects.time import WEEK
from tests.factories import declare, make_factor, make_goal, make_program, make_team, today
from tests.projects.test_ranking import say, spread

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    """Two goals; the slower one limits, and is called out."""
    made = make_program("Engines")
    team = make_team(made)
    say(make_goal(team, "Vanes"), days=spread(100), value_on=today() - WEEK)
    tanks = say(make_goal(team, "Tanks"), days=spread(50), value_on=today() - WEEK)
    rank_program(made, today() - WEEK)
    say(tanks, days=spread(50))
    rank_program(made)
    return made


def read(program: Program) -> LimitingFactor:
    return read_limiting_factors(Program.objects.filter(pk=program.pk))[0]


def test_nothing_declared_and_a_proposal(program):
    found = read(program)
    assert (found.state, found.declared, found.path, found.since) == ("unknown", "Not known yet", (), None)
    assert (found.proposal, found.called, found.next) == ("Vanes", "Vanes", "Tanks")
    assert found.relief_days > 30
    assert (found.agrees, found.declared_relief_days, found.unknown) == (None, None, None)


def test_no_ranking_says_why():
    found = read(make_program())
    assert (found.proposal, found.relief_days, found.confidence) == (None, None, None)
    assert found.unknown == "It has not been ranked yet."


def test_too_little_data_say_why():
    program = make_program()
    make_goal(make_team(program))
    rank_program(program)
    assert read(program).unknown == "No open goal has a forecast yet, so nothing can be proposed."


def test_a_factor_named_as_the_goal_agrees(program):
    declare(program, "vanes")
    rank_program(program)
    found = read(program)
    assert found.agrees is True
    assert found.declared_relief_days == found.relief_days
    assert found.urgency > 0


def test_a_factor_that_gates_the_goal_agrees(program):
    factor = make_factor("Foundries")
    set_gate(goal=program.teams.get().goals.get(name="Vanes"), factor=factor, by=None)
    declare(program, factor)
    rank_program(program)
    found = read(program)
    assert (found.agrees, found.behind) == (True, "Foundries")
    assert 0 < found.declared_relief_days < found.relief_days


def test_another_factor_does_not(program):
    declare(program, "Paint")
    rank_program(program)
    found = read(program)
    assert (found.agrees, found.declared_relief_days) == (False, None)


def test_before_it_is_called_out_nobody_disagrees(program):
    RankingDay.objects.exclude(day=today()).delete()
    declare(program, "Paint")
    rank_program(program)
    assert read(program).agrees is None


def test_a_layer_below_agrees_as_well(program):
    limit = declare(program, "Power")
    Layer.objects.create(limit=limit, factor=make_factor("Vanes"), since=today(), memo="Three foundries.")
    rank_program(program)
    found = read(program)
    assert (found.path, found.agrees) == (("Power", "Vanes"), True)


def test_converged(program):
    declare(program, None)
    found = read(program)
    assert (found.state, found.declared, found.agrees) == ("converged", "None: converged", None)


def test_a_limit_declared_since_it_was_ranked_is_not_judged_by_the_one_before(program):
    declare(program, "Vanes")
    rank_program(program)
    declare(program, "Paint")
    found = read(program)
    assert (found.declared, found.agrees, found.declared_relief_days) == ("Paint", None, None)


def test_it_is_the_same_queries_for_many_programs(django_assert_num_queries):
    for n in range(4):
        declare(make_program(), f"A{n}")
    with django_assert_num_queries(2):
        assert len(read_limiting_factors(Program.objects.all())) == 4


# ---- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("limiting_factor", *arguments, stdout=out)
    return out.getvalue()


def test_one_program_by_its_slug_or_its_name(program):
    assert run("engines") == run("ENGINES")
    lines = dict(line.split(maxsplit=1) for line in run("engines").splitlines())
    assert lines["program"] == "Engines"
    assert lines["proposal"] == "Vanes"
    assert "unknown" not in lines


def test_what_is_missing_is_unknown_and_says_why():
    make_program("Bare")
    lines = dict(line.split(maxsplit=1) for line in run("bare").splitlines())
    assert (lines["proposal"], lines["relief_days"], lines["confidence"]) == ("unknown", "unknown", "unknown")
    assert lines["unknown"] == "It has not been ranked yet."


def test_all_as_json(program):
    make_program("Bare")
    bare, engines = json.loads(run("--all", "--json"))
    assert (bare["program"], bare["proposal"], bare["state"]) == ("Bare", None, Limit.State.UNKNOWN)
    assert (engines["program"], engines["proposal"], engines["agrees"]) == ("Engines", "Vanes", None)


def test_what_it_refuses(program):
    for arguments in ((), ("engines", "--all"), ("nobody",)):
        with pytest.raises(CommandError):
            run(*arguments)
