"""What a web worker weighs after every page was served many times.

    python -m bench.memory [--data FOLDER] [--times 20]

Asks the server of bench/web.py, over its database, for each page `times` times by two connections, of other programs
and goals each time, and reads what its workers take: resident (RSS, shared libraries counted in each), and
proportional (PSS, what is shared split among those who share it). Wanted: at most 100 MB a worker.
"""

import argparse
import asyncio
import contextlib
import os
import re
import sys
import tempfile
from pathlib import Path

from bench.pages import addresses
from bench.web import World, free_port, get, load, prepare, server

MOST = 100  # MB


def workers(server: int) -> list[tuple[int, int]]:
    """(RSS, PSS) in MB of each worker; not of what only watches over them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if int(re.search(r"PPid:\t(\d+)", status.read_text())[1]) == server:  # type: ignore[index]
                rollup = (status.parent / "smaps_rollup").read_text()
                found.append(tuple(int(re.search(rf"{name}: +(\d+)", rollup)[1]) // 1024 for name in ("Rss", "Pss")))  # type: ignore[index]
    return [pair for pair in found if pair[0] > 30]


def walk(world: World, port: int, times: int) -> None:
    pages = [path for name, path in addresses(world).items() if name not in ("program", "goal")]
    for turn in range(times):
        asked = [*pages, f"/programs/{world.slugs[turn]}/", *(f"/goals/{pk}/" for pk in world.goals[turn::200][:3])]
        requests = iter([get(world, path) for path in asked])
        asyncio.run(load(port, 2, requests, len(asked), b"200"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "limiting-factor-bench")
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    world, port = prepare(asked.data.resolve()), free_port()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"  # without the floor
    with server(port) as process:
        for times in (1, asked.times - 1):
            walk(world, port, times)
            print("MB of each web worker, resident and proportional:", workers(process), flush=True)
        met = max(rss for rss, _pss in workers(process)) <= MOST
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
