"""Who may open and send what: every address of projects and reviews, by every method, as everyone.

The addresses come from the URL list itself: a new one fails here until it has its row in ROWS. The ids of another
program that forms and query strings may be sent are in tests/test_foreign_ids.py.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from projects.models import Engineer, Membership, RefusalCount, Role
from projects.services.goals import set_gate
from projects.services.invitations import invite
from projects.services.supplies import add_claim
from projects.services.teams import add_weeks_off
from projects.services.tokens import make_token
from reviews.digests.render import unsubscribe_token
from reviews.models import Datapoint, Heartbeat, Night
from reviews.services.cadences import add_guest
from reviews.services.feeds import reset_feed
from tests import factories as make

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
#           anonymous  outsider  engineer  viewer  manager  admin
ACTORS = ("anonymous", "outsider", "engineer", "viewer", "manager", "admin")
# An outsider manages another program. "engineer" is asked twice: as a member with that role, and as an account that is
# joined to an engineer of the program without being its member.
ANYONE = "302 200 200 200 200 200"  # of what each of them may see
READ = "302 404 404 200 200 200"
FORM = "302 404 404 403 200 200"
REFUSED = "302 404 404 403 422 422"  # sent without what it needs: its writers get it back
DONE = "302 404 404 403 302 302"
ADMIN_FORM = "302 404 404 403 403 200"
ADMIN_REFUSED = "302 404 404 403 403 422"
ADMIN_DONE = "302 404 404 403 403 302"
MAKER = "302 403 403 403 403 200"  # only the admin of this table may make programs
MAKER_REFUSED = "302 403 403 403 403 422"
HIDDEN = "302 404 404 404 404 404"  # kept to superusers, or to whose it is
OPEN = "200 200 200 200 200 200"  # without a login: the address of an invitation or a calendar is the key
NEVER = "302 405 405 405 405 405"
OWN = "302 302 302 302 302 302"  # concerns nobody but who sends it
OPEN_NEVER = "405 405 405 405 405 405"
KEYED = "404 404 404 404 404 404"  # without a login, by a token that the settings name; here they name none

# name: (GET, POST); what is sent is `NOTHING`
ROWS = {
    "board": (ANYONE, NEVER),
    "program_create": (MAKER, MAKER_REFUSED),
    "archive": (ANYONE, NEVER),
    "program": (READ, NEVER),
    "program_edit": (FORM, REFUSED),
    "program_revise": (FORM, REFUSED),
    "program_archive": (NEVER, DONE),
    "program_restore": (NEVER, DONE),
    "history": (READ, NEVER),
    "members": (ADMIN_FORM, ADMIN_REFUSED),
    "member_remove": (NEVER, ADMIN_DONE),
    "limit_declare": (FORM, REFUSED),
    "limit_accept": (NEVER, DONE),
    "limit_confirm": (NEVER, DONE),
    "supply_create": (FORM, REFUSED),
    "supply_edit": (FORM, REFUSED),
    "supply_remove": (NEVER, DONE),
    "claim_create": (FORM, REFUSED),
    "claim_remove": (NEVER, DONE),
    "decision_create": (FORM, REFUSED),
    "intervention_create": (FORM, REFUSED),
    "intervention_edit": (FORM, REFUSED),
    "intervention_withdraw": (NEVER, DONE),
    "limit_deeper": (FORM, REFUSED),
    "layer_lift": (FORM, REFUSED),
    "prediction_create": (FORM, REFUSED),
    "prediction_condition": (NEVER, DONE),
    "public_prediction_create": (FORM, REFUSED),
    "public_prediction_judge": (FORM, REFUSED),
    "owner_dates": (READ, NEVER),
    "team_create": (FORM, REFUSED),
    "team": (READ, NEVER),
    "team_edit": (FORM, REFUSED),
    "team_archive": (NEVER, DONE),
    "team_restore": (NEVER, DONE),
    "team_multiples": (READ, NEVER),
    "seat_create": (NEVER, REFUSED),
    "roster_copy": (NEVER, REFUSED),
    "seat_end": (NEVER, DONE),
    "engineer_edit": (FORM, REFUSED),
    "factors": (ANYONE, NEVER),
    "factor_names": (ANYONE, NEVER),
    "factor": (READ, NEVER),
    "factor_edit": (FORM, REFUSED),
    "factor_challenge": (FORM, REFUSED),
    "evidence_create": (NEVER, REFUSED),
    "gate_create": (NEVER, DONE),
    "gate_remove": (NEVER, DONE),
    "reviews": (ANYONE, NEVER),
    "review_history": (ANYONE, NEVER),
    "feed_reset": (NEVER, OWN),
    "feed": (OPEN, OPEN_NEVER),
    "review_prepare": (READ, NEVER),
    "cadence_edit": (FORM, REFUSED),
    "cadence_double": (NEVER, DONE),
    "cadence_fall_back": (NEVER, DONE),
    "cadence_end": (NEVER, DONE),
    "slot": (READ, NEVER),
    "slot_start": (NEVER, DONE),
    "slot_move": (NEVER, REFUSED),
    "slot_cancel": (NEVER, REFUSED),
    "slot_restore": (NEVER, DONE),
    "slot_guest": (NEVER, REFUSED),
    "guest_add": (NEVER, REFUSED),
    "guest_remove": (NEVER, DONE),
    "comment_create": (FORM, REFUSED),
    "review_start": (NEVER, DONE),
    "review": (READ, NEVER),
    "review_log": (NEVER, REFUSED),
    "review_close": (NEVER, REFUSED),  # someone on its roster was not heard
    "review_say": (NEVER, REFUSED),
    "review_undo": (NEVER, REFUSED),
    "review_spell": (NEVER, REFUSED),
    "review_changes": (READ, NEVER),
    "signed_in": (ANYONE, NEVER),
    "turn_absent": (NEVER, DONE),
    "goal_create": (FORM, REFUSED),
    "goal": (READ, NEVER),
    "program_import": (MAKER, MAKER_REFUSED),
    "imports": (READ, NEVER),
    "upload_create": (NEVER, REFUSED),
    "upload": (FORM, NEVER),
    "upload_check": (NEVER, REFUSED),
    "upload_rename": (NEVER, DONE),
    "upload_apply": (NEVER, DONE),
    "upload_again": (NEVER, DONE),
    "upload_cancel": (NEVER, DONE),
    "upload_refusals": (FORM, NEVER),
    "import": (READ, NEVER),
    "import_undo": (NEVER, REFUSED),
    "goal_edit": (FORM, REFUSED),
    "goal_revise": (FORM, REFUSED),
    "goal_archive": (NEVER, DONE),
    "goal_restore": (NEVER, DONE),
    "goal_log": (NEVER, REFUSED),
    "datapoint_correct": (FORM, REFUSED),
    "datapoint_withdraw": (NEVER, DONE),
    "datapoint_evidence": (NEVER, REFUSED),
    "weeks_off_create": (NEVER, REFUSED),
    "weeks_off_remove": (NEVER, DONE),
    "what_if": (READ, NEVER),
    "attention": (ANYONE, NEVER),
    "attention_keep": (NEVER, "302 302 302 302 302 302"),  # one's own plan, of the programs that one manages
    "attention_spent": (NEVER, "302 422 422 422 422 422"),
    "attention_remove": (NEVER, "302 404 404 404 404 404"),  # of somebody else
    "mine": (ANYONE, NEVER),
    "digests": (ANYONE, NEVER),
    "digest_preview": (ANYONE, NEVER),
    "digest_now": (NEVER, OWN),
    "subscription": (ANYONE, "302 422 422 422 422 422"),
    "digest_unsubscribe": (OPEN, OPEN),  # the token in the mail is the key
    "digest": (HIDDEN, NEVER),  # of somebody else
    "digest_again": (NEVER, HIDDEN),
    "alert_seen": (NEVER, HIDDEN),
    "channels": (ADMIN_FORM, ADMIN_REFUSED),
    "channel_now": (NEVER, ADMIN_DONE),
    "channel_remove": (NEVER, ADMIN_DONE),
    "invitation_create": (NEVER, ADMIN_REFUSED),
    "invitation_resend": (NEVER, ADMIN_DONE),
    "invitation_revoke": (NEVER, ADMIN_DONE),
    "invitation": (OPEN, "422 302 302 302 302 302"),
    "invitation_accept": (NEVER, "302 302 302 302 302 302"),
    "interventions": (ANYONE, NEVER),
    "intervention_judge": (NEVER, DONE),
    "calibration": (ANYONE, NEVER),
    "audit": (ANYONE, NEVER),
    "audit_check": (NEVER, "302 302 403 403 302 302"),  # looks in the programs that one may change
    "finding": (READ, NEVER),
    "finding_waive": (NEVER, REFUSED),
    "finding_quarantine": (NEVER, REFUSED),
    "finding_release": (NEVER, REFUSED),
    "finding_take_up": (NEVER, REFUSED),
    "history_of_team": (READ, NEVER),
    "history_of_engineer": (READ, NEVER),
    "history_of_goal": (READ, NEVER),
    "history_of_factor": (READ, NEVER),
    "history_of_review": (READ, NEVER),
    "history_of_datapoint": (READ, NEVER),
    "history_of_supply": (READ, NEVER),
    "history_of_cadence": (READ, NEVER),
    "history_of_intervention": (READ, NEVER),
    "history_of_import": (READ, NEVER),
    "account": (ANYONE, "302 302 302 302 302 302"),
    "session_end": (NEVER, HIDDEN),
    "token_create": (NEVER, OWN),  # to confirm the password first
    "token_revoke": (NEVER, HIDDEN),
    "healthz": (OPEN, OPEN_NEVER),
    "metrics": (KEYED, OPEN_NEVER),
    "jobs": (HIDDEN, NEVER),
    "job_retry": (NEVER, HIDDEN),
    "night_retry": (NEVER, HIDDEN),
    "people": (HIDDEN, NEVER),
    "person_deactivate": (HIDDEN, HIDDEN),
    "person_reactivate": (NEVER, HIDDEN),
    "person_erase": (HIDDEN, HIDDEN),
    "program_export": (ADMIN_FORM, NEVER),
    "program_from_archive": (MAKER, MAKER_REFUSED),
}
OF_ONE_PERSON = {"digest"}  # which no administrator reads either
NO_COOKIE = {"digest_unsubscribe"}  # a mail program posts it
NOTHING = {"unknown": "field"}
OURS = ("projects.urls", "reviews.urls")
ELSEWHERE = {"accounts/", "accounts/two-factor/", "accounts/sessions/", "admin/"}  # tests/test_account_access.py
ELSEWHERE |= {"api/", "api/<path:rest>"}  # tests/api/test_access.py


def our_patterns() -> dict:
    found = {}
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and getattr(resolver.urlconf_name, "__name__", "") in OURS:
            found |= {pattern.name: pattern for pattern in resolver.url_patterns}
    return found


PATTERNS = our_patterns()


def build(name: str) -> SimpleNamespace:
    """A program with one of everything that has an address."""
    program = make.make_program(name)
    team = make.make_team(program, f"{name} team")
    engineer = make.make_engineer(team, f"{name} engineer")
    goal = make.make_goal(team, f"{name} goal", values=(1, 2))
    factor = make.make_factor(f"{name} factor")
    gate = set_gate(goal=goal, factor=factor, by=None)
    limit = make.declare(program, factor)
    review = make.open_review(program)
    off = add_weeks_off(team=team, first_day=make.today(), last_day=make.today(), reason="Summer", by=None)
    viewer = make.join(program, Role.VIEWER)
    for part in Heartbeat.Part.values:
        Heartbeat.objects.get_or_create(part=part, defaults={"at": timezone.now()})  # one for the whole installation
    turn, cadence = review.turns.get(), make.make_cadence(program)
    guest = add_guest(review=review, team=team, name=f"{name} guest", by=make.make_user())
    return SimpleNamespace(
        name=name,
        program=program,
        limit=limit,
        members=viewer,
        people=viewer,
        invitations=invite(program=program, email=f"{name}@example.org", role=Role.VIEWER, by=make.make_user()),
        sessions=UserSession.objects.create(user=viewer, ip="198.51.100.23", session_key=f"of {name}"),
        tokens=make_token(user=viewer, name=f"{name} token")[0],
        teams=team,
        seats=make.seat_of(engineer),
        engineers=engineer,
        factors=factor,
        layers=make.drill(program, f"{name} part"),
        predictions=make.predict(limit, f"{name} successor"),
        goals=goal,
        gates=gate,
        interventions=make.make_intervention(program, goal=goal, factor=factor, memo=f"{name} foundry."),
        reviews=review,
        turns=turn,
        spent=make.make_spent(program),
        supplies=make.make_supply(program, factor),
        claims=add_claim(factor=factor, question="What limits it?", says="Bureaucracy.", source=name, by=None),
        uploads=make.make_upload(program),
        imports=make.make_import(program),
        datapoints=Datapoint.objects.filter(goal=goal).first(),
        cadences=cadence,
        slots=SimpleNamespace(pk=make.make_slot(cadence).number),
        calendar=reset_feed(user=viewer),
        digests=make.make_delivery(viewer),
        channels=make.make_hook(program, name=f"{name} channel"),
        unsubscribe=SimpleNamespace(token=unsubscribe_token(make.make_subscription(on=False))),
        guests=guest,
        jobs=make.make_job_run(state="failed"),
        nights=Night.objects.get_or_create(on=make.today(), defaults={"started_at": timezone.now()})[0],
        findings=make.make_finding(goal),
        **{"weeks-off": off, "public-predictions": make.make_public_prediction(program, text=f"{name} vanes by 2030.")},
    )


@pytest.fixture
def world():
    return build("Ours")


@pytest.fixture
def other():
    return build("Theirs")


@pytest.fixture
def people(world, other) -> list[tuple]:
    """Who asks: (name of the actor, account)."""
    return [
        ("anonymous", None),
        ("outsider", make.join(other.program, Role.MANAGER)),
        ("engineer", make.join(world.program, Role.ENGINEER)),
        ("engineer", joined_account(world.engineers)),
        ("viewer", make.join(world.program, Role.VIEWER)),
        ("manager", make.join(world.program, Role.MANAGER)),
        ("admin", make.join(world.program, Role.ADMIN, make.make_user(may_create=True))),
    ]


def joined_account(engineer: Engineer):
    """The login of an engineer who is a member of nothing."""
    engineer.user = make.make_user()
    engineer.save(update_fields=["user"])
    return engineer.user


@pytest.fixture
def admin(people):
    """The account of the program's admin; `client` is signed in as it."""
    return dict(people)["admin"]


