"""What a cell says: numbers and days are read in one way, or the way is asked."""

import datetime as dt

import pytest

from reviews.imports.values import Evidence, Unread, day, number

NUMBERS = [
    ("1234.5", "", 1234.5),
    ("1.234", "", 1.234),
    ("1.234", "point", 1.234),
    ("1.234", "comma", 1234),
    ("1,234", "point", 1234),
    ("1,234", "comma", 1.234),
    ("1,234.5", "point", 1234.5),
    ("1.234,5", "comma", 1234.5),
    ("12,5", "comma", 12.5),
    ("-0,5", "comma", -0.5),
    ("−3", "", -3),
    ("1\u202f234", "", 1234),
    ("1e3", "", 1000),
]


@pytest.mark.parametrize(("cell", "decimal", "value"), NUMBERS)
def test_a_number(cell, decimal, value):
    assert number(cell, decimal) == value


NO_NUMBERS = [
    ("1,234", "", "say what the comma means"),
    ("12,5", "", "say what the comma means"),
    ("12,5", "point", "with a point for decimals"),
    ("1.5", "comma", "with a comma for decimals"),
    ("1,2,3", "", "with a point"),
    ("12,34,567", "point", "with a point"),
    ("1_000", "", "with a point"),
    ("٣", "", "with a point"),
    ("40%", "", "with a point"),
    ("", "comma", "with a comma"),
    ("1e400", "", "finite"),
    ("1e400", "comma", "finite"),
]


@pytest.mark.parametrize(("cell", "decimal", "why"), NO_NUMBERS)
def test_no_number(cell, decimal, why):
    with pytest.raises(Unread, match=why):
        number(cell, decimal)


def test_a_point_is_a_question_where_files_come_with_semicolons():
    with pytest.raises(Unread, match="say whether the point is a decimal mark"):
        number("1.234", "", points_group=True)
    assert number("1.25", "", points_group=True) == 1.25
    assert number("1.234", "point", points_group=True) == 1.234


@pytest.mark.parametrize("cell", [float("nan"), float("inf"), -1e301])
def test_a_typed_cell_that_is_no_number(cell):
    with pytest.raises(Unread, match="finite"):
        number(cell, "")


@pytest.mark.parametrize("written", ["02/03/2026", "2.3.2026", "02-03-2026"])
def test_a_day_is_asked_for_its_order(written):
    with pytest.raises(Unread, match="whether the day or the month stands first"):
        day(written, "")
    assert day(written, "day") == dt.date(2026, 3, 2)
    assert day(written, "month") == dt.date(2026, 2, 3)


def test_an_order_that_a_day_does_not_have():
    assert day("31/12/2026", "day") == dt.date(2026, 12, 31)
    with pytest.raises(Unread, match="if the month stands first"):
        day("31/12/2026", "month")


@pytest.mark.parametrize(
    "written", ["1/2/26", "2026-2-3", "20260302", "2026/02/03", "1/2.2026", "soon", "", "²/3/2026"]
)
def test_no_day(written):
    with pytest.raises(Unread, match="a date such as"):
        day(written, "day")


def seen(*cells: str) -> Evidence:
    evidence = Evidence()
    for cell in cells:
        evidence.see_number(cell)
        evidence.see_day(cell)
    return evidence


def test_what_a_column_shows_of_its_decimals():
    assert set(seen("12", "1,234").decimal) == set()
    assert set(seen("4,5", "1,234").decimal) == {"comma"}
    assert set(seen("1,234.5", "1,234").decimal) == {"point"}
    assert set(seen("4,5", "4.5").decimal) == {"comma", "point"}
    assert (seen("12").comma, seen("1,234").comma, seen("1.234").group) == ("", "1,234", "1.234")


def test_what_a_column_shows_of_its_dates():
    assert seen("2026-03-02").parts == ""
    assert set(seen("02/03/2026").order) == set()
    assert set(seen("02/03/2026", "13/03/2026").order) == {"day"}
    assert set(seen("03/13/2026").order) == {"month"}
