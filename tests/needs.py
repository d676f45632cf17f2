"""What a test needs from the machine: missing in CI it fails, elsewhere the test is skipped and says how to get it."""

import os
from typing import NoReturn

import pytest

CI = os.environ.get("CI") == "true"


def missing(what: str, *, fix: str) -> NoReturn:
    message = f"{what}. To fix: {fix}"
    if CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
