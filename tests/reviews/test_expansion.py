"""Gas expansion on real rows: found from points and revisions, shown on the pages of goal and program (M15)."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Goal, Outlook, Program
from projects.services.teams import add_weeks_off
from projects.time import WEEK
from reviews.series import read_series
from reviews.services.expansion import course_of, pull_in
from reviews.services.forecasting import refit_program
from tests import factories as make

pytestmark = pytest.mark.django_db

PACES = [4.2, 5.6, 4.9, 5.3, 4.5] * 2 + [2.1, 2.8, 2.4, 2.7, 2.2, 2.6, 2.5, 2.0, 2.4]  # it halves as the deadline moves


@pytest.fixture
def goal():
    """A goal whose pace halved when its deadline moved out, nine weeks ago."""
    team = make.make_team(make.make_program("Engines"), "Blades")
    values = [round(sum(PACES[:n]), 1) for n in range(len(PACES) + 1)]
    made = make.make_goal(team, "Cast vanes", values=values, start=make.today() - 19 * WEEK,
                          deadline=make.today() + 21 * WEEK)  # fmt: skip
    made.revisions.create(
        on=make.today() - 9 * WEEK,
        old_target=100,
        new_target=100,
        old_deadline=make.today() + WEEK,
        new_deadline=make.today() + 21 * WEEK,
        memo="The pad is not ready.",
    )
    refit_program(team.program)
    return made


def test_the_outlook_keeps_what_was_found(goal):
    found = Outlook.objects.get(goal=goal).expansion
    assert found["growth"] is None
    assert found["following"]["on"] == (make.today() - 9 * WEEK).isoformat()
    assert found["following"]["deadline_moved"] == 20 * 7
    assert found["following"]["pace_since"] < 0.55 * found["following"]["pace_before"]
    assert found["earlier"] == found["following"]["finish_moved"]


def test_a_goal_that_goes_down_is_no_different(goal):
    down = make.make_goal(goal.team, "Open issues", baseline=100, target=0, start=goal.start, deadline=goal.deadline)
    for n in range(len(PACES) + 1):
        make.make_point(down, 100 - sum(PACES[:n]), observed_on=make.today() - (len(PACES) - n) * WEEK)
    revision = goal.revisions.get()
    down.revisions.create(on=revision.on, old_target=0, new_target=0, old_deadline=revision.old_deadline,
                          new_deadline=revision.new_deadline, memo="The pad is not ready.")  # fmt: skip
    refit_program(goal.team.program)
    assert Outlook.objects.get(goal=down).expansion["following"]["deadline_moved"] == 20 * 7


def test_weeks_off_are_no_time_and_those_that_overlap_count_once(goal):
    first = make.today() - 8 * WEEK
    for begin in (first, first + dt.timedelta(days=3)):
        add_weeks_off(team=goal.team, first_day=begin, last_day=begin + dt.timedelta(days=6), reason="Ice", by=None)
    read = read_series([Goal.objects.get(pk=goal.pk)], make.today())[0]
    days = [day for day, _value in course_of(read).values]
    assert days[-1] - days[0] == 19 * 7 - 10


def test_without_a_revision_nothing_is_looked_for(goal):
    goal.revisions.all().delete()
    refit_program(goal.team.program)
    assert Outlook.objects.get(goal=goal).expansion is None


def test_pulling_in_is_simulated(goal):
    found = pull_in(Goal.objects.get(pk=goal.pk), make.today(), share=1.0)
    assert make.today() < found.earliest < found.deadline
    assert found.p_then >= 0.5
    assert found.p_now > found.p_then
    assert found.follows_to < found.p50_now


def test_goal_and_program_say_it_with_numbers(client, goal):
    client.force_login(make.join(goal.team.program))
    page = client.get(goal.get_absolute_url()).content.decode()
    assert "140 days later" in page
    assert "Pull the deadline in" in page
    page = client.get(goal.team.program.get_absolute_url()).content.decode()
    assert "Work that fills its time" in page
    assert f"{reverse('what_if', args=[goal.team.program.slug])}?days-{goal.pk}=" in page


def test_the_program_offers_to_pull_its_own_deadline_in(client, goal):
    program = goal.team.program
    client.force_login(make.join(program))
    assert "Pull it in" not in client.get(program.get_absolute_url()).content.decode()
    Program.objects.filter(pk=program.pk).update(deadline=make.later(3))
    refit_program(Program.objects.get(pk=program.pk))
    p50 = Program.objects.get(pk=program.pk).ranking.p50
    page = client.get(program.get_absolute_url()).content.decode()
    assert f"{reverse('program_revise', args=[program.slug])}?deadline={p50}" in page


def test_a_goal_that_keeps_its_pace_says_nothing(client, goal):
    steady = make.make_world("Steady")
    client.force_login(make.join(steady))
    assert "Work that fills its time" not in client.get(steady.get_absolute_url()).content.decode()
