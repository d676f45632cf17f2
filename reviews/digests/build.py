"""From the tables to the value of a digest: many programs at once, in a fixed number of queries."""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db.models import Case, Count, DateField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.access import WRITERS, programs_of
from projects.deadlines import HOPELESS
from projects.limiting import LimitingFactor, limiting_factor, with_limits
from projects.models import (
    Event,
    Goal,
    Limit,
    Program,
    PublicPrediction,
    Ranking,
    RankingDay,
    SuccessorPrediction,
    Verdict,
)
from projects.services.sealing import latest_heads
from projects.time import WEEK, monday
from reviews.attention import days_gained
from reviews.digests.value import (
    ROUNDING,
    Change,
    Deadline,
    Digest,
    FellDue,
    Finding,
    Hours,
    Named,
    Prediction,
    ProgramWeek,
    Slot,
    Surprise,
)
from reviews.models import Datapoint, StatedDate
from reviews.models import Finding as AuditFinding
from reviews.services import attention
from reviews.slots import State, slots_between

DOTS = 20
MOST = 5  # of each kind, of one program: two minutes are enough to read it all
FAR = 0.05  # the outer twentieths of what was expected are surprises
NEVER_DAYS = 1826  # how far away counts what is not within five years, where goals are ordered by how they moved
SHOWN = (State.HELD, State.MISSED)


def build_digest(
    *,
    user: User | None,
    programs: QuerySet[Program],
    zone: str,
    since: dt.datetime,
    until: dt.datetime,
    due_at: dt.datetime,
    now: dt.datetime,
    late: bool,
    weeks: "Weeks | None" = None,
) -> Digest:
    """What `user` is told of `programs`, which they may see; without a user, what anybody in a channel is."""
    found = list(programs)
    told = (weeks or Weeks()).of(found, since, until, now)
    week = monday(until.astimezone(ZoneInfo(zone)).date())
    heads = latest_heads(found)
    plan, kept = plan_of(user, week) if user else ((), False)
    return Digest(
        reader=(user.get_full_name() or user.get_username()) if user else "",
        zone=zone,
        since=since,
        until=until,
        due_at=due_at,
        made_at=now,
        late=late,
        followed=len(found),
        programs=tuple(sorted(told, key=lambda one: (not one.asks, one.quiet, -one.severity, one.name))),
        plan=plan,
        plan_week=week if plan else None,
        plan_kept=kept,
        findings=findings_of(user, found) if user else (),
        heads=tuple(f"{program.name} {heads[program.pk].short}" for program in found if program.pk in heads),
    )


def findings_of(user: User, programs: Sequence[Program]) -> tuple[Finding, ...]:
    """What the audit says of the programs that `user` writes in and nobody has decided on yet, the newest first."""
    writes = list(programs_of(user, WRITERS).filter(pk__in=[one.pk for one in programs]).values_list("pk", flat=True))
    if not writes:
        return ()
    mine = AuditFinding.objects.filter(state=AuditFinding.State.OPEN, program__in=writes)
    rows = mine.order_by("-found_at", "-pk").values_list("pk", "program", "program__name", "says")[:MOST]
    return tuple(Finding(program, f"{name}: {says}", reverse("finding", args=[pk])) for pk, program, name, says in rows)


# ---- the hours -------------------------------------------------------------------------------------------------------


def plan_of(user: User, week: dt.date) -> tuple[tuple[Hours, ...], bool]:
    """The hours of the week as they were kept, or as the engine lays them; and which of the two."""
    found = attention.candidates(user)
    if not found:
        return (), False
    last = attention.last_plan(user, week)
    expected = attention.expectations(user)
    kept = last is not None and last.week == week
    given = {line.program_id: line.minutes / 60 for line in last.lines.all()} if last and kept else {}
    hours = last.minutes / 60 if last else attention.DEFAULT_HOURS
    of = {str(one.program.pk): one for one in found}
    lines = []
    for line in attention.propose(found, hours, expected).lines:
        one = of[line.key]
        own = given.get(one.program.pk, 0.0) if kept else line.hours
        if own:
            worth = expected.get(one.program.pk, one.relief_days)
            gained = days_gained(worth, own)
            lines.append(Hours(one.program.pk, one.program.name, one.program.slug, one.factor, own, gained))
    return tuple(lines[: 2 * MOST]), kept


# ---- the programs ----------------------------------------------------------------------------------------------------


