"""The file that ships with the engine, and files given instead."""

import json
from pathlib import Path

import pytest

from reviews.curves import forecast
from reviews.curves.parameters import SHIPPED, load

from .shapes import CLIMB, week

UNLICENSED = {"boa", "lean_liquid", "libjs_wasm", "little06", "pokefirered"}


def test_the_shipped_file_is_small_and_says_where_it_comes_from() -> None:
    content = json.loads(SHIPPED.read_text())
    assert SHIPPED.stat().st_size < 400_000
    assert len(content["data_sha256"]) == 64
    assert "gccrs" in content["sources"]
    assert not UNLICENSED & set(content["sources"])


def test_a_copy_gives_the_same_forecast_under_the_same_hash(tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes(SHIPPED.read_bytes())
    f, g = forecast(CLIMB), forecast(CLIMB, str(copy))
    assert g.parameters == f.parameters == load().hash
    assert g.p_done_by(week(20)) == f.p_done_by(week(20))


def test_other_parameters_have_another_hash(tmp_path: Path) -> None:
    content = json.loads(SHIPPED.read_text())
    forest = content["forests"]["finish_loose"]
    forest["base"] = [score + 5000 for score in forest["base"]]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(content))
    f, g = forecast(CLIMB), forecast(CLIMB, other)
    assert g.parameters != f.parameters
    assert g.p_done_by(week(14)) > f.p_done_by(week(14))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        forecast(CLIMB, tmp_path / "none.json")
