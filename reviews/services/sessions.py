"""Reviews: started, heard one by one, closed."""

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from projects.models import Program, Team
from projects.services.changes import record_event
from projects.time import today_in
from reviews.models import Review, Turn
from reviews.services.roster import roster
from reviews.services.summary import how_it_stands, summary_of, what_is_missing


def start_review(*, program: Program, by: User, team: Team | None = None) -> Review:
    """Open a review with everyone who sits on its teams; where one is under way, that one: a double click opens one."""
    try:
        with transaction.atomic():
            return _open(program, by, team)
    except IntegrityError:
        return Review.objects.get(program=program, state=Review.State.LIVE)


def _open(program: Program, by: User, team: Team | None) -> Review:
    now = timezone.now()
    review = Review.objects.create(
        program=program,
        team=team,
        state=Review.State.LIVE,
        scheduled_for=now,
        opened_at=now,
        led_by=by,
        before=how_it_stands(program),
    )
    Turn.objects.bulk_create(
        Turn(review=review, engineer_id=place.engineer_id, team_id=place.team_id, position=n)
        for n, place in enumerate(roster(program, team, today_in(program.zone)))
    )
    record_event(by=by, verb="opened", subject=review, program=program)
    return review


@transaction.atomic
def close_review(*, review: Review, by: User, notes: str = "") -> bool:
    """Close a live review and keep what was so at that moment; False where it was closed already.

    Raises ValidationError with what is still missing (M7): who is unheard, absent without a word, or without a memo.
    """
    held = Review.objects.select_for_update().select_related("program").get(pk=review.pk)
    if not held.live:
        return False
    missing = what_is_missing(held)
    if missing:
        raise ValidationError(missing)
    now = timezone.now()
    Review.objects.filter(pk=review.pk).update(
        state=Review.State.CLOSED, closed_at=now, notes=notes.strip(), summary=summary_of(held, now)
    )
    record_event(by=by, verb="closed", subject=review, program=review.program, memo=notes.strip())
    return True