def address(name: str, world) -> str:
    """The address of `name` in `world`: an id in a route belongs to what the segment before it names."""
    arguments = {}
    for before, kind, argument in re.findall(r"([\w-]+)/<(\w+):(\w+)>", str(PATTERNS[name].pattern)):
        if kind == "slug":
            arguments[argument] = world.program.slug
        elif kind in ("str", "uuid"):
            arguments[argument] = getattr(getattr(world, before), {"str": "token"}.get(kind, kind))
        elif before == "members":
            arguments[argument] = Membership.objects.get(program=world.program, user=world.members).pk
        else:
            assert hasattr(world, before), f"give `build` a {before}: the id in {PATTERNS[name].pattern} is one of it"
            arguments[argument] = getattr(world, before).pk
    return reverse(name, kwargs=arguments)


UNCOUNTED = ("django_session", "cache", "projects_refusalcount")  # sessions, and that a memo was refused
OUR_APPS = ("projects", "reviews", "auth", "account", "mfa", "usersessions")


def everything() -> dict[str, list]:
    """{table: its rows}: what a refused request leaves as it is, but for the count of refusals."""
    return {
        model._meta.db_table: sorted(model._default_manager.values_list(), key=repr)
        for app in OUR_APPS
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not RefusalCount
    }


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database that may change a row of ours."""
    found: list[str] = []

    def watch(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and sql.split('"')[1] not in UNCOUNTED:
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def text_of(response) -> str:
    """The body; a download may be streamed."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace")


