"""The page and the command line refuse the same files, with the same words; and a refused file changes nothing."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from projects.models import Role
from reviews.models import Datapoint
from tests import factories as make
from tests.reviews.doors import refused_by_the_command, refused_by_the_page, send
from tests.reviews.files import HEADER, line, rows, week, write
from tests.reviews.test_import_refusals import GOOD, ROWS, TEXT, bad, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Doors")


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def workbook(*lines: list) -> bytes:
    book = Workbook()
    for one in [HEADER.split(","), *lines]:
        book.active.append(one)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet_row(k: int, value, **cells) -> list:
    fine = {"series_id": "src/team/goal", "date": week(k), "value": value, "target_value": 100, "direction": "up"}
    return [{**fine, **cells}.get(name) for name in HEADER.split(",")]


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with other parts in it."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            short = name.rsplit("/", 1)[-1].split(".")[0]
            new.writestr(name, parts.get(short, old.read(name)))
    return changed.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(name)


SHEET = [sheet_row(k, 10 * k) for k in range(4)]
BOOK = workbook(*SHEET)
LARGE = workbook(*SHEET, sheet_row(4, 424242))
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>&b;</sheetData></worksheet>"""
FILES = {
    "nothing.csv": (b"", "empty"),
    "header only.csv": (HEADER.encode(), "The file has no rows below its header."),
    "Latin-1.csv": (TEXT.replace("goal", "Größe").encode("latin-1"), "Row 2, column series_id, “src/team/Gr··e”: the"),
    "UTF-16 without a mark.csv": (TEXT.encode("utf-16-le"), "Row 1, column 1, “s·”: a NUL character"),
    "a late NUL.csv": (TEXT.encode() + b"\n" * 50 + b"a\0b", "Row 56, column series_id, “a·”: a NUL character"),
    "a picture.csv": (png(), "Row 1, column 1"),
    "a picture.xlsx": (png(), "named as a spreadsheet and is none"),
    "text.xlsx": (TEXT.encode(), "named as a spreadsheet and is none"),
    "an old one.xls": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "an old Excel file, or one with a password"),
    "half.xlsx": (BOOK[: len(BOOK) // 2], "no whole Excel workbook"),
    "a zip.xlsx": (repacked(BOOK, workbook=b"")[:-40], "no whole Excel workbook"),
    "a formula.xlsx": (
        workbook(*SHEET, sheet_row(4, "=SUM(C2:C3)")),
        "Row 6, column value, “=SUM(C2:C3)”: a number is needed, not a formula",
    ),
    "a formula for a name.xlsx": (
        workbook(*SHEET, sheet_row(4, 40, series_id="=A2")),
        "Row 6, column series_id, “=A2”: a text is needed, not a formula",
    ),
    "a word.xlsx": (workbook(*SHEET, sheet_row(4, "many")), "Row 6, column value, “many”: a number is needed"),
    "1e400.xlsx": (
        repacked(LARGE, sheet1=part(LARGE, "xl/worksheets/sheet1.xml").replace(b"424242", b"1e400")),
        "Row 6, column value, “inf”: a number is needed, one that is finite",
    ),
    "an empty part.xlsx": (repacked(LARGE, sheet1=b""), "no whole Excel workbook"),
    "2165.xlsx": (
        workbook(*SHEET, sheet_row(4, 40, date=dt.date(2165, 1, 1))),
        "Row 6, column date, “2165-01-01”: the year must lie between 1970 and 2100",
    ),
    "a time.xlsx": (
        workbook(*SHEET, sheet_row(4, 40, date=dt.datetime(2026, 2, 2, 10, 0))),  # noqa: DTZ001  (as Excel has it)
        "Row 6, column date, “2026-02-02 10:00:00”: a date such as",
    ),
    "a gap.xlsx": (workbook(*SHEET, [], sheet_row(5, None)), "Row 7, column value, “”: a number is needed"),
    "laughs.xlsx": (repacked(BOOK, sheet1=LAUGHS), "defines XML of its own"),
    "a wide row.xlsx": (workbook(["x"] * 600, *SHEET), "Row 2, column 600"),
    "conflicting.xlsx": (workbook(*SHEET, sheet_row(2, 21)), "Row 6 contradicts row 4: src/team/goal has two rows"),
}


@pytest.mark.parametrize(("name", "content", "why"), [(n, c, w) for n, (c, w) in FILES.items()], ids=FILES)
def test_a_bad_file(tmp_path, client, program, manager, name, content, why):
    path = tmp_path / name
    path.write_bytes(content)
    before = rows()
    by_command = refused_by_the_command(program, path)
    by_page = refused_by_the_page(client, program, path)
    assert why in by_page[0]
    if content:  # an empty file the browser's form refuses in its own words
        assert by_page == by_command
    assert rows() == before


# What is wrong whichever way dates are read; that one is right with the day first.
WRONG = {name: wrong for name, (wrong, _why) in ROWS.items() if name != "a date as Americans write it"}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_bad_row(tmp_path, client, program, manager, wrong):
    path = write(tmp_path / "bad.csv", *GOOD, wrong)
    before = rows()
    by_command = refused_by_the_command(program, path, decimal="point", dates="day")
    by_page = refused_by_the_page(client, program, path, decimal="point", dates="day")
    assert by_page == by_command != []
    assert rows() == before


def test_a_thousand_bad_rows(tmp_path, client, program, manager):
    """The page shows all of what the command begins to tell."""
    path = write(tmp_path / "bad.csv", *[bad(value="?")] * 1500)
    by_page = refused_by_the_page(client, program, path)
    by_command = refused_by_the_command(program, path)
    assert len(by_page) == 1001
    assert by_command == [*by_page[:20], "And 981 more."]


def test_too_large_a_file(tmp_path, client, program, manager, monkeypatch):
    monkeypatch.setattr("reviews.imports.reader.MOST_BYTES", 2000)
    monkeypatch.setattr("reviews.uploadhandler.MOST_BYTES", 2000)
    path = write(tmp_path / "large.csv", *[line(k, k) for k in range(60)])
    response = send(client, program, path)
    assert response.status_code == 422
    assert "MB are taken at most" in response.context["form"].errors["file"][0]
    assert "MB are taken at most" in refused_by_the_command(program, path)[0]


def test_too_many_rows(tmp_path, client, program, manager, monkeypatch):
    monkeypatch.setattr("reviews.imports.table.MOST_ROWS", 50)
    path = write(tmp_path / "many.csv", *[line(k % 40, k, series=f"s/t/{k // 40}") for k in range(60)])
    assert refused_by_the_page(client, program, path) == refused_by_the_command(program, path)
    assert "Row 52 is one too many: 50 rows are taken at most" in refused_by_the_command(program, path)[-1]


def test_the_same_file_is_good_once_the_question_is_answered(tmp_path, client, program, manager):
    """1,234 is a question: with no answer a refusal, with either answer another number."""
    path = write(tmp_path / "f.csv", *GOOD, bad(value='"1,234"'))
    unanswered = refused_by_the_command(program, path)
    assert unanswered == [
        "Row 6, column value, “1,234”: a number is needed, with a point for decimals, or say what the comma means."
    ]
    assert "“1,234” can be read in two ways" in refused_by_the_page(client, program, path)[0]
    for decimal, value in (("point", 1234), ("comma", 1.234)):
        other = make.make_program(f"With a {decimal}")
        assert refused_by_the_command(other, path, decimal=decimal) == []
        assert Datapoint.objects.filter(goal__team__program=other).latest("observed_on").value == value
