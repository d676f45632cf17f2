"""A review closes when everyone was heard or is absent with a word, and keeps what was so at that moment."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.models import Goal, Import, Role
from reviews.models import Review, Turn
from reviews.services.datapoints import correct_datapoint
from reviews.services.sessions import close_review
from reviews.services.statements import Said, make_statement
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def goal(program):
    made = make.make_goal(make.make_team(program, "Blades"), "Cast vanes", values=make.STEADY)
    make.make_engineer(made.team, "Grace")
    make.make_engineer(made.team, "Linus")
    make.refit_program(program)
    return made


@pytest.fixture
def review(program, goal):
    make.declare(program, "Foundries")
    return make.open_review(program)


def turn(review: Review, name: str) -> Turn:
    return review.turns.get(engineer__name=name)


def close(review: Review) -> Review:
    close_review(review=review, by=make.make_user(), notes="")
    return Review.objects.get(pk=review.pk)


def hear(review, goal, name, value=66.0, **fields):
    return make.log(goal, value, review=review, engineer=turn(review, name).engineer, **fields)


def test_not_while_someone_is_unheard(review, goal):
    hear(review, goal, "Grace")
    with pytest.raises(ValidationError, match="Not heard yet: Linus"):
        close(review)
    assert Review.objects.get(pk=review.pk).live


def test_not_while_someone_is_absent_without_a_word(review, goal):
    hear(review, goal, "Grace")
    Turn.objects.filter(pk=turn(review, "Linus").pk).update(state="absent", absence="")
    with pytest.raises(ValidationError, match="Absent without a word: Linus"):
        close(review)


def test_not_while_a_memo_is_missing(review, goal):
    """A row of an import may lack one; said in a review it may not."""
    source = Import.objects.create(program=review.program, file_name="x.csv", sha256="0" * 64, memo="History")
    make.make_point(goal, 3, review=review, memo="", origin="import", source=source)
    review.turns.update(state="absent", absence="Ill")
    with pytest.raises(ValidationError, match="No memo: Cast vanes"):
        close(review)


def test_what_is_missing_is_said_on_the_page_and_the_notes_stay(client, review):
    client.force_login(make.join(review.program, Role.MANAGER))
    response = client.post(reverse("review_close", args=[review.pk]), {"notes": "Vanes again"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Not heard yet: Grace, Linus." in html
    assert "Vanes again" in html


def test_heard_by_nothing_new_it_may_close(review, goal):
    hear(review, goal, "Grace")
    said = Said(uuid.uuid4(), "nothing_new", "Ovens are cold")
    make_statement(turn=turn(review, "Linus"), said=said, by=make.make_user())
    assert not close(review).live


def test_it_keeps_who_said_what_and_what_it_came_to(review, goal):
    hear(review, goal, "Grace", 100.0, blocker="No foundry")
    said = Said(uuid.uuid4(), "blocked", "No foundry")
    make_statement(turn=turn(review, "Linus"), said=said, by=make.make_user())
    make.declare(review.program, "Vanes")
    summary = close(review).summary
    assert [(t["engineer"], t["state"]) for t in summary["turns"]] == [("Grace", "heard"), ("Linus", "heard")]
    assert summary["turns"][0]["points"][0] | {"memo": ""} == {
        "goal": "Cast vanes",
        "goal_id": goal.pk,
        "engineer": "Grace",
        "value": 100.0,
        "unit": "%",
        "level": "doer",
        "memo": "",
        "blocker": "No foundry",
        "surprise": summary["surprises"][0]["surprise"],
        "origin": "live",
        "prepared": False,
    }
    assert summary["turns"][1]["said"] == [{"kind": "blocked", "text": "No foundry", "goal": ""}]
    assert [(c["goal"], c["after"]["verdict"]) for c in summary["verdicts"]] == [("Cast vanes", "done")]
    assert summary["verdicts"][0]["before"]["verdict"] != "done"
    assert summary["blockers"] == [{"name": "No foundry", "factor": None, "by": ["Grace", "Linus"]}]
    assert (summary["before"]["limit"], summary["after"]["limit"]) == ("Foundries", "Vanes")


def test_goals_of_one_name_are_told_apart_by_their_teams(review, goal):
    other = make.make_goal(
        make.make_team(review.program, "Fans"), goal.name, values=make.STEADY, deadline=goal.deadline
    )
    hear(review, goal, "Grace", 100.0)
    hear(review, other, "Linus", 100.0)
    summary = close(review).summary
    names = [f"{goal.name} ({goal.team.name})", f"{goal.name} (Fans)"]
    for part in ("verdicts", "surprises"):
        assert [one["goal"] for one in summary[part]] == names
    assert {point["goal"] for turn in summary["turns"] for point in turn["points"]} == {goal.name}


def test_one_metric_from_two_levels_is_a_gap_and_the_curve_takes_the_doers(review, goal):
    hear(review, goal, "Linus", 80.0, level="lead")
    hear(review, goal, "Grace", 60.0)
    assert close(review).summary["gaps"] == [
        {"goal": "Cast vanes", "unit": "%", "values": [["doer", 60.0], ["lead", 80.0]]}
    ]
    assert make.outlook(goal).value == 60.0


def test_what_comes_later_does_not_change_what_was_so(client, review, goal):
    point = hear(review, goal, "Grace", 66.0, memo="The vane came out whole.")
    Turn.objects.filter(pk=turn(review, "Linus").pk).update(state="absent", absence="Ill")
    before = close(review).summary
    correct_datapoint(datapoint=point, value=3.0, memo="It broke after all.", by=make.make_user())
    Goal.objects.filter(pk=goal.pk).update(name="Renamed")
    assert Review.objects.get(pk=review.pk).summary == before
    client.force_login(make.join(review.program, Role.VIEWER))
    html = client.get(review.get_absolute_url()).content.decode()
    for text in ("The vane came out whole.", "Cast vanes", "Since it closed", "It broke after all.", "Ill"):
        assert text in html


def test_a_review_from_before_summaries_shows_its_entries(client, review, goal):
    hear(review, goal, "Grace", memo="The vane came out whole.")
    make.close(review)
    Review.objects.filter(pk=review.pk).update(summary=None, before={})
    client.force_login(make.join(review.program, Role.VIEWER))
    assert "The vane came out whole." in client.get(review.get_absolute_url()).content.decode()
