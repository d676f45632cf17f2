"""Datapoints: logged once, corrected in the open, never changed."""

import datetime as dt
import math
import uuid as uuid_module
from dataclasses import dataclass, replace
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Engineer, Factor, Goal
from projects.models.constraints import LARGEST
from projects.services.changes import record_event
from projects.services.goals import data_moved
from projects.services.limits import record_evidence
from projects.services.outlooks import OutlookValue
from projects.time import FIRST_DAY, today_in
from reviews import curves
from reviews.models import Datapoint, Review
from reviews.series import GoalSeries, Point, Told, read_told
from reviews.services.forecasting import Found, forecast_all, refit_goal
from reviews.services.moments import day_of, is_live, said_at
from reviews.services.polish import Gap, gap_of
from reviews.services.turns import add_turn, hear, settle_turn


class KeyReused(Exception):
    """This UUID was sent before with other content. The first entry stands."""


class NotInForce(Exception):
    """The datapoint was corrected or withdrawn already."""


@dataclass(frozen=True)
class Entry:
    """One thing said: what the browser sends."""

    uuid: uuid_module.UUID
    value: float
    memo: str
    level: str
    observed_on: dt.date | None = None  # None: the day on which it was said
    engineer: Engineer | None = None
    blocker: str = ""
    factor: Factor | None = None
    prepared: bool = False
    age: dt.timedelta | None = dt.timedelta()  # how long it waited in the browser; None: not known


@dataclass(frozen=True)
class Logged:
    """The row that stands, and whether this sending made it."""

    datapoint: Datapoint
    created: bool
    outlook: OutlookValue | None = None  # what it led to; None where an earlier sending did
    gap: Gap | None = None  # where it was told at several levels on that day

    @property
    def percentile(self) -> float | None:
        """Where the value fell in what was expected of it."""
        return self.datapoint.surprise


def log_datapoint(
    *, goal: Goal, entry: Entry, by: User, review: Review | None = None, origin: str = Datapoint.Origin.LATE
) -> Logged:
    """Save an entry, refit its goal and rank its program. The same UUID again gives the row that stands.

    `goal` as it was just read, with its team and program. `origin` is its mark where it was not said inside a review.

    Raises ValidationError (memo gate, value, day), KeyReused.
    """
    now = timezone.now()
    dated = replace(entry, observed_on=entry.observed_on or _day_said(goal, entry, review, now))
    today = today_in(goal.team.program.zone)
    try:
        check_open(goal)
        check_value_and_day(goal, dated)
        memo = clean_memo(entry.memo, previous=last_memo(goal))
        foreseen = foresee(read_told(goal, today), dated)
        datapoint = _save(goal, dated, memo, by, review, now, origin, foreseen.percentile)
    except (IntegrityError, ValidationError):
        # Sent before: its own memo is the last one, or its key is taken. Most entries are sent once and are not asked.
        known = Datapoint.objects.select_related("engineer", "factor").filter(uuid=entry.uuid).first()
        if known is None:
            raise
        return _stands(known, goal, entry, today)
    said = refit_goal(goal, today, foreseen.once_saved(datapoint))
    return Logged(datapoint, created=True, outlook=said, gap=foreseen.gap)


@dataclass(frozen=True)
class Foreseen:
    """What an entry leads to if nothing else changes before it is saved, and how it compares with what was expected."""

    percentile: float | None
    after: GoalSeries
    found: Found
    gap: Gap | None

    def once_saved(self, datapoint: Datapoint) -> tuple[GoalSeries, Found] | None:
        """What is known now; None where another writer came between: the goal is read again then."""
        if datapoint.goal.data_version != self.after.basis + 1:
            return None
        return replace(self.after, basis=datapoint.goal.data_version, newest_datapoint=datapoint.pk), self.found


def foresee(told: Told, entry: Entry) -> Foreseen:
    """The forecasts before and after an entry, made together."""
    day = cast(dt.date, entry.observed_on)
    point = Point(pk=0, goal_id=told.goal.pk, observed_on=day, value=entry.value, level=entry.level)
    before, after = told.series(), told.series(point)
    gap = gap_of(told.goal, day, [*told.points, point])
    if before.series is None or day < before.series.dates[-1]:  # nothing was expected
        return Foreseen(None, after, forecast_all([after])[0], gap)
    expected, found = forecast_all([before, after])
    refused = isinstance(expected, curves.CannotForecast) or expected.verdict == "done"
    return Foreseen(None if refused else float(expected.percentile(day, entry.value)), after, found, gap)


def _day_said(goal: Goal, entry: Entry, review: Review | None, now: dt.datetime) -> dt.date:
    at = said_at(review, entry.age, now)
    instant = day_of(at, review, now) if review else at or now
    return instant.astimezone(ZoneInfo(goal.team.program.zone)).date()


def _stands(known: Datapoint, goal: Goal, entry: Entry, today: dt.date) -> Logged:
    """The row that an earlier sending made; forecast now, if that one was cut off before it could."""
    same_or_refuse(known, goal, entry)
    known.goal = Goal.objects.select_related("outlook", "team__program").get(pk=goal.pk)
    behind = not hasattr(known.goal, "outlook") or known.goal.outlook.basis < known.goal.data_version
    said = refit_goal(known.goal, today) if behind else None
    gap = gap_of(known.goal, known.observed_on, read_told(known.goal, today).points)
    return Logged(known, created=False, outlook=said, gap=gap)


