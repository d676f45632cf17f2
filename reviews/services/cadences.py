"""Cadences: set, changed from a day on, ended; and single slots moved or cancelled with a memo (M9)."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Engineer, Program, Seat, Team
from projects.services.changes import Conflict, record_event
from projects.time import today_in
from reviews.models import Cadence, Review, SlotChange, Turn
from reviews.models.cadences import WEEKDAYS
from reviews.services.turns import add_turn
from reviews.slots import Slot, slot_of
from reviews.slots import seen as seen_change

FARTHEST = dt.timedelta(days=90)  # a slot moved farther than this is another slot
RHYTHM = ("weekdays", "every_weeks", "at", "minutes", "zone")


def open_cadence(program: Program, team: Team | None) -> Cadence | None:
    return Cadence.objects.filter(program=program, team=team, last_day__isnull=True).first()


@transaction.atomic
def set_cadence(
    *,
    program: Program,
    team: Team | None,
    version: int,
    by: User | None,
    first_day: dt.date,
    now: dt.datetime | None = None,
    **rhythm,
) -> Cadence:
    """Give a program or team its rhythm from a day on; the one before it ends the day before.

    `version` is that of the open cadence as the caller saw it, 0 where there was none. Raises Conflict.
    """
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    current = open_cadence(program, team)
    if current and current.version != version:
        raise Conflict(current)
    if current and all(getattr(current, name) == rhythm[name] for name in RHYTHM):
        return current
    first_day = _first_day(first_day, rhythm, now or timezone.now())
    before = current.words if current else None
    if current:
        _end(current, first_day)
    made = Cadence.objects.create(program=program, team=team, by=by, first_day=first_day, version=version + 1, **rhythm)
    if current:
        _carry_over(current, made)
    changes = {"cadence": [before, made.words]}
    record_event(by=by, verb="set cadence", subject=made, program=program, changes=changes, memo=made.note)
    return made


def _first_day(day: dt.date, rhythm: dict, now: dt.datetime) -> dt.date:
    """The day after where today's review would be over already: what nobody could hold was not missed."""
    zone = ZoneInfo(rhythm["zone"])
    ends = dt.datetime.combine(day, rhythm["at"], zone) + dt.timedelta(minutes=rhythm["minutes"])
    asked = [*WEEKDAYS][day.weekday()] in rhythm["weekdays"].split(",")
    return day + dt.timedelta(days=1) if asked and day == now.astimezone(zone).date() and ends < now else day


def _end(cadence: Cadence, first_day_without: dt.date) -> None:
    last = first_day_without - dt.timedelta(days=1)
    Cadence.objects.filter(pk=cadence.pk).update(last_day=last, version=F("version") + 1)
    cadence.changes.filter(day__gte=first_day_without).delete()


def _carry_over(old: Cadence, new: Cadence | None) -> None:
    """Reviews that were prepared for days on which only the new cadence has slots go with it; others are dropped."""
    first = new.first_day if new else timezone.now().date()
    planned = Review.objects.filter(cadence=old, state=Review.State.SCHEDULED, slot_on__gte=first)
    for review in planned:
        slot = slot_of(new, review.slot_on, timezone.now()) if new and review.slot_on else None
        if slot:
            Review.objects.filter(pk=review.pk).update(cadence=new, scheduled_for=slot.starts)
        else:
            review.delete()


@transaction.atomic
def end_cadence(*, cadence: Cadence, today: dt.date, by: User) -> bool:
    """From `today` on there are no slots; those before stay as they were. False where it had ended already."""
    current = Cadence.objects.select_for_update(no_key=True).get(pk=cadence.pk)
    if current.last_day:
        return False
    _end(current, today)
    _carry_over(current, None)
    record_event(by=by, verb="ended cadence", subject=current, program=current.program)
    return True


# ---- single slots ----------------------------------------------------------------------------------------------------


def move_slot(*, slot: Slot, to: dt.datetime, memo: str, by: User, seen: str | None = None) -> SlotChange:
    """Hold the review of a slot at another time. Raises ValidationError: the memo gate, the past, too far away.

    `seen`: the change that the person saw (`Slot.seen`), that of `slot` where none is given; another one is a Conflict.
    """
    if to <= timezone.now():
        raise ValidationError({"moved_to": _("This time has passed.")})
    if abs(to - slot.starts) > FARTHEST:
        raise ValidationError({"moved_to": _("More than three months away it is another review.")})
    return _change_slot(slot, to, memo, by, "moved review", seen)


