"""Who may open and send what: every address of projects and reviews, by every method, as everyone.

The addresses come from the URL list itself: a new one fails here until it has its row.
"""

import re
import uuid
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from projects.models import Event, Evidence, Factor, Gate, Goal, Limit, Membership, Program, Role, Seat, Team, WeeksOff
from projects.services.goals import set_gate
from projects.services.teams import add_weeks_off
from reviews.models import Datapoint, Review, Turn
from tests import factories as make

pytestmark = pytest.mark.django_db

#           anonymous  outsider  engineer  viewer  manager  admin
ACTORS = ("anonymous", "outsider", "engineer", "viewer", "manager", "admin")
ANYONE = "302 200 200 200 200 200"  # of what each of them may see
READ = "302 404 404 200 200 200"
FORM = "302 404 404 403 200 200"
REFUSED = "302 404 404 403 422 422"  # sent without what it needs: its writers get it back
DONE = "302 404 404 403 302 302"
ADMIN_FORM = "302 404 404 403 403 200"
ADMIN_REFUSED = "302 404 404 403 403 422"
ADMIN_DONE = "302 404 404 403 403 302"
MAKER = "302 403 403 403 403 200"  # only the admin of this table may make programs
MAKER_REFUSED = "302 403 403 403 403 422"
NEVER = "302 405 405 405 405 405"

# name: (GET, POST); what is sent is `NOTHING`
ROWS = {
    "board": (ANYONE, NEVER),
    "program_create": (MAKER, MAKER_REFUSED),
    "archive": (ANYONE, NEVER),
    "program": (READ, NEVER),
    "program_edit": (FORM, REFUSED),
    "program_archive": (NEVER, DONE),
    "program_restore": (NEVER, DONE),
    "history": (READ, NEVER),
    "members": (ADMIN_FORM, ADMIN_REFUSED),
    "member_remove": (NEVER, ADMIN_DONE),
    "limit_declare": (FORM, REFUSED),
    "limit_accept": (NEVER, DONE),
    "limit_confirm": (NEVER, DONE),
    "team_create": (FORM, REFUSED),
    "team": (READ, NEVER),
    "team_edit": (FORM, REFUSED),
    "team_archive": (NEVER, DONE),
    "team_restore": (NEVER, DONE),
    "team_multiples": (READ, NEVER),
    "seat_create": (NEVER, REFUSED),
    "roster_copy": (NEVER, REFUSED),
    "seat_end": (NEVER, DONE),
    "engineer_edit": (FORM, REFUSED),
    "factors": (ANYONE, NEVER),
    "factor": (READ, NEVER),
    "factor_edit": (FORM, REFUSED),
    "gate_create": (NEVER, DONE),
    "gate_remove": (NEVER, DONE),
    "reviews": (ANYONE, NEVER),
    "review_start": (NEVER, DONE),
    "review": (READ, NEVER),
    "review_log": (NEVER, REFUSED),
    "review_close": (NEVER, DONE),
    "turn_absent": (NEVER, DONE),
    "goal_create": (FORM, REFUSED),
    "goal": (READ, NEVER),
    "goal_edit": (FORM, REFUSED),
    "goal_revise": (FORM, REFUSED),
    "goal_archive": (NEVER, DONE),
    "goal_restore": (NEVER, DONE),
    "goal_log": (NEVER, REFUSED),
    "datapoint_correct": (FORM, REFUSED),
    "datapoint_withdraw": (NEVER, DONE),
    "weeks_off_create": (NEVER, REFUSED),
    "weeks_off_remove": (NEVER, DONE),
    "mine": (ANYONE, NEVER),
}
NOTHING = {"unknown": "field"}
OURS = ("projects.urls", "reviews.urls")
ELSEWHERE = {"accounts/": "allauth.account.urls", "admin/": None}  # test_login.py walks the account pages


def our_patterns() -> dict:
    found = {}
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and getattr(resolver.urlconf_name, "__name__", "") in OURS:
            found |= {pattern.name: pattern for pattern in resolver.url_patterns}
    return found


PATTERNS = our_patterns()


