"""A file that is not a whole, true archive is refused with file and line, within seconds, and changes nothing."""

import hashlib
import io
import json
import time
import zipfile

import pytest

from projects.models import Engineer, Event, Factor, Program
from reviews.archive.reader import ArchiveRefused, Limits, read_archive
from reviews.models import ArchiveImport, Datapoint
from reviews.services.archives import NameTaken
from tests import factories as make
from tests.reviews.archive.build import export, pack, take_in, unpack

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive():
    program = make.make_world("Engines")
    make.make_point(program.teams.get().goals.get(), 60, memo="The vane came out whole.")
    return export(program)


def signed(files: dict[str, bytes], **manifest) -> bytes:
    """A zip whose manifest agrees with its files, as a forger would make it."""
    said = json.loads(files["manifest.json"])
    for one in said["files"]:
        content = files[one["name"]]
        one |= {
            "rows": content.count(b"\n"),
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    return pack(files | {"manifest.json": json.dumps(said | manifest).encode()})


def forged(archive: bytes, concept: str, line: int, **changed) -> bytes:
    """The archive with other values in one row; `...` takes a value away."""
    files = unpack(archive)
    lines = files[f"{concept}.jsonl"].splitlines()
    row = json.loads(lines[line - 1]) | changed
    lines[line - 1] = json.dumps({key: value for key, value in row.items() if value is not ...}).encode()
    return signed(files | {f"{concept}.jsonl": b"\n".join(lines) + b"\n"})


def refusal(content: bytes, limits: Limits | None = None) -> str:
    before = state()
    began = time.monotonic()
    with pytest.raises(ArchiveRefused) as refused:
        read_archive(io.BytesIO(content), limits)
    assert time.monotonic() - began < 40
    assert state() == before
    return str(refused.value)


def state() -> tuple:
    return tuple(model.objects.count() for model in (Program, Engineer, Factor, Datapoint, Event, ArchiveImport))


def test_a_forged_archive_without_a_fault_is_read(archive):
    """Otherwise the tests below could pass for another reason."""
    assert read_archive(io.BytesIO(forged(archive, "program", 1, outcome="Else"))).name == "Engines"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a whole zip file"),
        (b"PK\x03\x04 and no more", "not a whole zip file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "not a whole zip file"),
        (pack({"a.txt": b"hello"}), "There is no manifest.json"),
        (pack({"manifest.json": b"[]"}), "manifest.json cannot be read"),
        (pack({"manifest.json": b'{"format": "else"}'}), "does not say that this is a program's archive"),
    ],
)
def test_something_else(content, why):
    assert why in refusal(content)


def test_cut_off_anywhere(archive):
    for part in (0.1, 0.5, 0.9, 0.999):
        assert "not a whole zip file" in refusal(archive[: int(len(archive) * part)])


def test_a_flipped_bit_is_found_or_changes_nothing_that_is_read(archive):
    found = 0
    for place in range(0, len(archive), 61):
        hurt = bytearray(archive)
        hurt[place] ^= 0x10
        try:
            read = read_archive(io.BytesIO(hurt))
        except ArchiveRefused:
            found += 1
        else:  # a time or an attribute that the zip keeps and nobody asks for
            assert read.counts == read_archive(io.BytesIO(archive)).counts
            assert unpack(bytes(hurt)) == unpack(archive)
    assert found > 50


@pytest.mark.parametrize("version", [2, 0, "1", None, 1.0])
def test_a_version_that_is_not_known(archive, version):
    assert "format version" in refusal(signed(unpack(archive), version=version))


def test_a_changed_file_under_an_old_hash(archive):
    files = unpack(archive)
    files["datapoints.jsonl"] = files["datapoints.jsonl"].replace(b'"value":58.0', b'"value":85.0')
    assert "datapoints.jsonl is not what the manifest says" in refusal(pack(files))


def test_rows_that_the_manifest_does_not_name(archive):
    files = unpack(archive)
    files["teams.jsonl"] += files["teams.jsonl"]
    assert "teams.jsonl holds more than the manifest says" in refusal(pack(files))


