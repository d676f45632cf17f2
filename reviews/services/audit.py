"""The audit: run over the rules, and what is decided about what it found."""

import datetime as dt
import logging
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.access import factors_of, programs_of
from projects.memo import clean_memo
from projects.models import Goal
from projects.models.querysets import ProgramQuerySet
from projects.services.changes import record_event
from projects.services.ranking import rank_program
from projects.time import today_in
from reviews.audit import RULES, Found, Rule, Scope
from reviews.models import Datapoint, Finding
from reviews.services.forecasting import refit_goals

log = logging.getLogger(__name__)
LONGEST_WAIVER = dt.timedelta(days=366)  # then it is looked at again
OPEN, FIXED = Finding.State.OPEN, Finding.State.FIXED
WAIVED, QUARANTINED = Finding.State.WAIVED, Finding.State.QUARANTINED


class NotInState(Exception):
    """Somebody else decided about this finding meanwhile."""


# ---- running ---------------------------------------------------------------------------------------------------------


def run_audit(programs: ProgramQuerySet, *, deep: bool = False, now: dt.datetime | None = None) -> int:
    """Look for what each rule names in `programs`; how many findings are open there then.

    Shared factors are looked at whole, whatever the programs. A rule that fails is logged and leaves its findings as
    they are, so that it spoils nobody else's.
    """
    now = now or timezone.now()
    scope = Scope(programs.filter(archived_at=None), now)
    for rule in RULES:
        if deep or not rule.deep:
            try:
                found = list(rule.find(scope))
            except Exception:
                log.exception("The rule %s of the audit failed", rule.name)
                continue
            _keep(rule, found, scope)
    _keep_quarantined(scope)
    return Finding.objects.filter(of_programs(scope.programs), state=OPEN).count()


def of_programs(programs: QuerySet) -> Q:
    """Findings of `programs`, and of shared factors, which belong to none."""
    return Q(program__in=programs) | Q(program=None)


def _keep(rule: Rule, found: Iterable[Found], scope: Scope) -> None:
    """Rows as they were found now: new ones open, those that are gone fixed, waivers that ran out open again."""
    known = {(one.subject, one.subject_id): one for one in Finding.objects.filter(rule=rule.name)}
    new, same, seen = [], [], set()
    for one in found:
        key = (one.subject, one.subject_id)
        if key in seen:
            continue
        seen.add(key)
        row = known.get(key)
        if row is None:
            new.append(_row(rule.name, one, scope.now))
        elif row.state == OPEN and (row.says, row.points) == (one.says, list(one.points)):
            same.append(row.pk)
        else:
            _see(row, one, scope.now)
    Finding.objects.bulk_create(new, ignore_conflicts=True)  # another run may have been first
    Finding.objects.filter(pk__in=same).update(seen_at=scope.now)
    here = [row.pk for key, row in known.items() if key in seen]
    gone = Finding.objects.filter(of_programs(scope.programs), rule=rule.name, state__in=[OPEN, WAIVED])
    gone.filter(seen_at__lt=scope.now).exclude(pk__in=here).update(state=FIXED, seen_at=scope.now, waived_until=None)


def _row(rule: str, one: Found, now: dt.datetime) -> Finding:
    return Finding(
        rule=rule,
        subject=one.subject,
        subject_id=one.subject_id,
        program_id=one.program_id,
        says=one.says,
        points=list(one.points),
        found_at=now,
        seen_at=now,
    )


def _see(row: Finding, one: Found, now: dt.datetime) -> None:
    """It is there again: what was fixed came back, and what was waived stays so until its day."""
    values: dict = {"says": one.says, "points": list(one.points), "seen_at": now}
    back = Finding.objects.filter(pk=row.pk, state=row.state)
    ran_out = row.state == WAIVED and row.waived_until is not None and row.waived_until < now.date()
    if row.state in (FIXED, QUARANTINED):  # of a quarantine: its points are in force again, however that came
        values |= {"state": OPEN, "found_at": now, "memo": "", "waived_until": None}
    elif ran_out:
        values |= {"state": OPEN, "waived_until": None}
    back.update(**values)


