"""Export, import, export: the same bytes, for programs of any content."""

import datetime as dt
import uuid
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.models import (
    Dependency,
    Event,
    Evidence,
    Factor,
    Gate,
    Import,
    Limit,
    Membership,
    Revision,
    Role,
    WeeksOff,
)
from projects.services.changes import record_event
from reviews.models import Datapoint, Review, Turn
from reviews.services.forecasting import refit_program
from tests import factories as make
from tests.reviews.archive.build import empty_the_database, export, rows, take_in, unpack

pytestmark = pytest.mark.django_db

NO_SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(NO_SIGNS, max_size=40)
memos = texts.map(lambda text: f"Said: {text}.")
numbers = st.floats(-1e299, 1e299)
days = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))
instants = st.timedeltas(dt.timedelta(), dt.timedelta(days=9000)).map(
    lambda age: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) - age
)


@st.composite
def plans(draw) -> dict:
    """What a program is to be made of: numbers of rows and what stands in them."""
    return {
        "outcome": draw(texts),
        "goals": draw(st.integers(1, 3)),
        "points": draw(st.lists(st.tuples(numbers, days, memos, texts, instants, st.integers(0, 5)), max_size=8)),
        "memos": draw(st.lists(memos, min_size=4, max_size=4)),
        "url": draw(st.sampled_from(["", "https://x.example/?a=1&b=é"])),
        "changes": draw(st.dictionaries(texts, st.lists(st.none() | numbers | texts, max_size=2), max_size=3)),
        "kind": draw(st.sampled_from(Factor.Kind.values)),
        "accounts": draw(st.booleans()),
        "forecast": draw(st.booleans()),
    }


def build(plan: dict):
    ada, eve = make.make_user("ada"), make.make_user("eve")
    program = make.make_program("Plán B", by=ada, outcome=plan["outcome"], owner=eve)
    Membership.objects.create(program=program, user=eve, role=Role.VIEWER)
    team = make.make_team(program, "Blades")
    engineers = [make.make_engineer(team, "Jun", user=eve), make.make_engineer(team, "=SUM(A1)")]
    goals = [make.make_goal(team, f"Goal {n}") for n in range(plan["goals"])]
    for before, after in pairwise(goals):
        Dependency.objects.create(goal=after, needs=before)
    above = make.make_factor("Power", kind=plan["kind"])
    factor = make.make_factor("Gas turbines", parent=above, sold_out_until=dt.date(2030, 1, 1))
    Gate.objects.create(factor=factor, goal=goals[0])
    make.declare(program, factor, memo=plan["memos"][0])
    Limit.objects.filter(program=program, until=None).update(by=ada)
    limit = program.limits.get(until=None)
    limit.layers.create(factor=make.make_factor("Cast vanes"), since=make.today(), memo=plan["memos"][0], by=eve)
    limit.predictions.create(
        factor=above,
        window_from=make.today(),
        window_to=make.today(),
        probability=0.3,
        memo=plan["memos"][1],
        by=ada,
    )
    program.interventions.create(
        type="build",
        factor=make.make_factor("Own turbines"),
        started_on=make.today(),
        expected_days=-3,
        review_on=make.today() + dt.timedelta(days=30),
        memo=plan["memos"][1],
        by=ada,
    )
    day = make.today()
    program.revisions.create(new_deadline=day, odds_when_set=0.5, inputs_hash="ab", memo=plan["memos"][0], by=eve)
    program.review_odds.create(at=program.limits.first().at, p=0.03, last_acceptable=day)
    program.decisions.create(choice="scope", memo=plan["memos"][1], p=0.03, last_acceptable=day, by=eve)
    supply = program.supplies.create(factor=above, unit="GW", need_low=1, need_high=2, memo=plan["memos"][2])
    supply.capacities.create(on=make.today(), low=1, high=3, source="An order book.")
    above.claims.create(question="What limits power?", says=plan["memos"][3], source="Article A")
    source = Import.objects.create(program=program, file_name="a.csv", sha256="0" * 64, memo=plan["memos"][1], by=eve)
    Revision.objects.create(goal=goals[0], on=make.today(), old_target=1, new_target=2.5, memo=plan["memos"][2], by=ada)
    WeeksOff.objects.create(team=team, first_day=make.today(), last_day=make.today(), reason=plan["memos"][3][:200])
    review = Review.objects.create(program=program, scheduled_for=program.limits.first().at, led_by=ada, notes="")
    turn = Turn.objects.create(review=review, engineer=engineers[0], team=team)
    named = {"text": plan["memos"][0], "goal": goals[0], "factor": above, "recorded_by": eve}
    said = turn.statements.create(kind="blocked", **named)
    turn.statements.create(kind="free", recorded_by=ada, withdraws=said)
    turn.spells.create(uuid=uuid.uuid4(), by=eve, seconds=61)
    add_points(plan, goals, engineers, review, turn, source, factor, [ada, eve, None])
    record_event(by=eve, verb="noted", subject=goals[0], program=program, changes=plan["changes"], memo="")
    record_event(by=None, verb="changed", subject=engineers[0], program=program, changes={"user": [None, eve.pk]})
    record_event(by=ada, verb="needs", subject=goals[0], program=program, changes={"needs": [[], [goals[0].pk]]})
    if plan["forecast"]:
        refit_program(program)
    return program


