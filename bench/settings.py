"""The product's settings with the floor's addresses beside its own: for bench/web.py only."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.floor.urls"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates", BASE_DIR / "bench" / "floor" / "templates"]  # type: ignore[index]
