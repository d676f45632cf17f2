"""Finds a Chromium for the browser tests, and installs one where there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
HOW = "apt-get install chromium, or .venv/bin/python -m playwright install --with-deps chromium, or set CHROMIUM=path"


def find_chromium() -> str | None:
    """The path of the system's Chromium: the one that CHROMIUM names, or the first one found."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, (*NAMES, MAC))), None)


def ensure_chromium() -> bool:
    """True where one was found or could be installed."""
    if find_chromium() or has_own_download():
        return True
    print("No Chromium found: installing one for the browser tests", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt_get("update")
        apt_get("install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation")
    if not find_chromium():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    found = bool(find_chromium()) or has_own_download()
    print(f"Chromium: {find_chromium() or 'Playwright' if found else 'none. ' + HOW}", flush=True)
    return found


def apt_get(*arguments: str) -> None:
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", *arguments], env=silent, stdout=subprocess.DEVNULL, check=False)


def has_own_download() -> bool:
    """Whether Playwright has downloaded a Chromium before."""
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)"
    path = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True).stdout.strip()
    return bool(path) and Path(path).exists()
