"""How soon the finish follows a dragged date, or a dragged capacity, in a real Chromium.

    python -m bench.what_if [--folder FOLDER] [--drags 20]

The page "What if" of a delivery program of 20 goals and of the throughput program of the demo. A slider is dragged by
the mouse and held: what counts is the time from its last movement until the answer is drawn, with the 60 ms in
which the page waits for another movement. Nothing is kept between drags: each asks for a place it was not at.

Wanted: 200 ms at the median.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench import web

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that also asks the database
PROGRAMS, WANTED = 20, 200  # ms

WATCH = """() => {
  window.waited = [];
  let began = 0;
  document.querySelector('#what-if').addEventListener('input', () => (began = performance.now()), true);
  const drawn = () => waited.push(performance.now() - began);
  document.addEventListener('htmx:afterSwap', () => requestAnimationFrame(drawn));
}"""


def throughput_program() -> str:
    """The demo's, made once; its slug."""
    from django.contrib.auth import get_user_model

    from bench import web_data
    from projects.demo import load_throughput_demo, read_throughput_demo
    from projects.models import Program, Role
    from projects.services.ranking import rank_program
    from projects.time import today_in

    known = Program.objects.filter(kind=Program.Kind.THROUGHPUT).first()
    if known:
        return known.slug
    reader, today = get_user_model().objects.get(username=web_data.READER), today_in("UTC")
    program = load_throughput_demo(read_throughput_demo(), {reader: str(Role.ADMIN)}, reader, today)
    rank_program(program, today)
    return program.slug


def drag(page: Page, drags: int) -> list[float]:
    """Milliseconds from each last movement until its answer was drawn."""
    slider = page.locator("#what-if input[type=range]").first
    slider.scroll_into_view_if_needed()
    page.evaluate(WATCH)
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    for n in range(drags):
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.6 * ((n * 7) % drags) / drags), middle, steps=6)
        page.wait_for_function("n => waited.length > n", arg=n)
        page.wait_for_timeout(100)
    page.mouse.up()
    return page.evaluate("waited")[:drags]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "limiting-factor-bench-live")
    parser.add_argument("--drags", type=int, default=20)
    asked = parser.parse_args()
    world = web.prepare(asked.folder.resolve(), programs=PROGRAMS)
    from tools.chromium import find_chromium

    programs = {"20 goals": world.slugs[0], "5 supplies": throughput_program()}
    port, met = web.free_port(), True
    with web.server(port), sync_playwright() as playwright:
        load_before = os.getloadavg()[0]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        base = f"http://{web.HOST}:{port}"
        for name, slug in programs.items():
            page = browser.new_context().new_page()
            pairs = (pair.split("=", 1) for pair in world.cookies.split("; "))
            page.context.add_cookies([{"name": key, "value": value, "url": base} for key, value in pairs])
            page.goto(f"{base}/programs/{slug}/what-if/")
            expect(page.locator("#what-if-answer")).to_be_visible()
            taken = drag(page, asked.drags)
            middle = statistics.median(taken)
            met &= middle <= WANTED
            verdict = "met" if middle <= WANTED else "MISSED"
            print(f"  {name:<12} {middle:4.0f} ms, at most {max(taken):4.0f} ms; wanted {WANTED} ms  {verdict}")
        browser.close()
        print(f"load average {load_before:.1f} before, {os.getloadavg()[0]:.1f} after; {os.cpu_count()} cores")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
