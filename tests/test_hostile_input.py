"""What no honest browser sends is refused or survived, never a server error: on SQLite and on PostgreSQL."""

import re
import uuid

import pytest
from django.urls import reverse

from projects.models import Engineer, Factor, Goal, Limit, Program, Role, Seat, Team, WeeksOff
from reviews.models import Datapoint
from tests import factories as make

pytestmark = pytest.mark.django_db

NUL = "a\x00b"
LONG = "x" * 5000
MEGABYTE = "word " * 200_000
HUGE = str(10**30)
EARLY, LATE = "0001-01-01", "9999-12-31"
TODAY = make.today().isoformat()


@pytest.fixture
def program():
    return make.make_world("Hostile", by=None)


@pytest.fixture
def team(program):
    return program.teams.get()


@pytest.fixture
def goal(team):
    return team.goals.get()


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.ADMIN, make.make_user(may_create=True))
    client.force_login(user)
    return user


def entry(goal, **changed) -> dict:
    seat = Seat.objects.get(team=goal.team)
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": seat.engineer_id,
        "goal": goal.pk,
        "value": "5",
        "level": "doer",
        "observed_on": TODAY,
        "memo": "The parser works.",
    } | changed


QUERIES = [
    "page=abc",
    "page=-1",
    f"page={HUGE}",
    "page=1&page=2",
    "sort=garbage",
    "sort=-garbage,limit,,--name",
    "sort=name__password",
    "sort=%00",
    "search=%00",
    "search=%25_%27%22%5C",
    "search=" + "x" * 60_000,
    "search=" + "+".join(["word"] * 1500),
    "verdict=garbage",
    "verdict=%00",
    "limited=%00",
    "limited=garbage&verdict=done&search=x&sort=-finish&page=9",
    "%00=%00",
    "search=%ff%fe",
    "per_page=999999",
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_board_survives_any_query(query, client, manager):
    assert client.get(reverse("board") + "?" + query).status_code == 200


@pytest.mark.parametrize(
    "query", ["page=abc", f"page={HUGE}", "page=%00", "page=²", "engineer=²&goal=²", f"goal={HUGE}"]
)
def test_pages_survive_any_query(query, client, program, goal, manager):
    review = make.open_review(program)
    for url in (reverse("reviews"), reverse("history", args=[program.slug]), review.get_absolute_url()):
        assert client.get(url + "?" + query).status_code == 200


def refused(response, *, visibly: bool = True) -> None:
    """Sent back with a message on it; of a hidden field, which no person can fill in wrongly, the status is enough."""
    assert response.status_code == 422
    assert not visibly or re.search(r"is-invalid|errorlist|notice-bad", response.content.decode())


PROGRAM = {"name": "New one", "kind": "delivery", "start": TODAY, "zone": "UTC"}
BAD_PROGRAMS = [
    {"name": NUL},
    {"name": LONG},
    {"name": " \t\u00a0 "},
    {"outcome": NUL},
    {"kind": "garbage"},
    {"zone": "Mars/Olympus"},
    {"zone": "../../etc/passwd"},
    {"zone": NUL},
    {"start": "2026-13-45"},
    {"start": EARLY},
    {"start": LATE},
    {"deadline": LATE},
    {"last_acceptable": LATE},
    {"kind": "throughput", "output_unit": LONG},
]


@pytest.mark.parametrize("bad", BAD_PROGRAMS, ids=lambda bad: " ".join(f"{k}={v[:12]!r}" for k, v in bad.items()))
def test_program_is_refused(bad, client, manager):
    refused(client.post(reverse("program_create"), PROGRAM | bad))
    assert Program.objects.count() == 1


def test_program_with_a_long_outcome_is_shown(client, manager):
    response = client.post(reverse("program_create"), PROGRAM | {"outcome": MEGABYTE[:500_000]})
    assert response.status_code == 302
    assert client.get(Program.objects.get(name="New one").get_absolute_url()).status_code == 200


GOAL = {"name": "New one", "baseline": "0", "target": "10", "start": TODAY}
BAD_GOALS = [
    {"name": NUL},
    {"name": LONG},
    {"unit": LONG},
    {"unit": NUL},
    {"baseline": "1e400"},
    {"baseline": "nan"},
    {"target": "-inf"},
    {"target": "1e301"},
    {"target": ""},
    {"target": "0"},
    {"target": "ten"},
    {"start": EARLY},
    {"start": LATE},
    {"deadline": LATE},
    {"deadline": "0001-01-01"},
    {"shortest_days": HUGE, "longest_days": HUGE},
    {"shortest_days": "1", "longest_days": str(2**31)},
    {"shortest_days": "1", "longest_days": str(2**63)},
    {"shortest_days": "-1", "longest_days": "5"},
    {"shortest_days": "9", "longest_days": "5"},
    {"shortest_days": "9"},
    {"needs": [HUGE]},
    {"needs": [str(2**63)]},
    {"needs": ["-1"]},
    {"needs": ["abc"]},
    {"needs": [NUL]},
]


@pytest.mark.parametrize("bad", BAD_GOALS, ids=lambda bad: " ".join(f"{k}={str(v)[:14]!r}" for k, v in bad.items()))
def test_goal_is_refused(bad, client, team, manager):
    refused(client.post(reverse("goal_create", args=[team.pk]), GOAL | bad))
    assert Goal.objects.count() == 1


def test_largest_numbers_that_are_taken_are_shown(client, team, manager):
    data = GOAL | {"baseline": "-1e300", "target": "1e300", "start": "1970-01-01", "deadline": "2100-12-31"}
    data |= {"shortest_days": "1", "longest_days": "36500"}
    data |= {"on_the_way": "A first one", "on_the_way_by": make.later(1).isoformat()}
    assert client.post(reverse("goal_create", args=[team.pk]), data).status_code == 302
    goal = Goal.objects.get(name="New one")
    for value in ("-1e300", "1e300", "0", "1e-300"):
        body = entry(goal, value=value, memo=f"It is {value} now.")
        assert client.post(reverse("goal_log", args=[goal.pk]), body).status_code == 302
    for url in (goal.get_absolute_url(), team.get_absolute_url(), team.program.get_absolute_url(), reverse("board")):
        assert client.get(url).status_code == 200


BAD_ENTRIES = [
    {"uuid": "garbage"},
    {"uuid": ""},
    {"uuid": NUL},
    {"engineer": HUGE},
    {"engineer": str(2**63)},
    {"engineer": "abc"},
    {"engineer": NUL},
    {"goal": HUGE},
    {"goal": NUL},
    {"value": "1e400"},
    {"value": "NaN"},
    {"value": "infinity"},
    {"value": "1e301"},
    {"value": "1,2,3"},
    {"value": "1_000"},
    {"value": "0x10"},
    {"value": ""},
    {"level": "unknown"},
    {"level": "boss"},
    {"observed_on": EARLY},
    {"observed_on": LATE},
    {"observed_on": "2026-02-30"},
    {"observed_on": "tomorrow"},
    {"memo": NUL},
    {"memo": "-"},
    {"memo": " \u200b "},
    {"blocker": LONG},
    {"blocker": NUL},
]


@pytest.mark.parametrize("bad", BAD_ENTRIES, ids=lambda bad: " ".join(f"{k}={str(v)[:14]!r}" for k, v in bad.items()))
def test_entry_is_refused(bad, client, program, goal, manager):
    review = make.open_review(program)
    before = Datapoint.objects.count()
    visibly = "uuid" not in bad
    refused(client.post(reverse("review_log", args=[review.pk]), entry(goal) | bad), visibly=visibly)
    if "goal" not in bad:
        refused(client.post(reverse("goal_log", args=[goal.pk]), entry(goal) | bad), visibly=visibly)
    assert Datapoint.objects.count() == before


def test_memo_of_a_megabyte_is_kept_and_shown(client, program, goal, manager):
    review = make.open_review(program)
    response = client.post(reverse("review_log", args=[review.pk]), entry(goal, memo=MEGABYTE))
    assert response.status_code == 302
    assert Datapoint.objects.get(review=review).memo == MEGABYTE.strip()
    for url in (goal.get_absolute_url(), review.get_absolute_url(), reverse("history", args=[program.slug])):
        assert client.get(url).status_code == 200


BAD_REVISIONS = [
    {"target": "1e400"},
    {"target": "0"},
    {"deadline": LATE},
    {"deadline": EARLY},
    {"on": LATE},
    {"on": EARLY},
    {"memo": NUL},
    {"memo": "tbd"},
    {"version": "garbage"},
    {"version": ""},
]


@pytest.mark.parametrize("bad", BAD_REVISIONS, ids=str)
def test_revision_is_refused(bad, client, goal, manager):
    data = {"target": "120", "deadline": "", "on": TODAY, "memo": "Twenty more were found.", "version": goal.version}
    refused(client.post(reverse("goal_revise", args=[goal.pk]), data | bad), visibly="version" not in bad)
    assert not goal.revisions.exists()


@pytest.mark.parametrize("version", [HUGE, "-1", str(2**63)])
def test_version_that_never_was_is_a_conflict(version, client, program, team, goal, manager):
    factor = make.make_factor("Sand")
    make.declare(program, factor)
    for url, data in (
        (reverse("goal_revise", args=[goal.pk]), {"target": "120", "on": TODAY, "memo": "Twenty more were found."}),
        (reverse("goal_edit", args=[goal.pk]), GOAL),
        (reverse("team_edit", args=[team.pk]), {"name": "Renamed"}),
        (reverse("program_edit", args=[program.slug]), PROGRAM),
        (reverse("factor_edit", args=[factor.pk]), {"name": "Gravel"}),
    ):
        assert client.post(url, data | {"version": version}).status_code == 409


BAD_LIMITS = [
    {"factor": NUL},
    {"factor": LONG},
    {"factor": "  "},
    {"state": "garbage"},
    {"kind": "garbage"},
    {"gates": [HUGE]},
    {"gates": [str(2**63)]},
    {"gates": ["abc"]},
    {"replaces": HUGE},
    {"replaces": "abc"},
    {"since": EARLY},
    {"since": LATE},
    {"memo": NUL},
    {"memo": "..."},
]


@pytest.mark.parametrize("bad", BAD_LIMITS, ids=lambda bad: " ".join(f"{k}={str(v)[:14]!r}" for k, v in bad.items()))
def test_limit_is_refused_and_leaves_no_factor(bad, client, program, manager):
    make.declare(program, "Turbines", since=make.today())
    data = {"state": "factor", "factor": "Vanes", "kind": "supply", "since": TODAY, "memo": "Seen on the floor."}
    refused(client.post(reverse("limit_declare", args=[program.slug]), data | bad), visibly=bad != {"replaces": "abc"})
    assert Limit.objects.filter(until=None).get().label == "Turbines"
    assert list(Factor.objects.values_list("name", flat=True)) == ["Turbines"]


@pytest.mark.parametrize("name", [NUL, " ", "\u00a0", ""])
def test_gate_without_a_name_is_refused(name, client, goal, manager):
    assert client.post(reverse("gate_create", args=[goal.pk]), {"factor": name}).status_code == 302
    assert not Factor.objects.exists()


def test_gate_with_a_long_name_is_cut_or_refused(client, goal, manager):
    assert client.post(reverse("gate_create", args=[goal.pk]), {"factor": LONG}).status_code == 302
    assert all(len(factor.name) <= 160 for factor in Factor.objects.all())


@pytest.mark.parametrize("sent", [{}, {"limit": NUL}, {"limit": HUGE}, {"line": HUGE, "kind": "goal"}, {"kind": NUL}])
def test_buttons_survive_any_body(sent, client, program, manager):
    for name in ("limit_accept", "limit_confirm"):
        assert client.post(reverse(name, args=[program.slug]), sent).status_code == 302
    assert Limit.objects.filter(until=None).get().state == "unknown"


@pytest.mark.parametrize("name", [NUL, LONG, " ", ""])
def test_names_are_refused(name, client, program, team, manager):
    engineer = Engineer.objects.get()
    for url in (
        reverse("team_create", args=[program.slug]),
        reverse("team_edit", args=[team.pk]),
        reverse("seat_create", args=[team.pk]),
        reverse("engineer_edit", args=[engineer.pk]),
        reverse("members", args=[program.slug]),
    ):
        response = client.post(url, {"name": name, "username": name, "role": "viewer", "version": "1"})
        assert response.status_code == 422, url
    assert (Team.objects.count(), Engineer.objects.count()) == (1, 1)


@pytest.mark.parametrize("source", [HUGE, str(2**63), "abc", NUL, ""])
def test_roster_of_no_team_is_refused(source, client, team, manager):
    assert client.post(reverse("roster_copy", args=[team.pk]), {"source": source}).status_code == 422


BAD_WEEKS_OFF = [
    {"reason": NUL},
    {"reason": ""},
    {"reason": LONG},
    {"first_day": EARLY},
    {"last_day": LATE},
    {"last_day": "2020-01-01"},
    {"first_day": "garbage"},
]


@pytest.mark.parametrize("bad", BAD_WEEKS_OFF, ids=lambda bad: " ".join(f"{k}={v[:12]!r}" for k, v in bad.items()))
def test_weeks_off_are_refused(bad, client, team, manager):
    data = {"first_day": TODAY, "last_day": TODAY, "reason": "Summer"}
    assert client.post(reverse("weeks_off_create", args=[team.pk]), data | bad).status_code == 422
    assert not WeeksOff.objects.exists()


def test_a_century_off_does_not_break_the_pages(client, program, team, goal, manager):
    data = {"first_day": "1970-01-01", "last_day": "2100-12-31", "reason": "For ever"}
    assert client.post(reverse("weeks_off_create", args=[team.pk]), data).status_code == 302
    for url in (goal.get_absolute_url(), team.get_absolute_url(), program.get_absolute_url(), reverse("board")):
        assert client.get(url).status_code == 200


BAD_FACTORS = [
    {"name": NUL},
    {"name": LONG},
    {"name": "  "},
    {"kind": "garbage"},
    {"suppliers": HUGE},
    {"suppliers": "-1"},
    {"lead_time_days": str(2**63)},
    {"sold_out_until": "garbage"},
    {"facts_source": LONG},
    {"parent": HUGE},
    {"parent": "abc"},
    {"other_side": NUL},
    {"solvable_by_money": NUL},
]


@pytest.mark.parametrize("bad", BAD_FACTORS, ids=lambda bad: " ".join(f"{k}={v[:12]!r}" for k, v in bad.items()))
def test_factor_is_refused_or_survives(bad, client, program, manager):
    factor = make.make_factor("Sand")
    make.declare(program, factor)
    response = client.post(reverse("factor_edit", args=[factor.pk]), {"name": "Sand", "version": "1"} | bad)
    assert response.status_code == (302 if "solvable_by_money" in bad else 422)
    assert Factor.objects.get().name == "Sand"


@pytest.mark.parametrize("day", [EARLY, LATE])
def test_days_at_the_ends_of_the_calendar_on_a_factor(day, client, program, manager):
    factor = make.make_factor("Sand", kind="supply")
    make.declare(program, factor)
    days = dict.fromkeys(("sold_out_until", "true_until", "facts_as_of", "challenged_on"), day)
    response = client.post(reverse("factor_edit", args=[factor.pk]), {"name": "Sand", "version": "1"} | days)
    assert response.status_code in (302, 422)
    assert client.get(factor.get_absolute_url()).status_code == 200
    assert client.get(reverse("factors")).status_code == 200


@pytest.mark.parametrize("notes", [NUL, MEGABYTE, ""])
def test_notes_of_a_review(notes, client, program, manager):
    review = make.open_review(program)
    review.turns.update(state="absent", absence="On holiday")
    assert client.post(reverse("review_close", args=[review.pk]), {"notes": notes}).status_code == 302
    assert client.get(review.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("role", ["garbage", NUL, "", "superuser"])
def test_role_that_is_none_is_refused(role, client, program, manager):
    user = make.make_user()
    response = client.post(reverse("members", args=[program.slug]), {"username": user.username, "role": role})
    assert response.status_code == 422
    assert not program.memberships.filter(user=user).exists()


@pytest.mark.parametrize("path", ["/programs/%00/", "/programs/a%2F..%2Fb/", "/programs/" + "x" * 5000 + "/", "/%ff/"])
def test_addresses_that_lead_nowhere(path, client, manager):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("query", ["next=%00", "next=//evil.example", "next=javascript:alert(1)", "next=%ff"])
def test_sign_in_survives_any_next(query, client):
    assert client.get(reverse("account_login") + "?" + query).status_code == 200


def test_request_of_many_megabytes_is_turned_away(client, program, goal, manager):
    review = make.open_review(program)
    before = Datapoint.objects.count()
    response = client.post(reverse("review_log", args=[review.pk]), entry(goal, memo=MEGABYTE * 3))
    assert response.status_code == 400
    assert "Nothing was changed." in response.content.decode()
    assert Datapoint.objects.count() == before


def test_body_that_is_no_form_changes_nothing(client, program, goal, manager):
    for url in (reverse("goal_edit", args=[goal.pk]), reverse("goal_log", args=[goal.pk]), reverse("program_create")):
        for kind, body in (("application/json", b'{"name": "x"}'), ("text/plain", b"\xff\xfe"), ("", b"")):
            assert client.post(url, body, content_type=kind).status_code in (200, 400, 422)
    goal.refresh_from_db()
    assert goal.version == 1
