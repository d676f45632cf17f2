"""A file from the page to the board: uploaded, its columns named, checked, seen, brought in, or given up."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from projects.models import Goal, Import, Membership, Outlook, Program, Role
from projects.time import WEEK
from reviews.models import Datapoint, Upload, UploadPiece
from reviews.services.uploads import MOST_OPEN, work_on
from tests import factories as make
from tests.reviews.files import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.make_program("Engines")


@pytest.fixture
def manager(client, program):
    user = make.join(program, Role.MANAGER, make.make_user("ada", may_create=True))
    client.force_login(user)
    return user


def german(weeks: int = 6, *, start: float = 0.5) -> str:
    """A file as a German spreadsheet writes it."""
    lines = ["Mannschaft;Kennzahl;Datum;Wert;Soll;Bemerkung"]
    for k in range(weeks):
        day = make.today() - (weeks - 1 - k) * WEEK
        lines.append(f"Triebwerk;Schub;{day:%d.%m.%Y};{str(start + k).replace('.', ',')};100;Bericht {k}")
    return "\n".join(lines)


def german_answers(**changed) -> dict:
    columns = {"team": "Mannschaft", "goal": "Kennzahl", "date": "Datum", "value": "Wert", "target": "Soll"}
    return {"layout": "long", "every_direction": "values", "decimal": "comma", "dates": "day", **columns} | changed


def send(client, program, text: str, name: str = "werte.csv"):
    url = reverse("upload_create", args=[program.slug])
    return client.post(url, {"file": SimpleUploadedFile(name, text.encode())})


def upload(client, program, text: str, **answers) -> Upload:
    """Uploaded and checked."""
    send(client, program, text)
    found = Upload.objects.latest("pk")
    assert client.post(reverse("upload_check", args=[found.pk]), german_answers(**answers)).status_code == 302
    work_on(found.pk)
    found.refresh_from_db()
    return found


def apply(client, found: Upload, memo: str = "From their spreadsheet") -> Upload:
    assert client.post(reverse("upload_apply", args=[found.pk]), {"memo": memo}).status_code == 302
    work_on(found.pk)
    found.refresh_from_db()
    return found


def test_from_the_file_to_the_forecast(client, program, manager):
    response = send(client, program, german())
    found = Upload.objects.get()
    assert response.headers["Location"] == found.get_absolute_url()
    page = client.get(found.get_absolute_url()).content.decode()
    assert "CSV in UTF-8, semicolons between the cells" in page
    assert "Bericht 4" in page, "the first rows are shown"
    found = upload(client, program, german())
    assert found.state == "checked"
    assert found.preview["did"] | {"datapoints": 6, "goals": 1, "teams": 1} == found.preview["did"]
    assert not Goal.objects.exists(), "a check changes nothing"
    page = client.get(found.get_absolute_url()).content.decode()
    assert "Bring in 6 datapoints" in page
    assert "Schub" in page
    found = apply(client, found)
    goal = Goal.objects.get()
    assert (found.state, found.source) == ("applied", Import.objects.get())
    assert (goal.team.name, goal.name, goal.direction, goal.target) == ("Triebwerk", "Schub", "up", 100)
    assert list(Datapoint.objects.values_list("value", flat=True)) == [0.5 + k for k in range(6)]
    assert Outlook.objects.get(goal=goal).points == 6
    assert Import.objects.get().by == manager
    assert not UploadPiece.objects.filter(upload=found).exists(), "the file is not kept twice"
    assert "Open Engines" in client.get(found.get_absolute_url()).content.decode()


def test_a_new_program_from_a_file(client, manager):
    url = reverse("program_import")
    data = {"name": "Neues  Triebwerk", "file": SimpleUploadedFile("werte.csv", german().encode())}
    client.post(url, data)
    found = Upload.objects.get()
    assert not Program.objects.filter(name__startswith="Neues").exists(), "it is made when it is brought in"
    client.post(reverse("upload_check", args=[found.pk]), german_answers())
    work_on(found.pk)
    found = apply(client, found)
    made = Program.objects.get(name="Neues Triebwerk")
    assert (found.state, found.program) == ("applied", made)
    assert (made.owner, made.start) == (manager, make.today() - 5 * WEEK)
    assert Membership.objects.get(program=made).role == Role.ADMIN
    assert made.limits.get(until=None).state == "unknown", "the history has no hole"


def test_a_name_that_was_taken_meanwhile(client, manager):
    data = {"name": "Later", "file": SimpleUploadedFile("werte.csv", german().encode())}
    client.post(reverse("program_import"), data)
    found = Upload.objects.get()
    client.post(reverse("upload_check", args=[found.pk]), german_answers())
    work_on(found.pk)
    make.make_program("later")
    found = apply(client, found)
    assert (found.state, found.refusals[0][3]) == ("refused", "A program of this name exists.")
    assert not Goal.objects.exists()


# ---- columns -------------------------------------------------------------------------------------------------------


def guesses(client, program, text: str) -> dict:
    send(client, program, text)
    found = Upload.objects.latest("pk")
    form = client.get(found.get_absolute_url()).context["columns"]
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [])}


def test_columns_are_guessed_from_their_names_in_two_languages(client, program, manager):
    guessed = guesses(client, program, german())
    assert guessed | german_answers(note="Bemerkung") == guessed
    english = "Team name,KPI,Week,Actual,Plan,Due date\nA,B,2026-03-02,1,9,2026-12-31\n"
    wanted = {"team": "Team name", "goal": "KPI", "date": "Week", "value": "Actual", "target": "Plan"}
    guessed = guesses(client, program, english)
    assert guessed | wanted | {"deadline": "Due date"} == guessed


def test_what_was_said_of_this_programs_files_is_remembered(client, program, manager):
    text = german().replace("Wert", "Spalte 4").replace("Kennzahl", "Spalte 2")
    assert "value" not in guesses(client, program, text)
    apply(client, upload(client, program, text, value="Spalte 4", goal="Spalte 2"))
    guessed = guesses(client, program, text)
    assert (guessed["value"], guessed["goal"]) == ("Spalte 4", "Spalte 2")


def test_what_can_be_read_in_two_ways_is_asked_and_never_guessed(client, program, manager):
    text = "Kennzahl;Datum;Wert;Soll\nSchub;02.03.2026;1,234;100\nSchub;09.03.2026;1,500;100\n"
    guessed = guesses(client, program, text)
    assert "decimal" not in guessed
    assert "dates" not in guessed
    found = Upload.objects.latest("pk")
    answers = german_answers(decimal="", dates="", team="")
    response = client.post(reverse("upload_check", args=[found.pk]), answers)
    assert response.status_code == 422
    errors = response.context["columns"].errors
    assert errors["decimal"] == ["“1,234” can be read in two ways: say which."]
    assert errors["dates"] == ["“02.03.2026” can be read in two ways: say which."]
    client.post(reverse("upload_check", args=[found.pk]), german_answers(team=""))
    work_on(found.pk)
    apply(client, Upload.objects.get(pk=found.pk))
    point = Datapoint.objects.earliest("observed_on")
    assert (point.value, point.observed_on) == (1.234, dt.date(2026, 3, 2))


def test_a_file_with_a_column_for_each_goal(client, program, manager):
    text = "Datum,Schub,Brenndauer\n2026-03-02,1,10\n2026-03-09,2,\n2026-03-16,3,30\n"
    send(client, program, text)
    found = Upload.objects.get()
    form = client.get(found.get_absolute_url()).context["columns"]
    assert (form["layout"].value(), form["goals"].value()) == ("wide", ["Schub", "Brenndauer"])
    answers = {"layout": "wide", "date": "Datum", "goals": ["Schub", "Brenndauer"], "every_target": "50"}
    client.post(reverse("upload_check", args=[found.pk]), answers)
    work_on(found.pk)
    found.refresh_from_db()
    apply(client, found)
    points = Datapoint.objects.order_by("goal__name", "observed_on").values_list("goal__name", "value")
    assert list(points) == [("Brenndauer", 10), ("Brenndauer", 30), ("Schub", 1), ("Schub", 2), ("Schub", 3)]
    assert set(Goal.objects.values_list("team__name", "target", "direction")) == {("Engines", 50, "up")}


WRONG = {
    "no column for the value": ({"value": ""}, "value"),
    "one column for two": ({"value": "Soll"}, "value"),
    "no target": ({"target": ""}, "every_target"),
    "a column that is not there": ({"goal": "Ziel"}, "goal"),
    "no layout": ({"layout": ""}, "layout"),
    "a goal that is the date": ({"layout": "wide", "goals": ["Datum"], "every_target": "1"}, "goals"),
    "no goals": ({"layout": "wide", "every_target": "1"}, "goals"),
    "a NUL": ({"note": "a\0b"}, "note"),
}


@pytest.mark.parametrize(("changed", "field"), WRONG.values(), ids=WRONG)
def test_answers_that_make_no_sense(client, program, manager, changed, field):
    send(client, program, german())
    found = Upload.objects.get()
    response = client.post(reverse("upload_check", args=[found.pk]), german_answers(**changed))
    assert response.status_code == 422
    assert field in response.context["columns"].errors
    found.refresh_from_db()
    assert found.state == "mapping"


# ---- refusals ------------------------------------------------------------------------------------------------------


def test_rows_that_are_wrong_are_named_a_page_at_a_time_and_as_a_file(client, program, manager):
    text = german(3) + "".join(f"\nTriebwerk;Schub;01.02.2026;=viel{k};100;x" for k in range(30))
    before = rows()
    found = upload(client, program, text)
    assert found.state == "refused"
    page = client.get(found.get_absolute_url()).content.decode()
    assert "30 things are wrong with this file" in page
    assert "=viel0" in page
    assert "=viel29" not in page
    assert "=viel29" in client.get(found.get_absolute_url() + "?page=2").content.decode()
    table = client.get(reverse("upload_refusals", args=[found.pk])).content.decode("utf-8-sig").splitlines()
    assert table[0] == "row,column,found,why"
    assert table[1].startswith("5,Wert,'=viel0,"), "a cell that a spreadsheet would compute is quoted"
    assert len(table) == 31
    assert rows() == before


def test_after_a_refusal_the_columns_can_be_named_again(client, program, manager):
    found = upload(client, program, german(), value="Bemerkung", note="")
    assert (found.state, len(found.refusals)) == ("refused", 6)
    client.post(reverse("upload_rename", args=[found.pk]))
    form = client.get(found.get_absolute_url()).context["columns"]
    assert form["value"].value() == "Bemerkung", "what was said is still there"
    client.post(reverse("upload_check", args=[found.pk]), german_answers())
    work_on(found.pk)
    found.refresh_from_db()
    assert found.state == "checked"


@pytest.mark.parametrize("memo", ["", " ", "-", "n/a", "…"])
def test_a_memo_without_meaning(client, program, manager, memo):
    found = upload(client, program, german())
    response = client.post(reverse("upload_apply", args=[found.pk]), {"memo": memo})
    assert response.status_code == 422
    assert response.context["form"].errors["memo"]
    found.refresh_from_db()
    assert found.state == "checked"


def test_no_file_and_an_empty_file(client, program, manager):
    url = reverse("upload_create", args=[program.slug])
    assert client.post(url, {}).status_code == 422
    response = client.post(url, {"file": SimpleUploadedFile("leer.csv", b"")})
    assert response.context["form"].errors["file"] == ["The file is empty."]
    assert not Upload.objects.exists()


def test_no_more_than_ten_on_their_way(client, program, manager):
    for _ in range(MOST_OPEN):
        assert send(client, program, german()).status_code == 302
    assert "ten files on their way" in send(client, program, german()).content.decode()
    client.post(reverse("upload_cancel", args=[Upload.objects.latest("pk").pk]))
    assert send(client, program, german()).status_code == 302


def test_an_archived_program(client, program, manager):
    found = upload(client, program, german())
    client.post(reverse("program_archive", args=[program.slug]))
    found = apply(client, found)
    assert (found.state, found.refusals[0][3]) == ("refused", "Engines is archived: restore it first.")
    assert not Goal.objects.exists()


# ---- told twice, or given up -----------------------------------------------------------------------------------------


def test_the_same_file_again_changes_nothing(client, program, manager):
    apply(client, upload(client, program, german()))
    before = rows()
    found = apply(client, upload(client, program, german()))
    assert (found.state, found.source) == ("applied", None)
    assert "nothing new" in client.get(found.get_absolute_url()).content.decode()
    assert rows() == before


def test_a_job_that_comes_twice_works_once(client, program, manager):
    found = apply(client, upload(client, program, german()))
    work_on(found.pk)
    work_on(found.pk)
    assert Import.objects.count() == 1
    assert Datapoint.objects.count() == 6


def test_a_form_that_is_sent_twice(client, program, manager):
    found = apply(client, upload(client, program, german()))
    before = rows()
    for name in ("upload_check", "upload_rename", "upload_apply", "upload_again", "upload_cancel"):
        assert client.post(reverse(name, args=[found.pk]), {"memo": "Once more"}).status_code == 302
    found.refresh_from_db()
    assert found.state == "applied"
    assert rows() == before


def test_cancelled_it_leaves_nothing(client, program, manager):
    found = upload(client, program, german())
    client.post(reverse("upload_apply", args=[found.pk]), {"memo": "From their spreadsheet"})
    before = rows()
    client.post(reverse("upload_cancel", args=[found.pk]))
    work_on(found.pk)
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert rows() == before
    assert not found.pieces.exists()


def test_cancelled_while_a_job_is_at_it(client, program, manager, monkeypatch):
    """The job notices in the transaction that would have brought it in."""
    found = upload(client, program, german())
    client.post(reverse("upload_apply", args=[found.pk]), {"memo": "From their spreadsheet"})
    before = rows()
    real = apply_with_a_cancel(monkeypatch, client, found)
    work_on(found.pk)
    assert real == ["cancelled"]
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert rows() == before


def apply_with_a_cancel(monkeypatch, client, found: Upload) -> list[str]:
    from reviews.services import uploads
    from reviews.services.imports import apply_file

    happened = []

    def cancelled_first(**given):
        client.post(reverse("upload_cancel", args=[found.pk]))
        happened.append("cancelled")
        return apply_file(**given)

    monkeypatch.setattr(uploads, "apply_file", cancelled_first)
    return happened


def test_a_job_that_was_cut_off_begins_again(client, program, manager):
    found = upload(client, program, german())
    client.post(reverse("upload_apply", args=[found.pk]), {"memo": "From their spreadsheet"})
    Upload.objects.filter(pk=found.pk).update(told_at=timezone.now(), step="staging")
    work_on(found.pk)
    assert not Import.objects.exists(), "another job is at it"
    assert "Start it again" not in client.get(found.get_absolute_url()).content.decode()
    Upload.objects.filter(pk=found.pk).update(told_at=timezone.now() - dt.timedelta(minutes=2))
    assert "Start it again" in client.get(found.get_absolute_url()).content.decode()
    client.post(reverse("upload_again", args=[found.pk]))
    work_on(found.pk)
    assert Import.objects.count() == 1


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_a_file_that_makes_a_program_is_its_makers_alone(client, manager):
    data = {"name": "Secret", "file": SimpleUploadedFile("werte.csv", german().encode())}
    client.post(reverse("program_import"), data)
    found = Upload.objects.get()
    client.force_login(make.make_user(may_create=True))
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.post(reverse("upload_cancel", args=[found.pk])).status_code == 404


def test_a_viewer_sees_what_was_brought_in_and_brings_in_nothing(client, program, manager):
    make.make_import(program, by=manager)
    send(client, program, german())
    client.force_login(make.join(program, Role.VIEWER))
    page = client.get(reverse("imports", args=[program.slug])).content.decode()
    assert "weeks.csv" in page
    assert "werte.csv" not in page
    assert 'type="file"' not in page
    assert send(client, program, german()).status_code == 403


def test_names_with_markup_are_text(client, program, manager):
    evil = "<script>alert(1)</script>"
    text = german().replace("Schub", evil).replace("Mannschaft", evil)
    found = upload(client, program, text, team=evil)
    pages = [client.get(found.get_absolute_url()).content.decode()]
    found = apply(client, found)
    pages += [
        client.get(url).content.decode() for url in (found.get_absolute_url(), Goal.objects.get().get_absolute_url())
    ]
    for page in pages:
        assert evil not in page
