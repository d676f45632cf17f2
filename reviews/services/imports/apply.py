"""A plan becomes rows. They are staged beside the tables first, so that the write lock is held for one short step."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Goal, Import, Program, Revision, Team
from projects.services.changes import record_event
from projects.services.goals import set_needs
from projects.services.teams import create_team
from reviews.imports.mapping import Place
from reviews.imports.reader import Progress, SeriesFile, silent
from reviews.imports.refusals import ImportRefused
from reviews.models import Datapoint
from reviews.services.imports.plan import Imported, Plan, fingerprint, make_plan

TRIES = 5
AT_ONCE = 500  # rows a statement
TABLE = Datapoint._meta.db_table
STAGED = ("uuid", "goal", "value", "observed_on", "memo", "supersedes")  # what differs from row to row


class Changed(Exception):
    """Somebody changed the program between the plan and its writing, or made it: then `program` is it."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.program = program


def apply_file(
    *,
    program: Program | None,
    file: SeriesFile,
    places: dict[str, Place],
    memo: str,
    by: User | None = None,
    make_program: Callable[[], Program] | None = None,
    settle: Callable[[Import | None, Imported], None] = lambda _source, _did: None,
    progress: Progress = silent,
) -> Imported:
    """Bring a file in, all of it or nothing; the caller forecasts afterwards.

    Where `program` is None, `make_program` makes it in the same step. `settle` is called in that step too, with what
    was made (the Import is None where the file held nothing new). Raises ImportRefused, and ValidationError for the
    memo.
    """
    memo = clean_memo(memo)
    for _try in range(TRIES):
        seen = fingerprint(program) if program else ()
        plan = make_plan(program=program, file=file, places=places, by=by, progress=progress)
        with staged(plan, progress):
            try:
                with transaction.atomic():
                    return _write(plan, program or make_program, seen, memo, by, settle)
            except Changed as meanwhile:
                program = meanwhile.program
            except IntegrityError:  # a goal of this name was made meanwhile, or a point corrected: plan again
                if transaction.get_connection().in_atomic_block:
                    raise
    raise ImportRefused([_("Somebody else is changing this program: nothing was imported. Try again.")])


def _write(plan: Plan, target, seen: tuple, memo: str, by: User | None, settle) -> Imported:
    program = target if isinstance(target, Program) else target()
    if Program.objects.select_for_update(no_key=True).get(pk=program.pk).archived_at:  # two imports take turns
        raise ImportRefused([_("%(name)s is archived: restore it first.") % {"name": program}])
    if seen:
        changing = {change["goal"] for change in plan.changes}
        list(Goal.objects.select_for_update(no_key=True).filter(pk__in=changing).order_by("pk").values_list("pk"))
        if fingerprint(program) != seen:
            raise Changed(program)
    elif (
        not isinstance(target, Program) and program.teams.exists()
    ):  # another import made it: this plan knows nothing of it
        raise Changed(program)
    if plan.did.nothing and not plan.restored:
        settle(None, plan.did)
        return plan.did
    source = Import.objects.create(
        program=program, file_name=plan.file.name[:255], sha256=plan.file.sha256, memo=memo, rows=plan.file.rows, by=by
    )
    teams = _make_teams(plan, program, by)
    new = _make_goals(plan, teams)
    _write_revisions(plan, source)
    _bring_in_staged(plan, source, by)
    _change_goals(plan)
    for series, needs in plan.needs.items():
        needed = [plan.goals[one] for one in needs if one in plan.goals]
        if needed:
            set_needs(goal=plan.goals[series], needs=needed, by=by)
    made = {
        "teams": [teams[name.lower()].pk for name in plan.teams],
        "goals": [goal.pk for goal in new],
        "changes": [change for change in plan.changes if change["field"] not in ("target", "deadline")],
        "counts": vars(plan.did),
    }
    Import.objects.filter(pk=source.pk).update(made=made)
    counts = {name: [None, n] for name, n in {"rows": plan.file.rows, **vars(plan.did)}.items() if n}
    record_event(by=by, verb="imported", subject=source, program=program, changes=counts, memo=memo)
    settle(source, plan.did)
    return plan.did


def _make_teams(plan: Plan, program: Program, by: User | None) -> dict[str, Team]:
    for name in plan.teams:
        create_team(program=program, name=name, by=by)
    for row in plan.restored:
        type(row)._default_manager.filter(pk=row.pk).update(archived_at=None, version=F("version") + 1)
    return {team.name.lower(): team for team in program.teams.all()}


