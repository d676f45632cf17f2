"""Decisions about programs whose success is no longer possible on their present path: asked for, and made (M16)."""

import datetime as dt
import uuid as uuid_module

from django.contrib.auth.models import User
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.deadlines import ReviewedOdds, asked_at, recovered
from projects.memo import clean_memo
from projects.models import Decision, Program, Ranking, RankingDay, ReviewOdds
from projects.services.changes import record_event
from projects.services.ranking_history import by_review
from projects.time import day_in


def counted(program: Program) -> list[ReviewedOdds]:
    """What the reviews closed with since the last decision, oldest first; prefetch `review_odds` for many programs."""
    since = program.odds_counted_from
    return [ReviewedOdds(row.at, row.p) for row in program.review_odds.all() if since is None or row.at > since]


@transaction.atomic
def note_review(*, program: Program, at: dt.datetime) -> bool:
    """Keep the odds with which a review of `program` closed at `at`; whether a decision is due from now on.

    Call it inside the transaction that closes the review.
    """
    held = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    odds = {"p": _odds_now(held), "last_acceptable": held.last_acceptable}
    ReviewOdds.objects.get_or_create(program=held, at=at, defaults=odds)
    if held.decision_due_since:
        return True
    due = asked_at(counted(held))
    if due:
        Program.objects.filter(pk=held.pk).update(decision_due_since=due)
        changes = {"decision_due_since": [None, due]}
        record_event(by=None, verb="needs a decision", subject=held, program=held, changes=changes)
    return due is not None


@transaction.atomic
def clear_if_recovered(program: Program) -> bool:
    """Take back that a decision is due where the odds stood well on the data of two later reviews in a row."""
    held = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if held.decision_due_since is None:
        return False
    asked = day_in(held.zone, held.decision_due_since)
    days = RankingDay.objects.filter(program=held, day__gt=asked, newest_data__gt=asked, replayed=False).order_by("day")
    if not recovered([p for _day, p in by_review(days.values_list("newest_data", "p_last_acceptable"))]):
        return False
    _count_anew(held)
    changes = {"decision_due_since": [held.decision_due_since, None]}
    record_event(by=None, verb="no longer needs a decision", subject=held, program=held, changes=changes)
    return True


def _odds_now(program: Program) -> float | None:
    if program.last_acceptable is None:
        return None
    return Ranking.objects.filter(program=program).values_list("p_last_acceptable", flat=True).first()


def _count_anew(program: Program) -> None:
    Program.objects.filter(pk=program.pk).update(decision_due_since=None, odds_counted_from=timezone.now())


def record_decision(*, program: Program, uuid: uuid_module.UUID, choice: str, memo: str, by: User) -> Decision:
    """Put on record what is decided; the same form sent twice is one row.

    Raises ValidationError: the memo gate, or this form was sent before with other content.
    """
    known = Decision.objects.filter(uuid=uuid).first()
    if known:
        return _same_or_refuse(known, program, choice)
    last = program.decisions.values_list("memo", flat=True).first() or ""
    try:
        return _save(program, uuid, choice, clean_memo(memo, previous=last), by)
    except (IntegrityError, ValidationError):  # sent twice at once: the other was saved since we looked
        known = Decision.objects.filter(uuid=uuid).first()
        if known is None:
            raise
        return _same_or_refuse(known, program, choice)


@transaction.atomic
def _save(program: Program, uuid: uuid_module.UUID, choice: str, memo: str, by: User) -> Decision:
    held = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    made = Decision.objects.create(
        program=held,
        uuid=uuid,
        choice=choice,
        memo=memo,
        due_since=held.decision_due_since,
        last_acceptable=held.last_acceptable,
        p=_odds_now(held),
        by=by,
    )
    _count_anew(held)
    changes = {"choice": [None, choice], "decision_due_since": [held.decision_due_since, None]}
    record_event(by=by, verb="decided", subject=made, program=held, changes=changes, memo=memo)
    return made


def _same_or_refuse(known: Decision, program: Program, choice: str) -> Decision:
    if known.program_id != program.pk or known.choice != choice:
        raise ValidationError(
            {NON_FIELD_ERRORS: _("This form was sent before with other content; the first stands. Reload it first.")}
        )
    return known


def why_not_close(program: Program) -> list[str]:
    """What stands in the way of closing a review of a program that must be decided about first; empty otherwise."""
    if program.decision_due_since is None or program.archived_at:
        return []
    return [
        _(
            "Decide first: in three closed reviews in a row the odds of finishing by the last acceptable date were "
            "under 5 %. Put on record what changes (people, scope or path), that it stops, or why it goes on."
        )
    ]
