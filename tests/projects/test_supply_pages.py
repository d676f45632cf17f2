"""Supplies in the browser: made, changed, refused with what was typed still there; claims side by side."""

import json
import re

import pytest
from django.urls import reverse

from projects.models import Capacity, Claim, Factor, Program, Role, Supply
from projects.services.ranking import rank_program
from tests import factories as make
from tests.projects.test_supplies import stated

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(client):
    program = make.make_program("Compute", kind=Program.Kind.THROUGHPUT, output_unit="GW a year", output_target=100.0)
    client.force_login(make.join(program, Role.MANAGER))
    return program


def sent(**fields) -> dict:
    rows = {"capacity-TOTAL_FORMS": 2, "capacity-INITIAL_FORMS": 0}
    row = {"on": make.today().isoformat(), "low": "18", "high": "24", "source": "the supplier"}
    rows |= {f"capacity-0-{name}": value for name, value in row.items()}
    return (
        rows
        | {
            "factor": "Power",
            "unit": "GW",
            "need_low": "1,68",
            "need_high": "1.75",
            "memo": "Counted on the floor.",
        }
        | fields
    )


def post(client, program, **fields):
    return client.post(reverse("supply_create", args=[program.slug]), sent(**fields))


def test_made_and_ranked(client, program):
    response = post(client, program)
    assert response.headers["Location"] == f"{program.get_absolute_url()}#supplies"
    supply = Supply.objects.get()
    assert (supply.need_low, supply.need_high, supply.growth_low) == (1.68, 1.75, None)
    assert list(supply.capacities.values_list("low", "high", "source")) == [(18, 24, "the supplier")]
    program.refresh_from_db()
    assert program.ranking.proposal["name"] == "Power"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("need_low", "0", "above 0"),
        ("need_low", "nan", "number"),
        ("need_high", "1", "low to high"),
        ("growth_low", "-100", "growth"),
        ("growth_high", "5", "growth"),
        ("beyond", "-1", "0 or more"),
        ("memo", "n/a", "says nothing"),
        ("factor", " ", "required"),
        ("capacity-0-low", "-3", "0 or more"),
        ("capacity-0-low", "30", "low to high"),
        ("capacity-0-on", "2165-01-01", "1970 and 2100"),
        ("capacity-0-source", "", "required"),
        ("capacity-0-low", "1e400", "number"),
        ("capacity-TOTAL_FORMS", "5000", "submit at most"),
        ("capacity-TOTAL_FORMS", "x", "missing or has been tampered"),
    ],
)
def test_refused_with_the_reason_and_nothing_made(field, value, said, client, program):
    response = post(client, program, **{field: value})
    assert response.status_code == 422
    html = response.content.decode()
    assert re.search(said, html, re.IGNORECASE)
    assert "Counted on the floor." in html or field == "memo"
    assert not Supply.objects.exists()
    assert not Factor.objects.exists()


def test_two_capacities_on_one_day_are_refused(client, program):
    second = {"capacity-1-on": make.today().isoformat(), "capacity-1-low": "1", "capacity-1-source": "another"}
    response = post(client, program, **second)
    assert "Two capacities are stated for one day." in response.content.decode()
    assert not Capacity.objects.exists()


def test_changed(client, program):
    supply = make.make_supply(program, "Power", stated(10, 20))
    page = client.get(reverse("supply_edit", args=[supply.pk])).content.decode()
    assert 'value="10"' in page
    fields = sent(version=1, memo="The plant opened.") | {"capacity-INITIAL_FORMS": 1}
    client.post(reverse("supply_edit", args=[supply.pk]), fields)
    assert list(supply.capacities.values_list("low", "high")) == [(18, 24)]


def test_row_taken_out(client, program):
    supply = make.make_supply(program, "Power", stated(10))
    fields = sent(version=1, memo="No source any more.") | {"capacity-INITIAL_FORMS": 1, "capacity-0-DELETE": "on"}
    client.post(reverse("supply_edit", args=[supply.pk]), fields)
    assert not supply.capacities.exists()


def test_second_editor_sees_both(client, program):
    supply = make.make_supply(program, "Power", stated(10))
    Supply.objects.filter(pk=supply.pk).update(version=2, unit="kW")
    fields = sent(version=1, memo="The plant opened.") | {"capacity-INITIAL_FORMS": 1}
    response = client.post(reverse("supply_edit", args=[supply.pk]), fields)
    assert response.status_code == 409
    assert "kW" in response.content.decode()
    assert list(supply.capacities.values_list("low")) == [(10,)]


def test_program_page_draws_the_curves_and_says_what_limits(client, program):
    make.make_supply(program, "Power", stated(10, 12), growth_low=60.0, growth_high=90.0, growth_assumed=True)
    make.make_supply(program, "Memory", stated(25, 28), growth_low=10.0, growth_high=20.0)
    rank_program(program)
    html = client.get(program.get_absolute_url()).content.decode()
    spec = json.loads(re.search(r'id="supply-curves"[^>]*>(.*?)</script>', html)[1])
    assert "Power limits now." in spec["description"]
    assert "Memory takes over" in spec["description"]
    assert "illustrative, edit me" in html
    assert "10–12" in html


def test_empty_program_asks_for_its_first_supply(client, program):
    html = client.get(program.get_absolute_url()).content.decode()
    assert "Add the first supply" in html


def test_delivery_program_has_no_supplies(client):
    program = make.make_program("Engine")
    client.force_login(make.join(program))
    assert 'id="supplies"' not in client.get(program.get_absolute_url()).content.decode()


def test_removed(client, program):
    supply = make.make_supply(program, "Power", stated(10))
    client.post(reverse("supply_remove", args=[supply.pk]))
    assert not Supply.objects.exists()


# ---- claims ----------------------------------------------------------------------------------------------------------

CLAIM = {"question": "What limits power?", "says": "Bureaucracy.", "source": "Article A"}


@pytest.fixture
def factor(program):
    return make.make_supply(program, "Power", stated(10)).factor


def test_two_sources_stand_side_by_side(client, factor):
    url = reverse("claim_create", args=[factor.pk])
    client.post(url, CLAIM)
    assert "sources disagree" not in client.get(factor.get_absolute_url()).content.decode()
    client.post(url, CLAIM | {"says": "Physics that money cannot move.", "source": "Article B"})
    html = client.get(factor.get_absolute_url()).content.decode()
    assert "sources disagree" in html
    assert "Bureaucracy." in html
    assert "Physics that money cannot move." in html


def test_one_source_answers_once(client, factor):
    url = reverse("claim_create", args=[factor.pk])
    client.post(url, CLAIM)
    response = client.post(url, CLAIM | {"says": "Something else."})
    assert response.status_code == 422
    assert Claim.objects.get().says == "Bureaucracy."


def test_claim_without_words_is_refused(client, factor):
    response = client.post(reverse("claim_create", args=[factor.pk]), CLAIM | {"says": "n/a"})
    assert response.status_code == 422
    assert not Claim.objects.exists()


def test_claim_removed(client, factor):
    client.post(reverse("claim_create", args=[factor.pk]), CLAIM)
    client.post(reverse("claim_remove", args=[Claim.objects.get().pk]))
    assert not Claim.objects.exists()