def add_points(plan, goals, engineers, review, turn, source, factor, people) -> None:
    known: list[Datapoint] = []
    for value, day, memo, blocker, at, n in plan["points"]:
        imported = n == 1
        point = make.make_point(
            goals[n % len(goals)],
            value,
            observed_on=day,
            memo="" if imported else memo,
            blocker=blocker,
            engineer=None if imported else engineers[n % 2],
            level="unknown" if imported else "lead",
            origin="import" if imported else "late",
            source=source if imported else None,
            recorded_by=people[n % 3],
            review=review if n == 2 else None,
            turn=turn if n == 2 else None,
            factor=factor if n == 3 else None,
            quarantined_at=at if n == 4 else None,
            supersedes=known[-1] if known and n == 5 and known[-1].goal == goals[n % len(goals)] else None,
            withdrawn=n == 5,
        )
        Datapoint.objects.filter(pk=point.pk).update(recorded_at=at)
        known.append(point)
        if n == 3:
            Evidence.objects.create(
                program=goals[0].team.program,
                factor=factor,
                kind="blocker",
                text=memo,
                url=plan["url"],
                reference=f"datapoint:{point.pk}",
                on=day,
            )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=25)
@given(plan=plans(), more=st.integers(0, 3))
def test_export_of_import_of_export_is_the_export(plan, more):
    with transaction.atomic():
        program = build(plan)
        first = export(program)
        empty_the_database()
        for _ in range(more):  # ids move on
            make.make_goal(values=(1,))
        if not plan["accounts"]:
            type(program.owner).objects.filter(username__in=["ada", "eve"]).delete()
        second = export(take_in(first))
        assert unpack(second) == unpack(first)
        assert second == first
        transaction.set_rollback(True)


def test_the_same_again_beside_itself_keeps_the_entries_apart():
    program = make.make_world("Engines")
    keys = set(Datapoint.objects.values_list("uuid", flat=True))
    copy = take_in(export(program), name="Engines (2)")
    assert copy.slug == "engines-2"
    points = Datapoint.objects.filter(goal__team__program=copy)
    assert points.count() == len(keys)
    assert not keys & set(points.values_list("uuid", flat=True))
    assert all(isinstance(point.uuid, uuid.UUID) for point in points)


def test_a_factor_that_is_here_keeps_its_facts():
    program = make.make_program("Engines")
    factor = make.make_factor("Foundries", suppliers=3)
    make.declare(program, factor)
    factor.claims.create(question="How many?", says="Three in the world.", source="A")
    archive = export(program)
    Factor.objects.filter(pk=factor.pk).update(suppliers=4)
    factor.claims.update(says="Four by now.")
    copy = take_in(archive, name="Engines elsewhere")
    assert copy.limits.get(until=None).factor == factor
    factor.refresh_from_db()
    assert factor.suppliers == 4
    assert factor.claims.get().says == "Four by now."


def test_an_engineer_of_a_login_that_has_one_here_is_not_merged_with_them():
    user = make.make_user("jun")
    program = make.make_program("Engines")
    make.make_engineer(make.make_team(program), "Jun", user=user)
    archive = export(program)
    copy = take_in(archive, name="Engines elsewhere")
    made = copy.teams.get().seats.get().engineer
    assert (made.name, made.user) == ("Jun", None)
    assert rows(export(copy), "engineers") == rows(archive, "engineers")


def test_what_happened_keeps_its_time_and_its_people():
    ada = make.make_user("ada")
    program = make.make_program("Engines", by=ada)
    at = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
    Event._base_manager.filter(program=program).update(at=at)
    program.limits.update(at=at)
    copy = take_in(export(program), name="Copy")
    assert [(event.at, event.by, event.verb) for event in copy.events.exclude(verb="brought in")] == [
        (at, ada, "created")
    ]
    assert copy.limits.get().at == at


def test_accounts_are_named_and_nothing_else_of_them_travels():
    ada = make.make_user("ada", email="ada@secret.example", first_name="Augusta")
    program = make.make_program("Engines", by=ada)
    everything = b"".join(unpack(export(program)).values())
    assert b'"user":"ada"' in everything
    assert b"secret.example" not in everything
    assert ada.password.encode() not in everything
    assert b"Augusta" not in everything


def test_the_evidence_of_another_program_stays_there():
    factor = make.make_factor("Foundries")
    ours, theirs = make.make_program("Ours"), make.make_program("Theirs")
    for program in (ours, theirs):
        make.declare(program, factor, memo=f"The books of {program} are full.")
        Evidence.objects.create(program=program, factor=factor, kind="note", text=f"Only {program}", on=make.today())
    everything = b"".join(unpack(export(ours)).values())
    assert b"Only Ours" in everything
    assert b"Theirs" not in everything
