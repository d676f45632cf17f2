"""What is no file of series is refused with a reason that names row and column, and changes nothing."""

import gzip
import struct
import zlib

import pytest

from projects.models import Program
from reviews.imports.reader import check_series_file
from reviews.imports.refusals import ImportRefused
from tests.factories import make_goal, make_program, make_team, today
from tests.reviews.files import HEADER, import_file, line, rows, week, write

pytestmark = pytest.mark.django_db

GOOD = [line(k, 10 * k) for k in range(4)]


def bad(**cells) -> str:
    """The line of week 4 with other cells in it."""
    names = HEADER.split(",")
    fine = dict(zip(names, line(4, 40).split(","), strict=True))
    return ",".join({**fine, **cells}.values())


ROWS = {
    "a word for a value": (bad(value="many"), "Row 6, column value, “many”: a number"),
    "no value": (bad(value=""), "Row 6, column value, “”: a number"),
    "NaN": (bad(value="NaN"), "Row 6, column value, “NaN”: a number"),
    "infinity": (bad(value="-inf"), "Row 6, column value, “-inf”: a number"),
    "1e400": (bad(value="1e400"), "Row 6, column value, “1e400”: a number"),
    "too large to add up": (bad(value="1.1e300"), "column value"),
    "a decimal comma": (bad(value='"4,5"'), "Row 6, column value, “4,5”: a number is needed, with a point"),
    "thousands": (bad(value="1_000"), "Row 6, column value"),
    "hexadecimal": (bad(value="0x1A"), "Row 6, column value"),
    "a formula": (bad(value="=1+1"), "Row 6, column value, “=1+1”: a number"),
    "a percent sign": (bad(value="40%"), "Row 6, column value, “40%”: a number"),
    "a NaN target": (bad(target_value="nan"), "Row 6, column target_value, “nan”: a number"),
    "no target": (bad(target_value=""), "Row 6, column target_value, “”: a number"),
    "a day of 2165": (bad(date="2165-01-01"), "Row 6, column date, “2165-01-01”: the year must lie between"),
    "a day before 1970": (bad(date="1969-12-31"), "Row 6, column date, “1969-12-31”: the year must lie between"),
    "a day that is not": (bad(date="2026-02-30"), "Row 6, column date, “2026-02-30”: a date such as"),
    "a date as Americans write it": (bad(date="02/03/2026"), "Row 6, column date, “02/03/2026”: a date such as"),
    "a date without dashes": (bad(date="20260302"), "Row 6, column date, “20260302”: a date such as"),
    "a week for a date": (bad(date="2026-W10-1"), "Row 6, column date, “2026-W10-1”: a date such as"),
    "a date with a time": (bad(date="2026-02-02T10:00"), "Row 6, column date, “2026-02-02T10:00”: a date such as"),
    "no date": (bad(date=""), "Row 6, column date, “”: a date such as"),
    "the year 10000": (bad(deadline="10000-01-01"), "Row 6, column deadline"),
    "a deadline of 2165": (bad(deadline="2165-01-01"), "Row 6, column deadline, “2165-01-01”: the year must lie"),
    "a word for a deadline": (bad(deadline="soon"), "Row 6, column deadline, “soon”: a date such as"),
    "a word for a start": (bad(start="?"), "Row 6, column start, “?”: a date such as"),
    "a word for completed": (bad(completed="yes"), "Row 6, column completed, “yes”: a date such as"),
    "a deadline before the start": (
        bad(deadline="2026-03-01", start="2026-03-02"),
        "Row 6, column deadline, “2026-03-01”: it must lie after the start",
    ),
    "a deadline on the start": (bad(deadline="2026-03-02", start="2026-03-02"), "it must lie after the start"),
    "a deadline before the first report": (bad(deadline="2025-12-24"), "“2025-12-24”: it must lie after the start"),
    "no series": (bad(series_id=""), "Row 6, column series_id, “”: a name"),
    "only spaces for a series": (bad(series_id="   "), "Row 6, column series_id, “”: a name"),
    "a series of 201 characters": (bad(series_id="x" * 201), "Row 6, column series_id, “" + "x" * 40 + "…”"),
    "a bell in a name": (bad(series_id="a\abc"), "Row 6, column series_id, “a·bc”: a name"),
    "a name written backwards": (bad(series_id="a\u202ebc"), "Row 6, column series_id"),
    "no direction": (bad(direction=""), "Row 6, column direction, “”: up or down"),
    "a direction in capitals": (bad(direction="UP"), "Row 6, column direction, “UP”: up or down"),
    "another direction than before": (bad(direction="down"), "Row 6, column direction, “down”: earlier rows"),
    "a cell too few": (bad().rsplit(",", 1)[0], "Row 6 has 8 cells, the header 9"),
    "a cell too many": (bad() + ",more", "Row 6 has 10 cells, the header 9"),
    "only commas": (",,,,,,,,", "Row 6, column series_id"),
    "the header again": (HEADER, "Row 6, column direction, “direction”: up or down"),
    "the same row twice": (line(2, 20), "Row 6 repeats row 4: src/team/goal has two rows for 2026-01-19"),
    "two values for a day": (line(2, 21), "Row 6 contradicts row 4: src/team/goal has two rows for 2026-01-19"),
    "a quote not closed": ('src/team/goal,"2026-02-02,40,100,up,,,,', "is not CSV: unexpected end of data"),
    "a quote in the middle": (
        'src/team/goal,"2026"-02-02,40,100,up,,,,',
        "Row 6, column date, “2026-”: this is not CSV",
    ),
    "a cell of 10 MB": (bad(note="x" * 10_000_000), "column note, “" + "x" * 40 + "…”: the cell, or a row"),
    "a line break in a cell": (bad(value='"4\n0"'), "Row 6, column value, “4·0”: a number"),
    "an escape sequence": (bad(value="\x1b[2J"), "Row 6, column value, “·[2J”: a number"),
}


