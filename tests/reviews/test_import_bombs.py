"""Files made to hurt: each is refused by name, soon, for at most 100 MB of memory.

Every case runs in a process of its own, which measures itself. Wanted are ten seconds of a machine of one's own; the
test allows for a slow one beside others at work, where the largest file that is taken has needed fourteen.
"""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from tests.reviews.files import HEADER, line
from tests.reviews.test_import_doors import BOOK, LAUGHS, repacked

pytestmark = pytest.mark.slow

MOST_SECONDS, MOST_MB = 40, 100
READ = """
import json, pathlib, resource, sys, time
import django
django.setup()
from reviews.imports.refusals import ImportRefused
from reviews.imports.reader import check_series_file, read_series_file
import datetime as dt
today = dt.date(2026, 11, 24)
check_series_file("warm.csv", b"series_id,date,value,target_value,direction\\na,2026-01-05,1,2,up\\n", today=today)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
try:
    read_series_file(pathlib.Path(sys.argv[1]), today=today)
    reasons = []
except ImportRefused as refused:
    reasons = [str(reason) for reason in refused.reasons]
seconds = time.process_time() - began
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
print(json.dumps([reasons[:3], seconds, grown]))
"""


def read(path: Path, environment: dict[str, str]) -> list[str]:
    """The first reasons of the refusal; fails where it took too long or too much."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(path.parent / "var")},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    reasons, seconds, grown = json.loads(done.stdout)
    assert seconds < MOST_SECONDS
    assert grown < MOST_MB
    return reasons


def sparse_zip_bomb() -> bytes:
    """A sheet of half a gigabyte of spaces, in half a megabyte."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(500):
                sheet.write(b" " * 2**20)
    return content.getvalue()


def lying_zip_bomb() -> bytes:
    """The same, whose directory says that it is small."""
    bomb = sparse_zip_bomb()
    size = (500 * 2**20).to_bytes(4, "little")
    return bomb.replace(size, (1000).to_bytes(4, "little"))


