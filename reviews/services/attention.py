"""Attention: next week's hours as the engine lays them, and where the hours of past weeks really went (M18)."""

import datetime as dt
import uuid as uuid_module
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from projects.access import WRITERS, programs_of
from projects.limiting import LimitingFactor, limiting_factor, with_limits
from projects.look.numbers import odds
from projects.memo import clean_memo
from projects.models import Gate, Limit, Program
from projects.models.querysets import ProgramQuerySet
from projects.services.changes import record_event
from projects.time import WEEK, monday
from reviews.attention import Need, Plan, Share, Spent, plan, shares
from reviews.models import AttentionEntry, AttentionLine, AttentionPlan, Spell

GOOD_ODDS = 0.5  # a deadline is meant to have them: above, the program does well
DEFAULT_HOURS = 6.0
LEDGER_WEEKS = 8


@dataclass(frozen=True)
class Candidate:
    """A program that hours could go to, and why it may get none."""

    program: Program
    limit: LimitingFactor
    factor: str
    relief_days: float
    no_hours: str
    decision: bool  # hours do not help it: a decision does


def candidates(user: User) -> list[Candidate]:
    """The programs that `user` manages, by name. Two queries."""
    found = with_limits(programs_of(user, WRITERS).active()).order_by("name")
    return [candidate(program) for program in found]


def candidate(program: Program) -> Candidate:
    ranking = getattr(program, "ranking", None)
    limit = limiting_factor(program, next(iter(program.open_limits), None), ranking)
    relief = limit.declared_relief_days if limit.declared_relief_days is not None else limit.relief_days
    factor = limit.path[-1] if limit.path else limit.proposal or ""
    no_hours, decision = "", False
    if limit.state == Limit.State.CONVERGED:
        no_hours = _("Nothing limits it.")
    elif ranking is None or relief is None:
        no_hours = _("Nothing is known yet of what limits it.")
    elif ranking.p_deadline is not None and ranking.p_deadline >= GOOD_ODDS:
        no_hours = _("It does well: the odds of its deadline are %(odds)s.") % {"odds": odds(ranking.p_deadline)}
    elif ranking.known and ranking.p50 is None and relief < 1:
        decision = True
        no_hours = _("No single thing brings its P50 within five years: it needs a decision, not hours.")
    return Candidate(program, limit, factor, relief or 0.0, no_hours, decision)


def propose(found: Sequence[Candidate], hours: float, expected: Mapping[int, float]) -> Plan:
    """Where the hours go. `expected`: {program id: days that its manager expects}."""
    needs = [Need(str(one.program.pk), one.relief_days, expected.get(one.program.pk), one.no_hours) for one in found]
    return plan(needs, hours)


def worst(found: Sequence[Candidate]) -> Candidate | None:
    """The program that holds the factor whose relief is worth most, of those that hours help."""
    helped = [one for one in found if not one.no_hours]
    return max(helped, key=lambda one: one.relief_days, default=None)


def expectations(user: User) -> dict[int, float]:
    """{program id: days} as last stated in a plan of `user`."""
    rows = AttentionLine.objects.filter(plan__user=user).order_by("plan__week").values_list("program", "expected_days")
    return {program: days for program, days in dict(rows).items() if days is not None}


def last_plan(user: User, week: dt.date) -> AttentionPlan | None:
    """The plan of that week, or the one before it."""
    plans = AttentionPlan.objects.filter(user=user, week__lte=week).prefetch_related("lines__program")
    return plans.order_by("-week").first()


@transaction.atomic
def keep_plan(
    *,
    user: User,
    week: dt.date,
    hours: float,
    found: Sequence[Candidate],
    given: Mapping[int, float],
    expected: Mapping[int, float],
) -> AttentionPlan:
    """Keep the hours that each program gets that week; the same week again replaces them."""
    kept, _created = AttentionPlan.objects.update_or_create(
        user=user, week=monday(week), defaults={"minutes": round(60 * hours)}
    )
    kept.lines.all().delete()
    AttentionLine.objects.bulk_create(
        AttentionLine(
            plan=kept,
            program=one.program,
            factor=one.factor[:160],
            minutes=round(60 * given.get(one.program.pk, 0.0)),
            expected_days=expected.get(one.program.pk),
            why="" if given.get(one.program.pk) else one.no_hours[:300],
        )
        for one in found
    )
    return kept


@transaction.atomic
def log_minutes(
    *, user: User, program: Program, on: dt.date, minutes: int, memo: str, uuid: uuid_module.UUID
) -> AttentionEntry:
    """Minutes spent outside a review, on what limited the program that day. The same UUID again is the same entry."""
    memo = clean_memo(memo)
    limit = limit_on(program, on)
    try:
        with transaction.atomic():
            entry = AttentionEntry.objects.create(
                uuid=uuid,
                user=user,
                program=program,
                factor=limit.factor if limit else None,
                on=on,
                minutes=minutes,
                memo=memo,
            )
    except IntegrityError:
        known = AttentionEntry.objects.filter(uuid=uuid, user=user).first()
        if known is None:
            raise ValidationError(_("Reload the page and send it again.")) from None
        return known
    record_event(by=user, verb="spent", subject=entry, program=program, changes={"minutes": [None, minutes]}, memo=memo)
    return entry


