"""Programs: made, changed, put away and brought back; who belongs to them."""

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import Event, Limit, Membership, Program, Role
from tests import factories as make

pytestmark = pytest.mark.django_db

DATA = {"name": "Engines", "kind": "delivery", "start": "2026-01-05", "zone": "Europe/Berlin"}


@pytest.fixture
def admin(client):
    user = make.make_user("ada", may_create=True)
    client.force_login(user)
    return user


@pytest.fixture
def program(admin):
    return make.make_program("Engines", by=admin)


def address(name: str, program: Program, *more) -> str:
    return reverse(name, args=[program.slug, *more])


def edit(program: Program, **changed) -> dict:
    return DATA | {"start": program.start.isoformat(), "zone": program.zone, "version": program.version} | changed


# ---- made ------------------------------------------------------------------------------------------------------------


def test_made_with_its_first_limit_and_its_maker_as_admin(client, admin):
    response = client.post(reverse("program_create"), DATA | {"outcome": "They fly."})
    made = Program.objects.get()
    assert response.headers["Location"] == address("team_create", made)
    assert (made.name, made.slug, made.owner, made.zone) == ("Engines", "engines", admin, "Europe/Berlin")
    assert made.memberships.get().role == Role.ADMIN
    assert Limit.objects.get(program=made).state == Limit.State.UNKNOWN
    assert Event.objects.get(program=made).verb == "created"
    assert client.get(made.get_absolute_url()).status_code == 200


def test_double_click_makes_one(client, admin):
    first, second = (client.post(reverse("program_create"), DATA) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 422)
    assert Program.objects.count() == 1
    assert "A program of this name exists." in second.content.decode()


@pytest.mark.parametrize("name", ["engines", "  ENGINES  "])
def test_same_name_in_another_case_is_refused(name, client, program):
    assert client.post(reverse("program_create"), DATA | {"name": name}).status_code == 422


@pytest.mark.parametrize("name", ["R&D", "R D!", "新能源", "new", "archive", "New", "---", "x" * 120, "Engines 2"])
def test_every_name_gets_an_address_of_its_own(name, client, program):
    twin = name[:-1] + "¿"
    for one in (name, twin):
        assert client.post(reverse("program_create"), DATA | {"name": one}).status_code == 302
        assert client.get(Program.objects.get(name=one).get_absolute_url()).status_code == 200
    assert client.get(reverse("program_create")).status_code == 200
    assert client.get(reverse("archive")).status_code == 200


def test_name_with_markup_is_escaped_once_everywhere(client, admin):
    name = 'R&D <img src=x> "q"'
    response = client.post(reverse("program_create"), DATA | {"name": name, "outcome": name}, follow=True)
    made = Program.objects.get()
    pages = [response, *(client.get(address(page, made)) for page in ("program", "program_edit", "history", "members"))]
    pages += [client.get("/"), client.get(address("limit_declare", made)), client.get(reverse("reviews"))]
    client.post(address("program_archive", made))
    pages.append(client.get(reverse("archive")))
    for page in pages:
        html = page.content.decode()
        assert "<img" not in html.replace('<img src="/static/', "")
        assert "R&amp;D &lt;img src=x&gt;" in html
        assert "&amp;amp;" not in html
        assert "&amp;lt;" not in html


def test_throughput_needs_a_unit(client, admin):
    refused = client.post(reverse("program_create"), DATA | {"kind": "throughput"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["output_unit"]
    taken = client.post(reverse("program_create"), DATA | {"kind": "throughput", "output_unit": "GW a year"})
    assert taken.status_code == 302


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"deadline": "2026-01-05"}, "The deadline must lie after the start."),
        ({"deadline": "2025-12-01"}, "The deadline must lie after the start."),
        ({"last_acceptable": "2026-01-01"}, "The last acceptable date must lie after the start."),
        (
            {"deadline": "2026-06-01", "last_acceptable": "2026-05-01"},
            "The last acceptable date cannot lie before the deadline.",
        ),
    ],
)
def test_days_out_of_order_are_refused_with_the_reason(days, said, client, admin):
    response = client.post(reverse("program_create"), DATA | days)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Program.objects.exists()


