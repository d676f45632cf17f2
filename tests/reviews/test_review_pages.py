"""A review: started, logged one by one with and without JavaScript, closed; and what goes wrong in a room."""

import re
import uuid

import pytest
from django.urls import reverse

from projects.models import Event, Goal, Outlook, Role
from projects.time import WEEK
from reviews.models import Datapoint, Review, Turn
from tests import factories as make

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def program(client):
    made = make.make_program("Engines")
    client.force_login(make.join(made, Role.MANAGER, make.make_user("ada")))
    return made


@pytest.fixture
def team(program):
    team = make.make_team(program, "Blades")
    make.make_engineer(team, "Grace")
    make.make_engineer(team, "Linus")
    return team


@pytest.fixture
def goal(team):
    made = make.make_goal(team, "Cast vanes")
    for age, value in enumerate(reversed(make.STEADY[:-1]), start=1):
        make.make_point(made, value, observed_on=make.today() - age * WEEK)
    make.refit_program(team.program)
    return made


@pytest.fixture
def review(program, team, goal):
    return make.open_review(program)


@pytest.fixture
def grace(team):
    return team.seats.get(engineer__name="Grace").engineer


@pytest.fixture
def linus(team):
    return team.seats.get(engineer__name="Linus").engineer


def entry(goal: Goal, engineer, **changed) -> dict:
    return {
        "uuid": str(uuid.uuid4()),
        "engineer": engineer.pk,
        "goal": goal.pk,
        "value": "66",
        "level": "doer",
        "observed_on": make.today().isoformat(),
        "memo": "The first vane came out whole.",
        "blocker": "No foundry",
    } | changed


def log(client, review: Review, data: dict, **headers):
    return client.post(reverse("review_log", args=[review.pk]), data, headers=headers)


def said(review: Review) -> int:
    return Datapoint.objects.filter(review=review).count()


# ---- started ---------------------------------------------------------------------------------------------------------


def test_started_with_everyone_who_sits_on_a_team(client, program, team, goal):
    response = client.post(reverse("review_start", args=[program.slug]), follow=True)
    review = Review.objects.get()
    assert (review.state, review.led_by.username) == ("live", "ada")
    assert [turn.engineer.name for turn in review.turns.all()] == ["Grace", "Linus"]
    html = response.content.decode()
    assert "Review of Engines" in html
    assert "under way" in html
    assert 'id="entry-form"' in html


def test_started_twice_is_one_review(client, program, team):
    urls = {client.post(reverse("review_start", args=[program.slug])).headers["Location"] for _click in range(2)}
    assert len(urls) == 1
    assert Review.objects.count() == 1
    assert Event.objects.filter(verb="opened").count() == 1


def test_one_who_left_or_whose_team_is_archived_is_not_on_the_roster(client, program, team):
    seat = team.seats.get(engineer__name="Linus")
    client.post(reverse("seat_end", args=[seat.pk]))
    away = make.make_team(program, "Away", engineers=1)
    client.post(reverse("team_archive", args=[away.pk]))
    client.post(reverse("review_start", args=[program.slug]))
    assert [turn.engineer.name for turn in Turn.objects.all()] == ["Grace"]


def test_who_sits_on_two_teams_is_heard_once(program, team, grace):
    other = make.make_team(program, "Vanes")
    other.seats.create(engineer=grace, joined=make.today() - WEEK)
    review = make.open_review(program)
    assert review.turns.filter(engineer=grace).count() == 1


def test_review_without_an_engineer_leads_to_the_teams(client, program):
    review = make.open_review(program)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "No engineer sits on a team of this program yet." in page


def test_list_shows_what_is_under_way_what_can_start_and_what_was_held(client, program, team):
    url = reverse("review_start", args=[program.slug])
    assert url in client.get(reverse("reviews")).content.decode()
    review = make.open_review(program)
    page = client.get(reverse("reviews")).content.decode()
    shown = f'href="{review.get_absolute_url()}"'
    assert f'class="slot slot-live" {shown}' in page
    assert url not in page
    make.close(review)
    page = client.get(reverse("reviews")).content.decode()
    assert f'class="slot slot-held" {shown}' in page
    assert url in page