@pytest.mark.parametrize(("wrong", "why"), ROWS.values(), ids=ROWS)
def test_one_bad_row_and_nothing_is_taken(tmp_path, wrong, why):
    before = rows()
    ran = import_file(write(tmp_path / "bad.csv", *GOOD, wrong))
    assert why in ran.refusal
    assert ran.refusal.isprintable(), "a reason is one line, whatever the cell holds"
    assert rows() == before


def test_a_good_row_in_its_place_is_taken(tmp_path):
    assert not import_file(write(tmp_path / "good.csv", *GOOD, bad())).reasons
    assert Program.objects.filter(name="Imported").exists()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


TEXT = "\n".join([HEADER, *GOOD]) + "\n"
FILES = {
    "nothing": (b"", "The file is empty: its first row must name the columns"),
    "a blank line": (b"\n", "The file is empty"),
    "a header only": (HEADER.encode(), "no rows below its header"),
    "a header and blank lines": (HEADER.encode() + b"\n\n\n", "no rows below its header"),
    "no header": ("\n".join(GOOD).encode(), "Row 1 lacks the column series_id"),
    "a column left out": (TEXT.replace("direction", "course").encode(), "Row 1 lacks the column direction."),
    "a column twice": (TEXT.replace("note", "value").encode(), "Row 1 names the column value twice"),
    "other columns": (b"a,b,c\n1,2,3\n", "Row 1 lacks the column series_id, date, value, target_value, direction"),
    "Latin-1": (
        TEXT.replace("goal", "Größe").encode("latin-1"),
        "Row 2, column series_id, “src/team/Gr··e”: the byte 0xF6 is not UTF-8. Save the file as CSV in UTF-8",
    ),
    "UTF-16 broken off": (TEXT.encode("utf-16")[:-1], "not whole UTF-16 text. Save it as CSV in UTF-8"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "Row 1, column 1, “s·”: a NUL character"),
    "UTF-32": (TEXT.encode("utf-32"), "The file is UTF-32 text. Save it as CSV in UTF-8"),
    "a late NUL": (TEXT.encode() + b"\n" * 5000 + b"a\0b", "Row 5006, column series_id, “a·”: a NUL character"),
    "a picture": (png(), "Row 1, column 1"),
    "a packed file": (gzip.compress(TEXT.encode()), "Row 1, column 1"),
    "half a letter at the end": (TEXT.encode() + "é".encode()[:1], "Row 6, column series_id, “·”: the byte 0xC3"),
    "a web page": (b"<!doctype html><title>Not found</title>", "Row 1 lacks the column series_id"),
}


