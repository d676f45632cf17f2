"""docs/configuration.md names every variable that the settings read, and no other of theirs."""

import re
from pathlib import Path

from tools.test import OUR_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
READ = set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config/settings.py").read_text()))
DOCUMENT = (ROOT / "docs/configuration.md").read_text()
NOT_OF_THE_PRODUCT = {"PYTHON", "CHROMIUM", "TEST_REDIS_URL", "CI"}


def test_every_variable_is_in_the_document():
    named = set(re.findall(r"^\| `([A-Z_]+)`", DOCUMENT, flags=re.MULTILINE))
    assert named - NOT_OF_THE_PRODUCT == READ


def test_none_reaches_a_test_from_the_shell():
    assert READ == OUR_VARIABLES
