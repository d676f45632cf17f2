"""Fragments that processes share: drawn once for all of them, and drawn again where the file is lost."""

import sqlite3
import time

import pytest

from projects import shelf as module
from projects.kept import Kept
from projects.shelf import Shelf


@pytest.fixture
def two(tmp_path, monkeypatch) -> tuple[Kept, Kept]:
    """As two processes have them."""
    monkeypatch.setattr(Kept, "verify", False)
    return tuple(Kept(most=1000, shelf=Shelf(tmp_path / "kept.sqlite3")) for _ in range(2))  # type: ignore[return-value]


def fails() -> str:
    raise AssertionError("drawn again")


def test_what_one_process_drew_another_shows(two):
    first, second = two
    first.get(("x", 1), lambda: "drawn")
    assert second.get(("x", 1), fails) == "drawn"


def test_of_several_only_those_that_nobody_drew_are_drawn(two):
    first, second = two
    first.get_all([(("x", n), lambda n=n: f"first {n}") for n in (1, 3)])
    found = second.get_all([(("x", n), lambda n=n: f"second {n}") for n in (1, 2, 3)])
    assert found == ["first 1", "second 2", "first 3"]


def test_another_release_draws_anew(two, monkeypatch):
    first, second = two
    first.get(("x",), lambda: "old template")
    monkeypatch.setattr("projects.kept.release", lambda: b"another")
    assert second.get(("x",), lambda: "new template") == "new template"


@pytest.mark.parametrize("wrong", [b"", b"no database at all, " * 99])
def test_a_file_that_is_damaged_costs_a_drawing_and_no_page(wrong, tmp_path, monkeypatch):
    monkeypatch.setattr(Kept, "verify", False)
    path = tmp_path / "kept.sqlite3"
    path.write_bytes(wrong)
    kept = Kept(most=1000, shelf=Shelf(path))
    assert kept.get(("x",), lambda: "drawn") == "drawn"
    assert kept.get(("x",), fails) == "drawn"


def test_a_folder_that_is_not_there_costs_a_drawing_and_no_page(tmp_path):
    kept = Kept(most=1000, shelf=Shelf(tmp_path / "gone" / "kept.sqlite3"))
    assert kept.get(("x",), lambda: "drawn") == "drawn"


def test_a_fragment_that_is_damaged_is_drawn_again(two, tmp_path):
    first, second = two
    first.get(("x",), lambda: "drawn")
    with sqlite3.connect(tmp_path / "kept.sqlite3") as other:
        other.execute("UPDATE fragments SET html = x'00'")
    assert second.get(("x",), lambda: "drawn again") == "drawn again"


def test_what_is_of_another_day_goes_and_the_older_half_of_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SWEEP_EVERY", 1)
    shelf = Shelf(tmp_path / "kept.sqlite3", most=0)
    names = [bytes([n]) * 16 for n in range(9)]
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    shelf.put({names[0]: "long ago"})
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0 + module.OLDEST + 1)
    shelf.put(dict.fromkeys(names[1:], "today"))
    assert sorted(shelf.get(names)) == names[5:]


def test_more_names_than_one_question_may_have(tmp_path):
    shelf = Shelf(tmp_path / "kept.sqlite3")
    many = {n.to_bytes(16, "big"): str(n) for n in range(2 * module.MOST_KEYS + 1)}
    shelf.put(many)
    assert shelf.get(many) == many
