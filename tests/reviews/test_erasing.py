"""A name is erased everywhere, and the sealed history stays whole."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.urls import reverse

from projects.models import Event, Role
from projects.services.accounts import deactivate_account
from projects.services.invitations import accept_invitation, invite
from projects.services.sealing import check_history, seal_events
from projects.services.teams import edit_engineer
from reviews.services.erasing import StillActive, erase_account
from reviews.services.feeds import reset_feed
from tests import factories as make
from tests.reviews.archive.build import export, take_in

pytestmark = pytest.mark.django_db
NAMES = ("quill", "zebedee")


def everywhere() -> str:
    """Every row of every table, as text."""
    rows = [
        list(model._base_manager.values())
        for app in ("auth", "account", "mfa", "usersessions", "projects", "reviews")
        for model in apps.get_app_config(app).get_models()
    ]
    return json.dumps(rows, default=str).lower()


@pytest.fixture
def root():
    return make.make_user("root", is_superuser=True)


@pytest.fixture
def quill(root) -> User:
    """Somebody who did everything that leaves a name."""
    user = make.make_user("quill", email="quill@example.org", first_name="Zebedee", last_name="Quill")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    program = make.make_program("Engines", by=root)
    accept_invitation(invitation=invite(program=program, email=user.email, role=Role.MANAGER, by=root), user=user)
    team = make.make_team(program)
    engineer = make.make_engineer(team, "Zed")
    edit_engineer(engineer=engineer, name="Zebedee Quill", user=user, by=root, program=program)
    review = make.open_review(program, user)
    make.log(make.make_goal(team), 3.0, by=user, engineer=engineer, review=review, blocker="No foundry")
    make.close(review, user)
    reset_feed(user=user)
    return user


def test_no_table_holds_it_any_more_and_the_chain_is_whole(root, quill):
    seal_events()
    assert all(name in everywhere() for name in NAMES)
    deactivate_account(user=quill, by=root)
    erase_account(user=quill, by=root)
    assert not [name for name in NAMES if name in everywhere()]
    seal_events()
    program = Event.objects.filter(verb="closed").get().program
    assert check_history(program) == []
    told = list(Event.objects.filter(verb="erased the name of").order_by("pk").for_reading())
    assert [event.about for event in told] == [f"erased-{quill.pk}", f"erased {told[1].engineer_id}"]


def test_what_they_did_stays_under_a_name_that_says_nothing(client, root, quill):
    deactivate_account(user=quill, by=root)
    erase_account(user=quill, by=root)
    client.force_login(root)
    page = client.get(reverse("history", args=["engines"])).content.decode()
    assert f'<td data-label="Who">erased-{quill.pk}</td>' in page


def test_twice_is_once(root, quill):
    deactivate_account(user=quill, by=root)
    for _ in range(2):
        erase_account(user=quill, by=root)
    assert Event.objects.filter(verb="erased the name of").count() == 2  # of the account, and of its engineer


def test_who_can_still_sign_in_is_not_erased(root, quill):
    with pytest.raises(StillActive):
        erase_account(user=quill, by=root)
    assert "quill" in everywhere()


def test_the_page_asks_first(client, root, quill):
    client.force_login(root)
    url = reverse("person_erase", args=[quill.pk])
    assert "cannot be undone" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert "deactivate it first" in client.post(url, {"understood": "on"}).content.decode()
    deactivate_account(user=quill, by=root)
    assert url in client.get(reverse("people")).content.decode()
    assert client.post(url, {"understood": "on"}).status_code == 302
    assert "quill" not in everywhere()


def test_the_command(root, quill):
    with pytest.raises(CommandError, match="can still sign in"):
        call_command("erase_person", account="quill")
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("erase_person", account="nobody")
    with pytest.raises(CommandError, match="no engineer"):
        call_command("erase_person", engineer=10**6)
    engineer = make.make_engineer(None, "Zebedee Marsh")
    call_command("erase_person", engineer=engineer.pk)
    engineer.refresh_from_db()
    assert engineer.name == f"erased {engineer.pk}"


def test_a_name_that_was_kept_of_elsewhere(root, quill):
    archive = export(make.Program.objects.get())
    deactivate_account(user=quill, by=root)
    erase_account(user=quill, by=root)
    copy = take_in(archive, name="Copy")
    assert "quill" in everywhere()
    call_command("erase_person", kept="quill")
    assert '"quill"' not in everywhere()
    assert copy.events.filter(verb="erased a name kept in").count() == 1
    with pytest.raises(CommandError, match="No such name"):
        call_command("erase_person", kept="quill")
