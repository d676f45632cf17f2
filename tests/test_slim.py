"""What a web process loads: nothing of what it never uses."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def run(clean_environment, tmp_path):
    """Run a few lines in a process of their own, as the web server is started: embedded, on SQLite."""

    def answer(lines: str) -> str:
        environment = clean_environment | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(lines)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return answer


def test_drivers_and_cryptography_that_no_page_uses_are_not_loaded(run):
    found = run("""
        import sys
        import config.wsgi
        from django.urls import reverse
        reverse("board")
        print(sorted({"psycopg", "fido2", "cryptography", "openpyxl"} & set(sys.modules)))
    """)
    assert found == "[]"


def test_what_is_put_off_is_there_once_something_asks_for_it(run):
    found = run("""
        import sys
        import config.wsgi
        from allauth.mfa.webauthn.internal import auth, flows
        before = "fido2" in sys.modules
        print(before, flows.auth is auth, auth.STATE_SESSION_KEY, "fido2" in sys.modules)
    """)
    assert found == "False True mfa.webauthn.state True"