def test_a_missing_file(archive):
    files = unpack(archive)
    del files["goals.jsonl"]
    assert "goals.jsonl is missing" in refusal(pack(files))


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "teams.jsonl/../x", "C:\\x", "more.jsonl"])
def test_a_path_out_of_the_archive(archive, name):
    assert "does not belong in an archive" in refusal(pack(unpack(archive) | {name: b"x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice(archive):
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a") as more:
        more.writestr("teams.jsonl", b"")
    assert "same name" in refusal(out.getvalue())


def test_a_zip_bomb(archive):
    bomb = pack(unpack(archive) | {"events.jsonl": b" " * (64 << 20) + b"\n"})
    assert len(bomb) < 1 << 20
    assert "larger than 32 MB" in refusal(bomb, Limits(bytes=32 << 20))
    assert "line 1: the line is longer than 1 MB" in refusal(signed(unpack(bomb)))


def test_a_bomb_that_lies_about_its_size(archive):
    bomb = bytearray(pack(unpack(archive) | {"events.jsonl": b"{}\n" * 200_000}))
    size = (600_000).to_bytes(4, "little")
    assert bomb.count(size) == 2
    assert refusal(bytes(bomb.replace(size, (10).to_bytes(4, "little"))))


def test_too_many_rows(archive):
    assert "more rows than are brought in here" in refusal(archive, Limits(rows=10))


@pytest.mark.parametrize(
    ("name", "changed", "why"),
    [
        ("datapoints", {"value": "12"}, "datapoints.jsonl, line 1: value: a number is needed."),
        ("datapoints", {"value": True}, "value: a number is needed"),
        ("datapoints", {"value": None}, "value: a value is needed"),
        ("datapoints", {"value": 1e301}, "value: a number is needed"),
        ("datapoints", {"value": 10**400}, "value: a number is needed"),
        ("datapoints", {"value": float("nan")}, "NaN is not a number"),
        ("datapoints", {"value": float("inf")}, "Infinity is not a number"),
        ("datapoints", {"observed_on": "2165-01-01"}, "observed_on: the year must lie between 1970 and 2100"),
        ("datapoints", {"observed_on": "20260101"}, "observed_on: a date such as"),
        ("datapoints", {"recorded_at": "2026-01-01T00:00:00"}, "recorded_at: an instant such as"),
        ("datapoints", {"recorded_at": "yesterday"}, "recorded_at: an instant such as"),
        ("datapoints", {"uuid": "x"}, "uuid: a UUID is needed"),
        ("datapoints", {"level": "boss"}, "level: not one of doer, lead"),
        ("datapoints", {"memo": "n/a"}, "memo: “n/a” says nothing"),
        ("datapoints", {"memo": "  "}, "memo: A memo is needed"),
        ("datapoints", {"memo": "a\0b"}, "a character that no text has"),
        ("datapoints", {"memo": "\ud800"}, "a character that no text has"),
        ("datapoints", {"goal": 99}, "goal: there is no such row in goals.jsonl"),
        ("datapoints", {"goal": 0}, "goal: there is no such row in goals.jsonl"),
        ("datapoints", {"goal": -1}, "goal: there is no such row in goals.jsonl"),
        ("datapoints", {"goal": None}, "goal: there is no such row in goals.jsonl"),
        ("datapoints", {"supersedes": 1}, "supersedes: there is no such row"),
        ("datapoints", {"supersedes": 5}, "supersedes: there is no such row"),
        ("datapoints", {"recorded_by": 3}, "recorded_by: a text is needed"),
        ("datapoints", {"recorded_by": "x" * 151}, "recorded_by: a username is needed"),
        ("datapoints", {"withdrawn": 0}, "withdrawn: true or false is needed"),
        ("datapoints", {"id": 7}, "its id must be 1"),
        ("datapoints", {"id": True}, "its id must be 1"),
        ("datapoints", {"is_superuser": True}, "“is_superuser” is not known here"),
        ("datapoints", {"value": ...}, "“value” is missing"),
        ("program", {"name": "x" * 121}, "name: longer than 120 characters"),
        ("program", {"zone": "Mars/Olympus"}, "zone: Mars/Olympus is not a time zone"),
        ("program", {"slug": "../x"}, "slug: "),
        ("program", {"version": -1}, "version: a whole number is needed"),
        ("program", {"version": 2**63}, "version: a whole number is needed"),
        ("program", {"version": 1.5}, "version: a whole number is needed"),
        ("ranking", {"curve": "x"}, "curve: a list is needed"),
        ("ranking", {"curve": [["2026-01-01", "x"]]}, "curve: a number is needed"),
        ("ranking", {"lines": [{"kind": "goal", "id": 7, "name": "x"}]}, "lines: "),
        ("ranking", {"teams": {"x": {"verdict": "done"}}}, "teams: a whole number is needed"),
        ("ranking", {"verdicts": {"done": "many"}}, "verdicts: a whole number is needed"),
        ("outlooks", {"finish_days": [1, "x"]}, "finish_days: a number is needed"),
        ("outlooks", {"blocker_votes": [{"text": "x"}]}, "blocker_votes: “votes” is missing"),
        ("events", {"changes": []}, "changes: named values are needed"),
        ("events", {"subject": "user", "subject_id": 1}, "subject_id: a subject of this kind has no number"),
        ("limits", {"memo": "tbd"}, "limits.jsonl, line 1: memo: “tbd” says nothing"),
    ],
)
def test_a_row_that_cannot_be(archive, name, changed, why):
    assert why in refusal(forged(archive, name, 1, **changed))


def test_a_name_that_stands_twice(archive):
    files = unpack(archive)
    files["program.jsonl"] = files["program.jsonl"].replace(b'{"', b'{"name":"A","', 1)
    assert "program.jsonl, line 1: a name stands twice" in refusal(signed(files))


@pytest.mark.parametrize("line", [b"\xff\xfe\n", b"nothing\n", b"[]\n", b"[" * 100_000 + b"\n", b"\n"])
def test_a_line_that_is_no_row(archive, line):
    assert "teams.jsonl, line 1: " in refusal(signed(unpack(archive) | {"teams.jsonl": line}))


def test_deeply_nested_changes(archive):
    deep: list = []
    for _ in range(60):
        deep = [deep]
    assert "nested too deep" in refusal(forged(archive, "events", 1, changes={"x": deep}))


def test_goals_that_wait_for_each_other(archive):
    row = b'{"id":1,"goal":1,"needs":1}\n'
    assert "in a circle" in refusal(signed(unpack(archive) | {"dependencies.jsonl": row}))


def test_a_link_that_runs_a_script():
    program = make.make_program("Linked")
    factor = make.make_factor("Foundries")
    program.evidence.create(factor=factor, kind="link", url="https://x.example", on=make.today())
    assert "url: Enter a valid URL" in refusal(forged(export(program), "evidence", 1, url="javascript:alert(1)"))


def test_many_faults_are_named_together_up_to_ten(archive):
    files = unpack(archive)
    files["datapoints.jsonl"] = files["datapoints.jsonl"].replace(b'"value":', b'"value":"x","x":')
    reasons = refusal(signed(files))
    assert "line 1:" in reasons
    assert "line 9:" in reasons


# ---- found by the database alone -------------------------------------------------------------------------------------


def nothing_came(content: bytes, why: str) -> None:
    before = state()
    with pytest.raises(ArchiveRefused, match=why):
        take_in(content, name="Elsewhere")
    assert state() == before


def test_rows_that_contradict_each_other(archive):
    nothing_came(forged(archive, "program", 1, deadline="1999-01-01"), "The deadline must lie after the start")
    nothing_came(forged(archive, "goals", 1, target=0), r"The target equals the baseline. \(goals.jsonl\)")
    nothing_came(forged(archive, "seats", 1, left="1999-01-01"), "Left before joining")
    nothing_came(forged(archive, "limits", 1, state="factor"), "Name a factor, or say that there is none")


def test_a_name_that_is_here_is_never_merged(archive):
    before = state()
    with pytest.raises(NameTaken) as taken:
        take_in(archive)
    assert (taken.value.name, taken.value.free) == ("Engines", "Engines (2)")
    with pytest.raises(NameTaken):
        take_in(archive, name="ENGINES")
    assert state() == before
    assert take_in(archive, name=taken.value.free).slug == "engines-2"


def test_an_older_archive_lacks_a_column_that_has_a_default(archive):
    content = forged(archive, "datapoints", 1, prepared=..., blocker=..., turn=...)
    point = Datapoint.objects.filter(goal__team__program=take_in(content, name="Older")).first()
    assert (point.prepared, point.blocker, point.turn) == (False, "", None)