class Weeks:
    """Builds the weeks of programs, and keeps what it built: a worker that sends to a hundred readers of one program
    reads it once. It lives for one batch, so that nothing in it is older than a minute."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, dt.datetime, dt.datetime], ProgramWeek] = {}

    def of(
        self, programs: Sequence[Program], since: dt.datetime, until: dt.datetime, now: dt.datetime
    ) -> list[ProgramWeek]:
        missing = [one.pk for one in programs if (one.pk, since, until) not in self.kept]
        if missing:
            fresh = with_limits(Program.objects.filter(pk__in=missing))
            for week in program_weeks(list(fresh), since, until, now):
                self.kept[week.program, since, until] = week
        return [self.kept[one.pk, since, until] for one in programs]


def program_weeks(
    programs: Sequence[Program], since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> list[ProgramWeek]:
    """`programs` come with their ranking and `open_limits`. A fixed number of queries, however many."""
    read = _Read(programs, since, until, now)
    return [_program_week(program, read) for program in programs]


class _Read:
    """Everything that the weeks of these programs are made of, by program."""

    def __init__(self, programs: Sequence[Program], since: dt.datetime, until: dt.datetime, now: dt.datetime) -> None:
        self.since, self.until, self.now = since, until, now
        ids = [program.pk for program in programs]
        self.then = self._then(programs)
        self.goals: dict[int, dict[str, Goal]] = {}
        for goal in (
            Goal.objects.active()
            .filter(team__program__in=ids)
            .select_related("outlook", "team")
            .only(
                "name",
                "deadline",
                "odds_when_set",
                "team__name",
                "team__program_id",
                "outlook__verdict",
                "outlook__p50",
                "outlook__p_deadline",
            )
        ):
            self.goals.setdefault(goal.team.program_id, {})[str(goal.pk)] = goal
        points = Datapoint.objects.in_force().filter(
            goal__team__program__in=ids, recorded_at__gte=since, recorded_at__lt=until
        )
        counted = points.order_by().values_list("goal__team__program").annotate(n=Count("pk"))
        self.entries: dict[int, int] = dict(counted)
        self.surprises = self._by(
            (points.filter(surprise__lte=FAR) | points.filter(surprise__gte=1 - FAR)).select_related("goal__team"),
            lambda point: point.goal.team.program_id,
        )
        self.slots = self._by(
            (one for one in slots_between(programs, since, until, now) if one.state in SHOWN),
            lambda slot: slot.program.pk,
        )
        self.declared = self._by(
            Event.objects.filter(
                program__in=ids, subject="limit", verb="declared", at__gte=since, at__lt=until
            ).order_by("at", "pk"),
            lambda event: event.program_id,
        )
        closing = {one.pk: self.day(until + WEEK, one) for one in programs}
        last = max(closing.values(), default=until.date())
        self.predictions = self._by(
            SuccessorPrediction.objects.filter(
                limit__program__in=ids, outcome=SuccessorPrediction.Outcome.OPEN, window_to__lte=last
            )
            .select_related("limit", "factor", "goal", "by")
            .order_by("window_to", "pk"),
            lambda one: one.limit.program_id,
            lambda one: one.window_to <= closing[one.limit.program_id],
        )

        self._dates(programs)
        self.public = self._by(
            PublicPrediction.objects.filter(
                program__in=ids, outcome=PublicPrediction.Outcome.OPEN, due_on__lte=last
            ).order_by("due_on", "pk"),
            lambda one: one.program_id,
            lambda one: one.due_on <= closing[one.program_id],
        )

    def _then(self, programs: Sequence[Program]) -> dict[int, RankingDay]:
        """What was last said of each before the period began; where nothing was, the first that was ever said.

        The day on which a period begins is no part of it: its row may have been written after it began. So what
        happened between midnight and the hour of the digest is told twice rather than never.
        """
        begins = Case(
            *[When(pk=one.pk, then=Value(self.day(self.since, one))) for one in programs], output_field=DateField()
        )
        days = RankingDay.objects.filter(program=OuterRef("pk"))
        rows = (
            Program.objects.filter(pk__in=[one.pk for one in programs])
            .annotate(begins=begins)
            .annotate(
                before=Subquery(days.filter(day__lt=OuterRef("begins")).order_by("-day").values("pk")[:1]),
                first=Subquery(days.order_by("day").values("pk")[:1]),
            )
        )
        chosen = dict(rows.order_by().values_list("pk", Coalesce("before", "first")))
        found = RankingDay.objects.in_bulk([pk for pk in chosen.values() if pk])
        today = {one.pk: self.day(self.now, one) for one in programs}
        return {of: found[pk] for of, pk in chosen.items() if pk and found[pk].day < today[of]}

    def _dates(self, programs: Sequence[Program]) -> None:
        """Deadlines that were stated here: those of the days of the period, and how many were met so far."""
        here = StatedDate.objects.filter(program__in=[one.pk for one in programs], imported=False)
        known = here.exclude(outcome=StatedDate.Outcome.UNKNOWN).order_by().values("program")
        counts = known.annotate(of=Count("pk"), met=Count("pk", filter=Q(outcome=StatedDate.Outcome.MET)))
        self.met = {row["program"]: (row["met"], row["of"]) for row in counts}
        days = {one.pk: (self.day(self.since, one), self.day(self.until, one)) for one in programs}
        first, last = min(day for day, _end in days.values()), max(end for _day, end in days.values())
        self.due = self._by(
            here.filter(day__gte=first, day__lt=last).select_related("goal__team").order_by("day", "goal", "pk"),
            lambda one: one.program_id,
            lambda one: days[one.program_id][0] <= one.day < days[one.program_id][1],
        )

    @staticmethod
    def _by(rows: Iterable, key, wanted=lambda row: True) -> dict[int, list]:
        found: dict[int, list] = {}
        for row in filter(wanted, rows):
            found.setdefault(key(row), []).append(row)
        return found

    @staticmethod
    def day(at: dt.datetime, program: Program) -> dt.date:
        return at.astimezone(ZoneInfo(program.zone)).date()


def _program_week(program: Program, read: _Read) -> ProgramWeek:
    ranking: Ranking | None = getattr(program, "ranking", None)
    limit: Limit | None = next(iter(program.open_limits), None)  # type: ignore[attr-defined]  # with_limits
    found = limiting_factor(program, limit, ranking)
    then = read.then.get(program.pk)
    passed = (read.day(read.now, program) - then.day).days if then else 0
    changes = _changes(read.goals.get(program.pk, {}), then, passed)
    return ProgramWeek(
        program=program.pk,
        name=program.name,
        slug=program.slug,
        since=read.day(read.since, program),
        today=read.day(read.now, program),
        declared=bool(found.path),
        factor=found.declared,
        path=found.path,
        open_since=found.since,
        proposal=found.called or found.proposal,
        agrees=found.agrees,
        relief_days=found.declared_relief_days if found.declared_relief_days is not None else found.relief_days,
        following=found.next,
        known=bool(ranking and ranking.known),
        p50=ranking.p50 if ranking and ranking.known else None,
        compared_with=then.day if then else None,
        known_then=bool(then and then.known),
        p50_then=then.p50 if then and then.known else None,
        deadline=program.deadline,
        last_acceptable=program.last_acceptable,
        p_deadline=ranking.p_deadline if ranking else None,
        p_never=ranking.p_never if ranking else None,
        finish=_finish(ranking),
        verdicts=tuple(sorted(ranking.verdicts.items())) if ranking else (),
        asks=_asks(program, found, ranking),
        deadlines=tuple(_deadlines(program, ranking, then, read.goals.get(program.pk, {}))),
        changes=tuple(changes[:MOST]),
        more_changes=max(len(changes) - MOST, 0),
        named=tuple(_named(event, program, read) for event in read.declared.get(program.pk, [])),
        surprises=tuple(_surprises(read.surprises.get(program.pk, []))),
        reviews=tuple(
            Slot(slot.starts, slot.team.name if slot.team else "", str(slot.state.value), slot.get_absolute_url())
            for slot in read.slots.get(program.pk, [])
        ),
        entries=read.entries.get(program.pk, 0),
        predictions=tuple(_predictions(program, read)[:MOST]),
        severity=ranking.severity if ranking else 0.0,
        due=tuple(map(_fell_due, read.due.get(program.pk, [])[:MOST])),
        met=read.met.get(program.pk, (0, 0))[0],
        met_of=read.met.get(program.pk, (0, 0))[1],
    )


def _asks(program: Program, found: LimitingFactor, ranking: Ranking | None) -> str:
    """The decision that only a person can take, the gravest first; "" where there is none."""
    if program.decision_due_since:
        return _("Decide: people, scope, path, or stop. Three reviews closed with odds under 5 % to be done in time.")
    if ranking and ranking.p_last_acceptable is not None and ranking.p_last_acceptable < HOPELESS:
        return _("On this path it fails: change people, scope or path, or stop.")
    if ranking and ranking.proposal and found.state == Limit.State.UNKNOWN:
        return _("Name the limiting factor. The model proposes %(name)s.") % {"name": found.called or found.proposal}
    if found.path and found.called and found.agrees is False:
        named = {"name": found.path[-1], "other": found.called}
        return _("Look again: %(name)s is declared, and the model names %(other)s.") % named
    return ""


def _finish(ranking: Ranking | None) -> tuple[dt.date | None, ...]:
    """Twenty of the equally likely days that are stored, at equal steps."""
    if ranking is None or not ranking.finish_days:
        return ()
    days = ranking.finish_days
    picked = [days[min(len(days) - 1, math.floor((k + 0.5) / DOTS * len(days)))] for k in range(DOTS)]
    return tuple(None if one is None else ranking.as_of + dt.timedelta(days=math.ceil(one)) for one in picked)


def _deadlines(
    program: Program, ranking: Ranking | None, then: RankingDay | None, goals: dict[str, Goal]
) -> list[Deadline]:
    """The program's own, then those of its goals whose odds moved most."""
    own = []
    if program.deadline:
        before, now = then.p_deadline if then else None, ranking.p_deadline if ranking else None
        own.append(Deadline("", None, program.deadline, before, now, program.odds_when_set))
    moved = []
    for key, goal in goals.items():
        before = (then.goals.get(key) or {}).get("p_deadline") if then else None
        outlook = getattr(goal, "outlook", None)
        if goal.deadline and before is not None and outlook and outlook.p_deadline is not None:
            moved.append(Deadline(_label(goal), goal.pk, goal.deadline, before, outlook.p_deadline, goal.odds_when_set))
    moved = [one for one in moved if one.moved]
    moved.sort(key=lambda one: (-abs((one.now or 0) - (one.then or 0)), one.name))
    return own + moved[:MOST]