def as_user(user) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def expected(name: str, method: str, actor: str) -> int:
    """HEAD is answered as GET is; only GET, HEAD and POST are ever answered."""
    get, post = ROWS[name]
    never = NEVER.replace("302", "405") if get in (OPEN, KEYED) else NEVER
    row = {"get": get, "head": get, "post": post}.get(method, never)
    return int(row.split()[ACTORS.index(actor)])


def test_every_address_has_its_row():
    new, gone = sorted(PATTERNS.keys() - ROWS.keys()), sorted(ROWS.keys() - PATTERNS.keys())
    assert not new, "Say in ROWS who may open and send it, such as " + ", ".join(
        f'"{name}": (READ, NEVER)  # {PATTERNS[name].pattern}' for name in new
    )
    assert not gone, f"No longer in the URL list: take {gone} out of ROWS"


def test_nothing_else_is_routed():
    rest = [
        str(resolver.pattern)
        for resolver in get_resolver().url_patterns
        if getattr(getattr(resolver, "urlconf_name", None), "__name__", "") not in OURS
    ]
    assert sorted(rest) == sorted(ELSEWHERE)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_row(name, world, people):
    """Every method as everyone: the answer, and that a refusal changes no row."""
    url = address(name, world)
    before = everything()
    found, wanted = {}, {}
    for actor, user in people:
        client = as_user(user)
        for method in METHODS:
            want = expected(name, method, actor)
            with undone(), statements() as sent:
                response = getattr(client, method)(url, NOTHING)
                if sent and (want >= 400 or actor == "anonymous" or method != "post"):
                    assert everything() == before, f"{method} by {actor} wrote: {sent}"
            if response.status_code != want:
                found[method, actor], wanted[method, actor] = response.status_code, want
            if actor == "anonymous" and want == 302:
                assert response.headers["Location"].startswith(reverse("account_login") + "?next=")
            if method == "head":
                assert text_of(response) == ""
    assert found == wanted, f"ROWS[{name!r}] says otherwise: correct the view, or the row"


