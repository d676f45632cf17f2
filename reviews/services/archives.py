"""A whole program out, and in again as the same program.

Bringing in is all or nothing, and holds the write lock for one short chunk at a time: until the last step the program
is archived and has no member, so that nobody meets half of it. What a killed process leaves is removed in minutes.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, Q, UUIDField
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Engineer, Factor, Membership, Program, Role
from projects.services.changes import record_event
from projects.services.programs import RESERVED, free_slug
from reviews.archive.concepts import BY_NAME, CONCEPTS, Concept
from reviews.archive.kept import Runs
from reviews.archive.reader import Archive, ArchiveRefused, codecs_of, persons_of
from reviews.archive.rows import Ids, in_batches
from reviews.archive.writer import write_archive
from reviews.models import ArchiveImport, KeptName
from reviews.services.forecasting import behind, refit_program

CHUNK = 200  # rows a transaction: some 10 ms under the write lock
SILENT_FOR = dt.timedelta(minutes=15)  # then whoever was bringing it in is gone
APART = ("program", "memberships", "factors")  # concepts that are not simply inserted

Progress = Callable[[int, int], None]


class NameTaken(Exception):
    """A program of this name is here already. `free` is one that is not."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name, self.free = name, free_name(name)


def silent(_done: int, _all: int) -> None:
    """Tell nobody."""


def free_name(name: str) -> str:
    alike = Program.objects.filter(name__istartswith=name[:100])
    taken = {found.lower() for found in alike.values_list("name", flat=True)}
    return next(one for one in (f"{name[:110]} ({n})" for n in range(2, len(taken) + 3)) if one.lower() not in taken)


def export_program(*, program: Program, out: BinaryIO) -> None:
    """Write the archive of `program` to `out`; reads only."""
    write_archive(program, out)


def bring_in(
    *,
    archive: Archive,
    memo: str,
    file_name: str,
    by: User | None,
    name: str = "",
    progress: Progress = silent,
) -> Program:
    """Make the program that a checked archive holds, under `name` or its own; `by` administers it.

    Raises NameTaken, ValidationError for the memo, and ArchiveRefused where the rows cannot be true together.
    """
    memo = clean_memo(memo)
    name = " ".join(name.split()) or archive.name
    if Program.objects.filter(name__iexact=name).exists():
        raise NameTaken(name)
    work = _stage(archive, name, memo, file_name, by, progress)
    try:
        work.write()
        work.show()
    except IntegrityError as error:
        remove(work.source)
        raise not_true_together(error) from error
    except BaseException:
        remove(work.source)
        raise
    return Program.objects.get(pk=work.program.pk)


def catch_up(program: Program) -> None:
    """Forecast what was exported before it was forecast; the caller's last step, so that the archive is what it was."""
    if behind().filter(pk=program.pk).exists():
        refit_program(program)


def not_true_together(error: IntegrityError) -> ArchiveRefused:
    return ArchiveRefused([_("These rows cannot be true together: %(why)s") % {"why": broken_rule(error)}])


def broken_rule(error: IntegrityError) -> str:
    """What a constraint says of itself, or the database's own words."""
    for concept in CONCEPTS:
        for rule in concept.model._meta.constraints:
            if rule.name in str(error):
                return str(rule.violation_error_message or rule.name) + f" ({concept.file})"
    return str(error).splitlines()[0]


def _stage(archive: Archive, name: str, memo: str, file_name: str, by: User | None, progress: Progress) -> "_Work":
    users = _accounts(archive.accounts)
    row = next(archive.rows(BY_NAME["program"]))
    slug = row["slug"] if name == archive.name and _is_free(row["slug"]) else free_slug(name)
    runs: list[tuple[str, str]] = []
    values = _values(BY_NAME["program"], row, {}, users, lambda field, person: runs.append((field, person)))
    staged = Program(**values | {"name": name, "slug": slug, "archived_at": timezone.now()})
    try:
        with transaction.atomic():
            _insert(Program, [staged])
            source = ArchiveImport.objects.create(
                program=staged, file_name=file_name[:255], sha256=archive.sha256, memo=memo, by=by
            )
            for field, person in runs:
                KeptName.objects.create(
                    program=staged, concept="program", field=field, first=staged.pk, last=staged.pk, name=person
                )
    except IntegrityError as error:
        if Program.objects.filter(name__iexact=name).exists():
            raise NameTaken(name) from error
        raise not_true_together(error) from error
    return _Work(archive, staged, values["archived_at"], source, users, by, progress)


def _is_free(slug: str) -> bool:
    return slug not in RESERVED and not Program.objects.filter(slug=slug).exists()


