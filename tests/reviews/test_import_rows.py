"""What a good file becomes: programs, teams, goals and datapoints, and what is left unknown."""

import datetime as dt
from itertools import pairwise

import pytest
from django.conf import settings

from projects.models import Goal, Import, Limit, Membership, Outlook, Program, Ranking, Revision, Team
from reviews.models import Datapoint
from tests.factories import make_program, make_user
from tests.reviews.files import HEADER, import_file, line, rows, week, write

pytestmark = pytest.mark.django_db

GOOD = [line(k, 10 * k) for k in range(4)]


def only_goal() -> Goal:
    return Goal.objects.get()


def test_a_new_program_gets_its_team_goal_and_points(tmp_path):
    ran = import_file(write(tmp_path / "f.csv", *GOOD), program="New  one")
    program = Program.objects.get(name="New one")
    goal = only_goal()
    assert "4 datapoints (0 of them corrections), 0 revisions, 1 new goals, 1 new teams" in ran.said
    assert (goal.team.name, goal.name, goal.unit, goal.direction) == ("team", "goal", "%", "up")
    assert (goal.baseline, goal.target, goal.start, goal.deadline) == (0, 100, week(0), None)
    assert list(Datapoint.objects.values_list("observed_on", "value")) == [(week(k), 10.0 * k) for k in range(4)]
    assert (program.start, program.deadline) == (week(0), None)
    assert program.limits.get(until=None).state == Limit.State.UNKNOWN, "the history has no hole"


def test_its_forecast_and_ranking_are_there_at_once(tmp_path):
    import_file(write(tmp_path / "f.csv", *GOOD))
    outlook = Outlook.objects.get()
    assert (outlook.points, outlook.value, outlook.value_on) == (4, 30, week(3))
    assert outlook.basis == only_goal().data_version
    assert Ranking.objects.get().newest_data == week(3)


def test_rows_cite_their_import_and_invent_nothing(tmp_path):
    import_file(write(tmp_path / "f.csv", *GOOD), "--memo", "The source's weekly reports")
    source = Import.objects.get()
    assert (source.file_name, source.rows, source.memo) == ("f.csv", 4, "The source's weekly reports")
    for point in Datapoint.objects.all():
        assert (point.source, point.origin, point.level) == (source, "import", "unknown")
        assert (point.engineer, point.review, point.memo, point.blocker) == (None, None, "", "")


def test_one_event_for_the_whole_file(tmp_path):
    program = make_program("Imported")
    import_file(write(tmp_path / "f.csv", *GOOD))
    event = program.events.get(verb="imported")
    assert (event.memo, event.changes) == (
        "Imported from f.csv",
        {"rows": [None, 4], "teams": [None, 1], "goals": [None, 1], "datapoints": [None, 4]},
    )


def test_into_a_program_that_is_there_whatever_the_case(tmp_path):
    program = make_program("Imported")
    import_file(write(tmp_path / "f.csv", *GOOD), program=" imPORTED")
    assert Program.objects.get() == program
    assert only_goal().team.program == program


def test_whoever_may_make_programs_sees_one_made_here(tmp_path):
    may, may_not = make_user(may_create=True), make_user()
    import_file(write(tmp_path / "f.csv", *GOOD), program="First")
    import_file(write(tmp_path / "f.csv", *GOOD), "--manager", may_not.username, program="Second")
    assert set(Membership.objects.values_list("program__name", "user")) == {("First", may.pk), ("Second", may_not.pk)}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(tmp_path):
    before = rows()
    ran = import_file(write(tmp_path / "f.csv", *GOOD), "--dry-run")
    assert "Would import into Imported: 4 datapoints" in ran.said
    assert rows() == before
    assert not Program.objects.exists()


def test_a_dry_run_of_a_grown_file_does_nothing(tmp_path):
    path = write(tmp_path / "f.csv", *GOOD)
    import_file(path)
    before = rows()
    ran = import_file(write(path, *GOOD, line(4, 44, 120), line(5, 3, series="src/other/goal")), "--dry-run")
    assert "2 datapoints (0 of them corrections), 1 revisions, 1 new goals, 1 new teams" in ran.said
    assert rows() == before


