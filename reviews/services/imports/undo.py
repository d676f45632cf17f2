"""Taking an import out again: all of it that nothing was built upon since, and a word on the rest."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.memo import clean_memo
from projects.models import Dependency, Gate, Goal, Import, Program, Revision, Seat, Team
from projects.services.changes import record_event
from reviews.models import Datapoint

LISTED = 20  # names of goals in a sentence of what stays


@dataclass
class Undone:
    """What an undoing did, and sentences on what it could not."""

    datapoints: int = 0
    revisions: int = 0
    fields: int = 0
    goals: int = 0
    teams: int = 0
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def undo_import(*, source: Import, memo: str, by: User | None) -> Undone:
    """Put what `source` brought in out of force; the second time nothing happens. Raises ValidationError (memo gate).

    The caller forecasts afterwards. Datapoints stay in the table and visible; Revisions that nothing came after are
    taken away, as the goal's history must not tell of a promise that was never made, and are kept in the event.
    """
    memo = clean_memo(memo)
    Program.objects.select_for_update(no_key=True).get(pk=source.program_id)
    source = Import.objects.select_for_update(no_key=True).get(pk=source.pk)
    if source.undone_at:
        return Undone(**source.undone)
    undone = Undone()
    touched = set(Datapoint.objects.filter(source=source).order_by().values_list("goal", flat=True).distinct())
    touched |= set(Revision.objects.filter(source=source).values_list("goal", flat=True))
    _free_what_was_corrected(source, undone)
    revisions = _take_revisions_away(source, undone)
    _put_fields_back(source, undone)
    Import.objects.filter(pk=source.pk).update(
        undone_at=timezone.now(), undone_by=by, undo_memo=memo, undone=asdict(undone)
    )
    _put_away_what_is_empty(source, undone)
    for some in _batches(sorted(touched)):
        Goal.objects.filter(pk__in=some).update(data_version=F("data_version") + 1, version=F("version") + 1)
    Import.objects.filter(pk=source.pk).update(undone=asdict(undone))
    changes: dict[str, Any] = {name: [n, 0] for name, n in asdict(undone).items() if name != "kept" and n}
    record_event(
        by=by,
        verb="import undone",
        subject=source,
        program=source.program,
        changes=changes | ({"revisions taken away": [revisions, []]} if revisions else {}),
        memo=memo,
    )
    source.refresh_from_db()
    return undone


def _batches(pks: list[int], size: int = 500):
    return (pks[at : at + size] for at in range(0, len(pks), size))


def _free_what_was_corrected(source: Import, undone: Undone) -> None:
    """Its points leave their chains of corrections; what they superseded is in force again, unless corrected since."""
    mine = Datapoint.objects.filter(source=source)
    undone.datapoints = mine.count()
    after = Datapoint.objects.filter(supersedes__in=mine).exclude(source=source)
    later = {point.supersedes_id: point for point in after.select_related("source")}
    superseded = dict(mine.filter(pk__in=list(later)).values_list("pk", "supersedes"))
    mine.filter(supersedes__isnull=False).update(supersedes=None)
    for pk, before in superseded.items():
        Datapoint.objects.filter(pk=later[pk].pk).update(supersedes=before)
    if by_hand := sum(point.source_id is None for point in later.values()):
        undone.kept.append(
            ngettext(
                "%(n)d datapoint was corrected or withdrawn by hand since: that stands.",
                "%(n)d datapoints were corrected or withdrawn by hand since: that stands.",
                by_hand,
            )
            % {"n": by_hand}
        )
    if by_files := sum(point.source_id is not None for point in later.values()):
        undone.kept.append(
            ngettext(
                "%(n)d datapoint was told otherwise by a later import: that stands.",
                "%(n)d datapoints were told otherwise by a later import: that stands.",
                by_files,
            )
            % {"n": by_files}
        )


def _take_revisions_away(source: Import, undone: Undone) -> list[list]:
    """Those of goals where no other Revision came after; what was taken, as [goal, on, old, new]."""
    taken: list[list] = []
    stay: list[str] = []
    goals = Goal.objects.filter(pk__in=Revision.objects.filter(source=source).values("goal"))
    for goal in goals.prefetch_related("revisions").order_by("name"):
        ours = [revision for revision in goal.revisions.all() if revision.source_id == source.pk]
        others = [revision for revision in goal.revisions.all() if revision.source_id != source.pk]
        if any((other.on, other.pk) > (ours[0].on, ours[0].pk) for other in others):
            stay.append(goal.name)
            continue
        target, deadline = ours[0].old_target, ours[0].old_deadline
        if target == goal.baseline or (deadline and deadline <= goal.start):
            stay.append(goal.name)
            continue
        taken += [[goal.name, r.on, [r.old_target, r.old_deadline], [r.new_target, r.new_deadline]] for r in ours]
        Revision.objects.filter(pk__in=[revision.pk for revision in ours]).delete()
        before = {"target": target, "deadline": deadline}
        if deadline != goal.deadline:
            before |= {"odds_when_set": None, "deadline_set_on": None}
        Goal.objects.filter(pk=goal.pk).update(**before)
    undone.revisions = len(taken)
    if stay:
        undone.kept.append(
            _("Target or deadline of %(goals)s changed again since: their revisions stay.") % {"goals": _named(stay)}
        )
    return taken


def _put_fields_back(source: Import, undone: Undone) -> None:
    """Baseline, start and completion of goals that were there before, where they are still as the import left them."""
    stay: list[str] = []
    changes = source.made.get("changes", [])
    goals = Goal.objects.in_bulk([change["goal"] for change in changes])
    for change in changes:
        goal, name, old = goals.get(change["goal"]), change["field"], change["old"]
        if goal is None:
            continue
        if _plain(getattr(goal, name)) != change["new"] or not _fits(goal, name, old):
            stay.append(goal.name)
            continue
        Goal.objects.filter(pk=goal.pk).update(**{name: old})
        undone.fields += 1
    if stay:
        undone.kept.append(
            _("Baseline, start or completion of %(goals)s changed since, or are needed: they stay.")
            % {"goals": _named(stay)}
        )


def _plain(value) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _fits(goal: Goal, name: str, old) -> bool:
    """Whether the goal may have this baseline or start, with the target and deadline that it has now."""
    now = Goal.objects.get(pk=goal.pk)
    if name == "baseline":
        return now.target != old
    return name != "start" or now.deadline is None or old < now.deadline.isoformat()


def _put_away_what_is_empty(source: Import, undone: Undone) -> None:
    """Goals and teams that it made and that nothing else hangs on leave for the archive."""
    made = source.made.get("goals", [])
    now = timezone.now()
    used: set[int] = set()
    for some in _batches(made):
        used |= set(Datapoint.objects.in_force().filter(goal__in=some).values_list("goal", flat=True))
        used |= set(Revision.objects.filter(goal__in=some, source=None).values_list("goal", flat=True))
        used |= set(Gate.objects.filter(goal__in=some).values_list("goal", flat=True))
        outside = Dependency.objects.filter(needs__in=some).exclude(goal__in=made)
        used |= set(outside.values_list("needs", flat=True))
    for some in _batches([pk for pk in made if pk not in used]):
        goals = Goal.objects.filter(pk__in=some, archived_at__isnull=True)
        undone.goals += goals.update(archived_at=now)
    if used:
        names = Goal.objects.filter(pk__in=used).order_by("name").values_list("name", flat=True)
        undone.kept.append(
            _("In use since, and so not put away: the goals %(goals)s.") % {"goals": _named(list(names))}
        )
    empty = (
        Team.objects.filter(pk__in=source.made.get("teams", []), archived_at__isnull=True)
        .exclude(pk__in=Goal.objects.filter(archived_at__isnull=True).values("team"))
        .exclude(pk__in=Seat.objects.filter(left__isnull=True).values("team"))
    )
    undone.teams = empty.update(archived_at=now, version=F("version") + 1)


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:LISTED])
    more = len(names) - LISTED
    return shown if more <= 0 else _("%(names)s and %(n)d more") % {"names": shown, "n": more}
