"""What a browser loads of each page: requests, bytes with an empty cache and with a full one, elements of the DOM.

    python -m bench.pages [--data FOLDER] [--shots FOLDER]

Drives a real Chromium at the server of bench/web.py, over its database. Wanted: at most 12 requests and 150 KB cold,
350 KB with charts, 15 KB warm, and 1,500 elements on the board. Bytes are those on the wire, headers included. With
--shots each page is also kept as a picture, light and dark, at 1440 and at 390 pixels.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.web import HOST, World, free_port, prepare, server
from tools.chromium import find_chromium

MOST_REQUESTS, MOST_COLD, MOST_WITH_CHARTS, MOST_WARM, MOST_NODES = 12, 150_000, 350_000, 15_000, 1500
CHARTS = ("program", "goal")


def addresses(world: World) -> dict[str, str]:
    return {
        "board": "/",
        "program": f"/programs/{world.slugs[0]}/",
        "team": "/teams/1/",
        "goal": f"/goals/{world.goals[0]}/",
        "factors": "/factors/",
        "factor": "/factors/1/",
        "reviews": "/reviews/",
        "history": f"/programs/{world.slugs[0]}/history/",
        "archive": "/programs/archive/",
        "mine": "/mine/",
    }


def weigh(page: Page, url: str) -> tuple[int, int, int]:
    """Requests that reached the server, their bytes, and the elements that the page ends with."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked: dict[str, int] = {}
    cached: set[str] = set()
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on(
        "Network.responseReceived",
        lambda event: cached.add(event["requestId"]) if event["response"].get("fromDiskCache") else None,
    )
    session.on("Network.loadingFinished", lambda event: asked.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(url, wait_until="networkidle")
    for chart in page.locator("figure.chart").all():
        chart.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    session.detach()
    sent = {one: size for one, size in asked.items() if one not in cached}
    return len(sent), round(sum(sent.values())), page.evaluate("document.querySelectorAll('*').length")


def sign_in(context: BrowserContext, world: World, port: int) -> None:
    pairs = (pair.split("=", 1) for pair in world.cookies.split("; "))
    context.add_cookies([{"name": name, "value": value, "url": f"http://{HOST}:{port}"} for name, value in pairs])


def shoot(browser, world: World, port: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        for width in (1440, 390):
            context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
            sign_in(context, world, port)
            page = context.new_page()
            for name, path in addresses(world).items():
                weigh(page, f"http://{HOST}:{port}{path}")
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=folder / f"{name}-{theme}-{width}.png")
            context.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "limiting-factor-bench")
    parser.add_argument("--shots", type=Path)
    asked = parser.parse_args()
    world = prepare(asked.data.resolve())
    port, met = free_port(), True
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with server(port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--disable-gpu", *sandbox])
        print(f"{'page':<10} {'requests':>8} {'cold':>8} {'warm':>8} {'elements':>8}")
        for name, path in addresses(world).items():
            context = browser.new_context()
            sign_in(context, world, port)
            page = context.new_page()
            requests, cold, _nodes = weigh(page, f"http://{HOST}:{port}{path}")
            _again, warm, nodes = weigh(page, f"http://{HOST}:{port}{path}")
            context.close()
            most = MOST_WITH_CHARTS if name in CHARTS else MOST_COLD
            fine = requests <= MOST_REQUESTS and cold <= most and warm <= MOST_WARM
            fine &= name != "board" or nodes <= MOST_NODES
            met &= fine
            print(f"{name:<10} {requests:>8} {cold:>8} {warm:>8} {nodes:>8}  {'met' if fine else 'MISSED'}", flush=True)
        if asked.shots:
            shoot(browser, world, port, asked.shots)
        browser.close()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