# ---- logged by the page's scripts -----------------------------------------------------------------------------------


def test_scripts_get_the_row_and_what_changed(client, review, goal, grace):
    response = log(client, review, entry(goal, grace), **JSON)
    assert response.status_code == 200
    answer = response.json()
    assert answer["state"] == "saved"
    assert "Cast vanes: 66" in answer["result"]
    assert "The first vane came out whole." in answer["row"]
    memo = "The first vane came out whole."
    assert answer["goal"] == {"id": goal.pk, "memo": memo, "value": 66, "on": make.today().isoformat()}


def test_row_is_live_and_belongs_to_its_turn(client, review, goal, grace):
    log(client, review, entry(goal, grace), **JSON)
    point = Datapoint.objects.get(review=review)
    assert (point.origin, point.value, point.level, point.blocker) == ("live", 66, "doer", "No foundry")
    assert (point.turn.engineer, point.turn.state) == (grace, Turn.State.HEARD)
    assert point.recorded_by.username == "ada"
    assert Event.objects.filter(verb="logged").count() == 1


def test_board_goal_and_program_show_it_at_once(client, program, review, goal, grace):
    log(client, review, entry(goal, grace, value="100"), **JSON)
    assert make.outlook(goal).verdict == "done"
    program.ranking.refresh_from_db()
    assert program.ranking.verdicts == {"done": 1}
    assert '1 done"' in client.get("/").content.decode()


def test_result_says_from_which_verdict_to_which(client, review, goal, grace):
    before = Outlook.objects.get(goal=goal).verdict
    result = log(client, review, entry(goal, grace, value="100"), **JSON).json()["result"]
    assert before != "done"
    assert result.index(f"verdict-{before}") < result.index("verdict-done")


@pytest.mark.parametrize(("value", "words"), [("99", "A good surprise"), ("58", "expected"), ("0", "A bad surprise")])
def test_surprise_is_said_in_words(value, words, client, review, goal, grace):
    assert words in log(client, review, entry(goal, grace, value=value), **JSON).json()["result"]


def test_blocker_is_offered_the_next_time(client, review, goal, grace):
    log(client, review, entry(goal, grace, blocker="No foundry & <b>"), **JSON)
    html = client.get(review.get_absolute_url()).content.decode()
    assert '<option value="No foundry &amp; &lt;b&gt;">' in html


def test_engineer_from_another_team_is_heard_too(client, program, review, goal):
    other = make.make_engineer(make.make_team(program, "Vanes"), "Late comer")
    assert log(client, review, entry(goal, other), **JSON).status_code == 200
    assert review.turns.get(engineer=other).state == Turn.State.HEARD


# ---- logged without JavaScript ---------------------------------------------------------------------------------------


def test_without_htmx_it_redirects_and_says_saved(client, review, goal, grace):
    response = client.post(reverse("review_log", args=[review.pk]), entry(goal, grace), follow=True)
    assert response.redirect_chain == [(review.get_absolute_url(), 302)]
    assert "Saved." in response.content.decode()
    assert said(review) == 1


def test_without_htmx_a_refusal_is_the_whole_page(client, review, goal, grace):
    response = log(client, review, entry(goal, grace, memo=""))
    assert response.status_code == 422
    assert "<html" in response.content.decode()
    assert "No foundry" in response.content.decode()


# ---- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memo", ["", "  ", "-", "n/a", "N.A.", "none", "ok", "tbd", "."])
def test_memo_without_meaning_is_refused_and_everything_typed_stays(memo, client, review, goal, grace):
    data = entry(goal, grace, memo=memo, value="66,5", level="lead", prepared="on")
    response = log(client, review, data)
    assert response.status_code == 422
    html = response.content.decode()
    assert response.context["form"].errors["memo"]
    assert data["uuid"] in html
    assert 'value="66,5"' in html
    assert 'value="No foundry"' in html
    assert re.search(rf'<option value="{grace.pk}" selected', html)
    assert re.search(rf'<option value="{goal.pk}" selected', html)
    assert re.search(r'<option value="lead" selected', html)
    assert re.search(r'name="prepared"[^>]*checked', html)
    assert said(review) == 0


