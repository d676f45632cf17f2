"""Programs and who belongs to them."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from projects.models import Limit, Membership, Program, Role
from projects.services.changes import change_row, record_event
from projects.time import today_in

RESERVED = {"new", "archive"}  # addresses beside those of programs


def free_slug(name: str) -> str:
    stem = slugify(name)[:120] or "program"
    taken = RESERVED | set(Program.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))] if slug not in taken)


@transaction.atomic
def create_program(*, by: User | None, **fields) -> Program:
    """A program with its first limit, "not known yet", so that the history has no hole; its maker administers it."""
    if fields.get("deadline"):
        fields.setdefault("deadline_set_on", today_in(fields.get("zone", "UTC")))
    try:
        with transaction.atomic():
            program = Program.objects.create(slug=free_slug(fields["name"]), **fields)
    except IntegrityError:  # a second click that came before the first was done
        if not Program.objects.filter(name__iexact=fields["name"]).exists():
            raise
        raise ValidationError({"name": _("A program of this name exists.")}) from None
    Limit.objects.create(
        program=program,
        state=Limit.State.UNKNOWN,
        since=min(program.start, today_in(program.zone)),
        by=by,
        memo="Program created.",
    )
    if by:
        Membership.objects.create(program=program, user=by, role=Role.ADMIN)
    record_event(by=by, verb="created", subject=program, program=program)
    return program


def edit_program(*, program: Program, version: int, by: User, **fields) -> Program:
    return change_row(row=program, version=version, by=by, program=program, **fields)


@transaction.atomic
def set_archived(*, program: Program, archived: bool, by: User) -> None:
    """Archive or restore; the same call twice changes nothing."""
    moment = timezone.now() if archived else None
    if Program.objects.filter(pk=program.pk, archived_at__isnull=archived).update(
        archived_at=moment, version=F("version") + 1
    ):
        record_event(by=by, verb="archived" if archived else "restored", subject=program, program=program)


class NoSuchMember(Exception):
    """There is no active account of this name."""


class LastAdmin(Exception):
    """A program keeps at least one admin."""


def _another_admin(member: Membership) -> bool:
    """Who can still sign in: a deactivated account administers nothing."""
    admins = Membership.objects.filter(program=member.program, role=Role.ADMIN, user__is_active=True)
    return admins.exclude(pk=member.pk).exists()


@transaction.atomic
def set_member(*, program: Program, username: str, role: str, by: User | None) -> Membership:
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # two admins who demote each other take turns
    users = get_user_model().objects.filter(is_active=True)
    name = username.strip()
    user = users.filter(username=name).first() or users.filter(username__iexact=name).first()
    if user is None:
        raise NoSuchMember(username)
    known = Membership.objects.filter(program=program, user=user).first()
    if known and known.role == Role.ADMIN and role != Role.ADMIN and not _another_admin(known):
        raise LastAdmin
    if known and known.role == role:
        return known
    member, _created = Membership.objects.update_or_create(program=program, user=user, defaults={"role": role})
    changes = {"role": [known.role if known else None, role]}
    record_event(by=by, verb="gave a role", subject=member, program=program, changes=changes)
    return member


@transaction.atomic
def remove_member(*, member: Membership, by: User) -> None:
    Program.objects.select_for_update(no_key=True).get(pk=member.program_id)
    if member.role == Role.ADMIN and not _another_admin(member):
        raise LastAdmin
    record_event(by=by, verb="removed", subject=member, program=member.program)
    member.delete()