def cancel_slot(*, slot: Slot, memo: str, by: User, seen: str | None = None) -> SlotChange:
    """No review is held in a slot. Raises ValidationError: the memo gate, or one was held. `seen` as in `move_slot`."""
    return _change_slot(slot, None, memo, by, "cancelled review", seen)


@transaction.atomic
def _change_slot(slot: Slot, to: dt.datetime | None, memo: str, by: User, verb: str, seen: str | None) -> SlotChange:
    cadence = Cadence.objects.select_for_update(no_key=True).get(pk=slot.cadence.pk) if slot.cadence else None
    if cadence is None or slot.day is None:
        raise ValidationError(_("Only a review of a cadence can be moved or cancelled."))
    if cadence.reviews.filter(slot_on=slot.day).exclude(state=Review.State.SCHEDULED).exists():
        raise ValidationError(_("This review was started already."))
    before = cadence.changes.filter(day=slot.day).first()
    if before and before.moved_to == to and before.memo == memo.strip():
        return before  # sent twice
    if seen_change(before) != (slot.seen if seen is None else seen):
        raise Conflict(before or cadence)
    memo = clean_memo(memo, previous=before.memo if before else "")
    change, _made = SlotChange.objects.update_or_create(
        cadence=cadence, day=slot.day, defaults={"moved_to": to, "memo": memo, "by": by}
    )
    cadence.reviews.filter(slot_on=slot.day).update(scheduled_for=to or slot.starts)
    changes = {"starts": [slot.starts, to]}
    record_event(by=by, verb=verb, subject=change, program=cadence.program, changes=changes, memo=memo)
    return change


@transaction.atomic
def restore_slot(*, slot: Slot, by: User) -> bool:
    """The slot is at its own time again; False where nothing was changed."""
    change = slot.change
    if change is None or not SlotChange.objects.filter(pk=change.pk).exists():
        return False
    record_event(by=by, verb="restored review", subject=change, program=slot.program)
    SlotChange.objects.filter(pk=change.pk).delete()
    fresh = slot_of(change.cadence, change.day, timezone.now())
    if fresh:
        change.cadence.reviews.filter(slot_on=change.day, state=Review.State.SCHEDULED).update(
            scheduled_for=fresh.starts
        )
    return True


def plan_review(*, slot: Slot, by: User) -> Review:
    """The review of a slot before it is held, so that guests can be asked to it; the same call twice gives one."""
    if slot.review:
        return slot.review
    try:
        with transaction.atomic():
            review = Review.objects.create(
                program=slot.program,
                team=slot.team,
                cadence=slot.cadence,
                slot_on=slot.day,
                scheduled_for=slot.starts,
            )
            record_event(by=by, verb="planned", subject=review, program=slot.program)
            return review
    except IntegrityError:
        return Review.objects.get(cadence=slot.cadence, slot_on=slot.day)


# ---- guests ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_guest(*, review: Review, team: Team, name: str, by: User) -> Turn:
    """Ask somebody to one review who does not sit on its teams: a known engineer of the program, or a new name.

    Raises ValidationError where the review is over.
    """
    held = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if held.state == Review.State.CLOSED:
        raise ValidationError(_("This review is over."))
    name = " ".join(name.split())
    turn = review.turns.filter(engineer__name__iexact=name).first()
    if turn:
        return turn
    here = Engineer.objects.filter(seats__team__program=review.program_id)
    guests = Engineer.objects.filter(pk__in=Turn.objects.filter(review__program=review.program_id).values("engineer"))
    engineer = (here | guests).filter(name__iexact=name).distinct().first() or Engineer.objects.create(name=name)
    turn = add_turn(review=review, engineer=engineer, team=team)
    turn.guest = not _sits_in(review, engineer)
    Turn.objects.filter(pk=turn.pk).update(guest=turn.guest)
    changes = {"guest": [False, True]} if turn.guest else {}
    record_event(by=by, verb="asked guest", subject=turn, program=review.program, changes=changes)
    return turn


def _sits_in(review: Review, engineer: Engineer) -> bool:
    """Whether they are on a team of the review today: somebody who joined it after the review was opened."""
    seats = Seat.objects.asked(review.program_id, review.team_id, today_in(review.program.zone))
    return seats.filter(engineer=engineer).exists()


@transaction.atomic
def remove_guest(*, turn: Turn, by: User) -> bool:
    """A guest is not asked after all; False where they have said something already."""
    if not turn.guest or turn.state == Turn.State.HEARD or turn.datapoints.exists() or turn.statements.exists():
        return False
    record_event(by=by, verb="removed guest", subject=turn, program=turn.review.program)
    turn.delete()
    return True
