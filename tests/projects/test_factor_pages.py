"""Factors: rolled up over programs, their facts and how these age, the argument against them, what they are part of."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from projects.models import Evidence, Factor, Role
from projects.services.goals import set_gate
from projects.services.limits import record_evidence
from projects.services.programs import set_archived
from projects.time import WEEK
from tests import factories as make

pytestmark = pytest.mark.django_db

FACTORS = "/factors/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def manager(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(manager):
    made = make.make_program("Engines")
    make.join(made, Role.MANAGER, manager)
    return made


@pytest.fixture
def factor(program):
    made = make.make_factor("Foundries", kind=Factor.Kind.SUPPLY)
    make.declare(program, made, since=make.today() - 2 * WEEK)
    return made


def mine(manager, name: str = ""):
    program = make.make_program(name)
    make.join(program, Role.VIEWER, manager)
    return program


def shown(client, factor: Factor) -> str:
    response = client.get(factor.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def edit(client, factor: Factor, **changed):
    factor.refresh_from_db()
    data = {"name": factor.name, "kind": factor.kind, "version": factor.version}
    return client.post(reverse("factor_edit", args=[factor.pk]), data | changed)


# ---- the list --------------------------------------------------------------------------------------------------------


def rows(client) -> list[list[str]]:
    """[name and programs, kind, limits now, days held, gates goals, challenged, facts as of] of each row."""
    page = client.get(FACTORS).content.decode()
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    cells = [re.findall(r"<td.*?</td>", row, re.DOTALL) for row in body.split("</tr>") if "<td" in row]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_one_that_limits_many_programs_is_seen_once_on_top(client, manager):
    for name in ("One", "Two", "Three"):
        make.declare(mine(manager, name), "Care")
    make.declare(mine(manager, "Four"), "Abundance")
    assert [(row[0], row[2]) for row in rows(client)] == [("Care One, Three, Two", "3"), ("Abundance Four", "1")]


def test_what_limited_once_is_listed_and_not_counted(client, manager):
    program = mine(manager, "One")
    make.declare(program, "Turbines", since=make.today() - WEEK)
    make.declare(program, "Vanes")
    assert [(row[0], row[2], row[3]) for row in rows(client)] == [("Vanes One", "1", "0"), ("Turbines", "0", "7")]


def test_gated_goals_are_counted_once_each(client, program, factor):
    team = make.make_team(program)
    for _ in range(2):
        set_gate(goal=make.make_goal(team), factor=factor, by=None)
    make.declare(program, "Another")
    make.declare(program, factor, memo="It limits again.")
    assert rows(client)[0][:5] == ["Foundries Engines", "Supply", "1", "14", "2"]


def test_programs_of_others_are_counted_and_not_named(client, manager, factor):
    make.declare(make.make_program("Foreign"), factor)
    assert rows(client)[0][2:4] == ["2 1 you cannot see", "14"]
    assert "Foreign" not in client.get(FACTORS).content.decode()


def test_what_a_part_limits_counts_for_the_whole_once_in_each_program(client, manager):
    power, plant = make.make_factor("Power"), make.make_factor("Own plant")
    Factor.objects.filter(pk=plant.pk).update(parent=power)
    one, two = mine(manager, "One"), mine(manager, "Two")
    make.declare(one, power, since=make.today() - 10 * DAY)
    make.drill(one, "Own plant", since=make.today() - 4 * DAY)
    make.declare(two, plant, since=make.today() - 3 * DAY)
    assert [(row[0], row[2], row[3]) for row in rows(client)] == [
        ("Power One, Two", "2", "13"),
        ("Own plant binds deepest One, Two", "2", "7"),
    ]


def test_which_are_to_challenge_and_whose_facts_are_stale(client, program, factor):
    def listed(show: str) -> list[str]:
        page = client.get(FACTORS, {"show": show}).content.decode()
        return re.findall(r'class="row-title"[^>]*>([^<]*)<', page)

    assert (listed("unchallenged"), listed("stale"), listed("limiting")) == (["Foundries"], [], ["Foundries"])
    day = make.today()
    Factor.objects.filter(pk=factor.pk).update(challenged_on=day - 14 * DAY, facts_as_of=day - 91 * DAY)
    assert (listed("unchallenged"), listed("stale")) == ([], ["Foundries"])
    Factor.objects.filter(pk=factor.pk).update(challenged_on=day - 15 * DAY)
    assert listed("unchallenged") == ["Foundries"]
    Factor.objects.filter(pk=factor.pk).update(challenge_again_on=day + 30 * DAY)
    assert listed("unchallenged") == [], "its own date goes before the 14 days"
    assert listed("nonsense") == ["Foundries"], "all"


def test_factors_of_other_programs_are_not_listed(client, factor):
    make.declare(make.make_program("Foreign"), "Secret sauce")
    assert [row[0] for row in rows(client)] == ["Foundries Engines"]


def test_whole_above_a_part_of_mine_is_listed(client, factor):
    whole = make.make_factor("Turbines", parent=make.make_factor("Power"))
    Factor.objects.filter(pk=factor.pk).update(parent=whole)
    assert [row[0] for row in rows(client)] == ["Power Engines", "Turbines Engines", "Foundries binds deepest Engines"]


def test_nothing_named_yet(client, manager):
    assert "No factor named yet" in client.get(FACTORS).content.decode()


# ---- one factor ------------------------------------------------------------------------------------------------------


def test_programs_of_others_are_a_number(client, program, factor):
    for name in ("Foreign", "Hidden"):
        make.declare(make.make_program(name), factor)
    page = shown(client, factor)
    assert "Engines" in page
    assert re.search(r"2\s+other programs", page)
    assert "Foreign" not in page
    assert "Hidden" not in page


def test_one_other_program_is_said_in_the_singular(client, factor):
    make.declare(make.make_program("Foreign"), factor)
    assert re.search(r"1\s+other program\b(?!s)", shown(client, factor))


def test_program_of_mine_that_it_limits_twice_is_no_other(client, program, factor):
    make.declare(program, None)
    make.declare(program, factor, memo="It limits again.")
    assert "other program" not in shown(client, factor)


def test_evidence_stays_with_its_program(client, program, factor):
    foreign = make.make_program("Foreign")
    make.declare(foreign, factor)
    for of, text in ((program, "Three foundries"), (foreign, "Secret contract")):
        record_evidence(program=of, factor=factor, kind=Evidence.Kind.NOTE, on=make.today(), by=None, text=text)
    page = shown(client, factor)
    assert "Three foundries" in page
    assert "Secret contract" not in page


def test_goals_that_it_gates_are_mine_only(client, program, factor):
    set_gate(goal=make.make_goal(make.make_team(program), "Cast one vane"), factor=factor, by=None)
    set_gate(goal=make.make_goal(name="Secret goal"), factor=factor, by=None)
    page = shown(client, factor)
    assert "Cast one vane" in page
    assert "Secret goal" not in page


def test_facts_that_are_not_known_are_unknown_and_never_0(client, factor):
    facts = shown(client, factor).split('<dl class="facts">')[1].split("</dl>")[0]
    assert re.findall(r"<dd>([^<]*)</dd>", facts) == ["unknown"] * 8


def test_facts_are_edited_and_shown(client, factor):
    facts = {
        "other_side": "They lost money on the last order book.",
        "suppliers": "3",
        "lead_time_days": "0",
        "sold_out_until": "2030-06-30",
        "solvable_by_money": "false",
        "solvable_by_time": "true",
        "true_until": "2030-12-31",
        "facts_as_of": make.today().isoformat(),
        "facts_source": "Order books & press",
    }
    assert edit(client, factor, **facts).status_code == 302
    page = shown(client, factor)
    factor.refresh_from_db()
    assert (factor.suppliers, factor.solvable_by_money, factor.solvable_by_permission) == (3, False, None)
    for text in (
        "30\u00a0Jun\u00a02030",
        "Order books &amp; press",
        "<dd>no</dd>",
        "<dd>yes</dd>",
        "<dd>unknown</dd>",
        "They lost",
    ):
        assert text in page


STALE = [(kind, days, days > limit) for kind, limit in (
    ("regulatory", 30), ("supply", 90), ("capital", 90), ("information", 90), ("dependency", 90),
    ("capability", 180), ("care", 180), ("physical", 365),
) for days in (limit, limit + 1)]  # fmt: skip


@pytest.mark.parametrize(("kind", "days", "stale"), [*STALE, ("", 9999, False)])
def test_facts_go_stale_by_kind(kind, days, stale, client, factor):
    as_of = make.today() - dt.timedelta(days=days)
    Factor.objects.filter(pk=factor.pk).update(kind=kind, facts_as_of=as_of)
    assert ('<span class="badge">stale</span>' in shown(client, factor)) is stale


def test_facts_of_unknown_age_are_not_called_stale(client, factor):
    assert '<span class="badge">stale</span>' not in shown(client, factor)


def test_facts_need_their_day_and_their_source(client, factor):
    response = edit(client, factor, suppliers="3")
    assert response.status_code == 422
    assert {"facts_as_of", "facts_source"} == set(response.context["form"].errors)
    assert edit(client, factor, suppliers="3", facts_as_of="2100-01-01", facts_source="Press").status_code == 422
    factor.refresh_from_db()
    assert factor.suppliers is None


def test_a_window_that_has_passed_is_said(client, factor):
    Factor.objects.filter(pk=factor.pk).update(true_until=make.today() - DAY)
    assert "expired" in shown(client, factor)


# ---- parts -----------------------------------------------------------------------------------------------------------


def test_part_and_whole_lead_to_each_other(client, program, factor):
    whole = make.make_factor("Turbines")
    make.declare(program, whole, memo="Now these.")
    assert edit(client, factor, parent=whole.pk).status_code == 302
    assert factor.get_absolute_url() in shown(client, whole)
    assert whole.get_absolute_url() in shown(client, factor)


def test_ring_of_parts_is_refused(client, program, factor):
    middle = make.make_factor("Turbines", parent=factor)
    low = make.make_factor("Vanes", parent=middle)
    make.declare(program, low, memo="Now these.")
    for parent in (factor, middle, low):
        response = edit(client, factor, parent=parent.pk)
        assert response.status_code == 422, parent
    factor.refresh_from_db()
    assert factor.parent is None


def test_ring_that_two_people_closed_at_once_does_not_hang(client, program, factor):
    one, two = make.make_factor("One"), make.make_factor("Two")
    Factor.objects.filter(pk=one.pk).update(parent=two)
    Factor.objects.filter(pk=two.pk).update(parent=one)
    set_gate(goal=make.make_goal(make.make_team(program)), factor=one, by=None)
    assert edit(client, factor, parent=one.pk).status_code == 302
    assert client.get(FACTORS).status_code == 200


def test_part_of_a_factor_i_cannot_see_is_refused(client, factor):
    secret = make.make_factor("Secret sauce")
    make.declare(make.make_program("Foreign"), secret)
    response = edit(client, factor, parent=secret.pk)
    assert response.status_code == 422
    assert "Secret sauce" not in response.content.decode()


# ---- who edits -------------------------------------------------------------------------------------------------------


def test_conflict_shows_both_and_loses_nothing(client, factor):
    edit(client, factor, facts_source="Theirs")
    response = edit(client, factor, facts_source="Mine", version=1)
    assert response.status_code == 409
    assert "Theirs" in response.content.decode()
    assert "Mine" in response.content.decode()
    factor.refresh_from_db()
    assert factor.facts_source == "Theirs"


@pytest.mark.parametrize("name", ["Foundries", "fOUNDRIES"])
def test_name_of_another_factor_is_refused(name, client, program, factor):
    other = make.make_factor("Turbines")
    make.declare(program, other, memo="Now these.")
    response = edit(client, other, name=name)
    assert response.status_code == 422
    assert "A factor of this name exists." in response.content.decode()


def test_one_who_only_reads_where_it_limits_may_not_edit(client, manager):
    factor = make.make_factor("Care")
    make.declare(mine(manager), factor)
    assert reverse("factor_edit", args=[factor.pk]) not in shown(client, factor)
    assert edit(client, factor).status_code == 403


def test_whole_of_a_part_of_mine_is_read_only(client, factor):
    whole = make.make_factor("Turbines")
    Factor.objects.filter(pk=factor.pk).update(parent=whole)
    assert reverse("factor_edit", args=[whole.pk]) not in shown(client, whole)
    assert edit(client, whole).status_code == 403


def test_archived_program_limits_nothing_now(client, manager, program, factor):
    set_archived(program=program, archived=True, by=manager)
    assert rows(client)[0][2:4] == ["0", "0"]


def test_gate_on_a_goal_and_off_again(client, program):
    goal = make.make_goal(make.make_team(program))
    for _click in range(2):
        client.post(reverse("gate_create", args=[goal.pk]), {"factor": " R&D   <b> "})
    gate = goal.gates.get()
    assert gate.factor.name == "R&D <b>"
    assert "R&amp;D &lt;b&gt;" in client.get(goal.get_absolute_url()).content.decode()
    codes = [client.post(reverse("gate_remove", args=[gate.pk])).status_code for _click in range(2)]
    assert codes == [302, 404]
    assert Factor.objects.filter(name="R&D <b>").exists()


def test_what_binds_deepest_is_marked_on_every_page_of_its_branch(client, program, factor):
    make.drill(program, "Furnaces")
    deepest = make.drill(program, "Refractory bricks").factor
    Factor.objects.create(name="Sand", parent=factor)
    for page in (FACTORS, factor.get_absolute_url(), deepest.get_absolute_url()):
        html = client.get(page).content.decode()
        assert html.count("binds deepest") == 1, page
        assert re.search(r"Refractory bricks</(a|strong)> <span class=\"badge\">binds deepest", html), page
    assert "Furnaces" in shown(client, factor)


def test_a_factor_without_parts_needs_no_mark(client, factor):
    assert "binds deepest" not in shown(client, factor)
    assert "binds deepest" not in client.get(FACTORS).content.decode()
