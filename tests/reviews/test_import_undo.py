"""A whole import taken out again: what goes, what stays and why, and that it can be brought in once more."""

import pytest
from django.urls import reverse

from projects.models import Goal, Import, Outlook, Revision, Role, Team
from projects.services.goals import revise_goal
from reviews.models import Datapoint
from reviews.services.datapoints import NotInForce, correct_datapoint
from reviews.services.forecasting import refit_goal, refit_program
from reviews.services.imports import undo_import
from reviews.services.receipts import replay
from tests import factories as make
from tests.reviews.files import import_file, line, rows, week, write

pytestmark = pytest.mark.django_db

GOOD = [line(k, 10 * k) for k in range(4)]


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "f.csv", *GOOD)


def bring(path, *lines: str) -> Import:
    """The lines brought in as one file."""
    assert not import_file(write(path, *lines)).reasons
    return Import.objects.latest("pk")


def undo(source: Import, memo: str = "It was another program's file"):
    return undo_import(source=source, memo=memo, by=None)


def in_force() -> list[tuple]:
    return list(Datapoint.objects.in_force().order_by("observed_on").values_list("observed_on", "value"))


def test_the_first_import_of_a_goal(path):
    source = bring(path, *GOOD)
    undone = undo(source)
    assert (undone.datapoints, undone.goals, undone.teams, undone.kept) == (4, 1, 1, [])
    assert in_force() == []
    assert Datapoint.objects.count() == 4, "they stay, and stay visible"
    assert not Goal.objects.active().exists()
    assert not Team.objects.active().exists()


def test_the_second_time_nothing_happens(path):
    source = bring(path, *GOOD)
    undone = undo(source)
    before = rows()
    assert undo(source, "Once more") == undone
    assert rows() == before


def test_it_is_one_event_with_its_memo(path):
    source = bring(path, *GOOD, line(4, 40, 120))
    undo(source)
    event = source.program.events.get(verb="import undone")
    assert event.memo == "It was another program's file"
    assert event.changes["datapoints"] == [5, 0]
    ((_goal, on, old, new),) = event.changes["revisions taken away"][0]
    assert (on, old, new) == (str(week(4)), [100, None], [120, None]), "what was taken away can be read there"


def test_a_later_import_stays(path):
    bring(path, *GOOD)
    second = bring(path, line(4, 40), line(5, 50))
    undone = undo(second)
    assert (undone.datapoints, undone.goals, undone.kept) == (2, 0, [])
    assert [value for _day, value in in_force()] == [0, 10, 20, 30]
    assert Goal.objects.active().count() == 1


def test_what_it_corrected_is_in_force_again(path):
    bring(path, *GOOD)
    undo(bring(path, *GOOD[:3], line(3, 99)))
    assert in_force()[-1] == (week(3), 30)
    point = Datapoint.objects.in_force().get(observed_on=week(3))
    correct_datapoint(datapoint=point, value=31, memo="Counted again", by=make.make_user())
    assert in_force()[-1] == (week(3), 31), "and can be corrected"


def test_a_correction_by_hand_stands_and_is_named(path):
    source = bring(path, *GOOD)
    point = Datapoint.objects.get(observed_on=week(2))
    correct_datapoint(datapoint=point, value=21, memo="Two were counted twice", by=make.make_user())
    undone = undo(source)
    assert in_force() == [(week(2), 21)]
    assert undone.kept == [
        "1 datapoint was corrected or withdrawn by hand since: that stands.",
        "In use since, and so not put away: the goals goal.",
    ]
    assert Goal.objects.active().exists()


def test_in_the_middle_of_a_chain(path):
    """First, then told otherwise, then told otherwise again: the middle one goes, the last stands on the first."""
    bring(path, *GOOD)
    middle = bring(path, *GOOD[:3], line(3, 40))
    last = bring(path, *GOOD[:3], line(3, 50))
    undone = undo(middle)
    assert undone.kept == ["1 datapoint was told otherwise by a later import: that stands."]
    assert in_force()[-1] == (week(3), 50)
    assert len(in_force()) == 4
    undo(last)
    assert in_force()[-1] == (week(3), 30)


def test_revisions_are_taken_away_where_nothing_came_after(path):
    bring(path, *GOOD)
    source = bring(path, line(4, 40, 120, deadline=week(50)))
    goal = Goal.objects.get()
    assert (goal.target, goal.deadline) == (120, week(50))
    undone = undo(source)
    goal.refresh_from_db()
    assert undone.revisions == 1
    assert (goal.target, goal.deadline) == (100, None)
    assert not Revision.objects.exists()


