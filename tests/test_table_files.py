"""Every table as CSV and XLSX: as shown, typed, and with no text that a spreadsheet takes for a formula."""

import csv
import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from projects.models import Program, Role
from projects.services.sealing import latest_head, seal_events
from projects.sheets.cells import escape, guard, unescape, unguard
from projects.sheets.files import Head, Sheet, csv_lines
from projects.sheets.workbook import workbook
from reviews.services.audit import run_audit
from tests import factories as make
from tests.test_access import address, build

BAD = "=cmd|' /C calc'!A0"
TABLES = ["board", "program", "team", "goal", "factors", "archive", "members", "history", "review_history", "mine"]
OVER_SEVERAL = ["board", "archive", "review_history", "audit", "mine"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
formulas = st.tuples(st.sampled_from([*"=+-@\t\r\n' '", "＝", "_x000D_"]), texts).map("".join)


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes):
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows())


# ---- any text goes out and comes back --------------------------------------------------------------------------------


@given(st.lists(texts | formulas, min_size=1, max_size=5))
def test_any_text_through_csv_is_the_same(row):
    sheet = Sheet("x", [Head("h")] * len(row), [row])
    _heads, back = read_csv("".join(csv_lines(sheet)).encode())
    assert [unguard(cell) for cell in back] == row
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in back)


@given(st.lists(texts | formulas, min_size=1, max_size=5))
def test_any_text_through_xlsx_is_the_same(row):
    _heads, back = read_xlsx(workbook(Sheet("x", [Head("h")] * len(row), [row])))
    assert [unescape(cell.value or "") for cell in back] == row
    assert all(cell.data_type in ("s", "n", "inlineStr") for cell in back)
    assert not any(cell.data_type == "f" for cell in back)


@given(texts | formulas)
def test_guard_and_escape_can_be_undone(text):
    assert unguard(guard(text)) == text
    assert unescape(escape(text)) == text


def test_what_needs_no_guard_has_none():
    assert guard("Type checking of core (3 = done)") == "Type checking of core (3 = done)"
    assert guard(BAD) == "'" + BAD
    assert guard("'quoted'") == "''quoted'"


@given(st.floats(-1e300, 1e300), st.dates(dt.date(1970, 1, 1), dt.date(2100, 12, 31)), st.integers(-(2**53), 2**53))
def test_numbers_and_days_keep_their_types(number, day, whole):
    sheet = Sheet("x", [Head("a"), Head("b"), Head("c")], [[number, day, whole]])
    _heads, cells = read_xlsx(workbook(sheet))
    assert [cells[0].value, cells[1].value.date(), cells[2].value] == [pytest.approx(number), day, whole]
    assert [cell.data_type for cell in cells] == ["n", "d", "n"]
    _heads, row = read_csv("".join(csv_lines(sheet)).encode())
    assert (float(row[0]), dt.date.fromisoformat(row[1]), int(row[2])) == (number, day, whole)


def test_a_text_longer_than_a_cell_is_cut_and_says_so():
    sheet = Sheet("x", [Head("h")], [["y" * 40_000]])
    _heads, (cell,) = read_xlsx(workbook(sheet))
    assert len(cell.value) == 32_767
    assert cell.value.endswith("(longer than a cell holds: the CSV file has all of it)")
    assert len(read_csv("".join(csv_lines(sheet)).encode())[1][0]) == 40_000


# ---- the tables of the product ---------------------------------------------------------------------------------------


@pytest.fixture
def world(client, db):
    world = build(BAD)
    make.make_point(world.goals, -3, memo=BAD, blocker="@SUM(1)", engineer=world.engineers)
    make.refit_program(world.program)
    user = make.join(world.program, Role.ADMIN)
    type(world.engineers).objects.filter(pk=world.engineers.pk).update(user=user)
    client.force_login(user)
    return world


def get(client, url: str, kind: str) -> bytes:
    response = client.get(url + ("&" if "?" in url else "?") + f"export={kind}")
    assert response.status_code == 200
    assert f".{kind}" in response["Content-Disposition"]
    return b"".join(response) if response.streaming else response.content


def prepare(name: str, client, world) -> str:
    if name == "archive":
        client.post(address("program_archive", world))
    if name == "review_history":
        make.close(world.reviews)
    return address(name, world)


@pytest.mark.parametrize("name", OVER_SEVERAL)
def test_a_table_over_several_programs_carries_the_head_of_each_history(name, client, world):
    url = prepare(name, client, world)
    if name == "audit":
        run_audit(Program.objects.all())
    seal_events(everything=True)
    heads, *rows = read_csv(get(client, url, "csv"))
    kept = latest_head(world.program)
    assert kept
    assert rows
    assert {row[heads.index("Sealed history")] for row in rows} == {kept.short}


@pytest.mark.parametrize("name", TABLES)
def test_table_in_both_kinds(name, client, world):
    url = prepare(name, client, world)
    heads, *rows = read_csv(get(client, url, "csv"))
    sheet_heads, *sheet_rows = read_xlsx(get(client, url, "xlsx"))
    assert [cell.value for cell in sheet_heads] == heads
    assert len(rows) == len(sheet_rows) >= 1
    assert all(len(row) == len(heads) for row in rows)
    for row in rows:
        assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    assert not any(cell.data_type == "f" for row in sheet_rows for cell in row)
    assert all(row[0] != "" for row in rows)


@pytest.mark.parametrize("name", TABLES)
def test_page_offers_its_table(name, client, world):
    page = client.get(prepare(name, client, world)).content.decode()
    assert page.count('id="export"') == 1
    assert "?export=csv" in page
    assert "?export=xlsx" in page


def test_the_board_is_exported_as_filtered_and_sorted_and_whole(client, db, django_assert_max_num_queries):
    user = make.make_user()
    for n in range(60):
        make.make_program(f"Program {n:02}", by=user, outcome="odd" if n % 2 else "even")
    make.make_program("Program of others, odd")
    client.force_login(user)
    with django_assert_max_num_queries(5):
        _heads, *rows = read_csv(get(client, reverse("board") + "?search=odd&sort=-name&page=2", "csv"))
    assert [row[0] for row in rows] == [f"Program {n:02}" for n in range(59, 0, -2)]


def test_unknown_is_a_word(client, db):
    user = make.make_user()
    program = make.make_program("New", by=user, deadline=make.today() + dt.timedelta(days=30))
    make.make_goal(make.make_team(program, "Blades"), "Vanes")
    client.force_login(user)
    heads, row = read_csv(get(client, reverse("board"), "csv"))
    said = dict(zip(heads, row, strict=True))
    assert said["P50 finish"] == said["Odds of the deadline (0 to 1)"] == said["Newest data"] == "unknown"
    assert said["Limiting factor"] == "Not known yet"


def test_values_are_numbers_with_their_unit_in_the_head(client, world):
    heads, *rows = read_xlsx(get(client, world.goals.get_absolute_url(), "xlsx"))
    assert heads[1].value == "Value (%)"
    assert {row[1].value for row in rows} == {1, 2, -3}
    assert all(row[0].is_date for row in rows)


def test_an_outsider_exports_nothing(client, world):
    client.force_login(make.make_user())
    for name in ("program", "team", "goal", "members", "history"):
        assert client.get(address(name, world) + "?export=csv").status_code == 404
    for name in ("board", "factors", "archive", "review_history", "mine"):
        assert len(read_csv(get(client, address(name, world), "csv"))) == 1


def test_an_unknown_kind_is_the_page(client, world):
    assert client.get(reverse("board") + "?export=exe").headers["Content-Type"].startswith("text/html")
