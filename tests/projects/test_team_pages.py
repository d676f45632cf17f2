"""Teams: made, renamed, put away; who sits on them and when they are away."""

import datetime as dt

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from projects.models import Engineer, Event, Role, Seat, Team, WeeksOff
from projects.time import WEEK
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def team(program, manager):
    return make.make_team(program, "Blades")


def send(client, name: str, pk: int, /, **data):
    return client.post(reverse(name, args=[pk]), data)


def page(client, team: Team) -> str:
    response = client.get(team.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


# ---- the team --------------------------------------------------------------------------------------------------------


def test_made_and_led_to_its_page(client, program, manager):
    response = client.post(reverse("team_create", args=[program.slug]), {"name": "  Vanes   and blades "}, follow=True)
    assert Team.objects.get().name == "Vanes and blades"
    assert "Now its engineers and its first goal." in response.content.decode()
    assert "Nobody yet" in response.content.decode()


@pytest.mark.parametrize("name", ["Blades", "bLADES", " Blades  "])
def test_same_name_in_one_program_is_refused(name, client, program, team):
    response = client.post(reverse("team_create", args=[program.slug]), {"name": name})
    assert response.status_code == 422
    assert "This program has a team of this name." in response.content.decode()
    assert Team.objects.count() == 1


def test_same_name_in_another_program_is_fine(client, team, manager):
    other = make.make_program()
    make.join(other, Role.MANAGER, manager)
    assert client.post(reverse("team_create", args=[other.slug]), {"name": "Blades"}).status_code == 302


def test_rename_under_its_version(client, team):
    assert send(client, "team_edit", team.pk, name="Vanes", version=1).status_code == 302
    conflict = send(client, "team_edit", team.pk, name="Fans & discs", version=1)
    assert conflict.status_code == 409
    assert "Vanes" in conflict.content.decode()
    assert "Fans &amp; discs" in conflict.content.decode()
    team.refresh_from_db()
    assert team.name == "Vanes"


def test_rename_to_itself_in_another_case(client, team):
    assert send(client, "team_edit", team.pk, name="BLADES", version=1).status_code == 302


def test_rename_to_the_name_of_another_is_refused(client, program, team):
    make.make_team(program, "Vanes")
    assert send(client, "team_edit", team.pk, name="vanes", version=1).status_code == 422


def test_archived_team_counts_no_more_and_comes_back(client, program, team):
    make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    for _click in range(2):
        assert send(client, "team_archive", team.pk).status_code == 302
    program.ranking.refresh_from_db()
    assert program.ranking.verdicts == {}
    assert "Archived: its goals do not count." in page(client, team)
    send(client, "team_restore", team.pk)
    program.ranking.refresh_from_db()
    assert program.ranking.verdicts == {"converging": 1}
    verbs = Event.objects.filter(subject="team").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["created", "archived", "restored"]


def test_names_are_escaped_once(client, program, manager):
    team = make.make_team(program, "R&D <b>")
    make.make_engineer(team, "O'Neil & <i>")
    html = page(client, team)
    assert "R&amp;D &lt;b&gt;" in html
    assert "O&#x27;Neil &amp; &lt;i&gt;" in html
    assert "&amp;amp;" not in html


def test_goals_worst_first_with_verdict_and_gate(client, program, team):
    make.make_goal(team, "A fine one", values=make.STEADY)
    bad = make.make_goal(team, "B bad one", values=(50, 44, 39, 33, 28, 22, 15, 10))
    client.post(reverse("gate_create", args=[bad.pk]), {"factor": "Foundries"})
    make.refit_program(program)
    html = page(client, team)
    assert html.index("B bad one") < html.index("A fine one")
    assert "Foundries" in html
    assert f"verdict-{make.outlook(bad).verdict}" in html
    assert make.outlook(bad).verdict in ("stalled", "diverging")


# ---- engineers -------------------------------------------------------------------------------------------------------


def test_engineer_joins_from_today(client, team):
    send(client, "seat_create", team.pk, name="  Ada   Lovelace ")
    seat = Seat.objects.get(team=team)
    assert (seat.engineer.name, seat.joined, seat.left) == ("Ada Lovelace", make.today(), None)
    assert "Ada Lovelace" in page(client, team)


def test_double_click_seats_one(client, team):
    for name in ("Ada", "ada"):
        assert send(client, "seat_create", team.pk, name=name).status_code == 302
    assert Engineer.objects.count() == 1


def test_leaves_once_and_may_come_back(client, team):
    engineer = make.make_engineer(team, "Ada")
    seat = make.seat_of(engineer)
    for _click in range(2):
        assert send(client, "seat_end", seat.pk).status_code == 302
    seat.refresh_from_db()
    assert seat.left == make.today()
    assert Event.objects.filter(verb="left").count() == 1
    assert "1 has left." in page(client, team)
    send(client, "seat_create", team.pk, name="Ada")
    assert team.seats.filter(left=None).count() == 1


def test_one_who_joins_later_than_today_can_leave(client, team):
    seat = make.seat_of(make.make_engineer(team))
    Seat.objects.filter(pk=seat.pk).update(joined=make.today() + WEEK)
    assert send(client, "seat_end", seat.pk).status_code == 302
    seat.refresh_from_db()
    assert seat.left == seat.joined


def test_datapoints_of_one_who_left_stay(client, team):
    engineer = make.make_engineer(team, "Ada")
    goal = make.make_goal(team)
    make.make_point(goal, engineer=engineer)
    send(client, "seat_end", make.seat_of(engineer).pk)
    assert "Ada" in client.get(goal.get_absolute_url()).content.decode()


def test_rename_an_engineer(client, team):
    engineer = make.make_engineer(team, "Ada")
    send(client, "engineer_edit", engineer.pk, name="Ada L.")
    engineer.refresh_from_db()
    assert engineer.name == "Ada L."
    assert Event.objects.filter(verb="changed", subject="engineer").count() == 1


def test_refused_name_keeps_the_old_one_on_the_page(client, team):
    engineer = make.make_engineer(team, "Ada")
    assert send(client, "engineer_edit", engineer.pk, name=" ").status_code == 422
    engineer.refresh_from_db()
    assert engineer.name == "Ada"


def test_refused_seat_keeps_what_was_typed(client, team):
    typed = "x" * 121
    response = send(client, "seat_create", team.pk, name=typed)
    assert response.status_code == 422
    assert typed in response.content.decode()


# ---- roster ----------------------------------------------------------------------------------------------------------


def test_copy_a_roster_leaves_out_who_left_and_who_sits_there(client, program, team):
    source = make.make_team(program, "Vanes")
    make.make_engineer(source, "New")
    left, both = make.make_engineer(source, "Gone"), make.make_engineer(source, "Both")
    send(client, "seat_end", make.seat_of(left).pk)
    Seat.objects.create(team=team, engineer=both, joined=make.today())
    said = [
        client.post(reverse("roster_copy", args=[team.pk]), {"source": source.pk}, follow=True).content.decode()
        for _click in range(2)
    ]
    assert "1 engineer of Vanes joined." in said[0]
    assert "0 engineers of Vanes joined." in said[1]
    assert sorted(team.seats.values_list("engineer__name", flat=True)) == ["Both", "New"]


def test_copy_is_offered_from_teams_i_see_only(client, program, team):
    make.make_team(program, "Vanes")
    make.make_team(make.make_program("Foreign"), "Secret")
    html = page(client, team)
    assert "Engines · Vanes" in html
    assert "Secret" not in html


def test_copy_is_not_offered_where_there_is_no_other_team(client, team):
    assert reverse("roster_copy", args=[team.pk]) not in page(client, team)


# ---- weeks off -------------------------------------------------------------------------------------------------------


def test_weeks_off_are_added_and_removed(client, team):
    days = {"first_day": "2026-12-21", "last_day": "2027-01-03", "reason": "Christmas & New Year"}
    assert send(client, "weeks_off_create", team.pk, **days).status_code == 302
    off = WeeksOff.objects.get()
    assert (off.first_day, off.last_day) == (dt.date(2026, 12, 21), dt.date(2027, 1, 3))
    assert "Christmas &amp; New Year" in page(client, team)
    send(client, "weeks_off_remove", off.pk)
    assert not WeeksOff.objects.exists()
    assert send(client, "weeks_off_remove", off.pk).status_code == 404


def test_weeks_off_move_the_forecast(client, program, team):
    """They are part of what the forecast rests on; by how much it moves is the engine's affair."""
    goal = make.make_goal(team, values=make.STEADY)
    make.refit_program(program)
    before = make.outlook(goal)
    days = {"first_day": make.today(), "last_day": make.today() + 8 * WEEK, "reason": "Plant closed"}
    send(client, "weeks_off_create", team.pk, **days)
    after = make.outlook(goal)
    assert after.inputs_hash != before.inputs_hash
    goal.refresh_from_db()
    assert after.basis == goal.data_version > before.basis


def test_weeks_off_in_the_wrong_order_are_refused_and_kept(client, team):
    response = send(client, "weeks_off_create", team.pk, first_day="2026-12-21", last_day="2026-12-01", reason="Rest")
    assert response.status_code == 422
    assert "The last day lies before the first." in response.content.decode()
    assert 'value="2026-12-21"' in response.content.decode()


def test_viewer_sees_no_button_that_writes(client, program, team):
    make.make_engineer(team)
    client.force_login(make.join(program, Role.VIEWER))
    assert page(client, team).count('method="post"') == 1  # signing out


def test_a_roster_of_a_program_that_i_only_read_cannot_be_copied(client, team):
    other = make.make_program()
    source = make.make_team(other, engineers=2)
    make.join(other, Role.VIEWER, User.objects.get(pk=client.session["_auth_user_id"]))
    assert client.post(reverse("roster_copy", args=[team.pk]), {"source": source.pk}).status_code == 422
    assert not team.seats.exists()


def test_an_archived_team_takes_no_new_goal(client, team):
    Team.objects.filter(pk=team.pk).update(archived_at=timezone.now())
    sent = {"name": "G", "baseline": "0", "target": "9", "start": "2026-01-05"}
    answer = client.post(reverse("goal_create", args=[team.pk]), sent, follow=True)
    assert "is archived" in answer.content.decode()
    assert not team.goals.exists()


def test_the_goal_that_holds_the_team_back_is_named(client, program, team):
    make.make_goal(team, "Turbine vanes", values=make.STEADY)
    make.make_goal(team, "Silent")
    make.refit_program(program)
    html = client.get(team.get_absolute_url()).content.decode()
    assert 'held back by <a href="' in html
    assert "1 without a forecast" in html