@transaction.atomic
def _save(
    goal: Goal,
    entry: Entry,
    memo: str,
    by: User,
    review: Review | None,
    now: dt.datetime,
    origin: str,
    percentile: float | None,
) -> Datapoint:
    # The lock also puts the rows of a review in the order of their ids: who follows it asks for those after the last.
    held = Review.objects.select_for_update(no_key=True).get(pk=review.pk) if review else None
    at = said_at(held, entry.age, now)
    live = is_live(held, at)
    turn = None
    if held and live and entry.engineer:
        turn = add_turn(review=held, engineer=entry.engineer, team=goal.team)
    datapoint = Datapoint.objects.create(
        uuid=entry.uuid,
        goal=goal,
        engineer=entry.engineer,
        review=held,
        turn=turn,
        level=entry.level,
        value=entry.value,
        memo=memo,
        blocker=entry.blocker.strip(),
        factor=entry.factor,
        prepared=entry.prepared,
        observed_on=entry.observed_on,
        said_at=at,
        recorded_by=by,
        origin=Datapoint.Origin.LIVE if live else origin,
        surprise=percentile,
    )
    if turn:
        hear(turn)
    _after_write(datapoint, by, "logged")
    return datapoint


def _after_write(datapoint: Datapoint, by: User, verb: str, changes: dict | None = None) -> None:
    """What every write of a datapoint does in its transaction: the goal's data moved on, evidence, the event."""
    goal = datapoint.goal
    data_moved(goal)
    if datapoint.factor and datapoint.blocker:
        record_evidence(
            program=goal.team.program,
            factor=datapoint.factor,
            kind="blocker",
            on=datapoint.observed_on,
            by=by,
            text=datapoint.blocker,
            reference=f"datapoint:{datapoint.pk}",
        )
    record_event(
        by=by,
        verb=verb,
        subject=datapoint,
        program=goal.team.program,
        changes=changes or {"value": [None, datapoint.value]},
        memo=datapoint.memo,
    )


def correct_datapoint(
    *,
    datapoint: Datapoint,
    value: float,
    memo: str,
    by: User,
    withdraw: bool = False,
    uuid: uuid_module.UUID | None = None,
) -> Datapoint:
    """A new row that supersedes the old one, with the reason; both stay visible. Undo is a correction that withdraws.

    Raises NotInForce where it was corrected already, ValidationError. `uuid` is the correction's own key.
    """
    check_number(value)
    memo = clean_memo(memo, previous="" if withdraw else datapoint.memo)
    with transaction.atomic():
        review = Review.objects.select_for_update(no_key=True).filter(pk=datapoint.review_id).first()
        current = Datapoint.objects.select_for_update(no_key=True).get(pk=datapoint.pk)
        undone = current.source is not None and current.source.undone_at is not None
        if undone or current.withdrawn or Datapoint.objects.filter(supersedes=current).exists():
            raise NotInForce
        corrected = Datapoint.objects.create(
            uuid=uuid or uuid_module.uuid4(),
            goal=current.goal,
            engineer=current.engineer,
            review=review,
            turn=current.turn,
            level=current.level if current.level != Datapoint.Level.UNKNOWN else Datapoint.Level.RELAYED,
            value=value,
            memo=memo,
            blocker=current.blocker,
            factor=current.factor,
            prepared=current.prepared,
            observed_on=current.observed_on,
            said_at=timezone.now(),
            recorded_by=by,
            origin=Datapoint.Origin.LIVE if review and review.live else Datapoint.Origin.LATE,
            supersedes=current,
            withdrawn=withdraw,
        )
        if corrected.turn:
            settle_turn(corrected.turn)
        verb = "withdrew" if withdraw else "corrected"
        _after_write(corrected, by, verb, {"value": [current.value, None if withdraw else value]})
    refit_goal(datapoint.goal)
    return corrected


def same_or_refuse(known: Datapoint, goal: Goal, entry: Entry) -> Datapoint:
    """The row of this UUID, if it says what `entry` says."""
    engineer = entry.engineer.pk if entry.engineer else None
    memo, blocker, day = entry.memo.strip(), entry.blocker.strip(), entry.observed_on or known.observed_on
    sent = (goal.pk, engineer, entry.value, memo, entry.level, day, blocker, entry.prepared)
    stands = (
        known.goal_id,
        known.engineer_id,
        known.value,
        known.memo,
        known.level,
        known.observed_on,
        known.blocker,
        known.prepared,
    )
    if sent != stands:
        raise KeyReused
    return known


def check_open(goal: Goal) -> None:
    if goal.archived:
        raise ValidationError({NON_FIELD_ERRORS: _("This goal is archived. Restore it, then log the value.")})


def check_number(value: float) -> None:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise ValidationError({"value": _("The value must be a number.")})


def check_value_and_day(goal: Goal, entry: Entry) -> None:
    check_number(entry.value)
    if entry.observed_on is None:
        return
    if entry.observed_on > today_in(goal.team.program.zone):
        raise ValidationError({"observed_on": _("This day lies in the future.")})
    if entry.observed_on < FIRST_DAY:
        raise ValidationError({"observed_on": _("This day lies before 1970.")})


def last_memo(goal: Goal) -> str:
    memos = Datapoint.objects.filter(goal=goal).exclude(memo="").order_by("-recorded_at", "-pk")
    return memos.values_list("memo", flat=True).first() or ""