def test_what_was_typed_stays_after_a_refusal(client, admin):
    response = client.post(reverse("program_create"), DATA | {"outcome": "They fly.", "deadline": "2020-01-01"})
    html = response.content.decode()
    assert 'value="Engines"' in html
    assert "They fly." in html
    assert 'value="2020-01-01"' in html


# ---- changed ---------------------------------------------------------------------------------------------------------


def test_edit_writes_the_difference_and_ranks_again(client, program):
    response = client.post(address("program_edit", program), edit(program, outcome="They fly."))
    assert response.status_code == 302
    program.refresh_from_db()
    assert (program.outcome, program.version, program.slug) == ("They fly.", 2, "engines")
    assert Event.objects.get(program=program, verb="changed").changes == {"outcome": ["", "They fly."]}
    assert program.ranking.as_of == make.today()


def test_saving_unchanged_writes_nothing(client, program):
    assert client.post(address("program_edit", program), edit(program)).status_code == 302
    program.refresh_from_db()
    assert program.version == 1
    assert not Event.objects.filter(verb="changed").exists()


def test_conflict_shows_both_versions_and_loses_nothing(client, program):
    mine = edit(program, name="Mine & yours", outcome="Mine")
    assert client.post(address("program_edit", program), edit(program, outcome="Theirs")).status_code == 302
    conflict = client.post(address("program_edit", program), mine)
    assert conflict.status_code == 409
    html = conflict.content.decode()
    assert "Somebody else changed this" in html
    for both in ("Theirs", "Mine", "Mine &amp; yours"):
        assert both in html
    program.refresh_from_db()
    assert (program.name, program.outcome) == ("Engines", "Theirs")
    again = mine | {"version": conflict.context["form"]["version"].value()}
    assert client.post(address("program_edit", program), again).status_code == 302
    program.refresh_from_db()
    assert (program.name, program.outcome, program.version) == ("Mine & yours", "Mine", 3)


def test_version_that_is_missing_overwrites_nobody(client, program):
    data = edit(program, outcome="Blind")
    del data["version"]
    assert client.post(address("program_edit", program), data).status_code == 409
    program.refresh_from_db()
    assert program.outcome == ""


def test_name_of_another_program_is_refused_on_edit(client, admin, program):
    make.make_program("Wings", by=admin)
    response = client.post(address("program_edit", program), edit(program, name="wings"))
    assert response.status_code == 422
    assert "A program of this name exists." in response.content.decode()


# ---- put away --------------------------------------------------------------------------------------------------------


def test_archive_and_restore_write_once_each(client, program):
    for name, archived in (("program_archive", True), ("program_restore", False)):
        for _click in range(2):
            assert client.post(address(name, program)).status_code == 302
        program.refresh_from_db()
        assert bool(program.archived_at) is archived
    assert list(Event.objects.filter(program=program).order_by("pk").values_list("verb", flat=True)) == [
        "created",
        "archived",
        "restored",
    ]


def test_archived_program_is_said_to_be_and_starts_no_review(client, program):
    client.post(address("program_archive", program))
    page = client.get(program.get_absolute_url()).content.decode()
    assert "it is not on the board" in page
    assert address("review_start", program) not in page
    response = client.post(address("review_start", program), follow=True)
    assert "is archived" in response.content.decode()
    assert "under way" not in client.get(reverse("reviews")).content.decode()


def test_restore_is_offered_to_those_who_may(client, program):
    client.post(address("program_archive", program))
    viewer = make.join(program, Role.VIEWER)
    button = address("program_restore", program)
    assert button in client.get(reverse("archive")).content.decode()
    client.force_login(viewer)
    assert button not in client.get(reverse("archive")).content.decode()


# ---- read ------------------------------------------------------------------------------------------------------------


def test_page_says_unknown_where_nothing_is_known(client, program):
    make.make_goal(make.make_team(program))
    page = client.get(program.get_absolute_url()).content.decode()
    assert "unknown" in page
    assert "no data yet" in page


def test_page_shows_teams_worst_first_and_what_holds_them_back(client, admin):
    program = make.make_program("Engines", by=admin)
    good, bad = make.make_team(program, "A good team"), make.make_team(program, "B bad team")
    make.make_goal(good, values=make.STEADY)
    make.make_goal(bad, "The stuck goal", values=(50, 44, 39, 33, 28, 22, 15, 10))
    make.refit_program(program)
    page = client.get(program.get_absolute_url()).content.decode()
    teams = page[page.index('id="teams-title"') :]
    assert teams.index("B bad team") < teams.index("A good team")
    assert "The stuck goal" in teams


