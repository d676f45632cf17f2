"""Turns: who is heard, who is absent and why, and how long each one spoke."""

import uuid as uuid_module

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Sum

from projects.memo import clean_memo
from projects.models import Engineer, Seat, Team
from projects.services.changes import record_event
from projects.time import today_in
from reviews.models import Review, Spell, Statement, Turn

LONGEST = 6 * 3600  # seconds; a page left open overnight is no turn


def add_turn(*, review: Review, engineer: Engineer, team: Team) -> Turn:
    """The engineer's turn, added at the end of the roster where there is none."""
    known = Turn.objects.filter(review=review, engineer=engineer).first()
    if known:
        return known
    last = review.turns.aggregate(last=Max("position"))["last"]
    turn, _ = Turn.objects.get_or_create(
        review=review, engineer=engineer, defaults={"team": team, "position": 0 if last is None else last + 1}
    )
    return turn


def join_roster(review: Review) -> None:
    """Whoever got a seat since a live review was opened is on its roster too, at its end."""
    if not review.live:
        return
    seats = Seat.objects.asked(review.program_id, review.team_id, today_in(review.program.zone))
    new = seats.exclude(engineer__in=review.turns.values("engineer")).select_related("engineer", "team")
    if not new:
        return
    with transaction.atomic():
        if Review.objects.select_for_update(no_key=True).get(pk=review.pk).live:  # not closed meanwhile
            for seat in new:
                add_turn(review=review, engineer=seat.engineer, team=seat.team)


def hear(turn: Turn) -> None:
    Turn.objects.filter(pk=turn.pk).exclude(state=Turn.State.HEARD).update(state=Turn.State.HEARD, absence="")


def settle_turn(turn: Turn) -> None:
    """Heard where something said in it is in force; where all of it was taken back, to be heard again."""
    said = turn.datapoints.filter(superseded_by__isnull=True, withdrawn=False).exists()
    if said or Statement.objects.in_force().filter(turn=turn).exists():
        hear(turn)
    else:
        Turn.objects.filter(pk=turn.pk, state=Turn.State.HEARD).update(state=Turn.State.WAITING)


@transaction.atomic
def mark_absent(*, turn: Turn, absent: bool, by: User, why: str = "") -> None:
    """Say that an engineer is not there, and why, or take it back. Who was heard stays heard.

    Raises ValidationError where no reason is given: absent without a word is not known.
    """
    open_turns = Turn.objects.filter(pk=turn.pk, review__state=Review.State.LIVE)
    if absent:
        why = clean_memo(why)[:200]
        changed = open_turns.exclude(state=Turn.State.HEARD).update(state=Turn.State.ABSENT, absence=why)
    else:
        changed = open_turns.filter(state=Turn.State.ABSENT).update(state=Turn.State.WAITING, absence="")
    if changed:
        verb = "absent" if absent else "here after all"
        record_event(by=by, verb=verb, subject=turn, program=turn.review.program, memo=why if absent else "")


@transaction.atomic
def keep_spell(*, uuid: uuid_module.UUID, turn: Turn, seconds: int, by: User) -> None:
    """Keep how long a page had the turn's engineer in focus; sent again with more time, the longer one stands.

    Where two people follow the same turn, its minutes are those of the one who followed it longest, not the sum.
    """
    Turn.objects.select_for_update(no_key=True).get(pk=turn.pk)
    seconds = min(max(seconds, 0), LONGEST)
    spell, created = Spell.objects.get_or_create(uuid=uuid, defaults={"turn": turn, "by": by, "seconds": seconds})
    if not created:
        if spell.turn_id != turn.pk or spell.by_id != by.pk or spell.seconds >= seconds:
            return
        Spell.objects.filter(pk=spell.pk).update(seconds=seconds)
    longest = turn.spells.values("by").annotate(total=Sum("seconds")).order_by("-total").values_list("total", flat=True)
    Turn.objects.filter(pk=turn.pk).update(minutes=round((longest[0] or 0) / 60))