def build(name: str) -> SimpleNamespace:
    """A program with one of everything that has an address."""
    program = make.make_program(name)
    team = make.make_team(program, f"{name} team")
    engineer = make.make_engineer(team, f"{name} engineer")
    goal = make.make_goal(team, f"{name} goal", values=(1, 2))
    factor = make.make_factor(f"{name} factor")
    gate = set_gate(goal=goal, factor=factor, by=None)
    limit = make.declare(program, factor)
    review = make.open_review(program)
    off = add_weeks_off(team=team, first_day=make.today(), last_day=make.today(), reason="Summer", by=None)
    return SimpleNamespace(
        name=name,
        program=program,
        limit=limit,
        members=make.join(program, Role.VIEWER),
        teams=team,
        seats=make.seat_of(engineer),
        engineers=engineer,
        factors=factor,
        goals=goal,
        gates=gate,
        reviews=review,
        turns=review.turns.get(),
        datapoints=Datapoint.objects.filter(goal=goal).first(),
        **{"weeks-off": off},
    )


@pytest.fixture
def world():
    return build("Ours")


@pytest.fixture
def other():
    return build("Theirs")


@pytest.fixture
def people(world, other):
    outsider = make.join(other.program, Role.MANAGER)
    return {
        "anonymous": None,
        "outsider": outsider,
        "engineer": make.join(world.program, Role.ENGINEER),
        "viewer": make.join(world.program, Role.VIEWER),
        "manager": make.join(world.program, Role.MANAGER),
        "admin": make.join(world.program, Role.ADMIN, make.make_user(may_create=True)),
    }


def address(name: str, world) -> str:
    """The address of `name` in `world`: an id in a route belongs to what the segment before it names."""
    arguments = {}
    for before, kind, argument in re.findall(r"([\w-]+)/<(\w+):(\w+)>", str(PATTERNS[name].pattern)):
        if kind == "slug":
            arguments[argument] = world.program.slug
        elif before == "members":
            arguments[argument] = Membership.objects.get(program=world.program, user=world.members).pk
        else:
            arguments[argument] = getattr(world, before).pk
    return reverse(name, kwargs=arguments)


def written() -> tuple:
    """How much of everything there is: what a refused request must leave as it was."""
    kept = (Event, Program, Team, Goal, Factor, Gate, Limit, Evidence, Membership, Seat, WeeksOff)
    return tuple(model.objects.count() for model in (*kept, Review, Turn, Datapoint))


def sign_in(client, user) -> None:
    client.logout()
    if user:
        client.force_login(user)


def test_every_address_has_its_row():
    assert sorted(PATTERNS) == sorted(ROWS)


def test_nothing_else_is_routed():
    rest = [
        str(resolver.pattern)
        for resolver in get_resolver().url_patterns
        if getattr(getattr(resolver, "urlconf_name", None), "__name__", "") not in OURS
    ]
    assert sorted(rest) == sorted(ELSEWHERE)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_row(name, client, world, people):
    url = address(name, world)
    found = {}
    for method, row in zip(("get", "post"), ROWS[name], strict=True):
        for actor, expected in zip(ACTORS, map(int, row.split()), strict=True):
            sign_in(client, people[actor])
            before = written()
            with transaction.atomic():
                response = getattr(client, method)(url, NOTHING)
                if expected >= 400 or method == "get":
                    assert written() == before, f"{method} by {actor} wrote"
                transaction.set_rollback(True)
            found[method, actor] = (response.status_code, expected)
            if actor == "anonymous":
                assert response.headers["Location"].startswith(reverse("account_login") + "?next=")
    assert {key: got for key, (got, _) in found.items()} == {key: want for key, (_, want) in found.items()}


def test_other_methods_are_refused(client, world, people):
    client.force_login(people["admin"])
    for name in ROWS:
        for method in ("put", "patch", "delete"):
            assert getattr(client, method)(address(name, world)).status_code == 405, (method, name)


def test_head_answers_as_get_does(client, world, people):
    client.force_login(people["admin"])
    for name, (get, _post) in ROWS.items():
        response = client.head(address(name, world))
        assert response.status_code == (405 if get == NEVER else 200), name
        assert response.content == b"", name


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**40])
def test_an_id_that_nothing_has_is_not_found(number, client, world, people):
    client.force_login(people["admin"])
    for name, pattern in PATTERNS.items():
        if "int:" in str(pattern.pattern):
            url = re.sub(r"\d+(?=\D*$)", str(number), address(name, world))
            method = client.get if ROWS[name][0] != NEVER else client.post
            assert method(url).status_code == 404, url


