"""Answers to a datapoint: by the engineer whom it is about, and by those who manage the program."""

import uuid as uuid_module

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from projects.access import may_write, programs_of
from projects.memo import clean_memo
from projects.services.changes import record_event
from reviews.models import Comment, Datapoint
from reviews.models.comments import unanswered

MOST = 50  # waiting answers that a page shows


def load_to_answer(user: User, pk: int) -> Datapoint:
    """The datapoint, if `user` may answer to it: it is about their work, or they manage its program.

    Raises Http404 for an outsider, PermissionDenied for a reader.
    """
    points = Datapoint.objects.select_related("goal__team__program", "engineer")
    seen = Q(goal__team__program__in=programs_of(user)) | Q(engineer__user=user)
    found = points.filter(seen, pk=pk).first()
    if found is None:
        raise Http404
    if not is_about(found, user) and not may_write(user, found.goal.team.program):
        raise PermissionDenied
    return found


def is_about(datapoint: Datapoint, user: User) -> bool:
    return bool(datapoint.engineer and datapoint.engineer.user_id == user.pk)


def add_comment(*, datapoint: Datapoint, uuid: uuid_module.UUID, text: str, by: User) -> Comment:
    """Answer to a datapoint; the same form sent twice is one. Raises ValidationError (the memo gate)."""
    known = Comment.objects.filter(uuid=uuid).first()
    if known:
        return _same_or_refuse(known, datapoint, text)
    last = datapoint.comments.order_by("-at", "-pk").values_list("text", flat=True).first() or ""
    try:
        text = clean_memo(text, previous=last)
        with transaction.atomic():
            made = Comment.objects.create(
                uuid=uuid, datapoint=datapoint, text=text, by=by, from_engineer=is_about(datapoint, by)
            )
            record_event(by=by, verb="answered", subject=datapoint, program=datapoint.goal.team.program, memo=made.text)
    except (IntegrityError, ValidationError):  # sent twice at once: the other was saved since we looked
        known = Comment.objects.filter(uuid=uuid).first()
        if known is None:
            raise
        return _same_or_refuse(known, datapoint, text)
    return made


def _same_or_refuse(known: Comment, datapoint: Datapoint, text: str) -> Comment:
    if known.datapoint_id != datapoint.pk or known.text != text.strip():
        raise ValidationError(_("This form was sent before with other words; the first stand. Reload the page first."))
    return known


def waiting_for_answer(programs) -> list[Datapoint]:
    """Datapoints of these programs on which the engineer has the last word (`last_comment`), newest first."""
    points = Datapoint.objects.filter(goal__team__program__in=programs)
    found = unanswered(points).select_related("goal__team__program", "engineer").prefetch_related("comments__by")
    rows = list(found[:MOST])
    for row in rows:
        row.last_comment = list(row.comments.all())[-1]  # type: ignore[attr-defined]  # for the page
    return rows