def test_an_engineer_without_a_membership_sees_what_was_logged_about_their_own_work_and_no_more(world):
    colleague = make.make_engineer(world.teams, "Ours colleague")
    hidden = make.make_goal(world.teams, "Ours hidden goal")
    make.make_point(hidden, engineer=colleague, memo="Ours said by a colleague")
    make.make_point(world.goals, engineer=world.engineers, memo="Said by me")
    client = as_user(joined_account(world.engineers))
    for name, (get, _post) in ROWS.items():
        if get == ANYONE:
            page = text_of(client.get(address(name, world)))
            assert ("Said by me" in page) == (name == "mine"), name
            for theirs in ("Ours colleague", "Ours hidden goal", "Ours said by a colleague", "Ours factor"):
                assert theirs not in page, (name, theirs)


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**40])
def test_an_id_that_nothing_has_is_not_found(number, client, world, admin):
    client.force_login(admin)
    for name, pattern in PATTERNS.items():
        if "int:" in str(pattern.pattern):
            url = re.sub(r"\d+(?=\D*$)", str(number), address(name, world))
            method = client.get if ROWS[name][0] != NEVER else client.post
            assert method(url).status_code == 404, url


def test_csrf_token_is_asked_of_every_form(world, admin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    for name, (_get, post) in ROWS.items():
        if post != NEVER and name not in NO_COOKIE:
            response = client.post(address(name, world), NOTHING)
            assert response.status_code == 403, name
            assert "too old" in response.content.decode()


def test_superuser_administers_every_program(client, world):
    client.force_login(make.make_user(is_superuser=True))
    for name, (get, _post) in ROWS.items():
        if get not in (NEVER, KEYED) and name not in OF_ONE_PERSON:
            assert client.get(address(name, world)).status_code == 200, name


def test_deactivated_account_sees_nothing(client, world):
    manager = make.join(world.program, Role.MANAGER)
    client.force_login(manager)
    manager.is_active = False
    manager.save()
    assert client.get(address("program", world)).status_code == 302
