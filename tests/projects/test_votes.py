"""What engineers name as stopping them, beside what the model proposes; never by person."""

from types import SimpleNamespace

import pytest

from projects.votes import count_votes


def goal(pk: int, name: str, *votes: tuple[str, int | None, int]):
    said = [{"text": text, "factor": factor, "votes": n} for text, factor, n in votes]
    return SimpleNamespace(pk=pk, name=name, outlook=SimpleNamespace(blocker_votes=said))


def proposes(kind: str, pk: int, name: str = "Vanes", gated_by=()):
    return SimpleNamespace(proposal={"kind": kind, "id": pk, "name": name, "gated_by": list(gated_by)})


def test_the_same_thing_on_two_goals_is_one_line_with_both_its_goals():
    found = count_votes([goal(1, "Vanes", ("No foundry", None, 2)), goal(2, "Tanks", ("no FOUNDRY ", None, 1))], None)
    assert [(one.text, one.votes, one.goals) for one in found.named] == [("No foundry", 3, ["Vanes", "Tanks"])]
    assert (found.total, found.by_goal, found.agrees) == (3, {1: 2, 2: 1}, None)


def test_a_factor_is_known_by_its_id_and_most_votes_come_first():
    found = count_votes(
        [goal(1, "Vanes", ("Paint", None, 1), ("Foundries", 7, 1)), goal(2, "B", ("Foundry", 7, 1))], None
    )
    assert [(one.text, one.factor, one.votes) for one in found.named] == [("Foundries", 7, 2), ("Paint", None, 1)]
    assert found.by_factor == {7: 2}


@pytest.mark.parametrize(
    ("ranking", "agrees"),
    [
        (proposes("goal", 1), True),  # said of the goal that is proposed
        (proposes("goal", 2, "Tanks", gated_by=[7]), True),  # gates it
        (proposes("factor", 7, "Foundries"), True),
        (proposes("goal", 2, "Foundries"), True),  # by its name
        (proposes("goal", 2, "Tanks"), False),
        (proposes("factor", 8, "Paint"), False),
        (SimpleNamespace(proposal=None), None),
    ],
)
def test_where_engineers_and_the_model_agree(ranking, agrees):
    assert count_votes([goal(1, "Vanes", ("Foundries", 7, 2), ("Paint", None, 1))], ranking).agrees is agrees


def test_nobody_named_anything():
    found = count_votes([goal(1, "Vanes"), SimpleNamespace(pk=2, name="No outlook")], proposes("goal", 1))
    assert (found.named, found.total, found.agrees) == ([], 0, None)
