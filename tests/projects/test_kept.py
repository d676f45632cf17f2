"""What is drawn once and kept: shown again for the same data, never once anything in it changed."""

import datetime as dt
import re

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from projects.kept import Kept, csrf_mark, fragments
from projects.models import Factor, Goal, Limit, Outlook, Program, Ranking
from projects.program_page import ProgramPage
from projects.services.goals import set_needs
from projects.services.programs import edit_program
from tests import factories as make

# ---- keeping -------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(monkeypatch) -> Kept:
    """One that does not draw again to compare: what it holds is what it gives."""
    monkeypatch.setattr(Kept, "verify", False)
    return Kept(most=20)


def test_drawn_once_for_the_same(kept):
    drawn = []
    for value in ("a", "b", "a"):
        kept.get(("x", value), lambda value=value: drawn.append(value) or value)
    assert drawn == ["a", "b"]


def test_another_language_day_and_zone_are_another_fragment(kept, monkeypatch):
    number = iter("1234")
    seen = [kept.get(("x",), lambda: next(number))]
    with translation.override("de"):
        seen.append(kept.get(("x",), lambda: next(number)))
    with timezone.override(dt.timezone(dt.timedelta(hours=3), "elsewhere")):
        seen.append(kept.get(("x",), lambda: next(number)))
    tomorrow = timezone.now() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    seen.append(kept.get(("x",), lambda: next(number)))
    assert seen == ["1", "2", "3", "4"]


def test_the_least_used_go_first_and_one_too_long_is_not_kept(kept):
    for name in ("a", "b", "a", "c"):
        kept.get((name,), lambda name=name: name * 8)
    assert len(kept) == 2
    assert kept.get(("a",), lambda: "drawn again") == "a" * 8
    kept.get(("long",), lambda: "x" * 21)
    assert kept.get(("a",), lambda: "drawn again") == "a" * 8
    assert kept.get(("long",), lambda: "y") == "y"


def test_tests_refuse_what_shows_more_than_its_key():
    kept, number = Kept(most=100), iter("12")
    kept.get(("x",), lambda: next(number))
    with pytest.raises(AssertionError, match="more than it is kept under"):
        kept.get(("x",), lambda: next(number))


# ---- in templates --------------------------------------------------------------------------------------------------


def render(value) -> str:
    return Template('{% load kept %}{% kept "t" value %}<{{ value }}>{% endkept %}').render(Context({"value": value}))


@pytest.mark.parametrize("value", ["a & b", 3, 2.5, None, dt.date(2026, 3, 1), ("a", 1), translation.gettext_lazy("a")])
def test_a_part_of_a_page_is_kept_under_plain_values(value):
    assert render(value) == render(value)


@pytest.mark.parametrize("value", [Program(pk=1), timezone.now(), ["a"], Program.objects.none()])
def test_what_equals_another_without_looking_like_it_is_refused(value):
    """Rows are equal by their key alone, an instant is shown as "3 minutes ago"."""
    with pytest.raises(TypeError, match="plain values"):
        render(value)


# ---- the board -----------------------------------------------------------------------------------------------------


@pytest.fixture
def program(client, db) -> Program:
    fragments.clear()
    made = make.make_world("Alpha")
    make.declare(made, "Turbines", since=make.today() - dt.timedelta(days=30))
    client.force_login(make.join(made))
    return made


def board(client) -> str:
    return client.get("/").content.decode()


def test_a_row_is_drawn_once(client, program, monkeypatch):
    board(client)
    monkeypatch.setattr(Kept, "verify", False)
    monkeypatch.setattr("projects.board.Row.of", None)  # drawing would fail
    assert "Turbines" in board(client)