def test_a_dry_run_refuses_what_the_import_refuses(tmp_path):
    path = write(tmp_path / "f.csv", *GOOD, line(3, "?"))
    assert import_file(path, "--dry-run").reasons == import_file(path).reasons != []


# ---- how a file may be written -------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_lines_end_as_they_like(tmp_path, end, mark):
    (tmp_path / "f.csv").write_bytes(mark + end.join([HEADER, *GOOD]).encode())
    assert not import_file(tmp_path / "f.csv").reasons
    assert Datapoint.objects.count() == 4


def test_columns_in_another_order_left_out_and_added(tmp_path):
    header = "mood,value,series_id,direction,date,target_value"
    import_file(write(tmp_path / "f.csv", *[f"fine,{k},a/b/c,up,{week(k)},9" for k in range(3)], header=header))
    assert list(Datapoint.objects.values_list("value", flat=True)) == [0, 1, 2]


def test_rows_in_any_order_and_space_around_cells(tmp_path):
    spaced = [text.replace(",", " , ") for text in reversed(GOOD)]
    import_file(write(tmp_path / "f.csv", *spaced))
    assert list(Datapoint.objects.values_list("observed_on", "value")) == [(week(k), 10.0 * k) for k in range(4)]
    assert only_goal().baseline == 0


@pytest.mark.parametrize("value", ["1e300", "-1e300", "5e-324", "-0", "1e-9", "+3", ".5", "0012"])
def test_numbers_at_the_edge_are_taken_and_forecast(tmp_path, value):
    assert not import_file(write(tmp_path / "f.csv", *GOOD, line(4, value))).reasons
    assert Datapoint.objects.latest("observed_on").value == float(value)
    assert Outlook.objects.get().points == 5


def test_targets_at_the_edge_are_taken_and_forecast(tmp_path):
    lines = [line(k, value, "1e300") for k, value in enumerate(["-1e300", "0", "1e299", "2e299"])]
    assert not import_file(write(tmp_path / "f.csv", *lines)).reasons
    assert Outlook.objects.get().points == 4


def test_formulas_and_markup_are_text(tmp_path):
    name = "=cmd|'/C calc'!A1"
    lines = [line(k, k, series=f"src/<b onclick=alert(1)>x<//b>/{name}") for k in range(3)]
    lines = [text + '"<script>alert(1)<' + '/script>"' for text in lines]
    import_file(write(tmp_path / "f.csv", *lines))
    goal = only_goal()
    assert goal.series_id.endswith(name)
    assert {point.memo for point in Datapoint.objects.all()} == {"<script>alert(1)</script>"}


def test_semicolons_tabs_and_utf16_are_read(tmp_path):
    """As spreadsheets write them in half of the world, and as their "Unicode text"."""
    text = "\n".join([HEADER, *GOOD])
    for n, content in enumerate([text.replace(",", ";").encode(), text.replace(",", "\t").encode("utf-16")]):
        (tmp_path / "f.csv").write_bytes(content)
        assert not import_file(tmp_path / "f.csv", program=f"Program {n}").reasons
    assert Datapoint.objects.count() == 8


# ---- names ---------------------------------------------------------------------------------------------------------


def place(tmp_path, *series: str) -> list[tuple[str, str]]:
    assert not import_file(write(tmp_path / "f.csv", *[line(0, 1, series=one) for one in series])).reasons
    return [(goal.team.name, goal.name) for goal in Goal.objects.order_by("pk")]


def test_the_source_goes_where_all_share_it(tmp_path):
    assert place(tmp_path, "src/team/goal", "src/area/part/goal", "src/lone") == [
        ("team", "goal"),
        ("area / part", "goal"),
        ("Imported", "lone"),
    ]


def test_the_source_stays_where_there_are_two(tmp_path):
    assert place(tmp_path, "one/goal", "two/goal") == [("one", "goal"), ("two", "goal")]


def test_names_that_differ_in_case_only_get_a_number(tmp_path):
    found = place(tmp_path, "src/Team/goal", "src/team/Goal", "src/TEAM/GOAL", "src/team/Größe", "src/team/GRÖßE")
    assert found == [
        ("Team", "goal"),
        ("Team", "Goal (2)"),
        ("Team", "GOAL (3)"),
        ("Team", "Größe"),
        ("Team", "GRÖßE (2)"),
    ]
    assert Team.objects.count() == 1


