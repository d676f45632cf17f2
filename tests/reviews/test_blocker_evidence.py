"""A blocker that names a factor of the program is evidence for it; one that names another program's is only words."""

import uuid

import pytest
from django.urls import reverse

from projects.models import Evidence
from projects.services.goals import set_gate
from reviews.models import Datapoint
from tests import factories as make

pytestmark = pytest.mark.django_db


def log(client, goal, engineer, blocker):
    sent = {"uuid": uuid.uuid4(), "engineer": engineer.pk, "value": "12", "level": "doer", "blocker": blocker}
    sent |= {"observed_on": make.today().isoformat(), "memo": f"Stopped by {blocker or 'nothing'}."}
    assert client.post(reverse("goal_log", args=[goal.pk]), sent).status_code == 302
    return Datapoint.objects.get(uuid=sent["uuid"])


def test_a_blocker_named_as_a_factor_is_its_evidence(client):
    goal = make.make_goal()
    engineer = make.make_engineer(goal.team)
    factor, foreign = make.make_factor("License server"), make.make_factor("Gas turbines")
    set_gate(goal=goal, factor=factor, by=None)
    client.force_login(make.join(goal.team.program))
    point = log(client, goal, engineer, " license  SERVER ")
    assert point.factor == factor
    evidence = Evidence.objects.get()
    assert (evidence.factor, evidence.program, evidence.reference) == (
        factor,
        goal.team.program,
        f"datapoint:{point.pk}",
    )
    page = client.get(reverse("factor", args=[factor.pk])).content.decode()
    assert "Named as a blocker" in page
    assert log(client, goal, engineer, foreign.name).factor is None
    assert log(client, goal, engineer, "").factor is None
    assert Evidence.objects.count() == 1


def test_a_datapoint_is_kept_as_evidence_of_a_factor_once(client):
    goal = make.make_goal(name="Vanes")
    factor = make.make_factor("Foundries")
    set_gate(goal=goal, factor=factor, by=None)
    client.force_login(make.join(goal.team.program))
    point = make.make_point(goal, 12.0, memo="Three foundries, all full.")
    url = reverse("datapoint_evidence", args=[point.pk])
    for _click in range(2):
        assert client.post(url, {"factor": factor.pk}).status_code == 302
    evidence = Evidence.objects.get()
    assert (evidence.kind, evidence.factor, evidence.on) == ("datapoint", factor, point.observed_on)
    assert "Vanes: 12\u00a0%. Three foundries, all full." in client.get(factor.get_absolute_url()).content.decode()


def test_a_factor_of_no_program_of_its_own_is_refused(client):
    goal = make.make_goal()
    client.force_login(make.join(goal.team.program))
    foreign = make.make_factor("Gas turbines")
    url = reverse("datapoint_evidence", args=[make.make_point(goal).pk])
    assert client.post(url, {"factor": foreign.pk}).status_code == 422
    assert not Evidence.objects.exists()
