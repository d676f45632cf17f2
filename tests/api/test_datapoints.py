"""Datapoints over the API: the rules of the browser, once each, marked as the API's."""

import datetime as dt
import uuid

import pytest

from projects.models import Evidence, Role
from reviews.models import Datapoint
from reviews.services.datapoints import correct_datapoint
from tests import factories as make
from tests.test_access import as_user, everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_world("Engines", by=None)


@pytest.fixture
def goal(program):
    return program.teams.get().goals.get()


@pytest.fixture
def manager(program):
    return make.join(program)


@pytest.fixture
def url(goal):
    return f"/api/goals/{goal.pk}/datapoints"


def body(goal, **changed) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": goal.team.seats.get().engineer_id,
        "value": 61.5,
        "level": "doer",
        "memo": "The first vane came out whole.",
    } | changed


def send(client, url, data):
    return client.post(url, data=data, content_type="application/json")


# ---- read ------------------------------------------------------------------------------------------------------------


def test_they_are_read_in_pages_in_the_order_in_which_they_were_recorded(manager, goal, url):
    client = as_user(manager)
    recorded = list(Datapoint.objects.filter(goal=goal).order_by("pk").values_list("value", flat=True))
    first = client.get(url + "?limit=5").json()
    rest = client.get(url + f"?limit=5&after={first['next']}").json()
    assert [point["value"] for point in first["datapoints"] + rest["datapoints"]] == recorded
    assert rest["next"] is None
    assert client.get(url).json()["datapoints"] == first["datapoints"] + rest["datapoints"]


def test_a_correction_names_what_it_supersedes(manager, goal, url):
    old = Datapoint.objects.filter(goal=goal).last()
    new = correct_datapoint(datapoint=old, value=57, memo="It was misread.", by=manager)
    found = {point["id"]: point for point in as_user(manager).get(url).json()["datapoints"]}
    assert found[old.pk]["state"] == "superseded"
    assert found[new.pk]["state"] == "in force"
    assert found[new.pk]["supersedes"] == str(old.uuid)
    assert found[new.pk]["recorded_by"] == manager.username


def test_every_state_is_told(manager, goal, url):
    points = list(Datapoint.objects.filter(goal=goal).order_by("pk"))
    correct_datapoint(datapoint=points[0], value=0, memo="It was never so.", by=manager, withdraw=True)
    Datapoint.objects.filter(pk=points[1].pk).update(quarantined_at=points[1].recorded_at)
    states = [point["state"] for point in as_user(manager).get(url).json()["datapoints"]]
    assert states[:3] == ["superseded", "quarantined", "in force"]
    assert states[-1] == "withdrawn"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=-1", f"after={2**63}", "after=\x00", "limit="]
)
def test_a_page_that_cannot_be_is_refused(query, manager, url):
    answer = as_user(manager).get(f"{url}?{query}")
    assert answer.status_code == 422
    assert query.split("=")[0] in answer.json()["fields"]


# ---- log -------------------------------------------------------------------------------------------------------------


def test_one_is_saved_forecast_and_marked(manager, goal, url):
    answer = send(as_user(manager), url, body(goal))
    assert answer.status_code == 201
    point = Datapoint.objects.get(pk=answer.json()["id"])
    assert (point.value, point.origin, point.recorded_by, point.review) == (61.5, "api", manager, None)
    assert point.observed_on == make.today()
    assert point.surprise == answer.json()["surprise"]
    assert make.outlook(goal).value == 61.5


def test_the_same_key_again_is_one_row(manager, goal, url):
    client, data = as_user(manager), body(goal)
    first, again = send(client, url, data), send(client, url, data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Datapoint.objects.filter(uuid=data["uuid"]).count() == 1


@pytest.mark.parametrize("changed", [{"value": 62}, {"memo": "Another one."}, {"level": "lead"}, {"blocker": "Sand"}])
def test_the_same_key_with_other_content_is_refused(changed, manager, goal, url):
    client, data = as_user(manager), body(goal)
    send(client, url, data)
    before = everything()
    answer = send(client, url, data | changed)
    assert (answer.status_code, answer.json()["error"]) == (422, "key_reused")
    assert everything() == before


def test_the_key_of_another_programs_datapoint_is_refused_and_shows_nothing(manager, goal, url):
    theirs = make.make_point(make.make_goal(), 7, memo="Theirs alone.")
    answer = send(as_user(manager), url, body(goal, uuid=str(theirs.uuid)))
    assert answer.json()["error"] == "key_reused"
    assert "Theirs" not in answer.content.decode()


def test_a_blocker_of_a_factor_is_evidence_for_it(manager, program, goal, url):
    make.declare(program, "Foundries")
    assert send(as_user(manager), url, body(goal, blocker="foundries")).status_code == 201
    assert Evidence.objects.get().text == "foundries"


def test_an_earlier_day_is_kept(manager, goal, url):
    day = make.today() - dt.timedelta(days=3)
    assert send(as_user(manager), url, body(goal, observed_on=str(day))).json()["observed_on"] == str(day)


@pytest.mark.parametrize("memo", ["", "  ", "-", "n/a", "tbd"])
def test_the_memo_gate_holds(memo, manager, goal, url):
    client, before = as_user(manager), everything()
    answer = send(client, url, body(goal, memo=memo))
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["memo"])
    assert everything() == before


def test_a_copy_of_the_last_memo_is_refused(manager, goal, url):
    client = as_user(manager)
    send(client, url, body(goal))
    answer = send(client, url, body(goal, value=70))
    assert "repeats the last memo" in answer.json()["fields"]["memo"][0]


def test_a_goal_that_is_archived_takes_none(manager, goal, url):
    type(goal).objects.update(archived_at="2026-01-01T00:00:00Z")
    answer = send(as_user(manager), url, body(goal))
    assert answer.status_code == 422
    assert "Restore it" in answer.json()["message"]


def test_an_engineer_of_another_team_is_refused(manager, program, goal, url):
    other = make.make_engineer(make.make_team(program))
    answer = send(as_user(manager), url, body(goal, engineer=other.pk))
    assert list(answer.json()["fields"]) == ["engineer"]


def test_who_reads_only_is_told_so(program, goal, url):
    answer = send(as_user(make.join(program, Role.VIEWER)), url, body(goal))
    assert (answer.status_code, answer.json()["error"]) == (403, "read_only")
    assert not Datapoint.objects.filter(origin="api").exists()


def test_an_outsider_finds_nothing(goal, url):
    answer = send(as_user(make.make_user()), url, body(goal))
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
