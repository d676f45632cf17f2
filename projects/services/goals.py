"""Goals: made, revised with a memo, joined to what they need."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.bottleneck import find_cycle
from projects.deadlines import OddsWhenSet
from projects.memo import clean_memo
from projects.models import Dependency, Direction, Factor, Gate, Goal, Program, Revision, Team
from projects.services.changes import Conflict, change_row, record_event
from projects.time import today_in


def direction_of(baseline: float, target: float) -> str:
    return Direction.UP if target > baseline else Direction.DOWN


def data_moved(goal: Goal) -> None:
    """What the goal's forecast rests on is another now; call it in the transaction of the change.

    `goal.data_version` is then what the database holds: nobody else changes it until that transaction ends.
    """
    here = Goal.objects.filter(pk=goal.pk)
    if here.filter(data_version=goal.data_version).update(data_version=goal.data_version + 1):
        goal.data_version += 1
    else:  # another writer came since it was read
        here.update(data_version=F("data_version") + 1)
        goal.refresh_from_db(fields=["data_version"])


@transaction.atomic
def create_goal(*, team: Team, by: User | None, needs=(), **fields) -> Goal:
    fields.setdefault("direction", direction_of(fields["baseline"], fields["target"]))
    if fields.get("deadline"):
        fields.setdefault("deadline_set_on", today_in(team.program.zone))
    try:
        with transaction.atomic():
            goal = Goal.objects.create(team=team, **fields)
    except IntegrityError:  # a second click that came before the first was done
        if not Goal.objects.filter(team=team, name__iexact=fields["name"]).exists():
            raise
        raise ValidationError({"name": _("This team has a goal of this name.")}) from None
    record_event(by=by, verb="created", subject=goal, program=team.program)
    set_needs(goal=goal, needs=needs, by=by)
    return goal


@transaction.atomic
def edit_goal(*, goal: Goal, version: int, by: User, needs=None, **fields) -> Goal:
    """Change what is no promise: name, unit, baseline, start, durations, what it depends on."""
    if fields.get("baseline", goal.baseline) != goal.baseline:
        fields["direction"] = direction_of(fields["baseline"], goal.target)
    goal = change_row(row=goal, version=version, by=by, program=goal.team.program, **fields)
    Goal.objects.filter(pk=goal.pk).update(data_version=F("data_version") + 1)
    if needs is not None:
        set_needs(goal=goal, needs=needs, by=by)
    return goal


@transaction.atomic
def revise_goal(
    *,
    goal: Goal,
    version: int,
    target: float,
    deadline: dt.date | None,
    on: dt.date,
    memo: str,
    by: User,
    on_the_way: str = "",
    on_the_way_by: dt.date | None = None,
    odds: OddsWhenSet | None = None,
) -> Revision | None:
    """Change target or deadline from the day `on`, with the reason; None where neither differs.

    `odds`: those of the new deadline by the present forecast, computed before: no engine runs in a transaction. A gate
    on the way may change alone: that is no Revision, and stands in the history with its memo.
    """
    current = Goal.objects.select_for_update(no_key=True).get(pk=goal.pk)
    if current.version != version:
        raise Conflict(current)
    fields = {"target": target, "deadline": deadline, "on_the_way": on_the_way, "on_the_way_by": on_the_way_by}
    changes = {name: [getattr(current, name), new] for name, new in fields.items() if getattr(current, name) != new}
    if not changes:
        return None
    last = current.revisions.order_by("-on", "-pk").first()
    memo = clean_memo(memo, previous=last.memo if last else "")
    promised = changes.keys() & {"target", "deadline"}
    if promised and last and on < last.on:
        raise ValidationError(
            {
                "on": _("An earlier change is in force from %(day)s; a new one cannot begin before it.")
                % {"day": last.on}
            }
        )
    odds = odds or OddsWhenSet()
    revision = None
    if promised:
        revision = Revision.objects.create(
            goal=current,
            on=on,
            old_target=current.target,
            new_target=target,
            old_deadline=current.deadline,
            new_deadline=deadline,
            odds_when_set=odds.p if deadline else None,
            inputs_hash=odds.inputs_hash,
            engine=odds.engine,
            memo=memo,
            by=by,
        )
    if "deadline" in changes:
        fields |= {"odds_when_set": odds.p if deadline else None, "deadline_set_on": on if deadline else None}
    Goal.objects.filter(pk=goal.pk).update(
        **fields,
        direction=direction_of(current.baseline, target),
        version=F("version") + 1,
        data_version=F("data_version") + 1,
    )
    record_event(by=by, verb="revised", subject=current, program=current.team.program, changes=changes, memo=memo)
    goal.refresh_from_db()
    return revision


@transaction.atomic
def set_archived(*, goal: Goal, archived: bool, by: User | None) -> None:
    moment = timezone.now() if archived else None
    if Goal.objects.filter(pk=goal.pk, archived_at__isnull=archived).update(
        archived_at=moment, version=F("version") + 1
    ):
        record_event(by=by, verb="archived" if archived else "restored", subject=goal, program=goal.team.program)


def cycle_with(*, program: Program, goal: Goal | None, needs) -> list[str]:
    """Names of the goals on a cycle that `needs` would close, in order; empty where there is none."""
    edges = [
        (str(of), str(need))
        for of, need in Dependency.objects.filter(goal__team__program=program).values_list("goal", "needs")
        if goal is None or of != goal.pk
    ]
    if goal is not None:
        edges += [(str(goal.pk), str(need.pk)) for need in needs]
    cycle = find_cycle(edges) or ()
    names = dict(Goal.objects.filter(pk__in=[int(key) for key in cycle]).values_list("pk", "name"))
    return [names[int(key)] for key in cycle]


@transaction.atomic
def set_needs(*, goal: Goal, needs, by: User | None) -> None:
    """The goals that must be finished before this one begins. Refuses a cycle by name."""
    program = goal.team.program
    wanted = {need.pk for need in needs}
    known = set(goal.dependencies.values_list("needs", flat=True))
    if wanted == known:
        return
    cycle = cycle_with(program=program, goal=goal, needs=needs)
    if cycle:
        raise ValidationError(
            {"needs": _("These goals would wait for each other: %(names)s.") % {"names": " → ".join(cycle)}}
        )
    goal.dependencies.exclude(needs__in=wanted).delete()
    Dependency.objects.bulk_create(Dependency(goal=goal, needs_id=pk) for pk in wanted - known)
    record_event(by=by, verb="needs", subject=goal, program=program, changes={"needs": [sorted(known), sorted(wanted)]})


@transaction.atomic
def set_gate(*, goal: Goal, factor: Factor, by: User | None) -> Gate:
    gate, created = Gate.objects.get_or_create(goal=goal, factor=factor)
    if created:
        record_event(
            by=by, verb="gated", subject=goal, program=goal.team.program, changes={"factor": [None, factor.name]}
        )
    return gate


@transaction.atomic
def remove_gate(*, gate: Gate, by: User | None) -> None:
    record_event(
        by=by,
        verb="gate removed",
        subject=gate.goal,
        program=gate.goal.team.program,
        changes={"factor": [gate.factor.name, None]},
    )
    gate.delete()
