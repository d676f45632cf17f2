"""Twice a week while the worst limiting factor holds; weekly again once it is relieved, with a note both times."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.models import Event
from projects.services.ranking import rank_program
from reviews.models import Cadence
from reviews.services.cadences import open_cadence
from reviews.services.double_cadence import double, fall_back, relieved
from reviews.tasks import fall_back_cadences
from tests import factories as make
from tests.reviews.test_attention import late_program

pytestmark = pytest.mark.django_db
NOTE = "The foundry decides this month."


@pytest.fixture
def user(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(user):
    program = late_program(user)
    make.make_cadence(program, weekdays="TU")
    return program


def test_tuesday_becomes_tuesday_and_saturday(program, user):
    made = double(program=program, note=NOTE, by=user)
    assert (made.weekdays, made.doubled_for, made.note) == ("TU,SA", "Blades of Engine", NOTE)
    assert open_cadence(program, None) == made
    assert Event.objects.filter(program=program, verb="set cadence").latest("pk").memo == NOTE


def test_a_note_without_words_is_refused(program, user):
    with pytest.raises(ValidationError):
        double(program=program, note="n/a", by=user)
    assert open_cadence(program, None).weekdays == "TU"


def test_doubled_once(program, user):
    double(program=program, note=NOTE, by=user)
    with pytest.raises(ValidationError):
        double(program=program, note="And once more.", by=user)


def test_nothing_is_doubled_where_nothing_limits(program, user):
    make.declare(program, None)
    with pytest.raises(ValidationError):
        double(program=program, note=NOTE, by=user)


def test_it_falls_back_by_itself_once_another_factor_limits(program, user):
    double(program=program, note=NOTE, by=user)
    fall_back_cadences()
    assert open_cadence(program, None).weekdays == "TU,SA", "it limits still"
    make.declare(program, "Paint")
    assert [one.program for one in relieved()] == [program]
    fall_back_cadences()
    back = open_cadence(program, None)
    assert (back.weekdays, back.doubled_for) == ("TU", "")
    assert "Blades of Engine is relieved" in back.note
    before = Cadence.objects.count()
    fall_back_cadences()
    assert Cadence.objects.count() == before


def test_a_person_may_take_it_back_earlier(program, user):
    made = double(program=program, note=NOTE, by=user)
    assert fall_back(cadence=made, by=user).weekdays == "TU"
    made.refresh_from_db()
    assert fall_back(cadence=made, by=user) == made, "ended already"


def test_offered_for_the_program_with_the_worst_factor(client, program, user):
    rank_program(program)
    html = client.get("/attention/").content.decode()
    assert "holds the worst limiting factor, Blades of Engine" in html
    client.post(reverse("cadence_double", args=[program.slug]), {"note": NOTE})
    html = client.get("/attention/").content.decode()
    assert "Until Blades of Engine is relieved" in html
    assert "holds the worst limiting factor" not in html
    assert NOTE in client.get("/reviews/").content.decode()


def test_a_refused_note_is_said(client, program):
    response = client.post(reverse("cadence_double", args=[program.slug]), {"note": "-"}, follow=True)
    assert "says nothing" in response.content.decode()