def _make_goals(plan: Plan, teams: dict[str, Team]) -> list[Goal]:
    goals = []
    for team, goal in plan.new_goals:
        goal.team = teams[team.lower()]
        goals.append(goal)
    return Goal.objects.bulk_create(goals, batch_size=AT_ONCE)


def _change_goals(plan: Plan) -> None:
    fields: dict[int, dict] = {}
    for change in plan.changes:
        fields.setdefault(change["goal"], {})[change["field"]] = change["new"]
    for pk, changed in fields.items():
        if "deadline" in changed:
            changed |= {"odds_when_set": None, "deadline_set_on": None}  # the file does not say what was known then
        Goal.objects.filter(pk=pk).update(version=F("version") + 1, **changed)
    touched = sorted(plan.touched)
    for at in range(0, len(touched), AT_ONCE):
        Goal.objects.filter(pk__in=touched[at : at + AT_ONCE]).update(data_version=F("data_version") + 1)


def _write_revisions(plan: Plan, source: Import) -> None:
    for revision in plan.revisions:
        revision.source = source
    Revision.objects.bulk_create(plan.revisions, batch_size=AT_ONCE)


# ---- datapoints: staged, then brought in by one statement ------------------------------------------------------------


@contextmanager
def staged(plan: Plan, progress: Progress) -> Iterator[None]:
    """The plan's datapoints in a temporary table, which takes no lock that a writer waits for.

    Its goal is the number of the series in the file: what is made in the same step has no id yet.
    """
    columns = ", ".join(_column(name) for name in STAGED)
    with connection.cursor() as cursor:
        _drop(cursor)
        cursor.execute(f"CREATE TEMPORARY TABLE staged AS SELECT {columns} FROM {TABLE} LIMIT 0")  # noqa: S608
        cursor.execute("CREATE TEMPORARY TABLE staged_goal (series integer PRIMARY KEY, goal bigint)")
        try:
            marks = ", ".join(["%s"] * len(STAGED))
            rows = _staged_rows(plan)
            for done in range(0, len(plan.points), AT_ONCE):
                some = list(itertools.islice(rows, AT_ONCE))
                cursor.executemany(f"INSERT INTO staged VALUES ({marks})", some)  # noqa: S608
                progress("staging", done + len(some), len(plan.points))
            yield
        finally:
            if not connection.needs_rollback:
                _drop(cursor)


def _drop(cursor) -> None:
    cursor.execute("DROP TABLE IF EXISTS staged")
    cursor.execute("DROP TABLE IF EXISTS staged_goal")


def _column(name: str) -> str:
    return connection.ops.quote_name(str(Datapoint._meta.get_field(name).column))


def _staged_rows(plan: Plan) -> Iterator[tuple]:
    """UUIDs that follow each other, so that their index grows at its end."""
    number = {one.id: n for n, one in enumerate(plan.file.series)}
    first = uuid.uuid4().int & ~0xFFFFFFFF
    as_uuid = Datapoint._meta.get_field("uuid").get_db_prep_value
    as_day = connection.ops.adapt_datefield_value
    for n, point in enumerate(plan.points):
        key = as_uuid(uuid.UUID(int=first + n), connection)
        row = point.row
        yield key, number[point.series], row.value, as_day(row.date), row.note, point.supersedes


def _bring_in_staged(plan: Plan, source: Import, by: User | None) -> None:
    """Every column that is not staged is the same for all rows: as a Datapoint made here would have it."""
    same = Datapoint(level=Datapoint.Level.UNKNOWN, origin=Datapoint.Origin.IMPORT, source=source, recorded_by=by)
    names, found, values = [], [], []
    for field in Datapoint._meta.concrete_fields:
        if field.primary_key:
            continue
        names.append(connection.ops.quote_name(str(field.column)))
        if field.name == "goal":
            found.append("staged_goal.goal")
        elif field.name in STAGED:
            found.append(f"staged.{_column(field.name)}")
        else:
            found.append("%s")
            values.append(field.get_db_prep_save(field.pre_save(same, add=True), connection))
    goals = [(n, plan.goals[one.id].pk) for n, one in enumerate(plan.file.series)]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO staged_goal VALUES (%s, %s)", goals)
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(names)}) SELECT {', '.join(found)} FROM staged"  # noqa: S608
            f" JOIN staged_goal ON staged_goal.series = staged.{_column('goal')}"
            f" ORDER BY staged_goal.goal, staged.{_column('observed_on')}",
            values,
        )
