"""The demo: real series, moved by whole weeks so that the last report lies in the current week."""

import csv
import datetime as dt
import tomllib

import pytest
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.db.models import Max

from projects.models import Engineer, Factor, Goal, Limit, Outlook, Program, Ranking, Revision, Role, Team
from projects.time import WEEK
from reviews.models import Datapoint
from reviews.services.sessions import start_review
from tests.factories import declare, log, make_world, today
from tests.reviews.files import rows

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]  # one worker loads it

FOLDER = settings.BASE_DIR / "demo"
PROGRAMS = tomllib.loads((FOLDER / "programs.toml").read_text(encoding="utf-8"))["program"]
ORBIT = "AI compute in orbit"
RUST = "GCC Rust front-end"
LICENCES = ("CC0-1.0", "BSD-3-Clause", "MIT", "Apache-2.0")


def load(*options: str) -> None:
    call_command("load_demo", *options, verbosity=0)


def told(file: str) -> list[dict]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker):
    """Loaded once for all tests of this file that only look at it, and taken away after them."""
    with django_db_blocker.unblock():
        load()
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def demo(_loaded, db):
    """The loaded demo; what a test changes is undone."""


def test_three_programs_with_their_source_and_licence(demo):
    assert set(Program.objects.values_list("name", flat=True)) == {data["name"] for data in PROGRAMS} | {ORBIT}
    assert len(PROGRAMS) == 3
    notices = (FOLDER / "NOTICES.md").read_text(encoding="utf-8")
    for data in PROGRAMS:
        assert data["file"] in notices
        assert [licence for licence in LICENCES if licence in data["source"]]


@pytest.mark.parametrize("data", PROGRAMS, ids=lambda data: data["file"])
def test_every_series_has_its_place_and_every_place_its_series(data):
    assert set(data["goals"]) == {row["series_id"] for row in told(data["file"])}
    assert {goal["team"] for goal in data["goals"].values()} == set(data["teams"])
    needed = {need for goal in data["goals"].values() for need in goal.get("needs", ())}
    gated = {series for limit in data.get("limits", []) for series in limit["gates"]}
    assert needed | gated <= set(data["goals"])


@pytest.mark.parametrize("data", PROGRAMS, ids=lambda data: data["file"])
def test_values_are_as_they_were_reported_moved_by_whole_weeks(demo, data):
    program = Program.objects.get(name=data["name"])
    moved = program.shifted_weeks * WEEK
    reported = sorted((r["series_id"], dt.date.fromisoformat(r["date"]), float(r["value"])) for r in told(data["file"]))
    held = Datapoint.objects.filter(goal__team__program=program).order_by("goal__series_id", "observed_on")
    found = [(p.goal.series_id, p.observed_on - moved, p.value) for p in held.select_related("goal")]
    assert sorted(found) == reported


@pytest.mark.parametrize("data", PROGRAMS, ids=lambda data: data["file"])
def test_the_last_report_lies_in_the_week_up_to_today(demo, data):
    points = Datapoint.objects.filter(goal__team__program__name=data["name"])
    last = points.aggregate(last=Max("observed_on"))["last"]
    assert dt.timedelta(0) <= today() - last < WEEK


def test_deadlines_are_the_real_ones_moved_as_far(demo):
    program = Program.objects.get(name=RUST)
    last = {row["series_id"]: row["deadline"] for row in sorted(told("gccrs.csv"), key=lambda row: row["date"])}
    for goal in Goal.objects.filter(team__program=program):
        stated = last[goal.series_id]
        wanted = dt.date.fromisoformat(stated) + program.shifted_weeks * WEEK if stated else None
        assert goal.deadline == wanted, goal
    assert Revision.objects.filter(goal__team__program=program).exists()


def test_dates_of_the_programs_lie_in_order(demo):
    for program in Program.objects.all():
        assert program.start < program.deadline <= (program.last_acceptable or program.deadline)


def test_dependencies_stand_where_the_names_imply_them(demo):
    of = {goal.name: {need.name for need in goal.needs.all()} for goal in Goal.objects.prefetch_related("needs")}
    assert of["GCC 14.1 release"] == {"GCC 14 stage 3"}
    assert of["Control flow 2: pattern matching"] == {"Control flow 1: core"}


def test_everyone_has_a_team_and_every_team_someone(demo):
    assert Team.objects.filter(seats__isnull=True).count() == 0
    assert Engineer.objects.filter(seats__isnull=True).count() == 0
    assert Engineer.objects.count() == sum(len(names) for data in PROGRAMS for names in data["teams"].values())


def test_every_goal_is_forecast_and_every_program_ranked(demo):
    live = Goal.objects.filter(archived_at=None)
    assert Outlook.objects.filter(goal__in=live).count() == live.count()
    for ranking in Ranking.objects.all():
        assert ranking.known
        assert ranking.proposal
    assert Ranking.objects.count() == 4


def test_the_board_has_something_to_tell_apart(demo):
    assert len(set(Outlook.objects.values_list("verdict", flat=True))) >= 3
    teams = {team["verdict"] for ranking in Ranking.objects.all() for team in ranking.teams.values()}
    assert len(teams) >= 2


def test_limits_have_no_hole(demo):
    for program in Program.objects.all():
        course = list(program.limits.order_by("since", "pk"))
        assert [a.until for a in course] == [b.since for b in course[1:]] + [None]
        assert course[0].since <= program.start or course[0].state == Limit.State.UNKNOWN


def test_the_two_accounts(demo):
    for name, role in (("manager", Role.ADMIN), ("viewer", Role.VIEWER)):
        user = authenticate(username=name, password="demo")
        assert user is not None
        assert not user.is_staff
        assert not user.is_superuser
        assert set(Program.objects.filter(memberships__user=user).values_list("memberships__role", flat=True)) == {role}


def test_loaded_twice_nothing_changes(demo):
    before = rows()
    load()
    assert rows() == before


def test_a_second_start_keeps_what_was_logged(demo):
    point = log(Goal.objects.filter(archived_at=None).first(), 12.5)
    load()
    assert Datapoint.objects.filter(pk=point.pk).exists()


def test_loaded_afresh_what_was_logged_is_gone_and_the_rest_stays(demo):
    other = make_world("Of my own")
    declare(other, Factor.objects.first())
    program = Program.objects.get(name=RUST)
    manager = get_user_model().objects.get(username="manager")
    review = start_review(program=program, by=manager)
    goal = Goal.objects.filter(team__program=program, archived_at=None).first()
    point = log(goal, 12.5, by=manager, review=review, blocker="A part")
    declare(program, "Something else", gates=(goal,))
    kept = Datapoint.objects.filter(goal__team__program=other).count()
    load("--fresh")
    assert not Datapoint.objects.filter(pk=point.pk).exists()
    assert Program.objects.count() == 5
    assert Datapoint.objects.filter(goal__team__program=other).count() == kept
    assert Limit.objects.get(program=other, until=None).factor is not None, "shared with a program that stays"
    fresh = Program.objects.get(name=RUST)
    assert Datapoint.objects.filter(goal__team__program=fresh).count() == len(told("gccrs.csv"))
    assert Engineer.objects.filter(name="Ilse Kvamme").count() == 1
    assert get_user_model().objects.filter(username="manager").count() == 1


def test_production_refuses_it(demo, settings):
    get_user_model().objects.filter(username="manager").update(username="somebody")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="known passwords"):
        load("--fresh")
    assert not get_user_model().objects.filter(username="manager").exists()
    assert Program.objects.count() == 4
