"""Does the proposal point at what came last? Week by week through the history of the demo's programs.

    python -m bench.proposals [DATA] [--every 1] [--story "GCC Rust front-end"]

In each past week the program is ranked from what had been reported by then. A proposal (of a factor: any goal that it
gates) is a hit where the goal proposed was among the last three of the program's goals to finish; what never finished
in the data came last of all, so more than three may share the last places. Beside it: picking the goal with the lowest
share done, and what a blind pick of any open goal would hit on average. Weeks with three open goals or fewer say
nothing and are left out, as are weeks without a proposal. With DATA, each CSV of that folder is a program too.

The forecasts were fitted on histories that include these programs, so the model's figure is rather too good; which goal
limits was not fitted on anything.
"""

import argparse
import datetime as dt
import io
import os
import pathlib
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field

LAST = 3


@dataclass
class Tally:
    weeks: int = 0
    model: int = 0
    lowest: int = 0
    blind: float = 0.0

    def add(self, other: "Tally") -> None:
        self.weeks += other.weeks
        self.model += other.model
        self.lowest += other.lowest
        self.blind += other.blind

    def __str__(self) -> str:
        if not self.weeks:
            return "no week that says anything"
        shares = (self.model / self.weeks, self.lowest / self.weeks, self.blind / self.weeks)
        return "model {:.0%}, lowest share done {:.0%}, blind {:.0%}".format(*shares) + f" of {self.weeks} weeks"


@dataclass
class Story:
    """Runs of weeks with the same proposal."""

    runs: list[list] = field(default_factory=list)

    def add(self, day: dt.date, name: str, behind: str) -> None:
        if self.runs and self.runs[-1][0] == name:
            self.runs[-1][2] = day
        else:
            self.runs.append([name, day, day, behind])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", nargs="?", type=pathlib.Path)
    arguments.add_argument("--every", type=int, default=1, help="rank each n-th week only")
    arguments.add_argument("--story", default="", help="say week by week through the last year what this one proposed")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": folder}
        os.environ.pop("DATABASE_URL", None)
        run(asked.data, asked.every, asked.story)


def run(data: pathlib.Path | None, every: int, story: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from projects.models import Program

    call_command("migrate", verbosity=0)
    call_command("load_demo", verbosity=0, stdout=io.StringIO())
    demo = [program.pk for program in Program.objects.filter(kind="delivery")]
    for path in sorted(data.glob("*.csv")) if data else []:
        call_command("import_datapoints", path, program=f"data: {path.stem}", verbosity=0, stdout=io.StringIO())
    sums = {"demo": Tally(), "data": Tally()}
    shares: dict[str, list[Tally]] = defaultdict(list)
    for program in Program.objects.filter(kind="delivery").order_by("pk"):
        tally = judge(program, every, program.name == story)
        where = "demo" if program.pk in demo else "data"
        sums[where].add(tally)
        if tally.weeks:
            shares[where].append(tally)
        print(f"{program.name:<28} {tally}", flush=True)
    for where, tally in sums.items():
        if tally.weeks:
            each = shares[where]
            model, lowest, blind = (
                sum(getattr(t, name) / t.weeks for t in each) / len(each) for name in ("model", "lowest", "blind")
            )
            print(f"{where}, all weeks: {tally}")
            print(f"{where}, mean of {len(each)} programs: model {model:.0%}, lowest {lowest:.0%}, blind {blind:.0%}")


def judge(program, every: int, tell: bool) -> Tally:
    from projects.time import WEEK, monday
    from reviews.models import Datapoint
    from reviews.services.past_rankings import past_weeks

    points = Datapoint.objects.in_force().filter(goal__team__program=program)
    ends = finishes(program)
    first, last = (
        points.order_by(order).values_list("observed_on", flat=True).first()
        for order in ("observed_on", "-observed_on")
    )
    days = [monday(first) + n * WEEK + dt.timedelta(days=6) for n in range(0, (last - first).days // 7, every)]
    tally, story = Tally(), Story()
    for week in past_weeks(program, days):
        proposal = week.found.proposal
        open_goals = [goal for goal in week.goals if week.outlooks[goal.pk].verdict != "done"]
        if proposal is not None and tell and week.day > last - 52 * WEEK:
            story.add(week.day, proposal.name, week.found.behind.name if week.found.behind else "")
        if proposal is None or len(open_goals) <= LAST:
            continue
        came_last = last_ones({goal.pk: ends[goal.pk] for goal in open_goals})
        proposed = {int(proposal.key)} if proposal.kind == "goal" else gated(week.model, proposal.key)
        lowest = min(open_goals, key=lambda goal: (done(goal, week.outlooks[goal.pk]), goal.pk))
        tally.weeks += 1
        tally.model += bool(proposed & came_last)
        tally.lowest += lowest.pk in came_last
        tally.blind += len(came_last) / len(open_goals)
    for name, begin, end, behind in story.runs:
        goal = next((g for g in program_goals(program) if g.name == name), None)
        fate = (
            "" if goal is None else "not finished in the data" if ends[goal.pk] is None else f"finished {ends[goal.pk]}"
        )
        print(f"    {begin} to {end}: {name}{f' (behind it {behind})' if behind else ''}; {fate}")
    return tally


def program_goals(program) -> list:
    from projects.models import Goal

    return list(Goal.objects.active().filter(team__program=program))


def finishes(program) -> dict[int, dt.date | None]:
    """The day on which each goal met its present target for good; None where the data end before."""
    from reviews.models import Datapoint

    found: dict[int, dt.date | None] = {}
    for goal in program_goals(program):
        rows = Datapoint.objects.in_force().filter(goal=goal).order_by("observed_on", "pk")
        since = None
        for day, value in rows.values_list("observed_on", "value"):
            since = (since or day) if goal.meets(value) else None
        found[goal.pk] = since
    return found


def last_ones(ends: dict[int, dt.date | None]) -> set[int]:
    """The last three to finish, and whoever shares the third place."""
    ordered = sorted((day or dt.date.max for day in ends.values()), reverse=True)
    return {pk for pk, day in ends.items() if (day or dt.date.max) >= ordered[LAST - 1]}


def done(goal, outlook) -> float:
    return goal.share_done(outlook.value) if outlook.value is not None else 0.0


def gated(model, key: str) -> set[int]:
    return {int(goal) for factor in model.factors if factor.key == key for goal in factor.goals}


if __name__ == "__main__":
    main()
