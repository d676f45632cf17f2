"""The signing key of an embedded installation: made on first run, outside the repository."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def load_or_make_secret_key(path: Path) -> str:
    """The key kept in `path`; made, readable by this account only, where there is none.

    Two processes that start at once agree: the key appears whole under its name, and the first one wins.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
