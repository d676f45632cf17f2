"""A finding is fixed, waived with a reason and a day, or its values leave the fit; each is kept with its memo."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from projects.models import Event, Factor, Goal, Outlook, Program, Role
from projects.time import WEEK
from reviews.audit import RULES
from reviews.models import Datapoint, Finding, Forecast
from reviews.services.audit import NotInState, quarantine, release, run_audit, take_up, waive
from reviews.services.forecasting import refit_program
from reviews.services.receipts import newest_receipt, replay
from tests import factories as make
from tests.reviews.archive.build import export, take_in
from tests.reviews.audit.dirty import DAY, clean, goal_of, one

pytestmark = pytest.mark.django_db
STATES = Finding.State


@pytest.fixture
def ada(client):
    user = make.make_user("ada")
    client.force_login(user)
    return user


@pytest.fixture
def program(ada):
    made = clean()
    make.join(made, Role.MANAGER, ada)
    return made


@pytest.fixture
def goal(program):
    return goal_of(program, "Vanes", *make.STEADY)


@pytest.fixture
def finding(goal) -> Finding:
    """A value of 900 % today, forecast."""
    make.make_point(goal, 900, observed_on=make.today() - DAY, engineer=one(goal.team.program), origin="live")
    refit_program(goal.team.program)
    run_audit(Program.objects.active())
    return Finding.objects.get(rule="beyond_bound")


def audit(**fields) -> None:
    run_audit(Program.objects.active(), **fields)


def in_days(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


# ---- quarantine ------------------------------------------------------------------------------------------------------


def test_a_value_in_quarantine_leaves_the_fit_at_once_and_comes_back(finding, goal, ada):
    wrong = make.outlook(goal)
    assert wrong.value == 58.0 or wrong.verdict == "done"
    assert wrong.points == len(make.STEADY) + 1
    ranked = goal.team.program.ranking.computed_at
    assert quarantine(finding=finding, memo="A slip of the key.", by=ada) == 1
    right = make.outlook(goal)
    assert right.points == len(make.STEADY)
    assert right.inputs_hash != wrong.inputs_hash
    goal.team.program.ranking.refresh_from_db()
    assert goal.team.program.ranking.computed_at > ranked
    release(finding=finding, memo="It was so after all.", by=ada)
    again = make.outlook(goal)
    assert (again.points, again.inputs_hash, again.verdict) == (wrong.points, wrong.inputs_hash, wrong.verdict)


def test_it_is_kept_who_did_it_and_why(finding, goal, ada):
    quarantine(finding=finding, memo="A slip of the key.", by=ada)
    point = Datapoint.objects.get(pk=finding.points[0])
    assert point.quarantine_reason == "A slip of the key."
    assert not Datapoint.objects.in_force().filter(pk=point.pk).exists()
    release(finding=finding, memo="It was so after all.", by=ada)
    events = Event.objects.filter(subject="datapoint", subject_id=point.pk).order_by("pk")
    told = [(event.verb, event.changes, event.memo, event.by) for event in events]
    assert told == [
        ("quarantined", {"value": [900.0, None]}, "A slip of the key.", ada),
        ("released", {"value": [None, 900.0]}, "It was so after all.", ada),
    ]
    point.refresh_from_db()
    assert (point.quarantined_at, point.quarantine_reason) == (None, "")


def test_receipts_replay_what_was_in_quarantine_when_they_were_issued(finding, goal, ada):
    before = newest_receipt(goal)
    quarantine(finding=finding, memo="A slip of the key.", by=ada)
    without = newest_receipt(Goal.objects.select_related("outlook").get(pk=goal.pk))
    assert without.pk != before.pk
    assert replay(before).identical
    assert replay(before).changes[0].startswith("quarantined")
    release(finding=finding, memo="It was so after all.", by=ada)
    assert replay(without).identical
    assert replay(without).changes[0].startswith("released from quarantine")
    assert replay(before).identical
    shown = newest_receipt(Goal.objects.select_related("outlook").get(pk=goal.pk))
    assert shown.inputs_hash == make.outlook(goal).inputs_hash
    assert Forecast.objects.filter(goal=goal).count() == 2


def test_what_was_released_and_is_still_wrong_is_open_again(finding, ada):
    quarantine(finding=finding, memo="A slip of the key.", by=ada)
    audit()
    finding.refresh_from_db()
    assert finding.state == STATES.QUARANTINED
    release(finding=finding, memo="It was so after all.", by=ada)
    assert finding.state == STATES.FIXED
    audit()
    finding.refresh_from_db()
    assert finding.state == STATES.OPEN


def test_a_value_that_was_corrected_meanwhile_is_not_put_away(finding, ada):
    point = Datapoint.objects.get(pk=finding.points[0])
    make.make_point(point.goal, 59, observed_on=point.observed_on, supersedes=point)
    with pytest.raises(ValidationError, match="no value in it"):
        quarantine(finding=finding, memo="A slip of the key.", by=ada)
    finding.refresh_from_db()
    assert finding.state == STATES.OPEN
    audit()
    finding.refresh_from_db()
    assert finding.state == STATES.FIXED


def test_a_value_in_quarantine_travels_and_can_be_released_there(finding, ada):
    quarantine(finding=finding, memo="A slip of the key.", by=ada)
    copy = take_in(export(finding.program), name="Elsewhere")
    assert not Finding.objects.filter(program=copy).exists()
    audit()
    there = Finding.objects.get(program=copy, state=STATES.QUARANTINED)
    assert there.memo == "A slip of the key."
    assert release(finding=there, memo="It was so after all.", by=ada) == 1


# ---- waiving ---------------------------------------------------------------------------------------------------------


def test_a_waiver_ends_on_its_day_and_the_finding_is_back(finding, ada):
    until = make.today() + 10 * DAY
    waive(finding=finding, memo="The gauge is calibrated next week.", until=until, today=make.today(), by=ada)
    for days, state in ((1, STATES.WAIVED), (10, STATES.WAIVED), (11, STATES.OPEN)):
        audit(now=in_days(days))
        finding.refresh_from_db()
        assert finding.state == state, days
    assert finding.waived_until is None
    (event,) = Event.objects.filter(subject="finding")
    assert (event.verb, event.memo) == ("waived", "The gauge is calibrated next week.")


def test_a_waiver_is_taken_up_before_its_day_or_fixed(finding, ada):
    until = make.today() + 10 * DAY
    waive(finding=finding, memo="The gauge is calibrated.", until=until, today=make.today(), by=ada)
    take_up(finding=finding, memo="It cannot wait.", by=ada)
    assert finding.state == STATES.OPEN
    waive(finding=finding, memo="It can wait.", until=until, today=make.today(), by=ada)
    Datapoint.objects.filter(pk__in=finding.points).update(value=60)
    audit()
    finding.refresh_from_db()
    assert (finding.state, finding.waived_until) == (STATES.FIXED, None)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_nothing_is_waived_for_ever(finding, ada, days):
    with pytest.raises(ValidationError):
        waive(finding=finding, memo="So be it.", until=make.today() + days * DAY, today=make.today(), by=ada)


@pytest.mark.parametrize("memo", ["", " ", "n/a", "-"])
def test_each_decision_passes_the_memo_gate(finding, ada, memo):
    until = make.today() + DAY
    for decide, known in (
        (waive, {"until": until, "today": make.today()}),
        (quarantine, {}),
        (release, {}),
        (take_up, {}),
    ):
        with pytest.raises(ValidationError):
            decide(finding=finding, memo=memo, by=ada, **known)


def test_who_comes_second_changes_nothing(finding, ada):
    stale = Finding.objects.get(pk=finding.pk)
    quarantine(finding=finding, memo="A slip of the key.", by=ada)
    with pytest.raises(NotInState):
        waive(finding=stale, memo="So be it.", until=make.today() + DAY, today=make.today(), by=ada)
    with pytest.raises(NotInState):
        quarantine(finding=stale, memo="Not so.", by=ada)
    assert Event.objects.filter(subject="datapoint", verb="quarantined").count() == 1


# ---- running ---------------------------------------------------------------------------------------------------------


def test_what_is_gone_is_fixed_and_what_comes_back_is_open_since_then(finding):
    Datapoint.objects.filter(pk__in=finding.points).update(value=60)
    audit(now=in_days(1))
    finding.refresh_from_db()
    assert finding.state == STATES.FIXED
    Datapoint.objects.filter(pk__in=finding.points).update(value=900)
    audit(now=in_days(2))
    finding.refresh_from_db()
    assert (finding.state, finding.found_at.date()) == (STATES.OPEN, in_days(2).date())


def test_a_run_over_one_program_leaves_the_findings_of_others_alone(finding, ada):
    other = clean("Wings")
    run_audit(Program.objects.filter(pk=other.pk))
    finding.refresh_from_db()
    assert finding.state == STATES.OPEN


def test_a_shared_factor_is_found_once_and_by_every_run(program):
    factor = program.limits.get(until=None).factor
    make.declare(clean("Wings"), factor, since=make.today() - 4 * WEEK)
    Factor.objects.filter(pk=factor.pk).update(challenged_on=make.today() - 15 * DAY)
    audit()
    assert Finding.objects.filter(rule="unchallenged").count() == 1
    run_audit(Program.objects.filter(name="Wings"))
    assert Finding.objects.get(rule="unchallenged").state == STATES.OPEN


def test_a_rule_that_fails_spoils_no_other(finding, monkeypatch, caplog):
    broken = [replace(rule, find=_fails) if rule.name == "beyond_bound" else rule for rule in RULES]
    monkeypatch.setattr("reviews.services.audit.RULES", broken)
    Program.objects.update(owner=None)
    audit()
    finding.refresh_from_db()
    assert finding.state == STATES.OPEN
    assert "beyond_bound" in caplog.text
    assert Finding.objects.filter(rule="program_without_owner").exists()


def _fails(_scope):
    raise ZeroDivisionError


def test_the_command_lists_what_is_open(finding, capsys):
    call_command("audit", finding.program.slug)
    out = capsys.readouterr().out
    assert "Engines: Beyond what is possible. Vanes: 900" in out
    assert "1 open." in out
    with pytest.raises(CommandError, match="1 findings are open"):
        call_command("audit", "--fail")
    with pytest.raises(CommandError, match="no program nowhere"):
        call_command("audit", "nowhere")


# ---- the pages -------------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_wrong_and_what_to_do(client, finding):
    page = client.get(reverse("audit")).content.decode()
    for words in ("Beyond what is possible", "900", "Correct the value", f"#point-{finding.points[0]}", "Engines"):
        assert words in page, words
    assert "None in the last eight weeks" in page
    assert "Nothing of this kind" in client.get(reverse("audit"), {"rule": "in_future"}).content.decode()
    assert "Beyond what" in client.get(reverse("audit"), {"rule": "nonsense", "state": "x"}).content.decode()


def test_of_other_programs_nothing_is_shown(client, finding):
    stranger = make.join(clean("Wings"), Role.ADMIN)
    client.force_login(stranger)
    assert "Beyond what is possible</span>" not in client.get(reverse("audit")).content.decode()
    assert client.get(reverse("finding", args=[finding.pk])).status_code == 404


def test_verdicts_are_traced_to_who_said_what_where(client, finding, goal):
    n = Outlook.objects.exclude(verdict="unknown").count()
    assert n > 1
    assert f"{n} of {n} rest on values" in client.get(reverse("audit")).content.decode()
    known = list(Outlook.objects.exclude(verdict="unknown").values_list("goal", flat=True)[:1])
    point = Datapoint.objects.in_force().filter(goal__in=known).latest("observed_on")
    Datapoint.objects.filter(pk=point.pk).update(level="manager")
    assert f"{n - 1} of {n} rest" in client.get(reverse("audit")).content.decode()


def test_decisions_on_the_page(client, finding):
    until = (make.today() + DAY).isoformat()
    steps = [
        ("finding_waive", {"memo": "So be it.", "until": until}, STATES.WAIVED),
        ("finding_take_up", {"memo": "It cannot wait."}, STATES.OPEN),
        ("finding_quarantine", {"memo": "A slip of the key."}, STATES.QUARANTINED),
        ("finding_release", {"memo": "It was so after all."}, STATES.FIXED),
    ]
    for name, data, state in steps:
        refused = client.post(reverse(name, args=[finding.pk]), {"memo": "n/a", "until": until})
        assert refused.status_code == 422
        assert "says nothing" in refused.content.decode()
        assert client.post(reverse(name, args=[finding.pk]), data).status_code == 302
        finding.refresh_from_db()
        assert finding.state == state
        again = client.post(reverse(name, args=[finding.pk]), data | {"memo": "The same once more."}, follow=True)
        assert "decided meanwhile" in again.content.decode()
    assert client.post(reverse("audit_check")).status_code == 302
    finding.refresh_from_db()
    assert finding.state == STATES.OPEN


def test_the_page_as_a_file(client, finding):
    text = b"".join(client.get(reverse("audit"), {"export": "csv"}).streaming_content).decode()
    assert "Beyond what is possible" in text
    assert "Engines" in text
