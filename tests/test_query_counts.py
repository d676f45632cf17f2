"""How many queries a page asks: the same number at 3 rows and at 30, and no more than before.

At the end every page of the URL list, with 3 programs and with 300: a new one fails there until it has its number.

The board and my work are pinned beside their other tests.
"""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from projects.kept import Kept, fragments
from projects.models import Role
from projects.services.goals import set_gate, set_needs
from projects.services.invitations import invite
from projects.services.limits import record_evidence
from projects.services.teams import add_weeks_off
from projects.time import WEEK
from reviews.models import Heartbeat
from reviews.services.cadences import add_guest, plan_review
from reviews.services.comments import add_comment
from tests import factories as make
from tests.many import make_programs
from tests.test_access import HIDDEN, KEYED, NEVER, ROWS, address, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(manager):
    made = make.make_program("Engines")
    make.join(made, Role.ADMIN, manager)
    return made


@pytest.fixture
def pinned(client, django_assert_num_queries):
    """Ask for a page at 3 and at 30 rows: the same queries, whose number is named."""

    def check(queries: int, url: str, more) -> None:
        for n in range(3):
            more(n)
        client.get(url)  # what is kept between requests, such as content types, is kept now
        with django_assert_num_queries(queries):
            few = client.get(url)
        for n in range(3, 30):
            more(n)
        with django_assert_num_queries(queries):
            many = client.get(url)
        assert (few.status_code, many.status_code) == (200, 200)
        assert len(many.content) > len(few.content) * 1.2, "nothing more was shown"

    return check


def busy_goal(team, n: int):
    """A goal with a gate, a need and points of an engineer."""
    goal = make.make_goal(team, values=(n, n + 1, n + 2))
    set_gate(goal=goal, factor=make.make_factor(), by=None)
    earlier = team.goals.exclude(pk=goal.pk).first()
    if earlier:
        set_needs(goal=goal, needs=[earlier], by=None)
    return goal


def test_program(program, pinned):
    def more(n):
        busy_goal(make.make_team(program, engineers=1), n)
        make.declare(program, f"Factor of day {n}", since=make.today() - (30 - n) * dt.timedelta(days=1))
        make.make_intervention(program, goal=make.make_goal(make.make_team(program)), factor=make.make_factor())
        if n in (2, 29):
            make.refit_program(program)

    pinned(20, program.get_absolute_url(), more)


def test_team(program, pinned):
    team = make.make_team(program)

    def more(n):
        busy_goal(team, n)
        make.make_engineer(team)
        make.make_team(program)
        add_weeks_off(
            team=team, first_day=make.today() + n * WEEK, last_day=make.today() + n * WEEK, reason="x", by=None
        )
        if n in (2, 29):
            make.refit_program(program)

    pinned(15, team.get_absolute_url(), more)


def test_team_multiples(program, pinned):
    team = make.make_team(program)
    url = reverse("team_multiples", args=[team.pk]) + "?all"
    pinned(9, url, lambda n: make.make_goal(team, values=(n, n + 1, n + 2)))


def test_goal(program, manager, pinned):
    team = make.make_team(program, engineers=1)
    goal = make.make_goal(team)

    def more(n):
        engineer = make.make_engineer(team)
        day = make.today() - n * WEEK
        old = make.make_point(goal, n, engineer=engineer, recorded_by=manager, observed_on=day, blocker="No foundry")
        make.make_point(goal, n + 1, engineer=engineer, recorded_by=manager, observed_on=day, supersedes=old)
        set_gate(goal=goal, factor=make.make_factor(), by=None)
        set_needs(goal=make.make_goal(team), needs=[goal], by=None)
        set_needs(goal=goal, needs=[*goal.needs.all(), make.make_goal(make.make_team(program))], by=None)
        make.make_intervention(program, goal=goal, factor=make.make_factor())
        goal.revisions.create(on=day, old_target=1, new_target=2, memo="Why not.", by=manager)

    pinned(20, goal.get_absolute_url(), more)


def test_review(program, pinned):
    team = make.make_team(program)
    goals = [make.make_goal(team) for _ in range(3)]
    engineers = [make.make_engineer(team) for _ in range(30)]
    review = make.open_review(program)

    def more(n):
        make.log(goals[n % 3], n, review=review, engineer=engineers[n], memo=f"Said {n}", blocker=f"Blocked {n}")

    pinned(20, review.get_absolute_url(), more)


