"""Who may load what. Permission is how an object is loaded.

What an outsider asks for does not exist (404); what a viewer asks to change is read-only (403).
"""

from typing import Any, TypeVar

from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from projects.models import (
    Engineer,
    Evidence,
    Factor,
    Gate,
    Goal,
    Layer,
    Limit,
    Membership,
    Program,
    Role,
    SuccessorPrediction,
    Supply,
    Team,
)
from projects.models.querysets import ProgramQuerySet

M = TypeVar("M", bound=Model)
Roles = tuple[Role, ...]

READERS: Roles = (Role.VIEWER, Role.MANAGER, Role.ADMIN)
WRITERS: Roles = (Role.MANAGER, Role.ADMIN)
ADMINS: Roles = (Role.ADMIN,)


def programs_of(user: User, roles: Roles = READERS) -> ProgramQuerySet:
    """Programs in which `user` holds one of `roles`; a superuser administers all of them."""
    if user.is_superuser:
        return Program.objects.all()
    return Program.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=roles).values("program"))


def role_in(user: User, program: Program) -> str | None:
    """What `user` may do in a program; None for an outsider."""
    if user.is_superuser:
        return Role.ADMIN
    return Membership.objects.filter(user=user, program=program).values_list("role", flat=True).first()


def may_write(user: User, program: Program) -> bool:
    return role_in(user, program) in WRITERS


def manages(user: User, program: Program) -> bool:
    """Whether `user` runs this program as its member: to be a superuser is not enough for what concerns a person."""
    return Membership.objects.filter(user=user, program=program, role__in=WRITERS).exists()


def may_create_programs(user: User) -> bool:
    """What `user.has_perm("projects.add_program")` says, in one query instead of two: the board asks it each time."""
    if not user.is_active or user.is_superuser:
        return user.is_active
    held = Permission.objects.filter(content_type__app_label="projects", codename="add_program")
    return held.filter(Q(user=user) | Q(group__user=user)).exists()


def load(
    user: User, objects: QuerySet[M], *, program: str, write: bool = False, roles: Roles | None = None, **lookup: Any
) -> M:
    """The one object that `lookup` names, if `user` may see its program; `program` is the path from it to there.

    Raises Http404 for an outsider and PermissionDenied where a reader tries to write. One query for both.
    """
    path = program or "pk"
    mine = objects.filter(**{f"{path}__in": programs_of(user)})
    needed = roles or (WRITERS if write else None)
    if needed is None:
        return get_object_or_404(mine, **lookup)
    allowed = Exists(programs_of(user, needed).filter(pk=OuterRef(path)))
    found = get_object_or_404(mine.annotate(is_allowed=allowed), **lookup)
    if not found.is_allowed:
        raise PermissionDenied
    return found


def load_program(
    user: User, slug: str, *, write: bool = False, roles: Roles | None = None, alone: bool = False
) -> Program:
    """With its ranking and its owner, unless it is wanted `alone`."""
    programs = Program.objects.all() if alone else Program.objects.select_related("ranking", "owner")
    return load(user, programs, program="", slug=slug, write=write, roles=roles)


def load_team(user: User, pk: int, *, write: bool = False) -> Team:
    return load(user, Team.objects.select_related("program"), program="program", pk=pk, write=write)


def load_goal(user: User, pk: int, *, write: bool = False) -> Goal:
    return load(
        user, Goal.objects.select_related("team__program", "outlook"), program="team__program", pk=pk, write=write
    )


def load_engineer(user: User, pk: int, *, write: bool = False) -> Engineer:
    """An engineer who holds or held a seat in a program of mine."""
    seen = Engineer.objects.filter(seats__team__program__in=programs_of(user)).distinct()
    engineer = get_object_or_404(seen, pk=pk)
    if write and not seen.filter(seats__team__program__in=programs_of(user, WRITERS), pk=pk).exists():
        raise PermissionDenied
    return engineer


LAYERS_UP = 5  # how far above a factor of mine I see what it is part of


def touched_by(programs: ProgramQuerySet) -> Q:
    """Factors that limit, gate, are predicted or have evidence in `programs`; a subquery each, or rows multiply."""
    return (
        Q(pk__in=Limit.objects.filter(program__in=programs).values("factor"))
        | Q(pk__in=Layer.objects.filter(limit__program__in=programs).values("factor"))
        | Q(pk__in=SuccessorPrediction.objects.filter(limit__program__in=programs).values("factor"))
        | Q(pk__in=Gate.objects.filter(goal__team__program__in=programs).values("factor"))
        | Q(pk__in=Evidence.objects.filter(program__in=programs).values("factor"))
        | Q(pk__in=Supply.objects.filter(program__in=programs).values("factor"))
    )


def factors_of(user: User) -> QuerySet[Factor]:
    """Factors that limit, gate, are predicted or have evidence in a program of mine, and what those are part of."""
    near = Factor.objects.filter(touched_by(programs_of(user)))
    seen = Q(pk__in=near.values("pk"))
    for step in range(1, LAYERS_UP + 1):
        seen |= Q(pk__in=near.values("__".join(["parent"] * step)))
    return Factor.objects.filter(seen)


def may_edit_factor(user: User, factor: Factor) -> bool:
    """Whoever writes in a program that the factor limits, gates or has evidence in."""
    return Factor.objects.filter(touched_by(programs_of(user, WRITERS)), pk=factor.pk).exists()


def load_factor(user: User, pk: int, *, write: bool = False) -> Factor:
    factor = get_object_or_404(factors_of(user), pk=pk)
    if write and not may_edit_factor(user, factor):
        raise PermissionDenied
    return factor


def require_create(user: User) -> None:
    """Raise PermissionDenied unless `user` may create programs."""
    if not may_create_programs(user):
        raise PermissionDenied


def may_manage_accounts(user: User) -> bool:
    return user.has_perm("auth.change_user")


def load_accounts(user: User) -> QuerySet[User]:
    """Every account, for those who manage them; others find nothing here."""
    if not may_manage_accounts(user):
        raise Http404
    return User.objects.all()


def require_operator(user: User) -> None:
    """For pages of who looks after the installation; to others they do not exist (404)."""
    if not may_operate(user):
        raise Http404


def may_operate(user: User) -> bool:
    return user.has_perm("reviews.view_jobrun")


def load_account(user: User, pk: int) -> User:
    """One account to change; that of a superuser only by another one."""
    found = get_object_or_404(load_accounts(user), pk=pk)
    if found.is_superuser and not user.is_superuser:
        raise PermissionDenied
    return found
