"""The board: every program I may see, what limits it, worst first; sorted, filtered, searched and paged by address."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from projects.models import Program, Ranking, Role
from projects.services.programs import set_archived
from projects.time import WEEK
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db

BOARD = "/"
ROW = re.compile(r'<a class="row-title" href="[^"]*">([^<]*)</a>')


@pytest.fixture
def viewer(client):
    user = make.make_user()
    client.force_login(user)
    return user


def make_row(viewer, name: str, **ranking) -> Program:
    """A program of `viewer` with a stored ranking: the board reads nothing else."""
    program = make.make_program(name, deadline=make.today() + 9 * WEEK)
    make.join(program, Role.VIEWER, viewer)
    fields = {
        "as_of": make.today(),
        "computed_at": dt.datetime.now(dt.UTC),
        "finish_days": [10.0, 20.0, 30.0],
        "p50": make.today() + 20 * dt.timedelta(days=1),
        "p_deadline": 0.5,
        "p_never": 0.0,
        "newest_data": make.today(),
        "severity": 0.5,
        "verdicts": {"converging": 1},
        "curve": [[make.today().isoformat(), 0.5]],
    }
    Ranking.objects.create(program=program, **(fields | ranking))
    return program


def names(response) -> list[str]:
    return ROW.findall(response.content.decode())


def links(response, text: str) -> list[str]:
    """Addresses of the links whose id ends in `text`."""
    found = re.findall(rf'<a id="[^"]*{text}"[^>]*? href="([^"]*)"', response.content.decode())
    return [link.replace("&amp;", "&") for link in found]


def test_columns(client, viewer):
    make_row(viewer, "Alpha")
    page = client.get(BOARD).content.decode()
    wanted = ("Program", "Limiting factor", "Since", "P50 finish", "Deadline", "Odds", "Teams", "Share done")
    head = page[page.index("<thead") : page.index("</thead>")]
    found = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<th\b.*?</th>", head, re.DOTALL)]
    assert found == [*wanted, "What to do"]


def test_worst_first(client, viewer):
    make_row(viewer, "Fine", severity=0.1)
    make_row(viewer, "Bad", severity=1.8)
    make_row(viewer, "Middling", severity=0.9)
    assert names(client.get(BOARD)) == ["Bad", "Middling", "Fine"]


def test_program_without_a_ranking_is_listed_last(client, viewer):
    make_row(viewer, "Ranked", severity=0.0)
    make.join(make.make_program("Bare"), Role.VIEWER, viewer)
    response = client.get(BOARD)
    assert names(response) == ["Ranked", "Bare"]
    assert "no data yet" in response.content.decode()


def test_declared_factor_and_proposal_stand_side_by_side(client, viewer):
    line = {"kind": "goal", "id": 1, "name": "Vanes", "relief_days": 12.0}
    program = make_row(viewer, "Alpha", proposal=line, called=line, lines=[line])
    make.declare(program, "Turbines", since=make.today() - 3 * WEEK)
    page = client.get(BOARD).content.decode()
    assert "Turbines" in page
    assert "model: Vanes" in page
    assert "3 weeks ago" in page


@pytest.mark.parametrize("column", ["name", "limit", "since", "finish", "deadline", "odds", "teams"])
def test_every_sortable_column_sorts_both_ways(column, client, viewer):
    for n in range(3):
        program = make_row(viewer, f"Program {n}", p_deadline=n / 10, p50=make.today() + n * WEEK, severity=n)
        Program.objects.filter(pk=program.pk).update(deadline=make.today() + (n + 1) * WEEK)
        make.declare(program, f"Factor {n}", since=make.today() + (n - 5) * WEEK)
    up, down = (names(client.get(BOARD, {"sort": sort})) for sort in (column, f"-{column}"))
    assert up == down[::-1]
    assert sorted(up) == ["Program 0", "Program 1", "Program 2"]


def test_columns_that_cannot_be_sorted_are_left_alone(client, viewer):
    make_row(viewer, "A", severity=0)
    make_row(viewer, "B", severity=1)
    for sort in ("advice", "curve", "owner__password", "garbage"):
        assert names(client.get(BOARD, {"sort": sort})) == ["B", "A"]


def test_filter_by_verdict(client, viewer):
    make_row(viewer, "Stuck", verdicts={"stalled": 1, "done": 2})
    make_row(viewer, "Fine", verdicts={"converging": 3})
    assert names(client.get(BOARD, {"verdict": "stalled"})) == ["Stuck"]
    assert names(client.get(BOARD, {"verdict": "diverging"})) == []


def test_filter_by_state_of_the_limit(client, viewer):
    make.declare(make_row(viewer, "Named"), "Turbines")
    make.declare(make_row(viewer, "Converged"), None)
    make_row(viewer, "Open")
    found = {state: names(client.get(BOARD, {"limited": state})) for state in ("factor", "converged", "unknown")}
    assert found == {"factor": ["Named"], "converged": ["Converged"], "unknown": ["Open"]}


def test_search_finds_program_outcome_and_factor_and_all_words_count(client, viewer):
    make.declare(make_row(viewer, "Power plant"), "Gas turbines")
    other = make_row(viewer, "Satellites")
    Program.objects.filter(pk=other.pk).update(outcome="Gas sensors in orbit")
    found = {words: set(names(client.get(BOARD, {"search": words}))) for words in ("gas", "plant GAS", "vanes", "100%")}
    assert found == {"gas": {"Power plant", "Satellites"}, "plant GAS": {"Power plant"}, "vanes": set(), "100%": set()}


def test_nothing_found_says_so_and_leads_back(client, viewer):
    make_row(viewer, "Alpha")
    page = client.get(BOARD, {"search": "nothing like it"}).content.decode()
    assert "No program matches" in page
    assert 'value="nothing like it"' in page
    assert "Show all programs" in page


def test_sort_filter_search_and_page_keep_each_other(client, viewer):
    for n in range(60):
        make_row(viewer, f"Program {n:02}", verdicts={"stalled": 1})
    query = {"search": "program", "verdict": "stalled", "limited": "unknown", "sort": "-name"}
    first = client.get(BOARD, query)
    assert names(first) == [f"Program {n:02}" for n in range(59, 9, -1)]
    (following,) = links(first, "next")
    second = client.get(BOARD + following)
    assert names(second) == [f"Program {n:02}" for n in range(9, -1, -1)]
    (by_name,) = links(second, "sort-name")
    for part in ("search=program", "verdict=stalled", "limited=unknown"):
        assert part in following
        assert part in by_name
    form = re.search(r'<input type="hidden" name="sort" value="([^"]*)" form="filters">', second.content.decode())
    assert form
    assert form[1] == "-name"


def test_page_beyond_the_last_shows_the_last(client, viewer):
    for n in range(51):
        make_row(viewer, f"Program {n:02}")
    for page in ("99", "abc", "-1"):
        assert names(client.get(BOARD, {"page": page, "sort": "name"}))


def test_stale_data_are_said_per_program(client, viewer):
    make_row(viewer, "Asleep", newest_data=make.today() - 22 * dt.timedelta(days=1), severity=1)
    make_row(viewer, "Awake", newest_data=make.today() - 20 * dt.timedelta(days=1), severity=0)
    page = client.get(BOARD).content.decode()
    asleep, awake = page.split('class="row-title"')[1:]
    assert "newest data 3 weeks ago" in asleep
    assert "newest data" not in awake
    assert "data 3 weeks ago" in awake or "data 2 weeks ago" in awake


def test_archived_program_leaves_the_board(client, viewer):
    program = make_row(viewer, "Alpha")
    make_row(viewer, "Beta")
    set_archived(program=program, archived=True, by=viewer)
    assert names(client.get(BOARD)) == ["Beta"]
    assert names(client.get(reverse("archive"))) == ["Alpha"]


def test_empty_for_one_who_may_make_programs(client):
    client.force_login(make.make_user(may_create=True))
    page = client.get(BOARD).content.decode()
    assert "Begin with one program" in page
    assert reverse("program_create") in page


def test_empty_for_a_viewer_says_whom_to_ask(client, viewer):
    page = client.get(BOARD).content.decode()
    assert "No program to show yet" in page
    assert viewer.username in page
    assert reverse("program_create") not in page


def test_empty_for_an_engineer_leads_to_their_work(client, viewer):
    make.join(make.make_program("Secret"), Role.ENGINEER, viewer)
    page = client.get(BOARD).content.decode()
    assert reverse("mine") in page
    assert "Secret" not in page


def test_everything_archived_still_leads_to_the_archive(client, viewer):
    program = make_row(viewer, "Alpha")
    set_archived(program=program, archived=True, by=viewer)
    assert reverse("archive") in client.get(BOARD).content.decode()


def test_real_outlook_reaches_the_board(client, viewer):
    program = make.make_world("Alpha")
    make.join(program, Role.VIEWER, viewer)
    before = client.get(BOARD).content.decode()
    goal = program.teams.get().goals.get()
    make.log(goal, 100.0, memo="All of it is done.")
    after = client.get(BOARD).content.decode()
    assert '1 converging"' in before
    assert '1 done"' in after


def test_names_are_escaped_once(client, viewer):
    program = make_row(viewer, "R&D <b>x</b>")
    make.declare(program, "R&D <script>alert(1)</script>")
    page = client.get(BOARD).content.decode()
    assert "R&amp;D &lt;b&gt;x&lt;/b&gt;" in page
    assert "R&amp;D &lt;script&gt;" in page
    assert "&amp;amp;" not in page
    assert "<script>alert" not in page


def test_queries_are_the_same_at_3_and_at_30_programs(client, viewer, django_assert_num_queries):
    for n in range(3):
        make.declare(make_row(viewer, f"Program {n:02}"), f"Factor {n}")
    queries = 5
    with django_assert_num_queries(queries):
        assert len(names(client.get(BOARD))) == 3
    for n in range(3, 30):
        make.declare(make_row(viewer, f"Program {n:02}"), f"Factor {n}")
    with django_assert_num_queries(queries):
        assert len(names(client.get(BOARD))) == 30


def test_refit_of_an_empty_program_leaves_a_row(client, viewer):
    program = make.make_program("Bare")
    make.join(program, Role.VIEWER, viewer)
    refit_program(program)
    assert names(client.get(BOARD)) == ["Bare"]
