"""The history is sealed in order, waits for nobody and keeps nobody waiting, and says what was done to it."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from projects import seals
from projects.models import Event, Program, Seal
from projects.models.history import AppendOnly
from projects.seals import Head, read_head
from projects.services import sealing
from projects.services.changes import record_event
from projects.services.goals import edit_goal
from projects.services.sealing import check_history, latest_head, latest_heads, seal_events
from tests import factories as make
from tests.tampering import KINDS, Tamperer, an_old_history

pytestmark = pytest.mark.django_db


def event(program: Program | None = None, verb: str = "said") -> Event:
    return record_event(by=None, verb=verb, subject=program or make.make_user(), program=program)


# ---- sealing ---------------------------------------------------------------------------------------------------------


def test_each_program_has_its_chain_and_what_belongs_to_none_has_one_too():
    ours, theirs = make.make_program(), make.make_program()
    event(ours), event(theirs), event(ours), event()
    assert seal_events() == 6
    assert seal_events() == 0
    numbers = {
        program: list(Seal.objects.filter(program=program).order_by("event_id").values_list("number", flat=True))
        for program in (ours, theirs, None)
    }
    assert numbers == {ours: [1, 2, 3], theirs: [1, 2], None: [1]}
    for program in numbers:
        assert check_history(program) == []
        assert latest_head(program).number == len(numbers[program])
    assert latest_head(ours) != latest_head(theirs)


def test_heads_of_many_programs_in_one_query(django_assert_num_queries):
    programs = [make.make_program() for _ in range(3)]
    event(programs[0])
    seal_events()
    new = make.make_program()
    with django_assert_num_queries(1):
        found = latest_heads([*programs, new])
    assert found == {program.pk: latest_head(program) for program in programs}


def test_nothing_is_sealed_where_nothing_happened():
    assert seal_events() == 0
    assert latest_head(None) is None
    assert check_history(None) == []


def test_an_event_that_becomes_visible_late_is_sealed_after_those_with_higher_ids():
    """PostgreSQL numbers rows when they are written and shows them when they are committed."""
    program = make.make_program()
    late, early = event(program), event(program)
    hidden = Event.objects.filter(pk=late.pk).values().get()
    Event._base_manager.filter(pk=late.pk).delete()
    seal_events()
    Event._base_manager.bulk_create([Event(**hidden)])
    assert seal_events() == 1
    order = list(Seal.objects.filter(program=program).order_by("number").values_list("event_id", flat=True))
    assert order[-2:] == [early.pk, late.pk]
    assert check_history(program, now=dt.datetime.now(dt.UTC) + dt.timedelta(days=1)) == []


def test_two_sealers_at_once_do_not_fork_a_chain(monkeypatch):
    program = make.make_program()
    for _ in range(3):
        event(program)
    read = sealing._next_seals

    def read_then_overtaken(events, at):
        mine = list(read(events, at))
        monkeypatch.setattr(sealing, "_next_seals", read)
        assert seal_events() == 4  # another process, between what this one read and what it writes
        return mine

    monkeypatch.setattr(sealing, "_next_seals", read_then_overtaken)
    assert seal_events() == 0
    assert list(Seal.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert check_history(program) == []


def test_a_number_is_given_once():
    program = make.make_program()
    event(program), event(), event()
    seal_events()
    for of in (program, None):
        one, other = Seal.objects.filter(program=of).order_by("number")[:2]
        with pytest.raises(IntegrityError), transaction.atomic():
            Seal.objects.filter(pk=other.pk).update(number=one.number)


def test_the_sealer_touches_nothing_that_a_writer_waits_for():
    """It writes seals and nothing else: no event, no program, no lock on either."""
    program = make.make_program()
    asked: list[str] = []

    def watch(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    event(program)
    with connection.execute_wrapper(watch):
        seal_events()
    writes = [sql for sql in asked if not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    assert writes
    assert all("projects_seal" in sql.split("(")[0] for sql in writes)
    assert not [sql for sql in asked if "FOR UPDATE" in sql or "FOR NO KEY" in sql]


# ---- append-only -----------------------------------------------------------------------------------------------------


def test_an_event_is_neither_changed_nor_removed():
    made = event()
    for attempt in (
        made.save,
        made.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(memo="Never mind."),
        lambda: Event.objects.bulk_update([made], ["memo"]),
    ):
        with pytest.raises(AppendOnly):
            attempt()


# ---- what was done to it is found ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_done_in_the_table_is_found(kind):
    for seed in range(2):
        program = an_old_history(25)
        assert check_history(program) == []
        tamperer = Tamperer(program, seed)
        tamperer.do(kind)
        found = check_history(program)
        assert tamperer.touched & {fault.event for fault in found}, (kind, seed, found)


@pytest.mark.parametrize("kind", ["insert an event"])
def test_what_was_put_in_is_found_also_once_it_is_sealed(kind):
    program = an_old_history(25)
    tamperer = Tamperer(program, 1)
    tamperer.do(kind)
    assert seal_events(everything=True) == 1
    assert tamperer.touched & {fault.event for fault in check_history(program)}


def test_many_things_at_once_are_each_found_at_their_place():
    program = an_old_history(200)
    tamperer = Tamperer(program, 4)
    for place in range(10, 190, 10):
        tamperer.edit(place)
    assert {fault.event for fault in check_history(program)} == tamperer.touched


def test_a_tail_that_was_cut_shows_only_against_a_head_that_lies_elsewhere():
    program = an_old_history(25)
    kept = latest_head(program)
    for seal in Seal.objects.filter(program=program).order_by("-number")[:4]:
        Event._base_manager.filter(pk=seal.event_id).delete()
    assert check_history(program) == []
    (fault,) = check_history(program, kept=kept)
    assert "tail was cut off" in fault.why


def test_a_chain_that_was_written_anew_shows_against_a_head_that_lies_elsewhere():
    program = an_old_history(25)
    kept = read_head(latest_head(program).short)
    place = Seal.objects.get(program=program, number=7)
    Event._base_manager.filter(pk=place.event_id).update(memo="It was never so.")
    Seal.objects.filter(program=program).delete()
    seal_events(everything=True)
    assert check_history(program) == []
    assert "written anew" in check_history(program, kept=kept)[0].why
    assert check_history(program, kept=latest_head(program)) == []


def test_what_was_sealed_stays_whole_while_the_product_goes_on():
    program = make.make_program()
    goal = make.make_goal(make.make_team(program, engineers=2))
    ada = make.make_user("ada")
    seal_events()
    edit_goal(goal=goal, version=goal.version, by=ada, name="Walls", start=make.today())
    make.log(goal, 3.5, by=ada)
    seal_events()
    assert check_history(program) == []


# ---- the command -----------------------------------------------------------------------------------------------------


def verify(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_history", *arguments, stdout=out)
    return out.getvalue()


def test_verify_history_says_that_all_is_whole():
    program = an_old_history(5)
    assert f"{program}: whole, head {latest_head(program)}, 0 not sealed yet" in verify()
    assert "no program: whole" in verify()
    assert "no program" not in verify(program.slug, "--head", latest_head(program).short)


def test_verify_history_ends_with_an_error_where_something_does_not_fit():
    program = an_old_history(5)
    Tamperer(program, 1).edit(3)
    with pytest.raises(CommandError, match="1 faults"):
        verify()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere"], "no program nowhere"),
        (["--head", "3:0123456789"], "name it"),
        (["ours", "--head", "three"], "number"),
        (["ours", "--head", "3:01"], "number"),
    ],
)
def test_what_cannot_be_verified_is_refused(arguments, why):
    make.make_program("Ours")
    with pytest.raises(CommandError, match=why):
        verify(*arguments)


def test_a_head_is_read_as_it_is_written():
    head = Head(12, "3f" * 32)
    assert read_head(str(head)) == head
    assert read_head(head.short) == Head(12, ("3f" * 32)[:12])


def test_a_hash_covers_every_column_of_an_event():
    assert set(seals.COVERED) == {column.attname for column in Event._meta.concrete_fields}
