"""Accounts as a whole: a name, the sessions, who may still sign in. How one signs in is django-allauth's."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from projects.models import Membership, Program, Role
from projects.services.changes import record_event


def rename_account(*, user: User, first_name: str, last_name: str) -> None:
    User.objects.filter(pk=user.pk).update(first_name=first_name, last_name=last_name)


def sessions_of(user: User) -> list[UserSession]:
    """Where `user` is signed in, the latest first. One that ran out or fell to a new password is none."""
    known = {session.session_key: session for session in UserSession.objects.filter(user=user).order_by("-created_at")}
    stored = Session.objects.filter(session_key__in=known, expire_date__gt=timezone.now())
    right = user.get_session_auth_hash()
    living = {row.session_key for row in stored if row.get_decoded().get(HASH_SESSION_KEY) == right}
    return [session for key, session in known.items() if key in living]


def end_session(*, session: UserSession) -> None:
    """Its browser is signed out at its next request."""
    session.end()


class NotYourself(Exception):
    """Nobody deactivates the account they are signed in with."""


def left_without_admin(user: User) -> QuerySet[Program]:
    """Programs, not archived, whose only active admin is `user`."""
    admins = Membership.objects.filter(program=OuterRef("pk"), role=Role.ADMIN)
    return Program.objects.filter(
        Exists(admins.filter(user=user)),
        ~Exists(admins.filter(user__is_active=True).exclude(user=user)),
        archived_at=None,
    )


def deactivate_account(*, user: User, by: User) -> None:
    """Nobody signs in with it any more, and its sessions end; its memberships and all it wrote stay."""
    if user == by:
        raise NotYourself
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
            return
        _tell_programs(user, by, "deactivated the account")
        for session in UserSession.objects.filter(user=user):
            session.end()


@transaction.atomic
def reactivate_account(*, user: User, by: User) -> None:
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        _tell_programs(user, by, "reactivated the account")


def _tell_programs(user: User, by: User, verb: str) -> None:
    """In the history of each program, or, of one who belongs to none, in the history as a whole."""
    programs: list[Program | None] = list(Program.objects.filter(memberships__user=user))
    for program in programs or [None]:
        record_event(by=by, verb=verb, subject=user, program=program)