@transaction.atomic
def remove_entry(*, entry: AttentionEntry, by: User) -> None:
    changes = {"minutes": [entry.minutes, None]}
    record_event(by=by, verb="removed", subject=entry, program=entry.program, changes=changes, memo=entry.memo)
    entry.delete()


def limit_on(program: Program, day: dt.date) -> Limit | None:
    limits = program.limits.filter(since__lte=day).exclude(until__lte=day)
    return limits.select_related("factor").order_by("-since", "-pk").first()


# ---- the ledger ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """Minutes on one program on one day: in a turn (of `team`), or entered by hand (with `entry`)."""

    on: dt.date
    program: Program
    minutes: float
    factor: str  # what limited it and was worked on; "" where nothing was
    team: str = ""
    entry: AttentionEntry | None = None


@dataclass(frozen=True)
class WeekSpent:
    week: dt.date
    planned: int  # minutes
    spent: Share


def ledger(user: User, since: dt.date, until: dt.date) -> list[Row]:
    """What `user` spent from `since` up to, but not on, `until`, newest first; five queries."""
    mine = programs_of(user, WRITERS)
    spells = (
        Spell.objects.filter(by=user, turn__review__program__in=mine)
        .filter(turn__review__opened_at__date__gte=since - WEEK, turn__review__opened_at__date__lte=until)
        .select_related("turn__review__program", "turn__team")
    )
    entries = AttentionEntry.objects.filter(user=user, program__in=mine, on__gte=since, on__lt=until)
    limits = _Limits(mine)
    rows = [
        Row(on, program, spell.seconds / 60, limits.worked_on(program, spell.turn.team_id, on), spell.turn.team.name)
        for spell in spells
        if since <= (on := _day_of(spell)) < until and (program := spell.turn.review.program)
    ]
    rows += [
        Row(entry.on, entry.program, entry.minutes, entry.factor.name if entry.factor else "", entry=entry)
        for entry in entries.select_related("program", "factor")
    ]
    return sorted(rows, key=lambda row: (row.on, row.program.name, row.team), reverse=True)


def _day_of(spell: Spell) -> dt.date:
    """The day of the review in its program's zone."""
    review = spell.turn.review
    return review.opened_at.astimezone(ZoneInfo(review.program.zone)).date()


class _Limits:
    """What limited each program when, and which teams its factor gates."""

    def __init__(self, programs: ProgramQuerySet) -> None:
        self.periods: dict[int, list[Limit]] = {}
        for limit in Limit.objects.filter(program__in=programs).select_related("factor").order_by("since", "pk"):
            self.periods.setdefault(limit.program_id, []).append(limit)
        gates = Gate.objects.filter(goal__team__program__in=programs)
        self.teams: dict[tuple[int, int], set[int]] = {}
        for program, factor, team in gates.values_list("goal__team__program", "factor", "goal__team"):
            self.teams.setdefault((program, factor), set()).add(team)

    def worked_on(self, program: Program, team: int, on: dt.date) -> str:
        """The factor that limited on that day, if it gates a goal of the team (or of no team at all)."""
        held = [
            one for one in self.periods.get(program.pk, []) if one.since <= on and (not one.until or on < one.until)
        ]
        if not held or not held[-1].factor:
            return ""
        factor = held[-1].factor
        gated = self.teams.get((program.pk, factor.pk))
        return factor.name if not gated or team in gated else ""


def by_week(user: User, rows: Sequence[Row], week: dt.date) -> list[WeekSpent]:
    """The weeks up to that of `week`, newest first."""
    weeks = [monday(week) - n * WEEK for n in range(LEDGER_WEEKS)]
    planned = dict(AttentionPlan.objects.filter(user=user, week__in=weeks).values_list("week", "minutes"))
    spent: dict[dt.date, list[Spent]] = {}
    for row in rows:
        spent.setdefault(monday(row.on), []).append(Spent("", row.minutes, bool(row.factor)))
    return [WeekSpent(one, planned.get(one, 0), shares(spent.get(one, []))[0]) for one in weeks]


def by_program(rows: Sequence[Row]) -> list[tuple[Program, Share]]:
    """Most minutes first."""
    programs = {str(row.program.pk): row.program for row in rows}
    _total, found = shares(Spent(str(row.program.pk), row.minutes, bool(row.factor)) for row in rows)
    return sorted(((programs[key], share) for key, share in found.items()), key=lambda one: -one[1].minutes)