def test_revisions_stay_where_a_person_revised_since_and_are_named(path):
    bring(path, *GOOD)
    source = bring(path, line(4, 40, 120))
    goal = Goal.objects.get()
    revise_goal(
        goal=goal,
        version=goal.version,
        target=150,
        deadline=None,
        on=make.today(),
        memo="Half as much again is needed",
        by=make.make_user(),
    )
    undone = undo(source)
    goal.refresh_from_db()
    assert undone.revisions == 0
    assert undone.kept == ["Target or deadline of goal changed again since: their revisions stay."]
    assert (goal.target, Revision.objects.count()) == (150, 2)


def test_a_completion_goes_back(path):
    bring(path, *GOOD)
    source = bring(path, *[line(k, 10 * k, completed=week(4)) for k in range(4)])
    assert Goal.objects.get().completed_on == week(4)
    assert undo(source).fields == 1
    assert Goal.objects.get().completed_on is None


def test_a_completion_that_a_person_changed_since_stays_and_is_named(path):
    bring(path, *GOOD)
    source = bring(path, *[line(k, 10 * k, completed=week(4)) for k in range(4)])
    Goal.objects.update(completed_on=week(5))
    assert undo(source).kept == ["Baseline, start or completion of goal changed since, or are needed: they stay."]
    assert Goal.objects.get().completed_on == week(5)


def test_a_goal_that_was_used_since_stays(path):
    source = bring(path, *GOOD)
    make.log(Goal.objects.get(), 50)
    undone = undo(source)
    assert undone.kept == ["In use since, and so not put away: the goals goal."]
    assert (undone.goals, undone.teams) == (0, 0)
    assert [value for _day, value in in_force()] == [50]


def test_the_forecast_follows(path):
    bring(path, *GOOD)
    source = bring(path, line(4, 40), line(5, 50))
    assert Outlook.objects.get().points == 6
    undo(source)
    refit_program(source.program)
    assert (Outlook.objects.get().points, Outlook.objects.get().value) == (4, 30)


def test_brought_in_again_it_is_all_back(path):
    source = bring(path, *GOOD, line(4, 40, 120))
    before = in_force()
    undo(source)
    again = bring(path, *GOOD, line(4, 40, 120))
    assert again != source
    assert in_force() == before
    assert Goal.objects.active().get().target == 120
    assert Team.objects.active().count() == 1
    assert Revision.objects.count() == 1
    assert "nothing new in this file" in import_file(path).said


def test_a_goal_archived_by_hand_stays_archived(path):
    bring(path, *GOOD)
    Goal.objects.update(archived_at="2026-01-01T00:00Z")
    bring(path, *GOOD, line(4, 40))
    assert not Goal.objects.active().exists()


def test_what_was_forecast_with_it_names_the_undoing(path):
    source = bring(path, *[line(k, 9 * k) for k in range(8)])
    goal = Goal.objects.get()
    refit_goal(goal)
    from reviews.models import Forecast

    forecast = Forecast.objects.filter(goal=goal).latest("pk")
    assert replay(forecast).identical
    undo(source)
    found = replay(forecast)
    assert found.identical, "as recorded when it was issued"
    assert any(change.startswith("import undone: f.csv") for change in found.changes)


def test_a_point_of_an_undone_import_cannot_be_corrected(path):
    undo(bring(path, *GOOD))
    with pytest.raises(NotInForce):
        correct_datapoint(datapoint=Datapoint.objects.first(), value=1, memo="Still counted", by=make.make_user())


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def source(path, client):
    made = bring(path, *GOOD)
    client.force_login(make.join(made.program, Role.MANAGER))
    return made


def test_by_the_page(client, source):
    page = client.get(reverse("import", args=[source.pk])).content.decode()
    assert "Undo this import" in page
    response = client.post(reverse("import_undo", args=[source.pk]), {"memo": "Wrong file"}, follow=True)
    page = response.content.decode()
    assert "Out of force: 4 datapoints" in page
    assert "Undo this import" not in page
    assert in_force() == []
    goal = Goal.objects.get()
    assert "its import was undone" in client.get(goal.get_absolute_url()).content.decode()
    page = client.get(reverse("imports", args=[source.program.slug])).content.decode()
    assert "undone" in page


@pytest.mark.parametrize("memo", ["", "-", "n/a"])
def test_a_memo_without_meaning(client, source, memo):
    response = client.post(reverse("import_undo", args=[source.pk]), {"memo": memo})
    assert response.status_code == 422
    assert len(in_force()) == 4


def test_what_stays_is_shown(client, source):
    make.log(Goal.objects.get(), 50)
    response = client.post(reverse("import_undo", args=[source.pk]), {"memo": "Wrong file"}, follow=True)
    assert "In use since, and so not put away: the goals goal." in response.content.decode()


def test_a_viewer_may_not(client, source):
    client.force_login(make.join(source.program, Role.VIEWER))
    page = client.get(reverse("import", args=[source.pk])).content.decode()
    assert "Undo this import" not in page
    assert client.post(reverse("import_undo", args=[source.pk]), {"memo": "Wrong file"}).status_code == 403
