"""The page of calibration: deadlines met, forecasts issued and replayed, what limits next; and whose dates (M20)."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Goal, Program, Role, SuccessorPrediction
from projects.scores import score
from projects.time import WEEK
from reviews.calibration import Verdict
from reviews.calibration_page import chosen, deadlines, horizons
from reviews.models import Forecast, ForecastScore, StatedDate
from tests import factories as make

pytestmark = pytest.mark.django_db

URL = "/calibration/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def viewer(client):
    user = make.make_user()
    client.force_login(user)
    return user


def stated(goal: Goal, met: int, missed: int, *, by=None, late: int = 30, imported: bool = False) -> None:
    """Deadlines that fell due, one a week: so many met, so many missed by `late` days."""
    taken = StatedDate.objects.filter(goal=goal).count()
    for n in range(met + missed):
        day = make.today() - (200 + taken + n) * WEEK
        StatedDate.objects.create(
            program=goal.team.program,
            goal=goal,
            day=day,
            stated_on=day - WEEK,
            by=by,
            imported=imported,
            outcome="met" if n < met else "missed",
            finished_on=day if n < met else day + dt.timedelta(days=late),
        )


def scored(goal: Goal, probability: float, came: bool, *, replayed: bool = False, horizon: int = 4) -> None:
    as_of = make.today() - (60 + ForecastScore.objects.count()) * WEEK
    row = None
    if not replayed:
        row = Forecast.objects.create(goal=goal, as_of=as_of, verdict="slow", inputs_hash="0", engine="e")
    ForecastScore.objects.create(
        goal=goal,
        forecast=row,
        as_of=as_of,
        horizon=horizon,
        due=as_of + 4 * WEEK,
        probability=probability,
        came=came,
        engine="e",
    )


# ---- deadlines met ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "missed", "verdict", "words"),
    [
        (10, 10, Verdict.IN_ORDER, "10 of 20 met. 6 to 14 is in order."),
        (18, 2, Verdict.EASY, "Too easy"),
        (5, 15, Verdict.OPTIMISTIC, "Too optimistic"),
        (3, 0, Verdict.TOO_FEW, "Too few fell due"),
    ],
)
def test_deadlines_met_both_ways(client, program, viewer, met, missed, verdict, words):
    make.join(program, Role.VIEWER, viewer)
    stated(make.make_goal(make.make_team(program)), met, missed)
    page = client.get(URL)
    here, imported = page.context["deadlines"]
    assert (here.met, here.due, here.verdict) == (met, met + missed, verdict)
    assert (imported.due, imported.spec) == (0, None)
    assert words in " ".join(page.content.decode().split())
    assert (here.spec is None) is (verdict == Verdict.TOO_FEW)


def test_those_of_an_import_stand_apart_and_what_nobody_knows_counts_nowhere(program):
    goal = make.make_goal(make.make_team(program))
    stated(goal, 4, 2)
    stated(goal, 1, 9, imported=True)
    days = {"day": make.today(), "stated_on": make.today() - WEEK}
    StatedDate.objects.create(program=program, goal=goal, outcome="unknown", imported=True, **days)
    here, imported = deadlines(Program.objects.all())
    assert (here.met, here.due, here.unknown) == (4, 6, 0)
    assert (imported.met, imported.due, imported.unknown) == (1, 10, 1)


def test_of_other_programs_nothing_is_counted(client, program, viewer):
    stated(make.make_goal(make.make_team(program)), 5, 5)
    scored(make.make_goal(), 0.5, True)
    page = client.get(URL)
    assert [row.due for row in page.context["deadlines"]] == [0, 0]
    assert not page.context["issued"]


# ---- forecasts -------------------------------------------------------------------------------------------------------


def test_what_was_issued_and_what_was_replayed_are_never_one_figure(client, program, viewer):
    make.join(program, Role.VIEWER, viewer)
    goal = make.make_goal(make.make_team(program))
    for came in (True, True, False):
        scored(goal, 0.6, came)
    scored(goal, 0.9, False, replayed=True)
    scored(goal, 0.9, False, replayed=True, horizon=13)
    page = client.get(URL)
    assert [(one.weeks, one.score.n) for one in page.context["issued"]] == [(4, 3)]
    assert [(one.weeks, one.score.n) for one in page.context["replayed"]] == [(4, 1), (13, 1)]
    assert page.context["issued_shown"].score.brier == pytest.approx((2 * 0.16 + 0.36) / 3)
    assert "Nobody issued these" in page.content.decode()
    ids = [f'id="{name}"' for name in ("reliability-issued", "reliability-replayed")]
    assert all(one in page.content.decode() for one in ids)


def test_the_figures_are_those_of_plain_arithmetic(program):
    team = make.make_team(program)
    goals = [make.make_goal(team) for _ in range(3)]
    pairs = [(0.05, False), (0.15, True), (0.15, False), (0.7, True), (0.99, True), (1.0, True)]
    for n, (p, came) in enumerate(pairs):
        scored(goals[n % 3], p, came)
    (found,) = horizons(Program.objects.all())[False]
    mean, base = sum(p for p, _ in pairs) / 6, 4 / 6
    assert found.score.brier == pytest.approx(sum((p - came) ** 2 for p, came in pairs) / 6)
    assert (found.score.n, found.score.goals, found.score.base) == (6, 3, pytest.approx(base))
    assert found.score.sharpness == pytest.approx((sum((p - mean) ** 2 for p, _ in pairs) / 6) ** 0.5)
    assert [(one.n, one.came) for one in found.score.bins] == [(1, 0), (2, 1), (1, 1), (2, 2)]
    assert not found.enough


def test_a_horizon_can_be_chosen_and_nonsense_shows_the_one_with_most(client, program, viewer):
    make.join(program, Role.VIEWER, viewer)
    goal, other = (make.make_goal(make.make_team(program)) for _ in range(2))
    scored(goal, 0.5, True)
    for one in (goal, other):
        scored(one, 0.5, True, horizon=26)
    assert client.get(URL).context["issued_shown"].weeks == 26
    assert client.get(URL, {"horizon": "4"}).context["issued_shown"].weeks == 4
    for nonsense in ("x", "-1", str(10**40)):
        assert client.get(URL, {"horizon": nonsense}).context["issued_shown"].weeks == 26
    assert chosen([], "4") is None


# ---- optimism of one owner (M20) -------------------------------------------------------------------------------------


@pytest.fixture
def ada(program):
    """She stated eight dates in Engines, most of them missed by a month."""
    ada = make.make_user("ada")
    make.join(program, Role.VIEWER, ada)
    stated(make.make_goal(make.make_team(program)), 2, 6, by=ada)
    return ada


def dates_of(client, user, program, owner=None) -> str:
    client.force_login(user)
    asked = {"owner": owner.pk} if owner else {}
    return " ".join(client.get(reverse("owner_dates", args=[program.slug]), asked).content.decode().split())


SEEN = "2 of 8 were met. The middle one was 30 days late."


def test_the_owner_sees_it_on_both_pages(client, program, ada):
    assert SEEN in dates_of(client, ada, program)
    assert SEEN in " ".join(client.get(URL).content.decode().split())
    assert "n = 8" in client.get(URL).content.decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_who_manages_the_program_sees_it_there(client, program, ada, role):
    manager = make.join(program, role)
    assert SEEN in dates_of(client, manager, program, ada)
    assert SEEN not in " ".join(client.get(URL).content.decode().split())


def test_nobody_else_sees_it(client, program, ada):
    elsewhere = make.make_program("Wings")
    make.join(elsewhere, Role.VIEWER, ada)
    stated(make.make_goal(make.make_team(elsewhere)), 0, 6, by=ada)
    others = [
        make.join(program, Role.VIEWER),
        make.join(program, Role.VIEWER, make.join(elsewhere, Role.MANAGER)),
        make.make_user(is_superuser=True),
    ]
    for user in others:
        html = dates_of(client, user, program, ada)
        assert "were met" not in html
        assert "ada" not in html
        assert "The middle one" not in client.get(URL).content.decode()
    client.force_login(make.join(elsewhere, Role.ADMIN))
    assert client.get(reverse("owner_dates", args=[program.slug]), {"owner": ada.pk}).status_code == 404


def test_a_manager_sees_only_the_dates_of_that_program(client, program, ada):
    elsewhere = make.make_program("Wings")
    stated(make.make_goal(make.make_team(elsewhere)), 6, 0, by=ada)
    assert SEEN in dates_of(client, make.join(program, Role.MANAGER), program, ada)
    client.force_login(ada)
    assert "8 of 14 were met" in " ".join(client.get(URL).content.decode().split())


def test_below_six_not_even_the_owner_is_told_a_figure(client, program):
    grace = make.join(program, Role.VIEWER, make.make_user("grace"))
    stated(make.make_goal(make.make_team(program)), 1, 4, by=grace)
    for html in (dates_of(client, grace, program), " ".join(client.get(URL).content.decode().split())):
        assert "5 fell due. Below 6 nothing can be said." in html
        assert "were met" not in html


def test_two_owners_are_never_on_one_page_and_their_names_stand_in_the_order_of_names(client, program, ada):
    grace = make.make_user("grace")
    stated(make.make_goal(make.make_team(program)), 6, 0, by=grace)
    manager = make.join(program, Role.MANAGER, make.make_user("zoe"))
    html = dates_of(client, manager, program, grace)
    assert html.count("were met") == 1
    assert "6 of 6 were met" in html
    assert html.index(">ada</option>") < html.index(">grace</option>")


def test_an_owner_who_is_not_one_here_is_nobody(client, program, ada):
    manager = make.join(program, Role.MANAGER)
    stranger = make.make_user("stranger")
    for owner in ("x", "-1", str(10**40), str(stranger.pk)):
        client.force_login(manager)
        page = client.get(reverse("owner_dates", args=[program.slug]), {"owner": owner})
        assert page.context["owner"] is None


# ---- what limits next ------------------------------------------------------------------------------------------------


def said(probability: float, outcome: str) -> SuccessorPrediction:
    return SuccessorPrediction(probability=probability, outcome=outcome)


def test_the_score_is_the_mean_square_of_what_was_said_less_what_came():
    found = score([said(0.8, "came"), said(0.3, "other"), said(0.9, "void"), said(0.5, "open")])
    assert found.brier == pytest.approx((0.04 + 0.09) / 2)
    assert (found.n, found.came, found.void, found.open) == (2, 1, 1, 1)
    assert found.expected == pytest.approx(1.1)
    assert not found.enough
    assert score([said(0.5, "came")] * 6).enough


def test_nothing_judged_is_unknown_and_not_0():
    assert score([said(0.5, "open")]).brier is None


def judged(name: str, viewer=None):
    program = make.make_program(name)
    if viewer:
        make.join(program, Role.VIEWER, viewer)
    limit = make.declare(program, "Power", since=make.today() - 9 * DAY)
    make.predict(limit, f"{name} chips", by=make.make_user(f"{name}-seer"))
    make.declare(program, f"{name} chips")


def test_it_shows_predictions_of_my_programs_only(client, viewer):
    judged("Mine", viewer)
    judged("Theirs")
    page = client.get(URL).content.decode()
    assert "Mine chips" in page
    assert "It came" in page
    assert "Theirs" not in page
    assert "too few to say" in page


def test_nothing_judged_yet(client, viewer):
    page = client.get(URL).content.decode()
    assert "None is judged yet" in page
    assert "unknown" in page


def test_the_same_queries_for_many(client, viewer, django_assert_num_queries):
    def more(name):
        judged(name, viewer)
        program = Program.objects.get(name=name)
        goal = make.make_goal(make.make_team(program))
        stated(goal, 3, 4, by=viewer)
        scored(goal, 0.4, True)
        scored(goal, 0.4, True, replayed=True)
        make.make_public_prediction(program)

    more("One")
    client.get(URL)
    with django_assert_num_queries(9):
        client.get(URL)
    for n in range(9):
        more(f"More {n}")
    with django_assert_num_queries(9):
        client.get(URL)
