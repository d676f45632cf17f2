"""Makes `.venv` and installs the pinned requirements; does nothing where nothing changed.

    python3 tools/setup.py run|dev

Runs on the system's Python, before anything is installed: standard library only. Two stamps lie in one `.venv`, one
for what the product runs on (`run`) and one for what tests and checks need on top (`dev`). A stamp is the hash of what
was installed from; it is removed before an installation and written after one, so an interrupted set-up is redone.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
FILES = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


def main(wanted: str) -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Limiting Factor needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    with Path(__file__).open() as lock:  # `make run` and `make test` may be started together
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install(wanted)


def make_venv() -> None:
    """A venv that works: one whose interpreter has vanished, or that was moved, is made again."""
    if works(VENV / "bin" / "python"):
        return
    if VENV.exists():
        print("The interpreter of .venv is gone: making .venv again", flush=True)
        shutil.rmtree(VENV)
    draft = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
    if draft.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv")


def works(python: Path) -> bool:
    if not python.exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix != {str(VENV)!r})"
    return subprocess.run([str(python), "-c", probe], check=False, stderr=subprocess.DEVNULL).returncode == 0


def install(wanted: str) -> None:
    stamp = VENV / f"installed-{wanted}"
    if stamp.exists() and stamp.read_text() == digest(wanted):
        return
    for other in FILES:
        (VENV / f"installed-{other}").unlink(missing_ok=True)
    print(f"Installing {' and '.join(FILES[wanted])} into .venv (about a minute the first time)", flush=True)
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "-qq"]
    command += ["-c", "constraints.txt", "-r", FILES[wanted][-1]]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("pip failed (see above); nothing is marked as installed. Run the same command again.")
    for done in FILES if wanted == "dev" else [wanted]:
        (VENV / f"installed-{done}").write_text(digest(done))


def digest(wanted: str) -> str:
    sources = [*FILES[wanted], "constraints.txt", "tools/setup.py"]
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in sources)).hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in FILES:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
