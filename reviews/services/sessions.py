"""Reviews: started, heard one by one, closed."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from projects.models import Engineer, Program, Team
from projects.services.changes import record_event
from projects.time import today_in
from reviews.models import Review, Turn
from reviews.services.roster import roster


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
        program=program, team=team, state=Review.State.LIVE, scheduled_for=now, opened_at=now, led_by=by
    )
    Turn.objects.bulk_create(
        Turn(review=review, engineer_id=place.engineer_id, team_id=place.team_id, position=n)
        for n, place in enumerate(roster(program, team, today_in(program.zone)))
    )
    record_event(by=by, verb="opened", subject=review, program=program)
    return review


@transaction.atomic
def add_turn(*, review: Review, engineer: Engineer, team: Team) -> Turn:
    """The engineer's turn, added at the end of the roster where there is none."""
    last = review.turns.aggregate(last=Max("position"))["last"]
    turn, _ = Turn.objects.get_or_create(
        review=review, engineer=engineer, defaults={"team": team, "position": 0 if last is None else last + 1}
    )
    return turn


@transaction.atomic
def mark_absent(*, turn: Turn, absent: bool) -> None:
    """Say that an engineer is not there, or take it back. Who was heard stays heard."""
    new, old = (Turn.State.ABSENT, Turn.State.WAITING) if absent else (Turn.State.WAITING, Turn.State.ABSENT)
    Turn.objects.filter(pk=turn.pk, state=old, review__state=Review.State.LIVE).update(state=new)


@transaction.atomic
def close_review(*, review: Review, by: User, notes: str = "") -> bool:
    """Close a live review; False where it was closed already."""
    closed = Review.objects.filter(pk=review.pk, state=Review.State.LIVE).update(
        state=Review.State.CLOSED, closed_at=timezone.now(), notes=notes.strip()
    )
    if closed:
        record_event(by=by, verb="closed", subject=review, program=review.program, memo=notes.strip())
    return bool(closed)
