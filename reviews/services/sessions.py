"""Reviews: started, heard one by one, closed."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.models import Program, Team
from projects.services.changes import record_event
from projects.services.decisions import note_review
from projects.time import today_in
from reviews.models import Review, Turn
from reviews.services.roster import roster
from reviews.services.summary import how_it_stands, summary_of, what_is_missing
from reviews.slots import Slot, slot_due


def start_review(*, program: Program, by: User, team: Team | None = None, slot: Slot | None = None) -> Review:
    """Open a review with everyone who sits on its teams, and its guests; where one is under way, that one.

    It is held in `slot`, or in the one that is due now. A double click opens one.
    """
    slot = slot or slot_due(program, team, timezone.now())
    for _attempt in range(2):  # the second finds what somebody made of the slot meanwhile
        try:
            with transaction.atomic():
                return _open(program, by, team, slot)
        except IntegrityError:
            live = Review.objects.filter(program=program, state=Review.State.LIVE).first()
            if live:
                return live
    raise Review.DoesNotExist


def _open(program: Program, by: User, team: Team | None, slot: Slot | None) -> Review:
    now = timezone.now()
    planned = _planned(slot) if slot else None
    if planned and planned.state != Review.State.SCHEDULED:
        return planned
    opened = {"state": Review.State.LIVE, "opened_at": now, "led_by": by, "before": how_it_stands(program)}
    if planned:
        Review.objects.filter(pk=planned.pk).update(**opened)
        review = Review.objects.get(pk=planned.pk)
    else:
        place = {"cadence": slot.cadence, "slot_on": slot.day, "scheduled_for": slot.starts} if slot else {}
        review = Review.objects.create(program=program, team=team, **{"scheduled_for": now} | place, **opened)
    guests = list(review.turns.all())
    asked = {turn.engineer_id for turn in guests}
    places = [one for one in roster(program, team, today_in(program.zone)) if one.engineer_id not in asked]
    Turn.objects.bulk_create(
        Turn(review=review, engineer_id=place.engineer_id, team_id=place.team_id, position=n)
        for n, place in enumerate(places)
    )
    for n, turn in enumerate(guests):  # guests speak after those who do the work every week
        Turn.objects.filter(pk=turn.pk).update(position=len(places) + n)
    record_event(by=by, verb="opened", subject=review, program=program)
    return review


def _planned(slot: Slot) -> Review | None:
    """The review that was made for a slot before it is held, to which guests may have been asked."""
    reviews = Review.objects.select_for_update(no_key=True)
    if slot.cadence:
        return reviews.filter(cadence=slot.cadence, slot_on=slot.day).first()
    return reviews.filter(pk=slot.review.pk).first() if slot.review else None


@transaction.atomic
def close_review(*, review: Review, by: User, notes: str = "", now: dt.datetime | None = None) -> bool:
    """Close a live review and keep what was so at that moment; False where it was closed already.

    Raises ValidationError with what is still missing (M7): who is unheard, absent without a word, or without a memo,
    and whether the program must be decided about first (M16).
    """
    now = now or timezone.now()
    held = Review.objects.select_for_update(no_key=True).select_related("program").get(pk=review.pk)
    if not held.live:
        return False
    missing = what_is_missing(held)
    if missing:
        raise ValidationError(missing)
    Review.objects.filter(pk=review.pk).update(
        state=Review.State.CLOSED, closed_at=now, notes=notes.strip(), summary=summary_of(held, now)
    )
    record_event(by=by, verb="closed", subject=review, program=review.program, memo=notes.strip())
    note_review(program=held.program, at=now)
    return True
