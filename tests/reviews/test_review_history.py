"""Reviews that were held, found by what was said in them, by whom, about what and when."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.time import WEEK
from reviews.models import Review, Turn
from tests import factories as make

pytestmark = pytest.mark.django_db

URL = "/reviews/history/"


@pytest.fixture
def manager(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


def held(program, weeks_ago: int = 1, **fields) -> Review:
    then = timezone.now() - weeks_ago * WEEK
    times = {"scheduled_for": then, "opened_at": then, "closed_at": then + dt.timedelta(hours=1)}
    return Review.objects.create(program=program, state="closed", **times, **fields)


@pytest.fixture
def engines(manager):
    return make.make_program("Engines", by=manager)


@pytest.fixture
def two(engines):
    """Grace on vanes two weeks ago, Linus on paint last week."""
    team = make.make_team(engines, "Blades")
    found = []
    for name, goal, memo, blocker, weeks in (
        ("Grace", "Cast vanes", "The mould cracks at 100 %.", "No foundry", 2),
        ("Linus", "Paint", "Two coats are dry.", "", 1),
    ):
        review, engineer = held(engines, weeks), make.make_engineer(team, name)
        turn = Turn.objects.create(review=review, engineer=engineer, team=team, state="heard")
        point = make.make_goal(team, goal)
        make.make_point(point, 5, review=review, turn=turn, engineer=engineer, memo=memo, blocker=blocker)
        found.append(review)
    return found


def shown(client, **query) -> list[Review]:
    page = client.get(URL, query)
    assert page.status_code == 200
    return [row.record for row in page.context["table"].page.object_list]


@pytest.mark.parametrize("words", ["mould", "foundry", "vanes", "grace", "MOULD cracks", "grace engines", "100 %"])
def test_every_word_is_found_wherever_it_was_said(client, two, words):
    assert shown(client, search=words) == [two[0]] if words != "engines" else two


def test_what_was_said_stands_beside_the_review(client, two):
    html = client.get(URL, {"search": "mould"}).content.decode()
    assert "The mould cracks at 100 %." in html
    assert "Two coats are dry." not in html


@pytest.mark.parametrize("words", ["mould coats", "zinc", "_", "%%", "x" * 5000])
def test_what_was_not_said_is_not_found(client, two, words):
    assert shown(client, search=words) == []


def test_statements_notes_and_programs_are_searched_too(client, engines, two):
    two[1].turns.get().statements.create(kind="blocked", text="No compressor")
    Review.objects.filter(pk=two[0].pk).update(notes="Asked for a kiln")
    assert shown(client, search="compressor") == [two[1]]
    assert shown(client, search="kiln") == [two[0]]
    assert shown(client, search="engines") == [two[1], two[0]]


def test_filters(client, manager, engines, two):
    other = held(make.make_program("Other", by=manager))
    grace = two[0].turns.get().engineer
    assert set(shown(client)) == {*two, other}
    assert shown(client, program=other.program.pk) == [other]
    assert shown(client, person=grace.pk) == [two[0]]
    day = (timezone.now() - 1.5 * WEEK).date().isoformat()
    assert shown(client, since=day, program=engines.pk) == [two[1]]
    assert shown(client, until=day) == [two[0]]


@pytest.mark.parametrize(
    "query", [{"since": "soon"}, {"program": "x"}, {"person": str(10**30)}, {"page": "x"}, {"sort": "x"}]
)
def test_nonsense_in_the_address_breaks_nothing(client, two, query):
    assert client.get(URL, query).status_code == 200


def test_of_a_person_who_was_absent_nothing_is_found(client, two):
    Turn.objects.update(state="absent")
    assert shown(client, person=two[0].turns.get().engineer_id) == []


def test_other_programs_are_not_seen(client, manager):
    theirs = make.make_program("Theirs")
    review, engineer = held(theirs), make.make_engineer(make.make_team(theirs), "Theirs engineer")
    Turn.objects.create(review=review, engineer=engineer, team=engineer.seats.get().team, state="heard")
    held(make.make_program("Ours", by=manager))
    page = client.get(URL, {"program": theirs.pk, "person": engineer.pk})
    assert "Theirs" not in page.content.decode()


def test_it_is_paged_newest_first(client, engines):
    for weeks in range(1, 31):
        held(engines, weeks)
    first, second = shown(client), shown(client, page=2)
    assert (len(first), len(second)) == (25, 5)
    closed = [review.closed_at for review in [*first, *second]]
    assert closed == sorted(closed, reverse=True)


def test_nothing_held_yet_leads_to_the_calendar(client, engines):
    assert reverse("reviews") in client.get(URL).content.decode()
    assert "No review held yet" in client.get(URL).content.decode()


def test_no_person_is_ranked(client, two):
    """Nobody's values, minutes or surprises are put in an order or a sum."""
    html = client.get(URL).content.decode().lower()
    for word in ("rank", "score", "average", "best", "worst"):
        assert word not in html.split("<main")[1]