def test_closed_review(program, manager, client, django_assert_num_queries):
    team = make.make_team(program)
    for rows in (3, 30):
        review = make.open_review(program)
        for _ in range(rows):
            engineer = make.make_engineer(team)
            make.make_point(make.make_goal(team), review=review, engineer=engineer)
            review.turns.create(engineer=engineer, team=team, position=99)
        make.close(review, manager)
        with django_assert_num_queries(9):
            page = client.get(review.get_absolute_url()).content.decode()
        assert page.count("row-title") == review.turns.count()


def test_factors(program, manager, pinned):
    def more(n):
        factor = make.make_factor(parent=make.make_factor())
        made = make.make_program(by=manager)
        make.declare(made, factor)
        set_gate(goal=make.make_goal(make.make_team(made)), factor=factor, by=None)

    pinned(7, reverse("factors"), more)


def test_factor(program, manager, pinned):
    factor = make.make_factor("Foundries", parent=make.make_factor("Turbines"))

    def more(n):
        made = make.make_program(by=manager)
        make.declare(made, factor, by=manager)
        make.declare(make.make_program(), factor)
        set_gate(goal=make.make_goal(make.make_team(made)), factor=factor, by=None)
        make.make_factor(parent=factor)
        record_evidence(program=made, factor=factor, kind="note", on=make.today(), by=manager, text=f"Seen {n}")

    pinned(19, factor.get_absolute_url(), more)


def test_reviews(manager, pinned):
    """The calendar: rhythms, what was held, answers that wait."""

    def more(n):
        held, live, idle = (make.make_program(by=manager) for _ in range(3))
        make.close_review(review=make.open_review(held), by=manager)
        make.open_review(live)
        team = make.make_team(idle)
        make.make_cadence(idle, team=team)
        grace = make.make_user()
        point = make.make_point(make.make_goal(team), engineer=make.make_engineer(team, user=grace))
        add_comment(datapoint=point, uuid=uuid.uuid4(), text=f"Not so, number {n}.", by=grace)

    pinned(15, reverse("reviews"), more)


def test_review_history(program, manager, pinned):
    team = make.make_team(program)

    def more(n):
        engineer = make.make_engineer(team)
        review = make.open_review(program)
        make.make_point(make.make_goal(team), n, review=review, engineer=engineer, memo=f"Vanes {n}")
        review.turns.all().delete()
        review.turns.create(engineer=engineer, team=team, state="heard")
        make.close_review(review=review, by=manager)

    pinned(8, reverse("review_history") + "?search=vanes", more)


def test_slot(program, manager, pinned):
    """The page before a review."""
    team = make.make_team(program)
    last = make.open_review(program)
    make.close_review(review=last, by=manager)
    slot = make.make_slot(make.make_cadence(program))
    review = plan_review(slot=slot, by=manager)

    def more(n):
        goal, engineer = make.make_goal(team), make.make_engineer(team, user=make.make_user())
        point = make.make_point(goal, n, engineer=engineer, review=last if n % 2 else None, blocker=f"Blocked {n}")
        add_comment(datapoint=point, uuid=uuid.uuid4(), text=f"Not so, number {n}.", by=engineer.user)
        add_guest(review=review, team=team, name=f"Guest {n}", by=manager)
        make.make_intervention(program, goal=goal, started_on=make.today() - WEEK, review_on=make.today())
        goal.revisions.create(on=make.today(), old_target=1, new_target=2, memo="Why not.", by=manager)
        last.turns.create(engineer=engineer, team=team, state="absent", absence="Ill")

    pinned(27, slot.get_absolute_url(), more)


def test_history(program, pinned):
    pinned(6, reverse("history", args=[program.slug]), lambda n: make.make_team(program))


def test_audit(program, manager, pinned):
    def more(n):
        team = make.make_team(make.make_program(by=manager))
        make.make_finding(make.make_goal(team, values=(n, n + 1, n + 2)))
        make.make_finding(make.make_goal(team), rule="goals_without_owner", subject="team", subject_id=team.pk)

    pinned(13, reverse("audit"), more)


@pytest.mark.parametrize("kind", ["team", "goal"])
def test_history_of_one_thing(kind, program, manager, pinned):
    team = make.make_team(program, engineers=1)
    goal = make.make_goal(team)
    row = {"team": team, "goal": goal}[kind]
    add = {"team": lambda n: make.make_engineer(team), "goal": lambda n: make.log(goal, n, by=manager)}[kind]
    pinned(5, reverse(f"history_of_{kind}", args=[row.pk]), add)


def test_members(program, manager, pinned):
    def more(n):
        make.join(program, Role.VIEWER)
        invite(program=program, email=f"person{n}@example.org", role=Role.VIEWER, by=manager)

    pinned(5, reverse("members", args=[program.slug]), more)


def test_archive(manager, pinned):
    def more(n):
        made = make.make_program(by=manager)
        type(made).objects.filter(pk=made.pk).update(archived_at=dt.datetime.now(dt.UTC))

    pinned(4, reverse("archive"), more)


