"""Ids of another program, sent where ours are expected: in every field of every form, and in every query string.

What a page reads is found by watching it read, so a new field is tried without being named here. A choice between rows
(a ModelChoiceField) needs its case in BODIES besides: an otherwise valid form, so that it is the id that is refused.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.forms import BaseForm, ModelChoiceField
from django.http import QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from projects.models import Membership, Role
from projects.time import WEEK
from tests import factories as make
from tests.test_access import (
    ANYONE,
    FORM,
    NEVER,
    NOTHING,
    READ,
    ROWS,
    address,
    as_user,
    build,
    everything,
    statements,
    text_of,
    undone,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other():
    return build("Theirs")


@pytest.fixture
def theirs(other):
    """Every row of the other program: made first, so all there are."""
    return rows()


@pytest.fixture
def world(theirs):
    return build("Ours")


@pytest.fixture
def manager(client, world):
    """A manager of our program, signed in; not a member of theirs."""
    user = make.join(world.program, Role.MANAGER)
    client.force_login(user)
    return user


# ---- every field, found by watching ---------------------------------------------------------------------------------


@contextmanager
def read_names(monkeypatch) -> Iterator[set[str]]:
    """The names that are asked of a query string or a form's data."""
    names: set[str] = set()
    getitem, getlist = MultiValueDict.__getitem__, MultiValueDict._getlist

    def note(data, key):
        if isinstance(data, QueryDict):
            names.add(key)

    with monkeypatch.context() as patch:
        patch.setattr(MultiValueDict, "__getitem__", lambda data, key: note(data, key) or getitem(data, key))
        patch.setattr(
            MultiValueDict, "_getlist", lambda data, key, *a, **k: note(data, key) or getlist(data, key, *a, **k)
        )
        yield names


def our_models() -> list:
    found = [
        m for app in ("projects", "reviews") for m in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    assert len(found) > 15
    return found


def rows() -> dict:
    """{(model, id): its row}"""
    return {
        (model, row[model._meta.pk.attname]): row for model in our_models() for row in model._default_manager.values()
    }


def crossings(theirs: dict) -> list[str]:
    """What is no longer as it was of theirs, and what of ours now points at it."""
    now = rows()
    found = [f"changed {key}" for key, row in theirs.items() if now.get(key) != row]
    for (model, pk), row in now.items():
        if (model, pk) not in theirs:
            found += [
                f"{model.__name__}.{field.name}"
                for field in model._meta.concrete_fields
                if field.is_relation and (field.related_model, row[field.attname]) in theirs
            ]
    return found


def ids_of(world) -> list:
    """Every id by which something of `world` could be asked for."""
    membership = Membership.objects.filter(program=world.program).first()
    objects = [thing for thing in vars(world).values() if hasattr(thing, "pk")]
    return [*sorted({thing.pk for thing in [*objects, membership]}, key=str), world.program.slug]


@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_field_takes_an_id_of_another_program(name, world, other, theirs, monkeypatch):
    """As admin of ours: nothing of theirs is shown, changed or pointed at, whatever field is given its id."""
    client = as_user(make.join(world.program, Role.ADMIN, make.make_user(may_create=True)))
    url = address(name, world)
    for method, row in zip(("get", "post"), ROWS[name], strict=True):
        if row == NEVER:
            continue
        with undone(), read_names(monkeypatch) as names:
            getattr(client, method)(url, NOTHING)
        for value in ids_of(other) if names else []:
            with undone(), statements() as sent:
                response = getattr(client, method)(url, dict.fromkeys(names, value))
                what = f"{method} {url} with {value} in {sorted(names)}"
                assert response.status_code < 500, what
                assert "Theirs" not in text_of(response), what
                assert not sent or crossings(theirs) == [], what


# ---- choices between rows, in forms that are otherwise valid ---------------------------------------------------------


def entry(world, **changed) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": world.engineers.pk,
        "goal": world.goals.pk,
        "value": "5",
        "level": "doer",
        "observed_on": make.today().isoformat(),
        "memo": "The parser works.",
    } | changed