def _changes(goals: dict[str, Goal], then: RankingDay | None, passed: int) -> list[Change]:
    """Goals whose verdict flipped, or whose P50 moved by a week or more, the greatest first.

    A P50 that moved with the calendar, over the days that passed, is no change: nothing was said of the goal.
    """
    found = []
    for key, before in (then.goals if then else {}).items():
        outlook = getattr(goals.get(key), "outlook", None)
        if outlook is None:
            continue
        old = dt.date.fromisoformat(before["p50"]) if before["p50"] else None
        later = (outlook.p50 - old).days if old and outlook.p50 else None
        change = Change(int(key), _label(goals[key]), before["verdict"], outlook.verdict, later)
        known = outlook.verdict != Verdict.UNKNOWN
        drifted = later is not None and abs(later - passed) <= ROUNDING
        moved = abs(later or 0) >= WEEK.days or bool(old) != bool(outlook.p50)
        if change.flipped or (known and moved and not drifted):
            found.append(change)
    found.sort(key=lambda one: (not one.flipped, -abs(NEVER_DAYS if one.later is None else one.later), one.name))
    return found


def _label(goal: Goal) -> str:
    """A goal with its team: two teams may have goals of one name."""
    return goal.name if goal.name == goal.team.name else f"{goal.team.name}: {goal.name}"


