"""Bringing in a file of 60,000 rows: seconds, memory, and for how long nobody else can write.

    python -m bench.imports [--rows 60000] [--series 300]

Makes a database (SQLite in a temporary folder, or DATABASE_URL) and runs each case in a process of its own: as CSV and
as XLSX, checked and brought in; the same file once more; grown by a week; undone. The write lock is measured from
outside: another process writes one row over and over, and its longest wait is what a person at a review would wait;
and from inside: the time between BEGIN IMMEDIATE and COMMIT. Read and forecast are timed apart: neither holds it.
"""

import argparse
import datetime as dt
import os
import pathlib
import resource
import select
import subprocess
import sys
import tempfile
import time

CASES = ("CSV, all new", "the same again", "grown by a week", "undone", "XLSX, all new")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=60_000)
    arguments.add_argument("--series", type=int, default=300)
    arguments.add_argument("--case", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.case:
        setup()
        {"migrate": migrate, "write": write_on}.get(asked.case, lambda: measure(asked.case))()
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": folder}
        make_files(pathlib.Path(folder), asked.rows, asked.series)
        run("migrate")
        print(f"{asked.rows} rows, {asked.series} goals")
        for case in CASES:
            run(case)


def run(case: str) -> None:
    subprocess.run([sys.executable, "-m", "bench.imports", "--case", case], check=True)


def make_files(folder: pathlib.Path, rows: int, series: int) -> None:
    from openpyxl import Workbook

    header = ["series_id", "date", "value", "target_value", "direction", "deadline", "start", "completed", "note"]
    weeks = rows // series
    today = dt.datetime.now(dt.UTC).date()
    lines = [
        [
            f"src/team {n % 20}/goal {n}",
            today - dt.timedelta(weeks=weeks - k),
            k + n / 7,
            250,
            "up",
            "",
            "",
            "",
            "weekly",
        ]
        for n in range(series)
        for k in range(weeks)
    ]
    grown = [
        *lines,
        *([f"src/team {n % 20}/goal {n}", today, weeks + 1, 250, "up", "", "", "", ""] for n in range(series)),
    ]
    for name, content in (("60k.csv", lines), ("grown.csv", grown)):
        text = "\n".join(",".join(map(str, line)) for line in [header, *content])
        (folder / name).write_text(text, encoding="utf-8")
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in [header, *lines]:
        sheet.append([None if cell == "" else cell for cell in line])
    book.save(folder / "60k.xlsx")


def setup() -> None:
    import django

    django.setup()


def migrate() -> None:
    from django.core.management import call_command

    from projects.models import Program

    call_command("migrate", verbosity=0)
    for name in ("CSV", "XLSX"):
        Program.objects.create(name=name, slug=name.lower(), start=dt.date(2020, 1, 1))


def write_on() -> None:
    """Write a row over and over until stdin ends; print the longest wait in ms."""
    from projects.models import Event

    longest = 0.0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        began = time.perf_counter()
        Event.objects.create(verb="bench", subject="bench", subject_id=0, subject_name="bench")
        longest = max(longest, time.perf_counter() - began)
    print(f"{1000 * longest:.0f}")


def measure(case: str) -> None:
    from django.conf import settings

    from projects.models import Import, Program
    from projects.time import today_in
    from reviews.imports.mapping import places_of
    from reviews.imports.reader import read_series_file
    from reviews.services.forecasting import refit_program
    from reviews.services.imports import apply_file, undo_import

    kind = "xlsx" if case.startswith("XLSX") else "csv"
    program = Program.objects.get(slug=kind)
    name = "grown.csv" if "grown" in case else f"60k.{kind}"
    path = pathlib.Path(settings.DATA_DIR) / name
    at_rest = memory()
    times = {}
    held: list[tuple[float, float]] = []
    watch_transactions(held)
    writer = subprocess.Popen(
        [sys.executable, "-m", "bench.imports", "--case", "write"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    with timed(times, "whole"):
        if case == "undone":
            source = Import.objects.filter(program=program).earliest("pk")
            undo_import(source=source, memo="Undone by the bench", by=None)
        else:
            with timed(times, "read and check"):
                file = read_series_file(path, today=today_in("UTC"))
            places = places_of(file.series, "team")
            with timed(times, "compare, stage, write"):
                apply_file(program=program, file=file, places=places, memo="Brought in by the bench")
    peak = memory()
    waited, _error = writer.communicate()
    wall, cpu = max(held)
    with timed(times, "forecast (no lock)"):
        refit_program(program)
    shown = ", ".join(f"{what} {wall:.1f} s ({cpu:.1f} of processor)" for what, (wall, cpu) in times.items())
    print(
        f"{case}: {shown}; {peak - at_rest:.0f} MB more than the {at_rest:.0f} at rest; "
        f"write lock held {1000 * wall:.0f} ms at the longest ({1000 * cpu:.0f} of processor), "
        f"another writer waited {waited.strip()} ms at the longest"
    )


class timed:
    """Wall clock and processor seconds of a block."""

    def __init__(self, into: dict, name: str) -> None:
        self.into, self.name = into, name

    def __enter__(self) -> None:
        self.began, self.cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *error) -> None:
        self.into[self.name] = (time.perf_counter() - self.began, time.process_time() - self.cpu)


def watch_transactions(held: list[tuple[float, float]]) -> None:
    """Note how long each outermost transaction lasts, and how much of that is processor."""
    from django.db.transaction import Atomic

    enter, leave, began = Atomic.__enter__, Atomic.__exit__, []

    def entered(self):
        enter(self)
        began.append((time.perf_counter(), time.process_time()))

    def left(self, *error):
        try:
            leave(self, *error)
        finally:
            since = began.pop()
            if not began:
                held.append((time.perf_counter() - since[0], time.process_time() - since[1]))

    Atomic.__enter__, Atomic.__exit__ = entered, left


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
