"""The memo gate is one implementation at every door, and what it refuses is counted whatever becomes of the write."""

import threading
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.urls import reverse

from projects import refusals
from projects.memo import RULES, clean_memo
from projects.memo_fields import MemoField
from projects.models import RefusalCount, Role
from projects.services.limits import declare_limit
from projects.services.refusals import flush
from projects.time import monday
from reviews import tasks
from reviews.services.datapoints import log_datapoint
from tests import factories as make
from tests.test_architecture import sources
from tests.test_foreign_ids import entry, goal_data, intervention_data, limit_data

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_noted():
    refusals.take()
    yield
    refusals.take()


def counted() -> dict[str, int]:
    return dict(RefusalCount.objects.values_list("rule", "count"))


@pytest.fixture
def program(client):
    ada = make.make_user("ada")
    client.force_login(ada)
    return make.make_program("Engines", by=ada)


# ---- counting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memo", "previous", "rule"),
    [
        ("", "", "memo_blank"),
        (" \n", "", "memo_blank"),
        ("n/a", "", "memo_empty"),
        ("-", "", "memo_empty"),
        ("We wait.", "we wait.", "memo_copy"),
    ],
)
def test_each_rule_is_counted_by_itself_and_by_week(memo, previous, rule):
    for _ in range(3):
        with pytest.raises(ValidationError):
            clean_memo(memo, previous=previous)
        flush()
    assert counted() == {rule: 3}
    assert RefusalCount.objects.get().week == monday(make.today())
    assert rule in RULES


def test_what_passes_is_not_counted():
    clean_memo("Two vanes are cast.")
    flush()
    assert not RefusalCount.objects.exists()


def test_the_write_that_is_undone_takes_no_count_with_it(program):
    with pytest.raises(ValidationError), transaction.atomic():
        declare_limit(program=program, state="converged", factor=None, since=make.today(), memo="n/a", by=None)
    flush()
    assert counted() == {"memo_empty": 1}


def test_nothing_is_asked_of_the_database_while_the_refused_write_holds_its_locks(program):
    asked: list[str] = []

    def watch(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch), pytest.raises(ValidationError), transaction.atomic():
        clean_memo("-")
    assert not [sql for sql in asked if "refusalcount" in sql]


def test_threads_lose_no_count():
    def refuse():
        for _ in range(200):
            refusals.note("memo_blank")

    threads = [threading.Thread(target=refuse) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals.take() == {"memo_blank": 800}


def test_a_database_that_is_away_costs_the_count_and_not_the_answer(program, client, monkeypatch, caplog):
    def away(*_):
        raise Error("away")

    monkeypatch.setattr("projects.services.refusals._add", away)
    response = client.post(reverse("limit_declare", args=[program.slug]), limit_data(memo="n/a"))
    assert response.status_code == 422
    assert "could not be counted" in caplog.text


# ---- doors -----------------------------------------------------------------------------------------------------------


def test_forms(program, client):
    team = make.make_team(program, engineers=1)
    goal, review = make.make_goal(team), make.open_review(program)
    gone = make.make_import(program)
    engineer = team.seats.get().engineer
    doors = [
        ("limit_declare", program.slug, limit_data()),
        ("intervention_create", program.slug, intervention_data(goal=goal.pk)),
        ("goal_revise", goal.pk, goal_data(on=make.today().isoformat(), target="90")),
        ("goal_log", goal.pk, {"uuid": str(uuid.uuid4()), "value": "3", "level": "doer", "engineer": engineer.pk}),
        ("review_log", review.pk, entry(SimpleNamespace(goals=goal, engineers=engineer))),
        ("import_undo", gone.pk, {}),
        ("attention_spent", None, {"program": program.pk, "minutes": 5, "on": make.today().isoformat()}),
    ]
    for n, (name, of, data) in enumerate(doors, start=1):
        for memo, rule in (("", "memo_blank"), ("n/a", "memo_empty")):
            response = client.post(reverse(name, args=[of] if of else []), data | {"memo": memo})
            assert response.status_code == 422, name
            assert counted().get(rule) == n, (name, rule, counted())


def test_the_live_service_and_a_copy(program):
    goal = make.make_goal(make.make_team(program, engineers=1))
    make.log(goal, 3, memo="Two vanes are cast.")
    with pytest.raises(ValidationError):
        log_datapoint(goal=goal, entry=make.make_entry(memo="two vanes are cast."), by=make.make_user())
    flush()
    assert counted() == {"memo_copy": 1}


def test_an_import_by_command(program, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"series_id,date,value,target_value,direction\na/b,{make.today()},1,2,up\n")
    with pytest.raises(CommandError):
        call_command("import_datapoints", file, program="Engines", memo="n/a", verbosity=0)
    assert counted() == {"memo_empty": 1}


def test_a_job(program):
    refusals.note("memo_blank")
    tasks.count_refusals()
    assert counted() == {"memo_blank": 1}


def test_the_admin_has_no_door():
    """Nothing of ours is registered there: no row is changed past its service, its event and the gate."""
    ours = {model for app in ("projects", "reviews") for model in apps.get_app_config(app).get_models()}
    assert not ours & set(admin.site._registry)


def test_whatever_form_asks_for_a_memo_asks_the_gate():
    """By the name of the field: a memo that is a plain text field would pass past it."""
    plain = [
        f"{path}: {line.strip()}"
        for path, _tree in (*sources("projects"), *sources("reviews"))
        if "form" in path
        for line in Path(path).read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("memo = forms.")
    ]
    assert plain == []
    assert MemoField(required=False).clean(" ") == ""


def test_shown_on_the_audit(program, client):
    make.join(program, Role.ADMIN)
    for _ in range(41):
        refusals.note("memo_copy")
    client.get("/")
    page = client.get(reverse("audit")).content.decode()
    row = page.split("Repeated the last one")[1]
    assert row.split("</tr>")[0].count(">41<") == 1