def statement(world, **changed) -> dict:
    data = {"engineer": world.engineers.pk, "goal": world.goals.pk, "kind": "blocked", "text": "No foundry"}
    return {"uuid": str(uuid.uuid4()), **data} | changed


def goal_data(**changed) -> dict:
    day = make.today().isoformat()
    return {"name": "Another", "baseline": "0", "target": "10", "start": day, "version": "1"} | changed


def intervention_data(**changed) -> dict:
    day = make.today()
    data = {"type": "pilot", "started_on": day.isoformat(), "review_on": (day + WEEK).isoformat(), "version": "1"}
    return data | {"expected_days": "14", "memo": "Two vanes first."} | changed


def limit_data(**changed) -> dict:
    data = {"state": "factor", "factor": "A new one", "since": make.today().isoformat(), "memo": "Seen on the floor."}
    return data | changed


def prediction_data(**changed) -> dict:
    day = make.today()
    window = {"window_from": day.isoformat(), "window_to": (day + dt.timedelta(days=90)).isoformat()}
    return {"probability": "60", "memo": "Seen coming."} | window | changed


# "address field": the form that asks for theirs where ours is expected
def supply_data(**fields) -> dict:
    rows = {"capacity-TOTAL_FORMS": "0", "capacity-INITIAL_FORMS": "0"}
    return rows | {"factor": "Ours too", "unit": "kW", "need_low": "1", "memo": "Counted again."} | fields


BODIES = {
    "goal_create needs": lambda theirs, ours: goal_data(needs=[theirs.goals.pk]),
    "goal_edit needs": lambda theirs, ours: goal_data(needs=[theirs.goals.pk]),
    "review_log goal": lambda theirs, ours: entry(ours, goal=theirs.goals.pk),
    "review_log engineer": lambda theirs, ours: entry(ours, engineer=theirs.engineers.pk),
    "review_say goal": lambda theirs, ours: statement(ours, goal=theirs.goals.pk),
    "review_say engineer": lambda theirs, ours: statement(ours, engineer=theirs.engineers.pk),
    "goal_log engineer": lambda theirs, ours: entry(ours, engineer=theirs.engineers.pk),
    "roster_copy source": lambda theirs, ours: {"source": theirs.teams.pk},
    "limit_declare gates": lambda theirs, ours: limit_data(gates=[theirs.goals.pk]),
    "subscription programs": lambda theirs, ours: {
        "pace": "weekly",
        "weekday": "0",
        "hour": "7",
        "zone": "UTC",
        "which": "some",
        "programs": [theirs.program.pk],
        "bound": "0.25",
    },
    "attention_spent program": lambda theirs, ours: {
        "uuid": str(uuid.uuid4()),
        "program": theirs.program.pk,
        "on": make.today().isoformat(),
        "minutes": "5",
        "memo": "Called the foundry.",
    },
    "supply_create goal": lambda theirs, ours: supply_data(goal=theirs.goals.pk),
    "supply_edit goal": lambda theirs, ours: supply_data(goal=theirs.goals.pk, version=1),
    "limit_declare replaces": lambda theirs, ours: limit_data(replaces=theirs.limit.pk),
    "intervention_create goal": lambda theirs, ours: intervention_data(goal=theirs.goals.pk),
    "intervention_create factor": lambda theirs, ours: intervention_data(factor=theirs.factors.pk),
    "intervention_edit goal": lambda theirs, ours: intervention_data(goal=theirs.goals.pk),
    "intervention_edit factor": lambda theirs, ours: intervention_data(factor=theirs.factors.pk),
    "datapoint_evidence factor": lambda theirs, ours: {"factor": theirs.factors.pk},
    "evidence_create program": lambda theirs, ours: {"text": "Seen on the floor.", "program": theirs.program.pk},
    "prediction_create goal": lambda theirs, ours: prediction_data(goal=theirs.goals.pk),
    "slot_guest team": lambda theirs, ours: {"name": "A guest", "team": theirs.teams.pk},
    "guest_add team": lambda theirs, ours: {"name": "A guest", "team": theirs.teams.pk},
    "factor_edit parent": lambda theirs, ours: {"name": "Ours factor", "version": "1", "parent": theirs.factors.pk},
}


