"""Public predictions (L13): on file in their words with a date, judged with a memo; no probability is invented."""

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from projects.models import Event, PublicPrediction, Role
from projects.scores import score_public
from projects.services.public_predictions import judge_public_prediction
from projects.time import WEEK
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def program():
    return make.make_program("Compute")


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


def sent(**changed) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "text": "A million wafers a month by 2030.",
        "source": "An interview",
        "stated_on": (make.today() - WEEK).isoformat(),
        "due_from": "",
        "due_on": (make.today() + 52 * WEEK).isoformat(),
        "probability": "",
        "judged_by": "The operator's own statement.",
    } | changed


def test_it_is_put_on_file_with_its_event_and_without_a_probability(client, program, manager):
    url, data = reverse("public_prediction_create", args=[program.slug]), sent()
    for _click in range(2):
        assert client.post(url, data).headers["Location"] == "/calibration/#public"
    made = PublicPrediction.objects.get()
    assert (made.program, made.by, made.probability, made.outcome) == (program, manager, None, "open")
    assert Event.objects.get(subject="publicprediction").verb == "filed"
    html = client.get("/calibration/").content.decode()
    assert "A million wafers a month by 2030." in html
    assert "not stated" in html


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": "n/a"}, "says nothing"),
        ({"judged_by": "-"}, "A memo is needed|says nothing|required"),
        ({"source": ""}, "required"),
        ({"due_on": "2020-01-01"}, "due after it was stated"),
        ({"due_from": "2090-01-01"}, "ends before it begins"),
        ({"stated_on": (make.today() + 9 * DAY).isoformat()}, "lies in the future"),
        ({"probability": "130"}, "0 to 100 %"),
        ({"probability": "likely"}, "number"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(client, program, manager, changed, said):
    data = sent(**changed)
    answer = client.post(reverse("public_prediction_create", args=[program.slug]), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert any(part in html for part in said.split("|"))
    assert not PublicPrediction.objects.exists()
    assert data["judged_by"].replace("'", "&#x27;") in html


def test_the_same_form_with_other_content_is_refused(client, program, manager):
    url, data = reverse("public_prediction_create", args=[program.slug]), sent()
    client.post(url, data)
    assert client.post(url, data | {"text": "Two million."}).status_code == 422
    assert PublicPrediction.objects.get().text.startswith("A million")


def test_it_is_judged_with_a_memo_and_its_event(client, program, manager):
    made = make.make_public_prediction(program, probability=0.8)
    url = reverse("public_prediction_judge", args=[made.pk])
    data = {
        "version": "1",
        "outcome": "came",
        "outcome_on": make.today().isoformat(),
        "outcome_memo": "The statement of May says so.",
    }
    assert client.post(url, data | {"outcome_memo": "ok"}).status_code == 422
    assert client.post(url, data).status_code == 302
    made.refresh_from_db()
    assert (made.outcome, made.outcome_on, made.version) == ("came", make.today(), 2)
    assert made.brier == pytest.approx(0.04)
    assert Event.objects.get(subject="publicprediction", verb="judged").changes["outcome"] == ["open", "came"]
    answer = client.post(url, data | {"outcome": "void", "outcome_memo": "Nobody can know."})
    assert answer.status_code == 409
    assert "The statement of May says so." in answer.content.decode()
    assert (
        client.post(url, data | {"version": "2", "outcome": "open", "outcome_memo": "It was withdrawn."}).status_code
        == 302
    )
    made.refresh_from_db()
    assert (made.outcome, made.outcome_on) == ("open", None)


def test_it_cannot_have_failed_before_its_last_day_is_over_nor_come_after_it(program):
    user, day = make.make_user(), make.today()
    made = make.make_public_prediction(program, due_on=day)
    said = {"prediction": made, "version": 1, "outcome_memo": "Counted.", "by": user}
    with pytest.raises(ValidationError, match="may still come"):
        judge_public_prediction(outcome="did not", outcome_on=day, today=day, **said)
    with pytest.raises(ValidationError, match="after its last day"):
        judge_public_prediction(outcome="came", outcome_on=day + DAY, today=day + DAY, **said)
    for on in (None, day + 2 * DAY, made.stated_on - DAY):
        with pytest.raises(ValidationError, match="On which day"):
            judge_public_prediction(outcome="came", outcome_on=on, today=day + DAY, **said)
    judge_public_prediction(outcome="did not", outcome_on=day + DAY, today=day + DAY, **said)
    made.refresh_from_db()
    assert made.outcome == "did not"


def test_who_stated_no_probability_has_no_score(program):
    rows = [(0.8, "came"), (0.6, "did not"), (None, "came"), (0.9, "void"), (None, "open")]
    found = score_public([PublicPrediction(probability=p, outcome=outcome) for p, outcome in rows])
    assert found.brier == pytest.approx((0.04 + 0.36) / 2)
    assert (found.n, found.judged, found.came, found.unstated, found.void, found.open) == (2, 3, 2, 1, 1, 1)
    assert not found.enough
    assert score_public([PublicPrediction(outcome="came")]).brier is None


def test_a_viewer_reads_and_is_offered_no_change(client, program):
    made = make.make_public_prediction(program)
    client.force_login(make.join(program, Role.VIEWER))
    html = client.get("/calibration/").content.decode()
    assert made.text in html
    assert "/public-predictions/" not in html


def test_the_demo_has_those_of_the_articles_with_no_probability():
    call_command("load_demo", verbosity=0)
    found = {one.text: one for one in PublicPrediction.objects.all()}
    assert len(found) == 5
    assert {one.probability for one in found.values()} == {None}
    space = found["In 30 to 36 months, nearer 30, space is the cheapest place for AI."]
    assert (space.due_from, space.due_on) == (dt.date(2028, 8, 1), dt.date(2029, 2, 28))
    assert found["Chips exceed the power to run them before the end of 2026."].due_on == dt.date(2026, 12, 31)
    assert all(one.judged_by and one.source for one in found.values())
