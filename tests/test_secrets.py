"""No secret lies in the repository; the one of an embedded installation is made on first run, outside git."""

import multiprocessing
import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from config.secret import load_or_make_secret_key

ROOT = Path(__file__).resolve().parent.parent

# What keys look like. Written so that this file does not match itself.
KEYS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    rb"|\bAKIA[0-9A-Z]{16}\b"
    rb"|\bgh[pousr]_[A-Za-z0-9]{36}"
    rb"|\bglpat-[\w-]{20}"
    rb"|\bxox[abprs]-[\w-]{10,}"
    rb"|\b[rs]k_live_[A-Za-z0-9]{16,}"
    rb"|\bsk-[A-Za-z0-9_-]{32,}"
    rb"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"
    rb"|\bdjango-insecure-\S{20,}"
)
# A value given to a name that says what it is; also as a default of a setting, or inside an address.
GIVEN = re.compile(
    rb"""(?:secret|password|passwd|token|api_?key)\w*["']?\s*[:=]\s*["'](?P<value>[^"'\s]{12,})["']""", re.IGNORECASE
)
IN_ADDRESS = re.compile(rb"""\b[a-z][a-z0-9+]*://[^\s/:@"'<>{}]+:(?P<value>[^\s/:@"'<>{}$]{3,})@""")
HARMLESS = {b"password", b"pass", b"secret", "…".encode()}  # stand for one in documents


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    assert len(files) > 100
    return [path for path in files if path.is_file()]


def varied(value: bytes) -> bool:
    """Random text has many different characters, of several kinds; words and paths have not."""
    kinds = [re.search(kind, value) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]")]
    return len(set(value)) >= 12 and all(kinds)


def secrets_in(content: bytes) -> list[bytes]:
    found = [match[0] for match in KEYS.finditer(content)]
    found += [match[0] for match in GIVEN.finditer(content) if varied(match["value"])]
    found += [match[0] for match in IN_ADDRESS.finditer(content) if match["value"] not in HARMLESS]
    return found


def test_no_tracked_file_holds_a_secret():
    found = {str(path.relative_to(ROOT)): secrets_in(path.read_bytes()) for path in tracked() if path != Path(__file__)}
    assert {name: what for name, what in found.items() if what} == {}


def test_no_tracked_file_is_one_that_holds_secrets():
    names = {path.name for path in tracked()}
    assert not {
        name for name in names if re.search(r"^\.env|\.(pem|key|p12|pfx|sqlite3)$|^secret_key$|^id_[a-z]+$", name)
    }


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN RSA " + b"PRIVATE KEY-----",
        b"AKIA" + b"ABCDEFGHIJKLMNOP",
        b"ghp_" + b"a1B2" * 9,
        b'SECRET_KEY = "' + b"xK3pQ9vR7tZ1mN5wL8sD" + b'"',
        b'"api_key": "' + b"xK3pQ9vR7tZ1mN5wL8sD" + b'"',
        b"postgres://factor:" + b"hunter2@db.example.org/factor",
    ],
)
def test_a_secret_is_found(text):
    assert secrets_in(text)


@pytest.mark.parametrize(
    "text",
    [
        b'SECRET = "a long secret"',
        b'env.str("SECRET_KEY", "") or load_or_make_secret_key(DATA_DIR / "secret_key")',
        b"postgres://user:password@host:5432/name",
        b'name="csrfmiddlewaretoken"',
    ],
)
def test_what_only_talks_of_one_is_left_alone(text):
    assert not secrets_in(text)


# ---- the key of an embedded installation -----------------------------------------------------------------------------


def test_it_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "secret_key"
    umask = os.umask(0)  # even where new files are open to everybody
    try:
        key = load_or_make_secret_key(path)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) >= 50
    assert load_or_make_secret_key(path) == key
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret_key"]


def test_two_installations_have_two_keys(tmp_path):
    assert load_or_make_secret_key(tmp_path / "one") != load_or_make_secret_key(tmp_path / "two")


def test_processes_that_start_at_once_agree(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(load_or_make_secret_key, [tmp_path / "secret_key"] * 8)
    assert len(set(keys)) == 1


def test_where_it_lies_is_outside_git(clean_environment):
    """`DATA_DIR` is var/ beside manage.py unless it is set."""
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", "var/secret_key"], cwd=ROOT, env=clean_environment, check=False
    )
    assert ignored.returncode == 0