@pytest.mark.parametrize(("name", "queries"), [("goal_create", 4), ("limit_declare", 6)])
def test_forms(name, queries, program, pinned):
    team = make.make_team(program)
    of = program.slug if name == "limit_declare" else team.pk
    pinned(queries, reverse(name, args=[of]), lambda n: make.make_goal(make.make_team(program), values=(1,)))


def test_imports(program, pinned):
    def more(n):
        make.make_import(program, goal=f"src/team/{n}")
        if n % 4 == 0:
            make.make_upload(program)

    pinned(7, reverse("imports", args=[program.slug]), more)


def test_import(program, client, django_assert_num_queries):
    source = make.make_import(program, rows=40)
    with django_assert_num_queries(4):
        assert client.get(reverse("import", args=[source.pk])).status_code == 200


# ---- every page of the URL list, with 3 programs and with 300 -----------------------------------------------------

PINNED = {
    "board": 5,
    "program_create": 3,
    "archive": 4,
    "program": 21,
    "program_edit": 4,
    "history": 8,
    "program_revise": 4,
    "members": 5,
    "limit_declare": 6,
    "supply_create": 6,
    "supply_edit": 7,
    "claim_create": 5,
    "decision_create": 5,
    "intervention_create": 5,
    "intervention_edit": 6,
    "limit_deeper": 6,
    "layer_lift": 3,
    "prediction_create": 6,
    "team_create": 3,
    "team": 15,
    "team_edit": 4,
    "team_multiples": 9,
    "engineer_edit": 5,
    "factors": 7,
    "factor_names": 3,
    "factor": 19,
    "factor_edit": 6,
    "factor_challenge": 4,
    "reviews": 13,
    "review_history": 7,
    "feed": 10,
    "review_prepare": 24,
    "cadence_edit": 6,
    "slot": 22,
    "comment_create": 5,
    "review": 21,
    "review_changes": 14,  # asked for all there is: who is on the roster too
    "signed_in": 2,
    "goal_create": 4,
    "goal": 20,
    "program_import": 4,
    "imports": 7,
    "upload": 5,
    "upload_refusals": 4,
    "import": 4,
    "goal_edit": 6,
    "goal_revise": 8,
    "datapoint_correct": 6,
    "what_if": 8,
    "attention": 14,
    "mine": 3,
    "healthz": 3,
    "digests": 6,
    "digest_preview": 27,
    "subscription": 4,
    "digest_unsubscribe": 2,
    "channels": 5,
    "invitation": 3,
    "interventions": 6,
    "owner_dates": 6,
    "public_prediction_create": 3,
    "public_prediction_judge": 4,
    "calibration": 9,
    "account": 9,
    "audit": 12,
    "finding": 5,
    "history_of_team": 5,
    "history_of_engineer": 5,
    "history_of_goal": 7,
    "history_of_factor": 7,
    "history_of_review": 5,
    "history_of_datapoint": 5,
    "history_of_supply": 5,
    "history_of_cadence": 5,
    "history_of_intervention": 7,
    "history_of_import": 5,
    "program_export": 160,
    "program_from_archive": 3,
}


def test_every_page_asks_as_many_with_300_programs_as_with_3(client):
    world = build("Ours")
    reader = make.join(world.program, Role.ADMIN, make.make_user(may_create=True))
    client.force_login(reader)
    pages = {name: address(name, world) for name, (get, _post) in ROWS.items() if get not in (NEVER, HIDDEN, KEYED)}
    make_programs(2, reader)
    few = {name: queries(client, url) for name, url in pages.items()}
    make_programs(297, reader)
    Heartbeat.objects.update(at=timezone.now())  # that took minutes, where others are at work
    many = {name: queries(client, url) for name, url in pages.items()}
    assert many == few
    assert few == PINNED


# Of pages that were drawn before and in which nothing changed.
DRAWN_BEFORE = {"board": 5, "program": 5, "goal": 5}


def test_what_was_drawn_before_is_asked_for_in_one_query(client, monkeypatch):
    world = build("Ours")
    client.force_login(make.join(world.program, Role.ADMIN, make.make_user(may_create=True)))
    monkeypatch.setattr(Kept, "verify", False)
    found = {name: queries(client, address(name, world), drawn=True) for name in DRAWN_BEFORE}
    assert found == DRAWN_BEFORE


def queries(client, url: str, *, drawn: bool = False) -> int:
    client.get(url)  # what is kept between requests, such as content types, is kept now
    if not drawn:
        fragments.clear()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code in (200, 302), url
    return len(asked)
