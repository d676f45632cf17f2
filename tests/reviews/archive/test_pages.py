"""The two pages and the two commands."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from projects.models import Outlook, Program, Role
from reviews.models import ArchiveImport
from tests import factories as make
from tests.reviews.archive.build import empty_the_database, export, unpack

pytestmark = pytest.mark.django_db
PAGE = "/program-archives/new/"


@pytest.fixture
def admin(client):
    user = make.make_user("ada", may_create=True)
    client.force_login(user)
    return user


@pytest.fixture
def program(admin):
    return make.make_world("Engines", by=admin)


def send(client, content: bytes, **fields):
    file = SimpleUploadedFile("engines.zip", content, content_type="application/zip")
    return client.post(PAGE, {"file": file, "memo": "Moved to the new server.", "name": ""} | fields)


def test_an_admin_downloads_the_archive(client, program):
    response = client.get(reverse("program_export", args=[program.slug]))
    assert response["Content-Type"] == "application/zip"
    assert 'filename="engines.zip"' in response["Content-Disposition"]
    assert b"".join(response.streaming_content) == export(program)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_others_do_not_for_it_names_the_members(client, program, role):
    client.force_login(make.join(program, role))
    assert client.get(reverse("program_export", args=[program.slug])).status_code == 403
    assert "/export/" not in client.get(program.get_absolute_url()).content.decode()


def test_the_page_brings_it_in(client, program):
    content = export(program)
    empty_the_database()
    response = send(client, content)
    there = Program.objects.get()
    assert response.url == there.get_absolute_url()
    page = client.get(response.url).content.decode()
    assert "Engines is there, with its whole history." in page
    assert "Moved to the new server." in page
    assert ArchiveImport.objects.get().file_name == "engines.zip"
    for address in ("history", "members", "program_edit"):
        assert client.get(reverse(address, args=[there.slug])).status_code == 200


def test_a_name_that_is_here_is_answered_with_another(client, program):
    response = send(client, export(program))
    page = response.content.decode()
    assert response.status_code == 422
    assert "A program named Engines is here already, and the two are not merged." in page
    assert 'value="Engines (2)"' in page
    assert "Moved to the new server." in page
    assert Program.objects.count() == 1
    assert send(client, export(program), name="Engines (2)").status_code == 302


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"no zip", "not a whole zip file"), (b"", "The submitted file is empty")],
)
def test_a_bad_file_is_said_beside_the_field_and_keeps_the_memo(client, admin, content, why):
    response = send(client, content)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert "Moved to the new server." in response.content.decode()
    assert not Program.objects.exists()


def test_a_blank_memo_is_refused(client, program):
    response = send(client, export(program), memo="n/a", name="Else")
    assert "says nothing" in response.content.decode()
    assert Program.objects.count() == 1


def test_a_file_that_is_too_large_for_a_page(client, admin, monkeypatch):
    monkeypatch.setattr("reviews.archive.forms.ArchiveForm.LARGEST", 0)
    assert "bring it in with manage.py import_program" in send(client, b"x" * 100).content.decode()


def test_who_may_not_make_programs_does_not_find_the_page(client):
    client.force_login(make.make_user())
    assert client.get(PAGE).status_code == 403


def test_what_was_not_forecast_yet_is_forecast(client, program):
    goal = program.teams.get().goals.get()
    make.make_point(goal, 70)
    content = export(program)
    empty_the_database()
    send(client, content)
    outlook = Outlook.objects.get()
    assert outlook.basis == outlook.goal.data_version
    assert outlook.value == 70


# ---- commands --------------------------------------------------------------------------------------------------------


def run(*arguments, **options) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, verbosity=0, **options)
    return out.getvalue()


def test_the_commands_write_and_bring_in(program, tmp_path):
    file = tmp_path / "engines.zip"
    assert "Engines: written to" in run("export_program", "engines", file)
    assert [path.name for path in tmp_path.iterdir()] == ["engines.zip"]
    content = file.read_bytes()
    empty_the_database()
    assert "Engines: whole, " in run("import_program", file, dry_run=True)
    assert not Program.objects.exists()
    assert "Engines: brought in, at /programs/engines/" in run("import_program", file, admin="ada")
    assert unpack(export(Program.objects.get())) == unpack(content)


def test_the_commands_refuse_by_name(program, tmp_path):
    file = tmp_path / "engines.zip"
    with pytest.raises(CommandError, match="There is no program nobody"):
        run("export_program", "nobody", file)
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_program", "engines", tmp_path / "missing" / "x.zip")
    with pytest.raises(CommandError, match="cannot be read"):
        run("import_program", file)
    run("export_program", "engines", file)
    with pytest.raises(CommandError, match=r"is here already: give this one another name, --name “Engines \(2\)”"):
        run("import_program", file)
    with pytest.raises(CommandError, match="--admin names an account that does not exist"):
        run("import_program", file, admin="nobody")
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(CommandError, match=r"not a whole zip file.* Nothing was changed"):
        run("import_program", file, name="Else")
    assert Program.objects.count() == 1