@pytest.mark.parametrize("series", ["x" * 200, "a/" + "x" * 198, "x" * 198 + "/a", "/" * 200, "a / / b", "a//b", "/a"])
def test_long_and_odd_names_find_a_place(tmp_path, series):
    ((team, goal),) = place(tmp_path, series)
    assert team == team.strip() != ""
    assert goal == goal.strip() != ""
    assert len(team) <= 120
    assert len(goal) <= 160
    assert only_goal().series_id == series


def test_long_names_that_agree_where_they_are_cut(tmp_path):
    found = place(tmp_path, "x" * 199 + "a", "x" * 199 + "b")
    assert [goal[-3:] for _team, goal in found] == ["xxx", "(2)"]


def test_the_name_of_a_file_need_not_be_text(tmp_path):
    path = write(tmp_path / "caf\udce9.csv", *GOOD)
    assert not import_file(path).reasons
    assert Import.objects.get().file_name == "caf?.csv"


# ---- series as they are --------------------------------------------------------------------------------------------


def test_a_series_of_one_row(tmp_path):
    import_file(write(tmp_path / "f.csv", line(0, 5)))
    outlook = Outlook.objects.get()
    assert (outlook.points, outlook.verdict, outlook.finish_days) == (1, "unknown", [])
    assert Ranking.objects.get().left_out == ["goal"]


@pytest.mark.parametrize(
    ("values", "target", "baseline"),
    [([100, 40, 100], 100, 40), ([100, 100, 100], 100, 0), ([0, 0, 0], 0, 1), ([5, 0, 5, 9], 5, 0)],
    ids=["left and came back", "never elsewhere", "at zero", "farthest"],
)
def test_a_goal_that_stood_at_its_target_at_first(tmp_path, values, target, baseline):
    direction = "up" if target else "down"
    import_file(write(tmp_path / "f.csv", *[line(k, v, target, direction=direction) for k, v in enumerate(values)]))
    assert (only_goal().baseline, only_goal().target) == (baseline, target)


def test_a_goal_at_its_target_is_done(tmp_path):
    import_file(write(tmp_path / "f.csv", *[line(k, v) for k, v in enumerate([20, 60, 100])]))
    assert Outlook.objects.get().verdict == "done"
    assert Ranking.objects.get().verdicts == {"done": 1}


def test_a_start_said_later_counts(tmp_path):
    import_file(write(tmp_path / "f.csv", *GOOD, line(4, 40, start=week(2), deadline=week(60))))
    assert (only_goal().start, only_goal().deadline) == (week(2), week(60))


def test_per_cent_only_where_it_can_be(tmp_path):
    lines = [
        line(k, v, t, series=f"s/t/{n}") for n, v, t in [("a", 5, 100), ("b", 105, 100), ("c", 5, 90)] for k in (0,)
    ]
    import_file(write(tmp_path / "f.csv", *lines))
    assert dict(Goal.objects.values_list("name", "unit")) == {"a": "%", "b": "", "c": ""}


@pytest.mark.parametrize("name", ["gccrs", "interop-2024", "dependabot"])
def test_real_series(tmp_path, name):
    """Every row is a datapoint; every change of target or deadline is a Revision, and the last is in force."""
    path = settings.BASE_DIR / "demo" / f"{name}.csv"
    lines = [text.split(",") for text in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert not import_file(path).reasons
    assert Datapoint.objects.count() == len(lines)
    series: dict[str, list] = {}
    for cells in sorted(lines, key=lambda cells: cells[1]):
        series.setdefault(cells[0], []).append((float(cells[3]), cells[5]))
    moved = sum(a != b for stated in series.values() for a, b in pairwise(stated))
    assert Revision.objects.count() == moved
    for goal in Goal.objects.all():
        target, deadline = series[goal.series_id][-1]
        assert (goal.target, goal.deadline) == (target, dt.date.fromisoformat(deadline) if deadline else None)
    assert "nothing new" in import_file(path).said
