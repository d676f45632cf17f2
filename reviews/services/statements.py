"""What is said beside a number: nothing new and why, and what stops an engineer."""

import datetime as dt
import uuid as uuid_module
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Factor, Goal
from projects.services.changes import record_event
from projects.services.goals import data_moved
from projects.services.limits import find_or_make_factor, record_evidence
from reviews.models import Review, Statement, Turn
from reviews.services.datapoints import KeyReused, check_open
from reviews.services.forecasting import recount_votes
from reviews.services.moments import day_of, is_live, said_at
from reviews.services.turns import hear, settle_turn


@dataclass(frozen=True)
class Said:
    """One statement: what the browser sends."""

    uuid: uuid_module.UUID
    kind: str
    text: str = ""
    goal: Goal | None = None
    factor: Factor | None = None
    make_factor: bool = False  # what stops them becomes a factor of this name where there is none yet
    age: dt.timedelta | None = dt.timedelta()


def make_statement(*, turn: Turn, said: Said, by: User) -> Statement:
    """Save a statement. The same UUID again gives the row that stands.

    What stops an engineer is a vote on the goal it is said of, and evidence for the factor it names.
    Raises ValidationError (a text without meaning), KeyReused.
    """
    known = Statement.objects.filter(uuid=said.uuid).first()
    if known:
        return _same_or_refuse(known, turn, said)
    if said.goal:
        check_open(said.goal)
    text = "" if said.kind == Statement.Kind.FREE else _meant(turn, said)
    try:
        statement = _save(turn, said, text, by)
    except IntegrityError:  # sent twice at once, and the other was saved since we looked
        known = Statement.objects.filter(uuid=said.uuid).first()
        if known is None:
            raise
        return _same_or_refuse(known, turn, said)
    if said.goal and said.kind != Statement.Kind.NOTHING_NEW:
        recount_votes(said.goal)
    return statement


def _meant(turn: Turn, said: Said) -> str:
    """A reason passes the memo gate, and differs from the last one; what stops them may well be the same as before."""
    previous = ""
    if said.kind == Statement.Kind.NOTHING_NEW:
        before = Statement.objects.in_force().filter(turn__engineer=turn.engineer, kind=said.kind, goal=said.goal)
        previous = before.order_by("-pk").values_list("text", flat=True).first() or ""
    text = clean_memo(said.text, previous=previous)
    if len(text) > 200:
        raise ValidationError({"text": _("At most 200 characters. Keep the rest for the memo of a number.")})
    return text


@transaction.atomic
def _save(turn: Turn, said: Said, text: str, by: User) -> Statement:
    now = timezone.now()
    review = Review.objects.select_for_update(no_key=True).get(pk=turn.review_id)
    at = said_at(review, said.age, now)
    factor = said.factor
    if said.make_factor and factor is None and text:
        factor = find_or_make_factor(name=text[:160], by=by)
    statement = Statement.objects.create(
        uuid=said.uuid,
        turn=turn,
        kind=said.kind,
        goal=said.goal,
        text=text,
        factor=factor,
        said_at=at,
        late=not is_live(review, at),
        recorded_by=by,
    )
    hear(turn)
    program = review.program
    if factor and said.kind == Statement.Kind.BLOCKED:
        record_evidence(
            program=program,
            factor=factor,
            kind="blocker",
            on=day_of(at, review, now).astimezone(ZoneInfo(program.zone)).date(),
            by=by,
            text=text,
            reference=f"statement:{statement.pk}",
        )
    _votes_moved(statement)
    record_event(by=by, verb="said", subject=statement, program=program, memo=text)
    return statement


def _votes_moved(statement: Statement) -> None:
    """What stops an engineer is part of the goal's outlook, which must not be kept as it was."""
    if statement.goal and statement.kind != Statement.Kind.NOTHING_NEW:
        data_moved(statement.goal)


def _same_or_refuse(known: Statement, turn: Turn, said: Said) -> Statement:
    text = "" if said.kind == Statement.Kind.FREE else said.text.strip()
    goal = said.goal.pk if said.goal else None
    if (turn.pk, said.kind, text, goal) != (known.turn_id, known.kind, known.text, known.goal_id):
        raise KeyReused
    return known


def withdraw_statement(*, statement: Statement, uuid: uuid_module.UUID, by: User) -> bool:
    """Take a statement back: it stays in the history and counts no more. False where it was taken back before."""
    try:
        with transaction.atomic():
            review = Review.objects.select_for_update(no_key=True).get(pk=statement.turn.review_id)
            back = Statement.objects.create(
                uuid=uuid,
                turn=statement.turn,
                kind=statement.kind,
                goal=statement.goal,
                text=statement.text,
                said_at=timezone.now(),
                recorded_by=by,
                withdraws=statement,
            )
            settle_turn(statement.turn)
            _votes_moved(statement)
            record_event(by=by, verb="withdrew", subject=back, program=review.program, memo=statement.text)
    except IntegrityError:
        return False
    if statement.goal and statement.kind != Statement.Kind.NOTHING_NEW:
        recount_votes(statement.goal)
    return True
