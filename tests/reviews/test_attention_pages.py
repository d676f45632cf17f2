"""The attention page: a plan proposed, changed, kept; minutes logged; what is wrong is said and nothing is lost."""

import uuid

import pytest
from django.urls import reverse

from projects.models import Role
from reviews.models import AttentionEntry, AttentionPlan
from tests import factories as make
from tests.reviews.test_attention import late_program

pytestmark = pytest.mark.django_db
PAGE = "/attention/"


@pytest.fixture
def user(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(user):
    return late_program(user)


def test_proposed(client, program):
    context = client.get(PAGE, {"hours": "4"}).context
    (row,) = context["rows"]
    assert row["hours"] == 4
    assert row["days"] > 1


def test_own_hours_and_expectation_change_the_gain(client, program):
    pk = program.pk
    (row,) = client.get(PAGE, {"hours": "4", f"expected-{pk}": "100", f"hours-{pk}": "2"}).context["rows"]
    assert (row["expected"], row["hours"]) == (100, 2)
    assert row["days"] == pytest.approx(39.3, abs=0.1)


def test_kept_and_shown_again(client, program):
    client.post(reverse("attention_keep"), {"hours": "5", f"hours-{program.pk}": "1,5"})
    context = client.get(PAGE).context
    assert context["kept"] == AttentionPlan.objects.get()
    assert (context["hours"], context["rows"][0]["hours"]) == (5, 1.5)


@pytest.mark.parametrize(("name", "value"), [("hours", "-1"), ("hours", "nan"), ("hours", "169"), ("expected", "1e9")])
def test_impossible_plans_are_refused(name, value, client, program):
    field = name if name == "hours" else f"{name}-{program.pk}"
    response = client.post(reverse("attention_keep"), {field: value})
    assert response.status_code == 422
    assert not AttentionPlan.objects.exists()
    assert client.get(PAGE, {field: value}).status_code == 200


def entry(program, **fields) -> dict:
    fields = {"minutes": "45", "memo": "Called the foundry.", "on": make.today().isoformat()} | fields
    return {"uuid": str(uuid.uuid4()), "program": program.pk} | fields


def test_minutes_logged_and_removed(client, program):
    client.post(reverse("attention_spent"), entry(program))
    html = client.get(PAGE).content.decode()
    assert "Called the foundry." in html
    assert "45\u00a0min" in html
    client.post(reverse("attention_remove", args=[AttentionEntry.objects.get().pk]))
    assert not AttentionEntry.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("minutes", "0"), ("minutes", "1441"), ("minutes", "x"), ("memo", "-"), ("on", "2099-01-01"), ("uuid", "x")],
)
def test_impossible_minutes_are_refused_with_what_was_typed(name, value, client, program):
    response = client.post(reverse("attention_spent"), entry(program, **{name: value}))
    assert response.status_code == 422
    assert not AttentionEntry.objects.exists()
    assert name == "memo" or "Called the foundry." in response.content.decode()


def test_a_program_that_i_only_see_is_refused(client, user):
    other = late_program(user, "Seen", role=Role.VIEWER)
    assert client.post(reverse("attention_spent"), entry(other)).status_code == 422


def test_minutes_of_another_do_not_exist(client, program):
    theirs = make.join(program, Role.MANAGER)
    row = AttentionEntry.objects.create(user=theirs, program=program, on=make.today(), minutes=5, memo="Theirs only.")
    assert client.post(reverse("attention_remove", args=[row.pk])).status_code == 404
    assert "Theirs only." not in client.get(PAGE).content.decode()


def test_nobody_without_a_program_is_left_with_an_empty_page(client, user):
    assert "No program to give hours to" in client.get(PAGE).content.decode()