def _keep_quarantined(scope: Scope) -> None:
    """Every value in quarantine has its finding, so that it can be released; one without any such value is fixed."""
    here = Datapoint.objects.filter(quarantined_at__isnull=False, goal__team__program__in=scope.programs)
    held = dict(here.values_list("pk", "quarantine_reason"))
    covered: set[int] = set()
    for row in Finding.objects.filter(state=QUARANTINED, program__in=scope.programs):
        covered |= set(row.points)
        if not set(row.points) & held.keys():
            Finding.objects.filter(pk=row.pk, state=QUARANTINED).update(state=FIXED, seen_at=scope.now)
    lost = here.exclude(pk__in=covered).select_related("goal__team")
    Finding.objects.bulk_create(
        [
            Finding(
                rule="quarantined",
                subject="datapoint",
                subject_id=point.pk,
                program_id=point.goal.team.program_id,
                says=_("%(goal)s: a value that was in quarantine when the program came here.")
                % {"goal": point.goal.name},
                points=[point.pk],
                state=QUARANTINED,
                memo=point.quarantine_reason or "•••",
                found_at=scope.now,
                seen_at=scope.now,
            )
            for point in lost
        ],
        ignore_conflicts=True,
    )


# ---- reading ---------------------------------------------------------------------------------------------------------


def findings_of(user: User) -> QuerySet[Finding]:
    """Findings of programs of mine, and of factors that I see."""
    mine = Q(program__in=programs_of(user).active()) | Q(
        program=None, subject="factor", subject_id__in=factors_of(user)
    )
    return Finding.objects.filter(mine)


# ---- deciding --------------------------------------------------------------------------------------------------------


@transaction.atomic
def waive(*, finding: Finding, memo: str, until: dt.date, today: dt.date, by: User) -> None:
    """It is known, and may stand until a day; then it is open again."""
    memo = clean_memo(memo, previous=finding.memo)
    if not today < until <= today + LONGEST_WAIVER:
        raise ValidationError({"until": _("Waive it until a day within the coming year.")})
    _decide(finding, (OPEN,), WAIVED, by, memo, waived_until=until)
    changes = {"state": [OPEN, WAIVED], "until": [None, until]}
    record_event(by=by, verb="waived", subject=finding, program=finding.program, changes=changes, memo=memo)


@transaction.atomic
def take_up(*, finding: Finding, memo: str, by: User) -> None:
    """A waiver ends before its day."""
    memo = clean_memo(memo, previous=finding.memo)
    _decide(finding, (WAIVED,), OPEN, by, memo, waived_until=None)
    changes = {"state": [WAIVED, OPEN]}
    record_event(by=by, verb="took up", subject=finding, program=finding.program, changes=changes, memo=memo)


def quarantine(*, finding: Finding, memo: str, by: User) -> int:
    """Its values leave the fit at once and stay visible; how many those are."""
    memo = clean_memo(memo, previous=finding.memo)
    with transaction.atomic():
        _decide(finding, (OPEN, WAIVED), QUARANTINED, by, memo, waived_until=None)
        moved = _move(finding, memo, by, to=timezone.now())
        if not moved:
            raise ValidationError(_("There is no value in it that could leave the fit."))
    _fit_again(moved)
    return len(moved)


def release(*, finding: Finding, memo: str, by: User) -> int:
    """Its values count again."""
    memo = clean_memo(memo, previous=finding.memo)
    with transaction.atomic():
        _decide(finding, (QUARANTINED,), FIXED, by, memo)
        moved = _move(finding, memo, by, to=None)
    _fit_again(moved)
    return len(moved)


def _decide(finding: Finding, before: tuple[str, ...], after: str, by: User, memo: str, **values) -> None:
    values |= {"state": after, "memo": memo, "decided_by": by, "decided_at": timezone.now()}
    if not Finding.objects.filter(pk=finding.pk, state__in=before).update(**values):
        raise NotInState
    finding.refresh_from_db()


def _move(finding: Finding, memo: str, by: User, to: dt.datetime | None) -> list[Datapoint]:
    """Into quarantine or, `to` being None, out of it: with an event each."""
    theirs = Datapoint.objects.in_force() if to else Datapoint.objects.filter(quarantined_at__isnull=False)
    rows = theirs.select_for_update(no_key=True, of=("self",)).select_related("goal__team__program")
    reason = memo[:200] if to else ""
    moved = list(rows.filter(pk__in=finding.points).order_by("pk"))
    ids = [point.pk for point in moved]
    Datapoint.objects.filter(pk__in=ids).update(quarantined_at=to, quarantine_reason=reason)
    Goal.objects.filter(pk__in={point.goal_id for point in moved}).update(data_version=F("data_version") + 1)
    for point in moved:
        record_event(
            by=by,
            verb="quarantined" if to else "released",
            subject=point,
            program=point.goal.team.program,
            changes={"value": [point.value, None] if to else [None, point.value]},
            memo=memo,
        )
    return moved


def _fit_again(moved: list[Datapoint]) -> None:
    for program in {point.goal.team.program for point in moved}:
        goals = {point.goal for point in moved if point.goal.team.program_id == program.pk}
        today = today_in(program.zone)
        refit_goals(list(goals), today)
        rank_program(program, today)