@pytest.mark.parametrize(("content", "why"), FILES.values(), ids=FILES)
def test_what_is_no_such_file(tmp_path, content, why):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    before = rows()
    assert why in import_file(path).refusal
    assert rows() == before


def test_a_directory_and_a_missing_file(tmp_path):
    assert "Is a directory" in import_file(tmp_path).refusal
    assert "No such file" in import_file(tmp_path / "missing.csv").refusal
    assert not Program.objects.exists()


def test_a_day_in_the_future(tmp_path):
    week_ahead = week(0).replace(year=today().year + 1)
    refusal = import_file(write(tmp_path / "f.csv", *GOOD, bad(date=str(week_ahead)))).refusal
    assert "lies in the future" in refusal


def test_many_bad_rows_are_named_until_twenty(tmp_path):
    reasons = import_file(write(tmp_path / "f.csv", *[bad(value="?")] * 50)).reasons
    assert [reason.split(",")[0] for reason in reasons[:20]] == [f"Row {row}" for row in range(2, 22)]
    assert reasons[20:] == ["And 30 more."]


def test_reading_stops_after_a_thousand_bad_rows():
    text = "\n".join([HEADER, *[bad(value="?")] * 3000])
    with pytest.raises(ImportRefused) as refused:
        check_series_file("f.csv", text.encode(), today=today())
    assert len(refused.value.reasons) == 1001
    assert str(refused.value.reasons[-1]) == "There may be more: reading stopped here."


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path):
    """A blank line is a row; a quoted cell of two lines is not two."""
    two_lines = bad(note='"one\ntwo"')
    ran = import_file(write(tmp_path / "f.csv", *GOOD, "", two_lines, bad(value="?")))
    assert ran.refusal.startswith("Row 8, column value")


def test_a_name_that_a_goal_made_by_hand_has(tmp_path):
    """What only the database can tell is refused as well, and what came before it is undone."""
    program = make_program("Imported")
    make_goal(make_team(program, "Team"), "goal 2")
    before = rows()
    lines = [line(k, k, series=f"src/team/goal {n}") for n in (1, 2) for k in range(3)]
    assert (
        "Row 5, column series_id, “src/team/goal 2”: Team has a goal named goal 2"
        in import_file(write(tmp_path / "f.csv", *lines)).refusal
    )
    assert rows() == before


def test_a_direction_that_the_goal_was_not_imported_with(tmp_path):
    import_file(write(tmp_path / "f.csv", *GOOD))
    before = rows()
    turned = [line(k, 10 * k, direction="down") for k in range(5)]
    ran = import_file(write(tmp_path / "f.csv", *turned))
    assert "Row 2, column direction, “down”: the goal goal was imported with up" in ran.refusal
    assert rows() == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\ab", "a\udcffb"])
def test_a_name_that_no_program_can_have(tmp_path, name):
    assert "--program needs a name" in import_file(write(tmp_path / "f.csv", *GOOD), program=name).refusal
    assert not Program.objects.exists()


@pytest.mark.parametrize("memo", ["-", " ", "n/a", "…"])
def test_a_memo_without_meaning(tmp_path, memo):
    assert import_file(write(tmp_path / "f.csv", *GOOD), "--memo", memo).reasons
    assert not Program.objects.exists()


def test_an_account_that_does_not_exist(tmp_path):
    assert "does not exist" in import_file(write(tmp_path / "f.csv", *GOOD), "--manager", "nobody").refusal
    assert not Program.objects.exists()


def test_an_archived_program(tmp_path):
    program = make_program("Imported")
    Program.objects.filter(pk=program.pk).update(archived_at="2026-01-01T00:00Z")
    before = rows()
    assert "Imported is archived: restore it first" in import_file(write(tmp_path / "f.csv", *GOOD)).refusal
    assert rows() == before
