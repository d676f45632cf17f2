"""A person's name erased, on request: everywhere it stands by reference, and in what was kept of held reviews.

Events hold no names, so the sealed history stays as it is. What somebody wrote by hand stays as they wrote it.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from projects.kept import fragments
from projects.models import Engineer, Invitation, Program
from projects.services.changes import record_event
from reviews.models import ArchiveImport, CalendarFeed, Datapoint, KeptName, Review, Turn

ERASED = "erased"


class StillActive(Exception):
    """The account can still sign in: it is deactivated first, which says which programs lose their admin."""


@transaction.atomic
def erase_account(*, user: User, by: User | None) -> None:
    """Its names, addresses and ways to sign in go, and with them the name of the engineer it is joined to."""
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if current.is_active:
        raise StillActive
    forget_what_was_drawn()
    name, email = f"{ERASED}-{user.pk}", f"{ERASED}-{user.pk}@invalid"
    if current.username == name:
        return
    for mine in (EmailAddress, Authenticator, CalendarFeed):
        mine.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    addresses = Q(email__iexact=current.email) if current.email else Q(pk=None)
    Invitation.objects.filter(Q(accepted_by=user) | addresses).update(email=email)
    User.objects.filter(pk=user.pk).update(
        username=name,
        first_name="",
        last_name="",
        email="",
        password=make_password(None),
        is_staff=False,
        is_superuser=False,
    )
    programs: list[Program | None] = list(Program.objects.filter(memberships__user=user))
    for program in programs or [None]:
        record_event(by=by, verb="erased the name of", subject=user, program=program)
    for engineer in Engineer.objects.filter(user=user):
        erase_engineer(engineer=engineer, by=by)


@transaction.atomic
def erase_engineer(*, engineer: Engineer, by: User | None) -> None:
    """One name for another that says nothing; where they sat and what was logged about their work stays."""
    current = Engineer.objects.select_for_update(no_key=True).get(pk=engineer.pk)
    name = f"{ERASED} {engineer.pk}"
    if current.name == name:
        return
    forget_what_was_drawn()
    Engineer.objects.filter(pk=engineer.pk).update(name=name, user=None)
    heard = Turn.objects.filter(engineer=engineer).values("review")
    quoted = Datapoint.objects.filter(engineer=engineer, review__isnull=False).values("review")
    for review in Review.objects.filter(Q(pk__in=heard) | Q(pk__in=quoted)).exclude(summary=None):
        Review.objects.filter(pk=review.pk).update(summary=replaced(review.summary, current.name, name))
    programs: list[Program | None] = list(Program.objects.filter(teams__seats__engineer=engineer).distinct())
    for program in programs or [None]:
        record_event(by=by, verb="erased the name of", subject=current, program=program)


@transaction.atomic
def erase_kept_name(*, name: str, by: User | None) -> int:
    """A name that came with a program from elsewhere and has no account here; in how many places it stood."""
    forget_what_was_drawn()
    runs = list(KeptName.objects.filter(name=name).values_list("program", flat=True))
    KeptName.objects.filter(name=name).update(name=ERASED)
    brought = [source for source in ArchiveImport.objects.exclude(members=[]) if name in dict(source.members)]
    for source in brought:
        ArchiveImport.objects.filter(pk=source.pk).update(members=replaced(source.members, name, ERASED))
    for program in Program.objects.filter(Q(pk__in=runs) | Q(pk__in=[source.program_id for source in brought])):
        record_event(by=by, verb="erased a name kept in", subject=program, program=program)
    return len(runs) + len(brought)


def forget_what_was_drawn() -> None:
    """Nobody asks for pages that hold the name any more, but they would lie in a file."""
    transaction.on_commit(fragments.forget)


def replaced(value: Any, old: str, new: str) -> Any:
    """`value` as JSON has it, with each text that is `old` as `new`."""
    if isinstance(value, dict):
        return {key: replaced(one, old, new) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, old, new) for one in value]
    return new if value == old else value
