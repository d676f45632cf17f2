"""Who may load what. Permission is how an object is loaded: an outsider's object does not exist (404), a viewer's is read-only (403)."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404

from projects.models import Engineer, Factor, Goal, Membership, Program, Role, Team

READERS = (Role.VIEWER, Role.MANAGER, Role.ADMIN)
WRITERS = (Role.MANAGER, Role.ADMIN)
ADMINS = (Role.ADMIN,)


def programs_of(user: AbstractUser, roles=READERS) -> QuerySet[Program]:
    """Programs in which `user` holds one of `roles`; a superuser administers all of them."""
    if user.is_superuser:
        return Program.objects.all()
    return Program.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=roles).values("program"))


def may_write(user: AbstractUser, program: Program) -> bool:
    return user.is_superuser or Membership.objects.filter(user=user, program=program, role__in=WRITERS).exists()


def may_create_programs(user: AbstractUser) -> bool:
    return user.has_perm("projects.add_program")


def load(
    user: AbstractUser, objects: QuerySet, *, write: bool = False, roles=None, program: str = "program", **lookup
) -> Model:
    """The one object that `lookup` names, if `user` may see its program; `program` is the path from it to there.

    Raises Http404 for an outsider and PermissionDenied where a reader tries to write.
    """
    inside = {} if not program else {f"{program}__in": programs_of(user)}
    if not program:
        objects = objects.filter(pk__in=programs_of(user))
    found = get_object_or_404(objects, **inside, **lookup)
    needed = roles or (WRITERS if write else None)
    if needed and not user.is_superuser:
        owner = found
        for step in filter(None, program.split("__")):
            owner = getattr(owner, step)
        if not Membership.objects.filter(user=user, program=owner, role__in=needed).exists():
            raise PermissionDenied
    return found


def load_program(user, slug: str, *, write: bool = False, roles=None) -> Program:
    return load(
        user, Program.objects.select_related("ranking", "owner"), program="", slug=slug, write=write, roles=roles
    )


def load_team(user, pk: int, *, write: bool = False) -> Team:
    return load(user, Team.objects.select_related("program"), pk=pk, write=write)


def load_goal(user, pk: int, *, write: bool = False) -> Goal:
    return load(
        user, Goal.objects.select_related("team__program", "outlook"), program="team__program", pk=pk, write=write
    )


def load_engineer(user, pk: int, *, write: bool = False) -> Engineer:
    """An engineer who holds or held a seat in a program of mine."""
    seen = Engineer.objects.filter(seats__team__program__in=programs_of(user)).distinct()
    engineer = get_object_or_404(seen, pk=pk)
    if write and not seen.filter(seats__team__program__in=programs_of(user, WRITERS), pk=pk).exists():
        raise PermissionDenied
    return engineer


def factors_of(user) -> QuerySet[Factor]:
    """Factors that limit, gate or have evidence in a program of mine, and what those are part of."""
    mine = programs_of(user)
    near = Q(limits__program__in=mine) | Q(gates__goal__team__program__in=mine) | Q(evidence__program__in=mine)
    inside = Q()
    for prefix in ("", "parts__", "parts__parts__"):
        for path, value in near.children:
            inside |= Q(**{f"{prefix}{path}": value})
    return Factor.objects.filter(pk__in=Factor.objects.filter(inside).values("pk"))


def load_factor(user, pk: int, *, write: bool = False) -> Factor:
    factor = get_object_or_404(factors_of(user), pk=pk)
    if write:
        mine = programs_of(user, WRITERS)
        touches = Q(limits__program__in=mine) | Q(gates__goal__team__program__in=mine) | Q(evidence__program__in=mine)
        if not Factor.objects.filter(touches, pk=pk).exists():
            raise PermissionDenied
    return factor


def require_create(user) -> None:
    """Raise PermissionDenied unless `user` may create programs."""
    if not may_create_programs(user):
        raise PermissionDenied
