"""What Lighthouse says of the pages on a desktop: performance at least 0.95, accessibility 1.

    npm install --ignore-scripts --prefix FOLDER lighthouse@12      # once, anywhere outside the repository
    python -m bench.lighthouse FOLDER/node_modules/.bin/lighthouse [--data FOLDER]

Drives Chromium at the server of bench/web.py, over its database. Performance is measured in time, so run it on a quiet
machine; it is the median of three.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.pages import addresses
from bench.web import HOST, World, free_port, prepare, server
from tools.chromium import find_chromium

WANTED = {"performance": 0.95, "accessibility": 1.0}
FLAGS = "--headless=new --disable-gpu" + (" --no-sandbox" if os.geteuid() == 0 else "")


def scores(lighthouse: Path, world: World, url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                *(lighthouse, url, "--preset=desktop", "--quiet", f"--chrome-flags={FLAGS}"),
                *(f"--only-categories={','.join(WANTED)}", "--output=json", f"--output-path={report}"),
                f"--extra-headers={json.dumps({'Cookie': world.cookies})}",
            ],
            env={**os.environ, "CHROME_PATH": str(find_chromium() or "")},
            check=True,
            capture_output=True,
        )
        categories = json.loads(report.read_text())["categories"]
        return {name: categories[name]["score"] for name in WANTED}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lighthouse", type=Path)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "limiting-factor-bench")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    world = prepare(asked.data.resolve())
    port, met = free_port(), True
    with server(port):
        for name, path in addresses(world).items():
            rounds = [scores(asked.lighthouse, world, f"http://{HOST}:{port}{path}") for _ in range(asked.rounds)]
            found = {category: statistics.median(one[category] for one in rounds) for category in WANTED}
            fine = all(found[category] >= WANTED[category] for category in WANTED)
            met &= fine
            line = "  ".join(f"{category} {found[category]:.2f}" for category in WANTED)
            print(f"{name:<10} {line}  {'met' if fine else 'MISSED'}", flush=True)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
