"""The same form sent several times at the same moment: one row, and never a server error."""

import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from projects.models import Engineer, Factor, Goal, Program, Team
from projects.services.goals import create_goal
from projects.services.limits import find_or_make_factor
from projects.services.programs import create_program
from projects.services.teams import create_team, seat_engineer
from reviews.models import Datapoint, Review
from tests import factories as make

TIMES = 4


def at_once(user, url: str, data: dict) -> list[int]:
    """The status of each of several POSTs that begin together."""
    gate, found = threading.Barrier(TIMES), []

    def post():
        client = Client()
        client.force_login(user)
        gate.wait()
        try:
            found.append(client.post(url, data).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


@pytest.fixture
def manager():
    return make.make_user("ada", may_create=True)


@pytest.fixture
def team(manager):
    return make.make_team(make.make_program("Engines", by=manager), "Blades", engineers=1)


@pytest.mark.django_db(transaction=True)
def test_program_team_goal_and_engineer_are_made_once(manager, team):
    day = make.today().isoformat()
    program = {"name": "Wings", "kind": "delivery", "start": day, "zone": "UTC"}
    goal = {"name": "Cast vanes", "baseline": "0", "target": "10", "start": day}
    assert at_once(manager, reverse("program_create"), program) == [302, *[422] * (TIMES - 1)]
    assert at_once(manager, reverse("team_create", args=[team.program.slug]), {"name": "Vanes"})[0] == 302
    assert at_once(manager, reverse("goal_create", args=[team.pk]), goal) == [302, *[422] * (TIMES - 1)]
    assert at_once(manager, reverse("seat_create", args=[team.pk]), {"name": "Ada"}) == [302] * TIMES
    assert Program.objects.filter(name="Wings").count() == 1
    assert Team.objects.filter(name="Vanes").count() == 1
    assert Goal.objects.filter(name="Cast vanes").count() == 1
    assert Engineer.objects.filter(name="Ada").count() == 1


@pytest.mark.django_db(transaction=True)
def test_review_entry_and_limit_are_written_once(manager, team):
    program, goal = team.program, make.make_goal(team, values=make.STEADY[:-1])
    assert at_once(manager, reverse("review_start", args=[program.slug]), {}) == [302] * TIMES
    review = Review.objects.get()
    data = {
        "uuid": str(uuid.uuid4()),
        "engineer": team.seats.get().engineer_id,
        "goal": goal.pk,
        "value": "66",
        "level": "doer",
        "observed_on": make.today().isoformat(),
        "memo": "The first vane came out whole.",
    }
    assert at_once(manager, reverse("review_log", args=[review.pk]), data) == [302] * TIMES
    assert Datapoint.objects.filter(review=review).count() == 1
    limit = {"state": "factor", "factor": "Foundries", "since": data["observed_on"], "memo": "Books are full."}
    found = at_once(manager, reverse("limit_declare", args=[program.slug]), limit)
    assert found == [302, *[422] * (TIMES - 1)]
    assert Factor.objects.count() == 1
    assert program.limits.filter(until=None).count() == 1
    assert at_once(manager, reverse("review_close", args=[review.pk]), {"notes": ""}) == [302] * TIMES


@pytest.mark.django_db
def test_services_refuse_a_second_one_by_name(manager, team):
    program = team.program
    with pytest.raises(ValidationError, match="A program of this name exists"):
        create_program(by=manager, name="ENGINES", start=make.today())
    with pytest.raises(ValidationError, match="has a team of this name"):
        create_team(program=program, name="BLADES", by=manager)
    made = make.make_goal(team, "Cast vanes")
    with pytest.raises(ValidationError, match="has a goal of this name"):
        create_goal(team=team, by=manager, name="CAST vanes", baseline=0, target=1, start=made.start)
    first, second = (seat_engineer(team=team, name=name, joined=made.start, by=manager) for name in ("Eve", "EVE"))
    assert first == second
    assert find_or_make_factor(name="Sand") == find_or_make_factor(name=" SAND ")


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_made_once_and_a_deadline_changes_once(manager, team):
    program = team.program
    data = {"uuid": str(uuid.uuid4()), "choice": "scope", "memo": "Half of the vanes ship."}
    assert at_once(manager, reverse("decision_create", args=[program.slug]), data) == [302] * TIMES
    assert program.decisions.count() == 1
    data = {"deadline": make.later(1).isoformat(), "memo": "The pad is booked.", "version": program.version}
    sent = at_once(manager, reverse("program_revise", args=[program.slug]), data)
    assert sent.count(302) == 1
    assert set(sent) <= {302, 409, 422}  # 422: what it asks for stands already
    assert program.revisions.count() == 1
