"""Half a program is never seen, and never stays."""

import datetime as dt
import itertools

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from projects.models import Engineer, Factor, Membership, Program, Role
from reviews.models import ArchiveImport, Datapoint, KeptName
from reviews.services.archives import remove_abandoned
from reviews.tasks import remove_abandoned_archives
from tests import factories as make
from tests.reviews.archive.build import empty_the_database, export, take_in

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What stands for a process that ends in the middle."""


@pytest.fixture
def archive(client):
    ada = make.make_user("ada")
    program = make.make_world("Engines", by=ada)
    make.declare(program, "Foundries", by=ada)
    content = export(program)
    empty_the_database()
    client.force_login(ada)
    return content


def seen_at_each_step(client, archive) -> list[bool]:
    found = []

    def look(_done, _all):
        page = client.get(reverse("board")).content.decode()
        archived = client.get(reverse("archive")).content.decode()
        found.append("Engines" in page or "Engines" in archived or "Foundries" in page)

    take_in(archive, progress=look)
    return found


def test_nobody_meets_it_before_it_is_whole(client, archive):
    *before, last = seen_at_each_step(client, archive)
    assert len(before) > 10
    assert not any(before)
    assert last


def die_at(step: int):
    steps = itertools.count()

    def progress(_done, _all):
        if next(steps) == step:
            raise Killed

    return progress


@pytest.mark.parametrize("step", [0, 1, 5, 9])
def test_what_fails_in_the_middle_leaves_nothing(archive, step):
    with pytest.raises(Killed):
        take_in(archive, progress=die_at(step))
    for model in (Program, Engineer, Factor, Datapoint, ArchiveImport, KeptName):
        assert not model.objects.exists(), model
    assert take_in(archive).name == "Engines"


def test_what_a_killed_process_left_is_removed_after_a_while(archive, monkeypatch):
    monkeypatch.setattr("reviews.services.archives.remove", lambda source: None)  # a killed process cleans nothing up
    with pytest.raises(Killed):
        take_in(archive, progress=die_at(9))
    monkeypatch.undo()
    assert Program.objects.get().archived_at
    assert not Membership.objects.exists()

    now = timezone.now()
    assert remove_abandoned(now) == 0  # it may still be at work
    assert remove_abandoned(now + dt.timedelta(hours=1)) == 1
    for model in (Program, Engineer, Factor, Datapoint, ArchiveImport):
        assert not model.objects.exists(), model


def test_the_job_leaves_alone_what_was_finished(archive):
    take_in(archive)
    ArchiveImport.objects.update(beat_at=timezone.now() - dt.timedelta(days=1))
    remove_abandoned_archives()
    assert Program.objects.count() == 1


def test_a_factor_that_somebody_came_to_use_meanwhile_stays(archive):
    def progress(done, _all):
        found = Factor.objects.filter(name="Foundries").first()
        if found and not Program.objects.filter(name="Else").exists():
            make.declare(make.make_program("Else"), found)
            raise Killed

    with pytest.raises(Killed):
        take_in(archive, progress=progress)
    assert Factor.objects.get().limits.get().program.name == "Else"
    assert not Engineer.objects.exists()


def test_who_brings_it_in_administers_it_and_others_keep_their_roles(archive):
    bob = make.make_user("bob")
    program = take_in(archive, by=bob)
    roles = dict(Membership.objects.filter(program=program).values_list("user__username", "role"))
    assert roles == {"ada": Role.ADMIN, "bob": Role.ADMIN}


def test_it_is_one_event_with_its_memo(archive):
    program = take_in(archive, by=make.make_user("bob"), memo="Moved to the new server.")
    event = program.events.get(verb="brought in")
    assert (event.by.username, event.memo, event.subject_name) == ("bob", "Moved to the new server.", "program.zip")


def test_names_of_accounts_that_are_not_here_are_kept(archive):
    User.objects.all().delete()
    program = take_in(archive)
    assert not User.objects.exists()
    assert program.limits.filter(by__isnull=False).count() == 0
    assert set(KeptName.objects.filter(program=program, concept="limits").values_list("name", flat=True)) == {"ada"}
    assert ArchiveImport.objects.get().members == [["ada", "admin"]]