CHANGES = {
    "the program's name": lambda p: Program.objects.filter(pk=p.pk).update(name="Beta"),
    "its deadline": lambda p: Program.objects.filter(pk=p.pk).update(deadline=make.today() + dt.timedelta(days=400)),
    "the factor's name": lambda p: Factor.objects.filter(name="Turbines").update(name="Blades"),
    "the open limit": lambda p: make.declare(p, "Chips"),
    "since when": lambda p: Limit.objects.filter(program=p).update(since=make.today() - dt.timedelta(days=90)),
    "the ranking": lambda p: Ranking.objects.filter(program=p).update(p50=make.today() + dt.timedelta(days=300)),
    "the verdicts": lambda p: Ranking.objects.filter(program=p).update(verdicts={"diverging": 7}),
    "the curve": lambda p: Ranking.objects.filter(program=p).update(curve=[["2026-01-01", 0.5]]),
    "no ranking at all": lambda p: Ranking.objects.filter(program=p).delete(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_process_wrote_is_shown_at_once(change, client, program):
    """The key is read from the database: no process has to be told."""
    before = board(client)
    CHANGES[change](program)
    after = board(client)
    assert rows(after) != rows(before)
    fragments.clear()
    assert rows(board(client)) == rows(after)


def test_after_midnight_ages_are_those_of_the_new_day(client, program, monkeypatch):
    before = board(client)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    after = board(client)
    assert "data today" in before
    assert "data yesterday" in after


def test_a_zone_where_it_is_already_tomorrow_sees_tomorrow(client, program):
    ahead, behind = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart: never the same day
    seen = set()
    for zone in (ahead, behind):
        client.cookies["zone"] = zone
        seen.add(rows(board(client)))
    assert len(seen) == 2


def rows(page: str) -> str:
    return page[page.index("<tbody>") : page.index("</tbody>")]


def test_two_readers_share_a_row(client, program, monkeypatch):
    board(client)
    held = len(fragments)
    other = make.join(program)
    client.force_login(other)
    board(client)
    assert len(fragments) == held


def test_a_change_through_the_service_is_shown(client, program):
    edit_program(program=program, version=program.version, by=None, name="Gamma")
    assert "Gamma" in board(client)


# ---- forms and names in what is kept ---------------------------------------------------------------------------------


def test_a_form_that_is_kept_has_the_token_of_whoever_asks():
    source = Template('{% load kept %}{% kept "form" 1 %}<form>{% csrf_token %}</form>{% endkept %}')
    tokens = [source.render(Context({"csrf_token": token})) for token in ("first", "second")]
    assert [token in html for token, html in zip(("first", "second"), tokens, strict=True)] == [True, True]
    assert csrf_mark() not in "".join(tokens)


def test_names_are_read_only_where_the_part_is_drawn(monkeypatch):
    monkeypatch.setattr(Kept, "verify", False)
    asked = []
    source = Template('{% load kept %}{% kept "names" 1 from names %}{{ word }}{% endkept %}')
    seen = {source.render(Context({"names": lambda: asked.append(1) or {"word": "drawn"}})) for _ in range(3)}
    assert seen == {"drawn"}
    assert len(asked) == 1


# ---- a program's page ------------------------------------------------------------------------------------------------

OF_A_PROGRAM = CHANGES | {
    "its outcome": lambda p: Program.objects.filter(pk=p.pk).update(output_unit="", outcome="Ten flights a year."),
    "who declared it": lambda p: Limit.objects.filter(program=p).update(by=make.make_user("ada")),
    "a layer": lambda p: p.limits.get(until__isnull=True).layers.create(
        factor=make.make_factor("Vanes"), since=make.today(), memo="Three foundries."
    ),
    "a team": lambda p: make.make_team(p, "Telemetry"),
    "a goal's name": lambda p: Goal.objects.filter(team__program=p).update(name="Renamed goal"),
    "what a goal waits for": lambda p: set_needs(
        goal=make.make_goal(make.make_team(p)), needs=[Goal.objects.filter(team__program=p).first()], by=None
    ),
    "what engineers name": lambda p: Outlook.objects.update(
        blocker_votes=[{"text": "Foundry slots", "factor": None, "votes": 3}]
    ),
    "an intervention": lambda p: make.make_intervention(p, goal=Goal.objects.filter(team__program=p).first()),
    "an event": lambda p: make.make_team(p, "Avionics"),
    "a decision": lambda p: p.decisions.create(choice="path", memo="Another foundry, from May."),
}
del OF_A_PROGRAM["the verdicts"]  # they are on the board only


def program_part(client, program: Program) -> str:
    """Without the tokens, which differ each time."""
    page = client.get(program.get_absolute_url()).content.decode()
    part = page[page.index('id="main"') :]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", part)


@pytest.mark.parametrize("change", OF_A_PROGRAM)
def test_a_program_s_page_shows_at_once_what_another_process_wrote(change, client, program):
    before = program_part(client, program)
    OF_A_PROGRAM[change](program)
    after = program_part(client, program)
    assert after != before
    fragments.clear()
    assert program_part(client, program) == after


def test_what_is_drawn_is_read_after_its_key(program):
    """Else a page that was asked for before a change would be kept under what it is after it."""
    page = ProgramPage(program, make.today())
    Program.objects.filter(pk=program.pk).update(name="Beta")
    assert page.key
    assert page.shown["program"].name == "Beta"


def test_a_viewer_never_gets_what_a_manager_may_press(client, program):
    assert "/limit/" in program_part(client, program)
    client.force_login(make.join(program, "viewer"))
    assert 'method="post"' not in program_part(client, program)