def test_viewer_sees_no_button_that_writes(client, program):
    viewer = make.join(program, Role.VIEWER)
    client.force_login(viewer)
    page = client.get(program.get_absolute_url()).content.decode()
    assert page.count('method="post"') == 1  # signing out
    assert address("team_create", program) not in page


def test_members_are_offered_to_admins_only(client, program):
    assert address("members", program) in client.get(program.get_absolute_url()).content.decode()
    client.force_login(make.join(program, Role.MANAGER))
    assert address("members", program) not in client.get(program.get_absolute_url()).content.decode()


def test_history_names_who_and_what(client, program):
    client.post(address("program_edit", program), edit(program, outcome="They fly."))
    page = client.get(address("history", program)).content.decode()
    assert "ada" in page
    assert "They fly." in page


def test_demo_says_by_how_much_its_dates_are_shifted(client, program):
    Program.objects.filter(pk=program.pk).update(shifted_weeks=143, source="Weekly reports, CC0.")
    page = client.get(program.get_absolute_url()).content.decode()
    assert "moved by 143 weeks" in page
    assert "CC0" in page


# ---- members ---------------------------------------------------------------------------------------------------------


def members(client, program, username: str, role: str):
    return client.post(address("members", program), {"username": username, "role": role})


def test_add_a_member_and_change_their_role(client, program):
    make.make_user("Bob")
    assert members(client, program, "bob", Role.VIEWER).status_code == 302
    assert members(client, program, "Bob", Role.MANAGER).status_code == 302
    assert Membership.objects.get(program=program, user__username="Bob").role == Role.MANAGER
    assert [event.changes["role"] for event in Event.objects.filter(verb="gave a role").order_by("pk")] == [
        [None, "viewer"],
        ["viewer", "manager"],
    ]


def test_same_role_again_writes_nothing(client, program):
    make.make_user("bob")
    for _click in range(2):
        members(client, program, "bob", Role.VIEWER)
    assert Event.objects.filter(verb="gave a role").count() == 1


def test_of_two_names_that_differ_in_case_the_exact_one_is_taken(client, program):
    make.make_user("BOB")
    exact = make.make_user("bob")
    members(client, program, "bob", Role.VIEWER)
    assert program.memberships.exclude(role=Role.ADMIN).get().user == exact


@pytest.mark.parametrize("active", [True, False])
def test_unknown_and_deactivated_accounts_are_refused_alike(active, client, program):
    if not active:
        make.make_user("bob", is_active=False)
    response = members(client, program, "bob", Role.VIEWER)
    assert response.status_code == 422
    assert "There is no account of this name" in response.content.decode()


def test_last_admin_stays(client, program, admin):
    response = members(client, program, "ada", Role.MANAGER)
    assert response.status_code == 422
    assert "A program keeps at least one admin." in response.content.decode()
    member = program.memberships.get()
    removed = client.post(address("member_remove", program, member.pk), follow=True)
    assert "A program keeps at least one admin." in removed.content.decode()
    assert program.memberships.get().role == Role.ADMIN


def test_admin_may_leave_when_there_is_another(client, program, admin):
    make.join(program, Role.ADMIN)
    member = program.memberships.get(user=admin)
    client.post(address("member_remove", program, member.pk))
    assert client.get(program.get_absolute_url()).status_code == 404


def test_removed_member_sees_nothing_from_the_next_page_on(client, program):
    viewer = make.join(program, Role.VIEWER)
    client.post(address("member_remove", program, program.memberships.get(user=viewer).pk))
    client.force_login(viewer)
    assert client.get(program.get_absolute_url()).status_code == 404


def test_start_in_the_future_is_taken(client, admin):
    start = make.today() + dt.timedelta(days=30)
    client.post(reverse("program_create"), DATA | {"start": start.isoformat()})
    program = Program.objects.get()
    assert Limit.objects.get(program=program).since <= make.today()
    assert client.get(program.get_absolute_url()).status_code == 200
