"""Writes `constraints.txt`: the exact version of everything that requirements-dev.txt brings along.

Resolves in an empty environment, so that what happens to lie in `.venv` does not become a pin.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Every package with its exact version, the indirect ones too. Written by `make pins`; do not edit.\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "-qq", "-r", str(ROOT / "requirements-dev.txt")], check=True)
        pins = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    old = read()
    new = HEAD + "".join(sorted(pins.splitlines(keepends=True), key=str.lower))
    (ROOT / "constraints.txt").write_text(new)
    sys.stdout.write("constraints.txt: unchanged\n" if new == old else "constraints.txt: written again\n")


def read() -> str:
    path = ROOT / "constraints.txt"
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    main()