def _accounts(names: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in in_batches(sorted(names), 500):
        found |= dict(get_user_model().objects.filter(username__in=some).values_list("username", "pk"))
    return found


def _values(
    concept: Concept,
    row: dict[str, Any],
    ids: dict[str, Ids],
    users: dict[str, int],
    unknown: Callable[[str, str], None],
) -> dict[str, Any]:
    """What the columns of a row take; `unknown` is told of a person without an account."""
    persons = persons_of(concept)
    values = {}
    for column, (name, codec) in zip(concept.fields(), codecs_of(concept).items(), strict=True):
        value = codec.read(row[name], row, ids)
        if name in persons and value is not None:
            if value not in users:
                unknown(name, value)
            value = users.get(value)
        values[column.attname] = value
    return values


def _insert(model: type[Model], rows: Sequence[Model]) -> list[int]:
    """Insert rows as they are, also the instants that a model would set itself; their ids, in order.

    `bulk_create` stamps `auto_now_add` columns with now; `raw` is what loads fixtures as they are.
    """
    columns = [column for column in model._meta.concrete_fields if not column.primary_key]
    made: list[int] = []
    for some in in_batches(rows, max(connection.ops.bulk_batch_size(columns, rows), 1)):
        returned = model._base_manager._insert(
            list(some), fields=columns, returning_fields=[model._meta.pk], using=connection.alias, raw=True
        )
        made += [pk for (pk,) in returned]
    for row, pk in zip(rows, made, strict=True):
        row.pk = pk
    return made


class _Work:
    """One program on its way in."""

    def __init__(
        self,
        archive: Archive,
        program: Program,
        archived_at: dt.datetime | None,
        source: ArchiveImport,
        users: dict[str, int],
        by: User | None,
        progress: Progress,
    ):
        self.archive, self.program, self.archived_at, self.source = archive, program, archived_at, source
        self.users, self.by, self.progress = users, by, progress
        self.ids: dict[str, Ids] = {concept.name: Ids() for concept in CONCEPTS}
        self.ids["program"].add([program.pk])
        self.done, self.all = 0, sum(archive.counts.values())

    def write(self) -> None:
        for concept in CONCEPTS:
            if concept.name == "factors":
                self.write_factors(concept)
            elif concept.name not in APART:
                self.write_concept(concept)

    # ---- rows that belong to the program alone ----

    def write_concept(self, concept: Concept) -> None:
        runs = Runs(self.program, concept.name)
        for rows in self.chunks(concept):
            if concept.shared and (rows := self.of_new_factors(concept, rows)) == []:
                continue
            unknown: list[dict[str, str]] = []
            made = [self.instance(concept, row, unknown) for row in rows]
            self.new_keys_where_taken(concept, made)
            with transaction.atomic():
                pks = _insert(concept.model, made)
                self.beat(**({"engineers": pks} if concept.model is Engineer else {}))
            self.ids[concept.name].add(pks)
            for pk, persons in zip(pks, unknown, strict=True):
                for field in persons_of(concept):
                    runs.add(field, pk, persons.get(field))
            self.tell(len(rows))
        for some in in_batches(runs.take(), CHUNK):
            KeptName.objects.bulk_create(some)

    def of_new_factors(self, concept: Concept, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What belongs to a factor comes with one that is made here; one that was here keeps what it has."""
        made = self.source.made.get("factors", [])
        return [row for row in rows if self.ids["factors"].pk(row["factor"]) in made]

    def chunks(self, concept: Concept) -> Iterator[list[dict[str, Any]]]:
        """Rows a transaction. One that names a row of its own file waits until that row has its id."""
        own = [name for name, codec in codecs_of(concept).items() if getattr(codec, "own", False)]
        chunk: list[dict[str, Any]] = []
        for row in self.archive.rows(concept):
            waits = chunk and any((row[name] or 0) >= chunk[0]["id"] for name in own)
            if len(chunk) == CHUNK or waits:
                yield chunk
                chunk = []
            chunk.append(row)
        if chunk:
            yield chunk

    def instance(self, concept: Concept, row: dict[str, Any], unknown: list[dict[str, str]]) -> Model:
        persons: dict[str, str] = {}
        values = _values(concept, row, self.ids, self.users, persons.__setitem__)
        if concept.model is Engineer and values["user_id"] and self.has_engineer(values["user_id"]):
            persons["user"], values["user_id"] = row["user"], None  # one engineer a login: nobody's are merged
        unknown.append(persons)
        made = concept.model(**values)
        if any(column.name == "program" and column.related_model is Program for column in made._meta.concrete_fields):
            made.program_id = self.program.pk
        return made

    def has_engineer(self, user_id: int) -> bool:
        return Engineer.objects.filter(user=user_id).exists()

    def new_keys_where_taken(self, concept: Concept, rows: list[Model]) -> None:
        """The same program brought in beside itself: the keys of its entries stay with those that are here."""
        for key in (column.name for column in concept.fields() if isinstance(column, UUIDField) and column.unique):
            keys = [getattr(row, key) for row in rows]
            taken = set(concept.model._default_manager.filter(**{f"{key}__in": keys}).values_list(key, flat=True))
            for row, held in zip(rows, keys, strict=True):
                if held in taken:
                    setattr(row, key, uuid.uuid5(held, str(self.program.pk)))

    # ---- factors are shared ----

    def write_factors(self, concept: Concept) -> None:
        """A factor of the same name that is here already is taken as it stands: its facts belong to others too."""
        for row in self.archive.rows(concept):
            values = _values(concept, row, self.ids, self.users, lambda _field, _person: None)
            with transaction.atomic():
                found = Factor.objects.filter(name__iexact=values["name"]).values_list("pk", flat=True).first()
                pk = found or _insert(Factor, [Factor(**values)])[0]
                self.beat(**({} if found else {"factors": [pk]}))
            self.ids[concept.name].add([pk])
            self.tell(1)

    # ---- progress, and the end ----

    def beat(self, **made: list[int]) -> None:
        """In each chunk's transaction: a sign of life, and what was made that others could come to use."""
        for name, pks in made.items():
            self.source.made.setdefault(name, []).extend(pks)
        alive = ArchiveImport.objects.filter(pk=self.source.pk, done_at=None)
        if not alive.update(beat_at=timezone.now(), **({"made": self.source.made} if made else {})):
            raise ArchiveRefused([_("It took too long and was cleared away. Bring it in again.")])

    def tell(self, rows: int) -> None:
        self.done += rows
        self.progress(self.done, self.all)

    def show(self) -> None:
        """The one step in which the program appears, whole, to its members."""
        said = {row["user"]: row["role"] for row in self.archive.rows(BY_NAME["memberships"])}
        here = {name: role for name, role in said.items() if name in self.users}
        away = sorted(said.items() - here.items())
        roles = {self.users[name]: role for name, role in here.items()}
        if self.by:
            roles[self.by.pk] = Role.ADMIN
        with transaction.atomic():
            self.beat()
            ArchiveImport.objects.filter(pk=self.source.pk).update(done_at=timezone.now(), members=away)
            Membership.objects.bulk_create(
                Membership(program=self.program, user_id=user, role=role) for user, role in roles.items()
            )
            Program.objects.filter(pk=self.program.pk).update(archived_at=self.archived_at)
            unknown = len(self.archive.accounts - self.users.keys())  # their names are kept apart (`KeptName`)
            record_event(
                by=self.by,
                verb="brought in",
                subject=self.source,
                program=self.program,
                changes={"accounts that are not here": [None, unknown]} if unknown else {},
                memo=self.source.memo,
            )
        self.progress(self.all, self.all)


# ---- what was not finished -------------------------------------------------------------------------------------------


def remove_abandoned(now: dt.datetime) -> int:
    """Remove what processes that were killed left half brought in; how many programs."""
    abandoned = ArchiveImport.objects.filter(done_at=None, beat_at__lt=now - SILENT_FOR).select_related("program")
    found = list(abandoned)
    for source in found:
        remove(source)
    return len(found)


def remove(source: ArchiveImport) -> None:
    """Remove a program that was never shown, chunk by chunk, and the shared rows that were made for it alone."""
    program = source.program
    for concept in reversed(CONCEPTS):
        if concept.name not in ("program", "engineers", "factors") and not concept.shared:
            _remove_rows(concept, program)
    made = ArchiveImport.objects.filter(pk=source.pk).values_list("made", flat=True).first() or {}
    with transaction.atomic():
        ArchiveImport.objects.filter(pk=source.pk).delete()
        Program.objects.filter(pk=program.pk).delete()
    for some in in_batches(made.get("engineers", []), 500):
        Engineer.objects.filter(pk__in=some, seats__isnull=True).delete()
    unused = Q(limits=None, gates=None, evidence=None, parts=None, layers=None, predictions=None, supplies=None)
    for some in in_batches(reversed(made.get("factors", [])), 500):
        Factor.objects.filter(unused, pk__in=some).delete()


def _remove_rows(concept: Concept, program: Program) -> None:
    rows = concept.rows(program)
    for column in concept.fields():
        if column.related_model is concept.model:  # a row that another one corrects is protected from deletion
            rows.exclude(**{column.name: None}).update(**{column.name: None})
    for some in in_batches(list(rows.values_list("pk", flat=True)), CHUNK):
        concept.model._base_manager.filter(pk__in=some).delete()  # also events: they were never shown