def _named(event: Event, program: Program, read: _Read) -> Named:
    was, now = event.changes.get("limit", [None, None])
    unknown = str(Limit.State.UNKNOWN.label)
    return Named(
        on=read.day(event.at, program), was="" if was in (None, unknown) else was, now=now or unknown, memo=event.memo
    )


def _surprises(points: Sequence[Datapoint]) -> list[Surprise]:
    far = sorted(points, key=lambda point: -abs((point.surprise or 0.5) - 0.5))[:3]
    return [
        Surprise(
            goal=point.goal_id,
            name=_label(point.goal),
            on=point.observed_on,
            value=point.value,
            unit=point.goal.unit,
            percentile=point.surprise or 0.0,
            memo=point.memo,
        )
        for point in far
    ]


def _predictions(program: Program, read: _Read) -> list[Prediction]:
    """Open ones that are due within a week, of what limits next and of what was predicted in public."""
    nexts = [
        Prediction(one.name, one.probability, one.window_to, _who(one)) for one in read.predictions.get(program.pk, [])
    ]
    public = [
        Prediction(one.text, one.probability, one.due_on, one.source, public=True)
        for one in read.public.get(program.pk, [])
    ]
    return nexts + public


def _fell_due(one: StatedDate) -> FellDue:
    met = {StatedDate.Outcome.MET: True, StatedDate.Outcome.MISSED: False}.get(one.outcome)  # type: ignore[call-overload]
    return FellDue(_label(one.goal) if one.goal else "", one.goal_id, one.day, met)


def _who(one: SuccessorPrediction) -> str:
    if one.by_model:
        return _("the model")
    return (one.by.get_full_name() or one.by.get_username()) if one.by else ""
