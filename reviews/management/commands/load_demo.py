"""Load the demo: three real programs, moved to today."""

import datetime as dt
import tomllib
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from projects.access import touched_by
from projects.checks import DEMO_PASSWORD, DEMO_USERNAMES
from projects.demo import load_throughput_demo, read_throughput_demo
from projects.models import Engineer, Factor, Goal, Intervention, Limit, Program, Role, Seat
from projects.services.limits import declare_limit, find_or_make_factor
from projects.services.programs import create_program, set_member
from projects.services.teams import seat_engineer
from projects.time import WEEK, today_in
from reviews.imports.mapping import Place
from reviews.imports.reader import SeriesFile, read_series_file
from reviews.models import Comment, Datapoint, Review
from reviews.services.cadences import set_cadence
from reviews.services.forecasting import refit_program
from reviews.services.imports import apply_file
from reviews.services.past_rankings import fill_history
from reviews.services.scores import judge_program

FOLDER = Path(settings.BASE_DIR) / "demo"
ACCOUNTS = dict(zip(DEMO_USERNAMES, (Role.ADMIN, Role.VIEWER), strict=True))


class Command(BaseCommand):
    help = "Load the demo's programs and its two accounts, with all dates moved to end in the current week."

    def add_arguments(self, parser):
        parser.add_argument(
            "--fresh", action="store_true", help="delete the demo's programs first, with all that was logged in them"
        )

    def handle(self, *, fresh: bool, **options):
        if settings.PRODUCTION:
            raise CommandError("The demo has known passwords: it is not loaded with PRODUCTION=1.")
        programs = tomllib.loads((FOLDER / "programs.toml").read_text(encoding="utf-8"))["program"]
        throughput = read_throughput_demo()
        names = [program["name"] for program in [*programs, throughput["program"]]]
        files = {data["name"]: read_moved(data) for data in programs}  # before the transaction: it holds the lock
        with transaction.atomic():
            if fresh:
                delete_programs(names)
            there = set(Program.objects.filter(name__in=names).values_list("name", flat=True))
            users = {name: make_account(name) for name in ACCOUNTS}
            made = [load_program(data, *files[data["name"]], users) for data in programs if data["name"] not in there]
            if throughput["program"]["name"] not in there:
                roles = {users[name]: str(role) for name, role in ACCOUNTS.items()}
                made.append(load_throughput_demo(throughput, roles, users["manager"], today_in("UTC")))
        for program in made:
            fill_history(program, today_in(program.zone))
            refit_program(program)
            judge_program(program)
            self.stdout.write(f"Loaded {program.name}: dates moved by {program.shifted_weeks} weeks.")
        if not made:
            self.stdout.write("The demo is loaded already; --fresh loads it anew, moved to today.")


def make_account(name: str) -> User:
    user, created = get_user_model().objects.get_or_create(username=name)
    if created:
        user.set_password(DEMO_PASSWORD)
        user.save(update_fields=["password"])
        if ACCOUNTS[name] == Role.ADMIN:
            user.user_permissions.add(
                Permission.objects.get(codename="add_program", content_type__app_label="projects")
            )
    return user


def read_moved(data: dict) -> tuple[int, SeriesFile]:
    """By how many weeks the dates of a program's file are moved, and the file with its dates moved."""
    today = today_in("UTC")
    path = FOLDER / data["file"]
    weeks = weeks_to(today, read_series_file(path, today=today))
    return weeks, read_series_file(path, today=today, days=(weeks * WEEK).days)


def load_program(data: dict, weeks: int, file: SeriesFile, users: dict[str, User]) -> Program:
    move = weeks * WEEK
    program = create_program(
        by=None,
        name=data["name"],
        kind=data["kind"],
        outcome=data["outcome"],
        source=data["source"],
        start=min(min(one.start, one.rows[0].date) for one in file.series),
        deadline=data["deadline"] + move,
        last_acceptable=data["last_acceptable"] + move,
        shifted_weeks=weeks,
        owner=users["manager"],
    )
    for name, user in users.items():
        set_member(program=program, username=user.username, role=ACCOUNTS[name], by=None)
    places = {
        series: Place(
            team=goal["team"],
            goal=goal["name"],
            unit=data.get("unit", "%"),
            needs=tuple(goal.get("needs", ())),
            archived=goal.get("dropped", False),
        )
        for series, goal in data["goals"].items()
    }
    apply_file(program=program, file=file, places=places, memo=f"Demo data: {data['source']}")
    seat_engineers(program, data["teams"])
    declare_limits(program, data.get("limits", []), move)
    challenge_factors(data.get("challenges", []), move)
    if "cadence" in data:
        set_cadence(
            program=program,
            team=None,
            version=0,
            by=None,
            first_day=today_in("UTC"),
            zone=program.zone,
            **data["cadence"],
        )
    return program


def weeks_to(today: dt.date, file) -> int:
    """Whole weeks that bring the last report into the seven days up to `today`: never into the future."""
    last = max(one.last.date for one in file.series)
    return (today - last).days // 7


def seat_engineers(program: Program, teams: dict[str, list[str]]) -> None:
    for team in program.teams.all():
        for name in teams[team.name]:
            seat_engineer(team=team, name=name, joined=program.start, by=None)


def declare_limits(program: Program, limits: list[dict], move: dt.timedelta) -> None:
    for limit in limits:
        goals = Goal.objects.filter(team__program=program, series_id__in=limit["gates"])
        declare_limit(
            program=program,
            state=Limit.State.FACTOR,
            factor=find_or_make_factor(name=limit["factor"], kind=limit["kind"]),
            gates=tuple(goals),
            since=limit["since"] + move,
            memo=limit["memo"],
            by=None,
        )


def challenge_factors(challenges: list[dict], move: dt.timedelta) -> None:
    """The strongest counter-argument to a factor and its answer; one that was challenged here keeps its own."""
    for one in challenges:
        Factor.objects.filter(name__iexact=one["factor"], challenge="").update(
            challenge=one["challenge"], challenge_answer=one["answer"], challenged_on=one["on"] + move
        )


def delete_programs(names: list[str]) -> None:
    """The demo's programs with everything in them; engineers and factors that nothing else uses go too."""
    programs = Program.objects.filter(name__in=names)
    Comment.objects.filter(datapoint__goal__team__program__in=programs).delete()
    Datapoint.objects.filter(goal__team__program__in=programs).update(supersedes=None)
    Datapoint.objects.filter(goal__team__program__in=programs).delete()
    Review.objects.filter(program__in=programs).delete()
    engineers = list(Seat.objects.filter(team__program__in=programs).values_list("engineer", flat=True))
    factors = list(Factor.objects.filter(touched_by(programs)).values_list("pk", flat=True))
    Intervention.objects.filter(program__in=programs).delete()
    Goal.objects.filter(team__program__in=programs).delete()
    Limit.objects.filter(program__in=programs).delete()
    for program in programs:
        program.teams.all().delete()
        program.delete()
    Engineer.objects.filter(pk__in=engineers, seats__isnull=True).delete()
    used = ("limits", "layers", "predictions", "gates", "evidence", "supplies", "parts")
    while Factor.objects.filter(pk__in=factors, **{f"{name}__isnull": True for name in used}).delete()[0]:
        pass  # what was part of them has no part any more
