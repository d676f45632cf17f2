"""The nightly refit: forecast 10,000 goals and rank their programs, database included, in one process.

    python -m bench.nightly_refit [--goals 10000]

Makes a SQLite database in a temporary folder, fills it with the demo's series over and over (up to 60 datapoints a
goal, 20 goals a program), and times `refit_programs` over all programs, as many at once as a job takes: what one
worker does at night.
"""

import argparse
import os
import pathlib
import resource
import tempfile
import time


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--goals", type=int, default=10_000)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": folder}
        os.environ.pop("DATABASE_URL", None)
        run(asked.goals)


def run(goals: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from projects.models import Program
    from reviews.services.forecasting import refit_programs
    from reviews.tasks import TOGETHER

    call_command("migrate", verbosity=0)
    points = fill(goals)
    programs = list(Program.objects.all())
    jobs = [programs[first : first + TOGETHER] for first in range(0, len(programs), TOGETHER)]
    for turn in ("first", "again, all outlooks known"):
        began, cpu = time.perf_counter(), time.process_time()
        done = sum(refit_programs(job) for job in jobs)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"{turn}: {done} goals, {points} datapoints, {len(programs)} programs: {seconds:.1f} s "
            f"({cpu:.1f} s of processor), {1000 * seconds / done:.2f} ms a goal"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def fill(goals: int) -> int:
    """Programs of 20 goals, each with the last 60 reports of a series of the demo, moved to end today."""
    import datetime as dt
    import itertools

    from projects.models import Goal, Import, Program, Team
    from reviews.imports.reader import read_series_file
    from reviews.models import Datapoint

    today = dt.datetime.now(dt.UTC).date()
    series = [
        one
        for path in sorted(pathlib.Path("demo").glob("*.csv"))
        for one in read_series_file(path, today=today).series
        if len(one.rows) >= 20
    ]
    endless, count = itertools.cycle(series), 0
    for n in range((goals + 19) // 20):
        program = Program.objects.create(
            name=f"Program {n}",
            slug=f"p{n}",
            start=today - dt.timedelta(days=900),
            deadline=today + dt.timedelta(days=300),
        )
        source = Import.objects.create(program=program, file_name="bench", sha256="", memo="bench")
        team = Team.objects.create(program=program, name="Team")
        points = []
        for k in range(min(20, goals - 20 * n)):
            one = next(endless)
            rows = one.rows[-60:]
            move = today - rows[-1].date
            goal = Goal.objects.create(
                team=team,
                name=f"Goal {k}",
                baseline=one.baseline,
                target=one.last.target,
                direction=one.direction,
                start=rows[0].date + move,
            )
            points += [
                Datapoint(
                    goal=goal,
                    value=row.value,
                    level="unknown",
                    observed_on=row.date + move,
                    origin="import",
                    source=source,
                )
                for row in rows
            ]
        Datapoint.objects.bulk_create(points, batch_size=2000)
        count += len(points)
    return count


if __name__ == "__main__":
    main()
