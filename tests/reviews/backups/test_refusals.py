"""What is no whole backup changes nothing, and a copy sends nothing that the original may have sent."""

import datetime as dt
import gzip
import hashlib
import json
import os
import uuid

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from reviews.backups import read, write
from reviews.backups.hold import hold_what_became_due
from reviews.models import Delivery, Subscription
from tests import factories as make
from tests.reviews.backups.places import manage, new_database, rows_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(tmp_path):
    make.make_goal(values=make.STEADY)
    path = tmp_path / "a.backup"
    write.write_backup(path)
    return path


def lines(path) -> list[bytes]:
    with gzip.open(path) as source:
        return source.read().splitlines(keepends=True)


def rewritten(path, content: list[bytes]):
    with gzip.open(path, "wb") as target:
        target.writelines(content)
    return path


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off(file, share):
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    with pytest.raises(read.CannotRestore, match=r"read to its end|no backup|cut off"):
        read.check_backup(file)


def test_a_file_in_which_something_was_changed(file):
    changed = [line.replace(b'"Program', b'"Pr0gram') for line in lines(file)]
    with pytest.raises(read.CannotRestore, match="was changed"):
        read.check_backup(rewritten(file, changed))


@pytest.mark.parametrize(
    "content", [[], [b"[]\n"], [b"{}\n", b"{}\n"], [b"\x00\xff\n"], [b'{"limiting_factor_backup": 99}\n']]
)
def test_a_file_that_is_something_else(tmp_path, content):
    with pytest.raises(read.CannotRestore, match="no backup"):
        read.check_backup(rewritten(tmp_path / "x", content))


def test_no_file(tmp_path):
    with pytest.raises(read.CannotRestore, match="No such file"):
        read.check_backup(tmp_path / "none")


def test_this_database_is_not_empty(file):
    with pytest.raises(read.CannotRestore, match="is not empty"):
        read.restore_backup(file)


def test_a_backup_of_a_newer_version(file, tmp_path):
    content = lines(file)
    content[0] = content[0].replace(b'["reviews","', b'["reviews","9', 1)
    digest = hashlib.sha256(b"".join(content[:-1])).hexdigest()
    content[-1] = json.dumps(json.loads(content[-1]) | {"sha256": digest}).encode()
    rewritten(file, content)
    with new_database("sqlite", tmp_path) as target:
        assert "a newer version" in manage(target, "restore", str(file), folder=tmp_path, fails=True)


def test_a_restore_that_fails_in_the_middle_leaves_no_row_and_can_be_tried_again(file, tmp_path):
    """The last rows of the file refer to a goal that is not there."""
    whole = lines(file)
    broken = [line for line in whole if b'"Team' not in line or not line.startswith(b"[")]
    rows = sum(line.startswith(b"[") for line in broken)
    digest = hashlib.sha256(b"".join(broken[:-1])).hexdigest()
    broken[-1] = write.as_line({"end": True, "rows": rows, "sha256": digest})
    rewritten(file, broken)
    with new_database("sqlite", tmp_path) as target:
        assert "Nothing was restored" in manage(target, "restore", str(file), folder=tmp_path, fails=True)
        assert set(rows_in(target, tmp_path)) <= {"django_migrations", "sqlite_sequence"}
        rewritten(file, whole)
        assert "What was due by now is held" in manage(target, "restore", str(file), folder=tmp_path)


def test_a_disk_that_is_full_leaves_the_last_backup_as_it_was(file, monkeypatch):
    before = file.read_bytes()

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write.write_backup(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("*.part")] == []


def test_a_backup_waits_for_nobody_who_writes(tmp_path, django_db_blocker):
    """It must not take SQLite's write lock: another connection writes in the middle of it."""
    goal = make.make_goal(values=(1,))
    with write.snapshot():
        assert type(goal).objects.count() == 1
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("UPDATE projects_goal SET name = 'Renamed'")
        except OperationalError as error:
            pytest.fail(f"a writer was kept out: {error}")
        finally:
            other.close()
        assert type(goal).objects.get().name == goal.name, "not the same moment"
    assert type(goal).objects.get().name == "Renamed"


def test_what_was_due_is_held(file):
    now = timezone.now()
    reader = make.make_user("reader", email="reader@example.org")
    Subscription.objects.create(
        user=reader, planned_to=now.date() - dt.timedelta(days=22), changed_at=now - dt.timedelta(days=40)
    )
    common = {"kind": "digest", "channel": "mail", "user": reader, "due_at": now, "next_try": now}
    lease = {"claim": uuid.uuid4(), "lease_until": now}
    Delivery.objects.create(key="week 2026-01-05", **common)
    Delivery.objects.create(key="week 2026-01-12", state="claimed", **lease, **common)
    Delivery.objects.create(key="week 2026-01-19", state="claimed", handed_at=now, **lease, **common)
    Delivery.objects.create(key="week 2026-01-26", state="sent", sent_at=now, **common)
    later = common | {"due_at": now + dt.timedelta(hours=1), "next_try": now + dt.timedelta(hours=1)}
    Delivery.objects.create(key="week 2026-02-02", **later)
    hold_what_became_due(now)
    states = dict(Delivery.objects.values_list("key", "state"))
    assert states.pop("week 2026-02-02") == "due"
    assert states.pop("week 2026-01-19") == "unknown"
    assert states.pop("week 2026-01-26") == "sent"
    assert len(states) >= 4, "the weeks that ended since have their rows"
    assert set(states.values()) == {"superseded"}
