"""The strongest argument against a factor, its answer, and when to argue again (M6); and what speaks for it."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Event, Evidence, Factor, Role
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
ARGUMENT = "GPUs are 70 % of the cost,\n<b>energy</b> 15 %."


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
    made = make.make_factor("Power")
    make.declare(program, made)
    return made


def challenge(client, factor: Factor, **changed):
    factor.refresh_from_db()
    data = {
        "challenge": ARGUMENT,
        "challenge_answer": "",
        "challenge_again_on": make.today() + 14 * DAY,
        "version": factor.version,
    }
    return client.post(reverse("factor_challenge", args=[factor.pk]), data | changed)


def page(client, factor: Factor) -> str:
    return client.get(factor.get_absolute_url()).content.decode()


def test_an_argument_stands_until_it_is_answered(client, manager, factor):
    assert "Nobody has challenged it yet." in page(client, factor)
    assert challenge(client, factor).status_code == 302
    factor.refresh_from_db()
    assert (factor.challenged_on, factor.challenge_again_on) == (make.today(), make.today() + 14 * DAY)
    assert "70 % of the cost,<br>&lt;b&gt;energy&lt;/b&gt; 15 %." in page(client, factor)
    assert "Not answered yet." in page(client, factor)
    assert challenge(client, factor, challenge_answer="Chips without power compute nothing.").status_code == 302
    assert "Chips without power" in page(client, factor)
    assert Event.objects.filter(verb="challenged", subject_id=factor.pk, by=manager).count() == 2


def test_the_form_offers_a_day_two_weeks_ahead(client, factor):
    form = client.get(reverse("factor_challenge", args=[factor.pk])).context["form"]
    assert form.initial["challenge_again_on"] == make.today() + 14 * DAY


@pytest.mark.parametrize(
    ("field", "value"),
    [("challenge", "n/a"), ("challenge", "  "), ("challenge_answer", "-"), ("challenge_again_on", "today")],
)
def test_what_says_nothing_is_refused(field, value, client, factor):
    value = make.today().isoformat() if value == "today" else value
    assert challenge(client, factor, **{field: value}).status_code == 422
    factor.refresh_from_db()
    assert (factor.challenge, factor.challenged_on) == ("", None)


def test_two_who_argue_at_once_lose_nothing(client, factor):
    challenge(client, factor, challenge="Theirs: chips bind.")
    response = challenge(client, factor, challenge="Mine: memory binds.", version=1)
    assert response.status_code == 409
    for text in ("Theirs: chips bind.", "Mine: memory binds."):
        assert text in response.content.decode()
    factor.refresh_from_db()
    assert factor.challenge == "Theirs: chips bind."


# ---- evidence ------------------------------------------------------------------------------------------------------


def add(client, factor: Factor, to, **changed):
    data = {"text": "Three foundries cast them.", "url": "", "program": to.pk}
    return client.post(reverse("evidence_create", args=[factor.pk]), data | changed)


def test_a_note_and_a_link_are_kept_with_their_program(client, factor, program):
    add(client, factor, program)
    add(client, factor, program, text="Order books", url="https://example.org/books")
    kinds = set(Evidence.objects.values_list("kind", "program", "text"))
    assert kinds == {
        ("note", program.pk, "Three foundries cast them."),
        ("link", program.pk, "Order books"),
    }
    assert "https://example.org/books" in page(client, factor)


def test_the_second_click_adds_nothing(client, factor, program):
    for _ in range(2):
        assert add(client, factor, program).status_code == 302
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("changed", [{"text": ""}, {"text": "n/a"}, {"url": "javascript:alert(1)"}, {"program": 0}])
def test_evidence_that_says_nothing_is_refused_and_stays_in_the_form(changed, client, factor, program):
    response = add(client, factor, program, **changed)
    assert response.status_code == 422
    assert not Evidence.objects.exists()
    if "text" not in changed:
        assert "Three foundries cast them." in response.content.decode()
