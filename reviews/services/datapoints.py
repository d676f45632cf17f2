"""Datapoints: logged once, corrected in the open, never changed."""

import datetime as dt
import math
import uuid as uuid_module
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Engineer, Factor, Goal
from projects.models.constraints import LARGEST
from projects.services.changes import record_event
from projects.services.limits import record_evidence
from projects.time import FIRST_DAY, today_in
from reviews import curves
from reviews.models import Datapoint, Review
from reviews.series import GoalSeries, read_series, with_point
from reviews.services.forecasting import refit_goal
from reviews.services.moments import day_of, is_live, said_at
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

    @property
    def percentile(self) -> float | None:
        """Where the value fell in what was expected of it."""
        return self.datapoint.surprise


def log_datapoint(
    *, goal: Goal, entry: Entry, by: User, review: Review | None = None, origin: str = Datapoint.Origin.LATE
) -> Logged:
    """Save an entry, refit its goal and rank its program. The same UUID again gives the row that stands.

    `origin` is its mark where it was not said inside a review.

    Raises ValidationError (memo gate, value, day), KeyReused.
    """
    known = Datapoint.objects.filter(uuid=entry.uuid).first()
    if known:
        return _stands(known, goal, entry)
    now = timezone.now()
    dated = replace(entry, observed_on=entry.observed_on or _day_said(goal, entry, review, now))
    today = today_in(goal.team.program.zone)
    try:
        datapoint, before = _check_and_save(goal, dated, by, review, now, today, origin)
    except (IntegrityError, ValidationError):
        # The same entry, sent twice at once: the other was saved since we looked, and its memo is the last one now.
        known = Datapoint.objects.filter(uuid=entry.uuid).first()
        if known is None:
            raise
        return _stands(known, goal, entry)
    refit_goal(goal, today, with_point(before, datapoint, today))
    return Logged(datapoint, created=True)


def _day_said(goal: Goal, entry: Entry, review: Review | None, now: dt.datetime) -> dt.date:
    at = said_at(review, entry.age, now)
    instant = day_of(at, review, now) if review else at or now
    return instant.astimezone(ZoneInfo(goal.team.program.zone)).date()


def _stands(known: Datapoint, goal: Goal, entry: Entry) -> Logged:
    """The row that an earlier sending made; forecast now, if that one was cut off before it could."""
    same_or_refuse(known, goal, entry)
    fresh = Goal.objects.select_related("outlook", "team__program").get(pk=goal.pk)
    if not hasattr(fresh, "outlook") or fresh.outlook.basis < fresh.data_version:
        refit_goal(fresh)
    return Logged(known, created=False)


def _check_and_save(
    goal: Goal, entry: Entry, by: User, review: Review | None, now: dt.datetime, today: dt.date, origin: str
) -> tuple[Datapoint, GoalSeries]:
    """The row, and what was known of its goal before it."""
    check_open(goal)
    check_value_and_day(goal, entry)
    memo = clean_memo(entry.memo, previous=last_memo(goal))
    before = read_series([goal], today)[0]
    return _save(goal, entry, memo, by, review, now, origin, surprise(before, entry)), before


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
    Goal.objects.filter(pk=goal.pk).update(data_version=F("data_version") + 1)
    goal.refresh_from_db(fields=["data_version"])  # nobody else changes it until this transaction ends
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


def surprise(before: GoalSeries, entry: Entry) -> float | None:
    """Where the value falls in what was expected of its day, within 0..1; None where nothing was expected."""
    if before.series is None or entry.observed_on is None or entry.observed_on < before.series.dates[-1]:
        return None
    found = curves.forecast_many([before.series])[0]
    if found is None or found.verdict == "done":
        return None
    return float(found.percentile(entry.observed_on, entry.value))
