"""Asking people into a program by mail, and letting them in."""

import datetime as dt
import logging
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Invitation, Membership, Program
from projects.models.invitations import end_of_a_new_one, new_nonce, read_token
from projects.services.changes import record_event

logger = logging.getLogger(__name__)

AN_HOUR_AT_MOST = 50  # invitations of one person, so that nobody floods strangers with mail
APART = dt.timedelta(minutes=1)  # two mails of one invitation


class TooMany(Exception):
    """Too many invitations in the last hour, or the last mail of this one has only just gone."""


class NoSuchInvitation(Exception):
    """A link that was cut short or made up, or that a newer mail replaced."""


class NotOpen(Exception):
    """It was accepted, withdrawn, or has run out: see `state` of the invitation."""


class AddressTaken(Exception):
    """An account has this address: its owner signs in instead."""


class NameTaken(Exception):
    """Another account has this user name."""


def open_invitations(program: Program):
    """Neither accepted nor withdrawn; those that ran out can be sent anew."""
    return program.invitations.filter(accepted_at=None, revoked_at=None).select_related("by")


def invite(*, program: Program, email: str, role: str, by: User) -> Invitation:
    """The open invitation of this address, new or given another role. The mail is `send_invitation`'s."""
    email = email.strip().lower()
    if Invitation.objects.filter(by=by, at__gt=timezone.now() - dt.timedelta(hours=1)).count() >= AN_HOUR_AT_MOST:
        raise TooMany
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # a second click waits for the first
        found = open_invitations(program).filter(email=email).first()
        if found is None:
            found = Invitation.objects.create(program=program, email=email, role=role, by=by)
            record_event(by=by, verb="invited", subject=found, program=program, changes={"role": [None, role]})
        elif found.role != role:
            changes = {"role": [found.role, role]}
            Invitation.objects.filter(pk=found.pk).update(role=role)
            record_event(by=by, verb="invited", subject=found, program=program, changes=changes)
            found.refresh_from_db()
    return found


def renew_invitation(*, invitation: Invitation) -> Invitation:
    """Another link, for another two weeks: the earlier ones stop working."""
    last = timezone.now() - APART
    fresh = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not fresh.exclude(sent_at__gt=last).update(nonce=new_nonce(), expires_at=end_of_a_new_one()):
        raise TooMany if fresh.exists() else NotOpen
    invitation.refresh_from_db()
    return invitation


def send_invitation(*, invitation: Invitation, link: str) -> bool:
    """Mail `link`; False where the mail server did not take it. Never inside a transaction."""
    context = {"invitation": invitation, "link": link}
    subject = _("Invitation to %(program)s") % {"program": " ".join(invitation.program.name.split())}
    body = render_to_string("projects/mail/invitation.txt", context)
    try:
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [invitation.email]).send()
    except (OSError, SMTPException):
        logger.exception("An invitation could not be mailed")
        return False
    Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())
    return True


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if still_open.update(revoked_at=timezone.now()):
        record_event(by=by, verb="withdrew the invitation of", subject=invitation, program=invitation.program)


def find_invitation(token: str) -> Invitation:
    read = read_token(token)
    if read is None:
        raise NoSuchInvitation
    pk, nonce = read
    found = Invitation.objects.filter(pk=pk, nonce=nonce).select_related("program", "by").first()
    if found is None:
        raise NoSuchInvitation
    return found


def has_account(email: str) -> bool:
    """Whether somebody who can read mail sent there has an account already."""
    known = EmailAddress.objects.filter(email=email, verified=True).exists()
    return known or User.objects.filter(email__iexact=email).exists()


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> None:
    """`user` belongs to the program from now on; a role they have there already stays."""
    won = Invitation.objects.filter(
        pk=invitation.pk, nonce=invitation.nonce, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    ).update(accepted_at=timezone.now(), accepted_by=user)
    if not won:
        raise NotOpen
    member, created = Membership.objects.get_or_create(
        program=invitation.program, user=user, defaults={"role": invitation.role}
    )
    if created:
        changes = {"role": [None, member.role]}
        record_event(by=user, verb="accepted an invitation", subject=member, program=member.program, changes=changes)


def accept_with_new_account(*, invitation: Invitation, username: str, password: str) -> User:
    """An account whose address is proven by the link that its owner followed."""
    hashed = make_password(password)  # takes its time on purpose: not while the database waits
    try:
        with transaction.atomic():
            if has_account(invitation.email):
                raise AddressTaken
            if User.objects.filter(username__iexact=username).exists():
                raise NameTaken
            user = User.objects.create(username=username, email=invitation.email, password=hashed)
            EmailAddress.objects.create(user=user, email=invitation.email, verified=True, primary=True)
            accept_invitation(invitation=invitation, user=user)
    except IntegrityError:  # somebody else took the name or the address while we looked
        raise (AddressTaken if has_account(invitation.email) else NameTaken) from None
    return user