def test_csrf_token_is_asked_of_every_form(world, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["admin"])
    for name, (_get, post) in ROWS.items():
        if post != NEVER:
            response = client.post(address(name, world), NOTHING)
            assert response.status_code == 403, name
            assert "too old" in response.content.decode()


def test_superuser_administers_every_program(client, world):
    client.force_login(make.make_user(is_superuser=True))
    for name, (get, _post) in ROWS.items():
        if get != NEVER:
            assert client.get(address(name, world)).status_code == 200, name


def test_deactivated_account_sees_nothing(client, world, people):
    manager = people["manager"]
    client.force_login(manager)
    manager.is_active = False
    manager.save()
    assert client.get(address("program", world)).status_code == 302


# ---- ids of another program ------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client, world):
    """A manager of our program, signed in; not a member of theirs."""
    user = make.join(world.program, Role.MANAGER)
    client.force_login(user)
    return user


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


def goal_data(**changed) -> dict:
    day = make.today().isoformat()
    return {"name": "Another", "baseline": "0", "target": "10", "start": day, "version": "1"} | changed


def limit_data(**changed) -> dict:
    data = {"state": "factor", "factor": "A new one", "since": make.today().isoformat(), "memo": "Seen on the floor."}
    return data | changed


BODIES = {
    "goal_create": lambda theirs, ours: goal_data(needs=[theirs.goals.pk]),
    "goal_edit": lambda theirs, ours: goal_data(needs=[theirs.goals.pk]),
    "review_log goal": lambda theirs, ours: entry(ours, goal=theirs.goals.pk),
    "review_log engineer": lambda theirs, ours: entry(ours, engineer=theirs.engineers.pk),
    "goal_log": lambda theirs, ours: entry(ours, engineer=theirs.engineers.pk),
    "roster_copy": lambda theirs, ours: {"source": theirs.teams.pk},
    "limit_declare gates": lambda theirs, ours: limit_data(gates=[theirs.goals.pk]),
    "limit_declare replaces": lambda theirs, ours: limit_data(replaces=theirs.limit.pk),
    "factor_edit": lambda theirs, ours: {"name": "Ours factor", "version": "1", "parent": theirs.factors.pk},
}


@pytest.mark.parametrize("case", sorted(BODIES))
def test_ids_of_another_program_in_a_body_are_refused(case, client, world, other, manager):
    before = written()
    response = client.post(address(case.split()[0], world), BODIES[case](other, world))
    assert response.status_code == 422
    assert written() == before
    assert "Theirs" not in response.content.decode()


@pytest.mark.parametrize("case", sorted(BODIES))
def test_the_same_bodies_with_our_own_ids_are_taken(case, client, world, manager):
    """Otherwise the test above could pass for another reason."""
    if case == "factor_edit":
        body = BODIES[case](SimpleNamespace(factors=SimpleNamespace(pk="")), world)
    elif case == "roster_copy":
        body = {"source": make.make_team(world.program).pk}
    elif case == "goal_edit":
        body = goal_data(needs=[make.make_goal(world.teams).pk])
    else:
        body = BODIES[case](world, world)
    assert client.post(address(case.split()[0], world), body).status_code == 302


def test_proposal_and_limit_of_another_program_change_nothing(client, world, other, manager):
    before = written()
    for name, body in (
        ("limit_accept", {"kind": "goal", "line": other.goals.pk}),
        ("limit_accept", {"kind": "factor", "line": other.factors.pk}),
        ("limit_confirm", {"limit": other.limit.pk}),
    ):
        assert client.post(address(name, world), body).status_code == 302
    assert written() == before
    other.limit.refresh_from_db()
    assert other.limit.confirmed_on is None


@pytest.mark.parametrize("name", ["member_remove", "turn_absent"])
def test_two_ids_in_an_address_must_belong_together(name, client, world, other):
    """Admin of both programs, and still: the turn of one review is not found in another."""
    user = make.join(world.program, Role.ADMIN)
    make.join(other.program, Role.ADMIN, user)
    client.force_login(user)
    mixed = SimpleNamespace(**vars(world) | {"turns": other.turns, "members": other.members})
    if name == "member_remove":
        theirs = Membership.objects.get(program=other.program, user=other.members)
        url = reverse(name, args=[world.program.slug, theirs.pk])
    else:
        url = address(name, mixed)
    before = written()
    assert client.post(url, {"absent": "1"}).status_code == 404
    assert written() == before


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
            assert "Theirs" not in response.content.decode(), name