@pytest.mark.parametrize("memo", ["", "-", "n/a"])
def test_scripts_are_told_which_field_is_wrong_and_why(memo, client, review, goal, grace):
    response = log(client, review, entry(goal, grace, memo=memo), **JSON)
    assert response.status_code == 422
    assert response.json()["state"] == "refused"
    assert response.json()["errors"].keys() == {"memo"}
    assert said(review) == 0


def test_copy_of_the_last_memo_of_the_goal_is_refused(client, review, goal, grace):
    assert log(client, review, entry(goal, grace), **JSON).status_code == 200
    again = log(client, review, entry(goal, grace, value="67", memo=" the first VANE came out whole. "), **JSON)
    assert again.status_code == 422
    assert "repeats the last memo" in again.json()["message"]


def test_same_key_twice_is_one_row_and_says_so(client, review, goal, grace):
    data = entry(goal, grace)
    first, second = (log(client, review, data, **JSON) for _click in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "nothing was written twice" in second.json()["result"]
    assert "nothing was written twice" not in first.json()["result"]
    assert said(review) == 1
    assert Event.objects.filter(verb="logged").count() == 1


@pytest.mark.parametrize(
    "changed", [{"value": "67"}, {"memo": "Something else happened."}, {"level": "lead"}, {"blocker": ""}], ids=str
)
def test_same_key_with_other_content_is_refused(changed, client, review, goal, grace):
    data = entry(goal, grace)
    log(client, review, data, **JSON)
    for headers in (JSON, {}):
        response = log(client, review, data | changed, **headers)
        assert response.status_code == 422
        assert "This entry was sent before with other content" in response.content.decode()
    assert said(review) == 1


def test_key_of_another_program_reveals_nothing(client, review, goal, grace):
    foreign = make.make_goal(make.make_team(make.make_program("Foreign")), "Secret goal")
    point = make.make_point(foreign, 42.5, memo="Secret memo")
    response = log(client, review, entry(goal, grace, uuid=str(point.uuid)), **JSON)
    assert response.status_code == 422
    html = response.content.decode()
    for secret in ("Secret", "42.5", "Foreign"):
        assert secret not in html


def test_goal_archived_meanwhile_is_refused(client, review, goal, grace):
    client.post(reverse("goal_archive", args=[goal.pk]))
    assert log(client, review, entry(goal, grace), **JSON).status_code == 422
    assert said(review) == 0


def test_closed_meanwhile_is_said_and_nothing_is_lost(client, review, goal, grace):
    make.close(review)
    response = log(client, review, entry(goal, grace))
    assert response.status_code == 422
    html = response.content.decode()
    assert "This review was closed meanwhile." in html
    assert "The first vane came out whole." in html
    assert said(review) == 0


def test_viewer_may_follow_and_not_log(client, program, review, goal, grace):
    log(client, review, entry(goal, grace))
    client.force_login(make.join(program, Role.VIEWER))
    page = client.get(review.get_absolute_url()).content.decode()
    assert "The first vane came out whole." in page
    assert 'id="entry-form"' not in page
    assert page.count('method="post"') == 1  # signing out
    assert log(client, review, entry(goal, grace), **JSON).status_code == 403


def test_signed_out_meanwhile_nothing_is_written(client, review, goal, grace):
    client.logout()
    response = log(client, review, entry(goal, grace), **JSON)
    assert response.status_code != 200
    assert said(review) == 0


# ---- in the room -----------------------------------------------------------------------------------------------------


def test_undo_takes_an_entry_out_and_leads_back_to_the_room(client, review, goal, grace):
    log(client, review, entry(goal, grace))
    point = Datapoint.objects.get(review=review)
    response = client.post(reverse("datapoint_withdraw", args=[point.pk]))
    assert response.headers["Location"] == review.get_absolute_url()
    page = client.get(review.get_absolute_url()).content.decode()
    assert "The first vane came out whole." not in page
    assert make.outlook(goal).value == make.STEADY[-2]


def absent(client, review: Review, engineer, say: str, **headers):
    turn = review.turns.get(engineer=engineer)
    data = {"absent": say, "why": "On holiday"} if say else {}
    return client.post(reverse("turn_absent", args=[review.pk, turn.pk]), data, headers=headers), turn


def test_absent_and_back(client, review, grace):
    response, turn = absent(client, review, grace, "1", **HTMX)
    assert response.status_code == 200
    html = response.content.decode()
    assert html.count(f'id="roster-{review.pk}"') == 1
    assert "<html" not in html
    assert "is-absent" in html
    assert "On holiday" in html
    absent(client, review, grace, "")
    turn.refresh_from_db()
    assert (turn.state, turn.absence) == (Turn.State.WAITING, "")


@pytest.mark.parametrize("why", ["", "-", "n/a"])
def test_absent_without_a_word_is_refused(why, client, review, grace):
    turn = review.turns.get(engineer=grace)
    url = reverse("turn_absent", args=[review.pk, turn.pk])
    response = client.post(url, {"absent": "1", "why": why}, headers=HTMX)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    client.post(url, {"absent": "1", "why": why})
    turn.refresh_from_db()
    assert turn.state == Turn.State.WAITING


def test_who_was_heard_stays_heard(client, review, goal, grace):
    log(client, review, entry(goal, grace))
    response, turn = absent(client, review, grace, "1")
    assert response.status_code == 302
    turn.refresh_from_db()
    assert turn.state == Turn.State.HEARD


def test_one_said_to_be_absent_who_speaks_is_heard(client, review, goal, grace):
    absent(client, review, grace, "1")
    log(client, review, entry(goal, grace))
    assert review.turns.get(engineer=grace).state == Turn.State.HEARD


def test_nobody_is_marked_absent_in_a_closed_review(client, review, grace):
    make.close(review)
    _response, turn = absent(client, review, grace, "")
    turn.refresh_from_db()
    assert turn.state == Turn.State.ABSENT


def test_engineer_is_chosen_by_the_address(client, review, grace):
    page = client.get(review.get_absolute_url() + f"?engineer={grace.pk}").content.decode()
    assert re.search(rf'<option value="{grace.pk}" selected', page)


# ---- closed ----------------------------------------------------------------------------------------------------------


def test_closed_asks_the_question_and_shows_what_was_said(client, program, review, goal, grace, linus):
    log(client, review, entry(goal, grace))
    absent(client, review, linus, "1")
    url = reverse("review_close", args=[review.pk])
    page = client.post(url, {"notes": "R&D <b>\nNext week again."}, follow=True).content.decode()
    review.refresh_from_db()
    assert review.state == Review.State.CLOSED
    assert review.closed_at >= review.opened_at
    assert "What is stopping you now?" in page
    assert "R&amp;D &lt;b&gt;" in page
    assert "The first vane came out whole." in page
    assert reverse("limit_declare", args=[program.slug]) in page
    assert 'id="entry-form"' not in page


def test_closed_twice_is_closed_once(client, review):
    review.turns.update(state="absent", absence="On holiday")
    for notes in ("First", "Second"):
        assert client.post(reverse("review_close", args=[review.pk]), {"notes": notes}).status_code == 302
    review.refresh_from_db()
    assert review.notes == "First"
    assert Event.objects.filter(verb="closed").count() == 1


def test_one_key_confirms_the_last_answer(client, program, review):
    limit = make.declare(program, "Turbines", since=make.today() - WEEK)
    make.close(review)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "Last answer: Turbines" in page
    assert f'name="limit" value="{limit.pk}"' in page
    assert reverse("limit_confirm", args=[program.slug]) in page


def test_next_review_may_start_after_it(client, program, review):
    make.close(review)
    client.post(reverse("review_start", args=[program.slug]))
    assert Review.objects.filter(program=program).count() == 2


def test_names_are_escaped_once(client, program, team):
    make.make_engineer(team, "O'Neil & <i>")
    make.make_goal(team, "R&D <b>")
    page = client.get(make.open_review(program).get_absolute_url()).content.decode()
    assert "O&#x27;Neil &amp; &lt;i&gt;" in page
    assert "R&amp;D &lt;b&gt;" in page
    assert "&amp;amp;" not in page
