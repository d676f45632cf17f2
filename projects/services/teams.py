"""Teams, the engineers on them, and when they do not work."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Engineer, Goal, Program, Seat, Team, WeeksOff
from projects.services.changes import HIDDEN, change_row, differences, record_event


@transaction.atomic
def create_team(*, program: Program, name: str, by: User | None) -> Team:
    try:
        with transaction.atomic():
            team = Team.objects.create(program=program, name=name)
    except IntegrityError:  # a second click that came before the first was done
        raise ValidationError({"name": _("This program has a team of this name.")}) from None
    record_event(by=by, verb="created", subject=team, program=program)
    return team


def edit_team(*, team: Team, version: int, by: User, **fields) -> Team:
    return change_row(row=team, version=version, by=by, program=team.program, **fields)


@transaction.atomic
def set_archived(*, team: Team, archived: bool, by: User) -> None:
    moment = timezone.now() if archived else None
    if Team.objects.filter(pk=team.pk, archived_at__isnull=archived).update(
        archived_at=moment, version=F("version") + 1
    ):
        record_event(by=by, verb="archived" if archived else "restored", subject=team, program=team.program)


@transaction.atomic
def seat_engineer(
    *, team: Team, engineer: Engineer | None = None, name: str = "", joined: dt.date, by: User | None
) -> Seat:
    """Give a known engineer, or a new one of this name, a seat; who sits there already keeps theirs."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)  # the second of two clicks finds the first one's seat
    if engineer is None:
        seated = team.seats.filter(left__isnull=True, engineer__name__iexact=name).first()
        if seated:
            return seated
        engineer = Engineer.objects.create(name=name)
    seat, created = Seat.objects.get_or_create(team=team, engineer=engineer, left=None, defaults={"joined": joined})
    if created:
        record_event(by=by, verb="joined", subject=seat, program=team.program)
    return seat


@transaction.atomic
def end_seat(*, seat: Seat, left: dt.date, by: User) -> None:
    """The engineer leaves the team; what was logged about their work stays."""
    if Seat.objects.filter(pk=seat.pk, left__isnull=True).update(left=max(left, seat.joined)):
        record_event(by=by, verb="left", subject=seat, program=seat.team.program)


@transaction.atomic
def copy_roster(*, source: Team, team: Team, joined: dt.date, by: User) -> int:
    """Seat on `team` everyone who sits on `source` and not yet on `team`; how many that were."""
    seated = set(team.seats.filter(left__isnull=True).values_list("engineer", flat=True))
    new = [
        seat.engineer for seat in source.seats.on(joined).select_related("engineer") if seat.engineer_id not in seated
    ]
    for engineer in new:
        seat_engineer(team=team, engineer=engineer, joined=joined, by=by)
    return len(new)


@transaction.atomic
def edit_engineer(*, engineer: Engineer, name: str, user: User | None, by: User, program: Program) -> None:
    """Rename an engineer, and join them to a login (or to none), which sees what is logged about their work."""
    current = Engineer.objects.select_for_update(no_key=True).get(pk=engineer.pk)
    changes = differences(current, {"name": name, "user": user})
    if changes:
        Engineer.objects.filter(pk=engineer.pk).update(name=name, user=user)
        if "name" in changes:  # that it changed; the name itself may have to be erased one day, and history may not
            changes["name"] = [HIDDEN, HIDDEN]
        record_event(by=by, verb="changed", subject=current, program=program, changes=changes)


@transaction.atomic
def add_weeks_off(*, team: Team, first_day: dt.date, last_day: dt.date, reason: str, by: User | None) -> WeeksOff:
    off = WeeksOff.objects.create(team=team, first_day=first_day, last_day=last_day, reason=reason)
    Goal.objects.filter(team=team).update(data_version=F("data_version") + 1)
    record_event(
        by=by,
        verb="weeks off",
        subject=team,
        program=team.program,
        changes={"days": [first_day, last_day]},
        memo=reason,
    )
    return off


@transaction.atomic
def remove_weeks_off(*, off: WeeksOff, by: User) -> None:
    Goal.objects.filter(team=off.team).update(data_version=F("data_version") + 1)
    record_event(
        by=by, verb="weeks off removed", subject=off.team, program=off.team.program, changes={"days": [*off.days]}
    )
    off.delete()
