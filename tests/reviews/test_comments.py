"""An engineer answers to what was logged about their work; the answer stands wherever the datapoint does."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from projects.models import Event, Role
from reviews.models import Comment
from reviews.services.comments import add_comment, waiting_for_answer
from reviews.services.sessions import close_review
from tests import factories as make

pytestmark = pytest.mark.django_db

WORDS = "62 counts the macros only; the drop order is a second piece of work."


@pytest.fixture
def grace():
    return make.make_user("grace")


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def goal(program):
    return make.make_goal(make.make_team(program, "Blades"), "Cast vanes")


@pytest.fixture
def point(goal, grace):
    return make.make_point(goal, 62, engineer=make.make_engineer(goal.team, "Grace", user=grace), memo="Macros expand.")


@pytest.fixture
def url(point):
    return reverse("comment_create", args=[point.pk])


def sent(text=WORDS, **changed) -> dict:
    return {"uuid": str(uuid.uuid4()), "text": text} | changed


def test_the_engineer_answers_without_being_a_member(client, point, url, grace):
    client.force_login(grace)
    assert "Macros expand." in client.get(url).content.decode()
    answer = client.post(url, sent())
    assert answer.headers["Location"] == f"{reverse('mine')}#point-{point.pk}"
    comment = Comment.objects.get()
    assert (comment.by, comment.from_engineer, comment.text) == (grace, True, WORDS)
    assert Event.objects.get(verb="answered").memo == WORDS
    assert WORDS in client.get(reverse("mine")).content.decode()


def test_it_stands_wherever_the_datapoint_does(client, program, goal, point, grace):
    manager = make.join(program)
    review = make.open_review(program)
    review.turns.all().delete()
    type(point).objects.filter(pk=point.pk).update(review=review)
    assert close_review(review=review, by=manager)
    add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    client.force_login(manager)
    for page in (goal.get_absolute_url(), review.get_absolute_url(), reverse("reviews")):
        assert WORDS in client.get(page).content.decode(), page
    assert "Cast vanes" in client.get(reverse("review_prepare", args=[program.slug])).content.decode()


def test_a_later_answer_is_seen_at_once_although_the_page_is_kept(client, program, goal, point, grace):
    client.force_login(make.join(program))
    assert WORDS not in client.get(goal.get_absolute_url()).content.decode()
    add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    assert WORDS in client.get(goal.get_absolute_url()).content.decode()


def test_it_waits_until_the_manager_answers(client, program, point, url, grace):
    add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    assert waiting_for_answer([program]) == [point]
    client.force_login(make.join(program))
    assert client.post(url, sent("Then two goals. I split it.")).status_code == 302
    assert waiting_for_answer([program]) == []
    add_comment(datapoint=point, uuid=uuid.uuid4(), text="Thank you, that fits.", by=grace)
    assert waiting_for_answer([program]) == [point]


def test_unanswered_ones_are_shown_to_those_who_can_answer_only(client, program, point, grace):
    add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    for role, seen in ((Role.MANAGER, True), (Role.VIEWER, False), (Role.ENGINEER, False)):
        client.force_login(make.join(program, role))
        assert (WORDS in client.get(reverse("reviews")).content.decode()) is seen, role


def test_sent_twice_it_is_one(client, point, url, grace):
    client.force_login(grace)
    data = sent()
    assert {client.post(url, data).status_code for _click in range(2)} == {302}
    assert Comment.objects.count() == Event.objects.filter(verb="answered").count() == 1
    refused = client.post(url, data | {"text": "Other words."})
    assert refused.status_code == 422
    assert "sent before with other words" in refused.content.decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "required"), ("n/a", "says nothing"), (WORDS, "repeats the last memo"), ("x" * 2001, "at most 2000")],
)
def test_words_without_meaning_are_refused_and_nothing_typed_is_lost(client, point, url, grace, text, said):
    add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    client.force_login(grace)
    answer = client.post(url, sent(text))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert text in answer.content.decode()
    assert Comment.objects.count() == 1


def test_who_may_not_answer(client, program, point, url):
    cases = {
        make.join(make.make_program(), Role.ADMIN): 404,
        make.join(program, Role.ENGINEER): 404,
        make.make_engineer(point.goal.team, user=make.make_user()).user: 404,
        make.join(program, Role.VIEWER): 403,
    }
    for user, status in cases.items():
        client.force_login(user)
        assert (client.get(url).status_code, client.post(url, sent()).status_code) == (status, status)
    client.logout()
    assert client.post(url, sent()).status_code == 302
    assert not Comment.objects.exists()


def test_a_key_that_was_used_elsewhere_is_refused(point, goal, grace):
    known = add_comment(datapoint=point, uuid=uuid.uuid4(), text=WORDS, by=grace)
    with pytest.raises(ValidationError, match="sent before"):
        add_comment(datapoint=make.make_point(goal), uuid=known.uuid, text=WORDS, by=grace)


def test_markup_is_text(client, program, goal, point, grace):
    add_comment(datapoint=point, uuid=uuid.uuid4(), text="<script>alert(1)</script>", by=grace)
    client.force_login(make.join(program))
    for page in (goal.get_absolute_url(), reverse("reviews")):
        assert "<script>alert(1)" not in client.get(page).content.decode()