def strings(size: int) -> bytes:
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return head + b"<si><t>x</t></si>" * (size // 17) + b"</sst>"


def sheet(rows: bytes) -> bytes:
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return head + rows + b"</sheetData></worksheet>"


def text_row(n: int, *cells: str) -> bytes:
    inside = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{n}">{inside}</row>'.encode()


STRINGS = b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"'


def with_strings(content: bytes, path: bytes = b"/xl/sharedStrings.xml") -> bytes:
    """A workbook whose strings are at `path`."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "[Content_Types].xml":
                part = part.replace(b"</Types>", b'<Override PartName="' + path + b'" ' + STRINGS + b"/></Types>")
            if name != "xl/sharedStrings.xml":
                new.writestr(name, part)
        new.writestr(path.decode().lstrip("/"), content)
    return changed.getvalue()


def elsewhere(path: bytes) -> bytes:
    """Strings that another limit would hold for, or none."""
    return with_strings(strings(40 * 2**20), path)


FIRST = text_row(1, *HEADER.split(","))
START = f"{HEADER}\n{line(0, 1)}".encode()
FILES = {
    "200 MB.csv": (lambda: b"x" * (200 * 2**20), "The file has 200 MB; 32 MB are taken at most"),
    "a million rows.csv": (
        lambda: "\n".join([HEADER, *["s,2026-01-05,1,2,up,,,,"] * 1_000_000]).encode(),
        "is one too many: 100000 rows are taken at most",
    ),
    "a million short rows.csv": (lambda: HEADER.encode() + b"\n,,,,,,,," * 1_000_000, "a name of at most 200"),
    "one line of 30 MB.csv": (lambda: b"x" * (30 * 2**20), "Row 1, column 1"),
    "a cell of 10 MB.csv": (lambda: START + b"x" * 10_000_000, "Row 2, column note"),
    "a quoted cell of 10 MB.csv": (
        lambda: START + b'"' + b"x\n" * 5_000_000,
        "Row 2, column note",
    ),
    "a quote for ever.csv": (lambda: HEADER.encode() + b'\n"' + b"x,\n" * 5_000_000, "Row 2, column series_id"),
    "30 MB of NUL.csv": (lambda: b"\0" * (30 * 2**20), "Row 1, column 1"),
    "30 MB of commas.csv": (lambda: b"," * (30 * 2**20), "Row 1"),
    "30 MB of line ends.csv": (lambda: HEADER.encode() + b"\n" * (30 * 2**20), "no rows below its header"),
    "a zip bomb.xlsx": (sparse_zip_bomb, "too large unpacked: xl/worksheets/sheet1.xml has more than"),
    "a zip bomb that lies.xlsx": (lying_zip_bomb, "no whole Excel workbook"),
    "a billion laughs.xlsx": (lambda: repacked(BOOK, sheet1=LAUGHS), "defines XML of its own"),
    "laughs in the strings.xlsx": (lambda: with_strings(LAUGHS), "defines XML of its own"),
    "a million rows.xlsx": (
        lambda: repacked(BOOK, sheet1=sheet(FIRST + b'<row r="2"><c><v>1</v></c></row>' * 1_000_000)),
        "Row 100002 is one too many",
    ),
    "100 MB of strings.xlsx": (lambda: with_strings(strings(100 * 2**20)), "has more than 16 MB"),
    "as many strings as are taken.xlsx": (
        lambda: with_strings(strings(15 * 2**20)),
        None,
    ),
    "a cell of 10 MB.xlsx": (
        lambda: repacked(BOOK, sheet1=sheet(FIRST + text_row(2, "s" * 10_000_000))),
        "Row 2, column 1, “" + "s" * 40 + "…”: the cell holds more than 32767 characters",
    ),
    "a cell far away.xlsx": (
        lambda: repacked(BOOK, sheet1=sheet(FIRST + b'<row r="2"><c r="XFD2"><v>1</v></c></row>' * 50_000)),
        "Row 2, column 16384",
    ),
    "a row far away.xlsx": (
        lambda: repacked(BOOK, sheet1=sheet(FIRST + b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
        "is one too many",
    ),
    "a row beyond all.xlsx": (
        lambda: repacked(BOOK, sheet1=sheet(FIRST + b'<row r="99999999999"><c><v>1</v></c></row>')),
        "is one too many",
    ),
    "large styles.xlsx": (lambda: repacked(BOOK, styles=b"<styleSheet>" + b" " * 2**21), "styles.xml has more than"),
    "deep XML.xlsx": (lambda: repacked(BOOK, sheet1=sheet(b"<c>" * 2_000_000)), "more than a table"),
    "XML that is no table.xlsx": (lambda: repacked(BOOK, sheet1=sheet(b"<a/>" * 5_000_000)), "more than a table"),
    "strings elsewhere.xlsx": (lambda: elsewhere(b"/xl/media/a.png"), "no whole Excel workbook"),
    "strings in a sheet.xlsx": (lambda: elsewhere(b"/xl/worksheets/a.xml"), "no whole Excel workbook"),
}


@pytest.mark.parametrize(("name", "make", "why"), [(n, m, w) for n, (m, w) in FILES.items()], ids=FILES)
def test_a_bomb(tmp_path, clean_environment, name, make, why):
    path = tmp_path / name
    path.write_bytes(make())
    reasons = read(path, clean_environment)
    if why is None:
        assert reasons == []
        return
    assert why in reasons[0], reasons
    assert all(len(reason) < 500 for reason in reasons)


def test_a_good_file_of_as_many_rows_as_are_taken(tmp_path, clean_environment):
    lines = [line(k % 40, k, series=f"src/team/{k // 40}") for k in range(100_000)]
    path = tmp_path / "large.csv"
    path.write_text("\n".join([HEADER, *lines]))
    assert read(path, clean_environment) == []