def test_every_choice_between_rows_has_its_case(client, world, manager, monkeypatch):
    found = set()

    def note(form):
        choices = [name for name, field in form.fields.items() if isinstance(field, ModelChoiceField)]
        found.update(f"{at} {name}" for name in choices if form.is_bound)
        return full_clean(form)

    full_clean = BaseForm.full_clean
    monkeypatch.setattr(BaseForm, "full_clean", note)
    for at, (get, post) in ROWS.items():
        for method, row in (("get", get), ("post", post)):
            if row != NEVER:
                with undone():
                    getattr(client, method)(address(at, world), NOTHING)
    missing = found - BODIES.keys()
    assert not missing, f"Say in BODIES how a valid form with an id of another program looks: {sorted(missing)}"


@pytest.mark.parametrize("case", sorted(BODIES))
def test_ids_of_another_program_in_a_body_are_refused(case, client, world, other, manager):
    before = everything()
    response = client.post(address(case.split()[0], world), BODIES[case](other, world))
    assert response.status_code == 422
    assert everything() == before
    assert "Theirs" not in response.content.decode()


@pytest.mark.parametrize("case", sorted(BODIES))
def test_the_same_bodies_with_our_own_ids_are_taken(case, client, world, manager):
    """Otherwise the test above could pass for another reason."""
    if case == "factor_edit parent":
        body = BODIES[case](SimpleNamespace(factors=SimpleNamespace(pk="")), world)
    elif case == "roster_copy source":
        body = {"source": make.make_team(world.program).pk}
    elif case == "goal_edit needs":
        body = goal_data(needs=[make.make_goal(world.teams).pk])
    else:
        body = BODIES[case](world, world)
    assert client.post(address(case.split()[0], world), body).status_code in (200, 302)


def test_proposal_and_limit_of_another_program_change_nothing(client, world, other, manager):
    before = everything()
    for name, body in (
        ("limit_accept", {"kind": "goal", "line": other.goals.pk}),
        ("limit_accept", {"kind": "factor", "line": other.factors.pk}),
        ("limit_confirm", {"limit": other.limit.pk}),
    ):
        assert client.post(address(name, world), body).status_code == 302
    assert everything() == before
    other.limit.refresh_from_db()
    assert other.limit.confirmed_on is None


@pytest.mark.parametrize("name", ["member_remove", "turn_absent", "invitation_resend", "invitation_revoke"])
def test_two_ids_in_an_address_must_belong_together(name, client, world, other):
    """Admin of both programs, and still: the turn of one review is not found in another."""
    user = make.join(world.program, Role.ADMIN)
    make.join(other.program, Role.ADMIN, user)
    client.force_login(user)
    theirs = {"turns": other.turns, "members": other.members, "invitations": other.invitations}
    mixed = SimpleNamespace(**vars(world) | theirs)
    if name == "member_remove":
        theirs = Membership.objects.get(program=other.program, user=other.members)
        url = reverse(name, args=[world.program.slug, theirs.pk])
    else:
        url = address(name, mixed)
    before = everything()
    assert client.post(url, {"absent": "1"}).status_code == 404
    assert everything() == before


def test_ids_of_another_program_in_a_query_string_show_nothing(client, world, other, manager):
    url = address("review", world) + f"?engineer={other.engineers.pk}&goal={other.goals.pk}"
    response = client.get(url)
    assert response.status_code == 200
    assert "Theirs" not in response.content.decode()


def test_no_page_of_ours_names_anything_of_theirs(client, world, other, manager):
    for name, (get, _post) in ROWS.items():
        if get in (ANYONE, READ, FORM):
            response = client.get(address(name, world))
            assert response.status_code == 200, name
            assert "Theirs" not in text_of(response), name
