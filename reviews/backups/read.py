"""Into an empty database, of either kind: all of a backup, or nothing."""

import gzip
import hashlib
import itertools
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from reviews.backups.hold import hold_deliveries, hold_what_became_due
from reviews.backups.tables import FORMAT, Head, columns_of, decode, heads_of, models_at

AT_ONCE = 500  # rows in one statement
NOT_DATA = {"django_migrations", "django_content_type", "auth_permission", "cache", "sqlite_sequence"}


class CannotRestore(Exception):
    """Says why, to who asked. The database is as it was, or has tables without rows."""


@dataclass(frozen=True)
class Header:
    heads: list[Head]
    made_at: str
    database: str
    rows: int


def restore_backup(path: Path) -> Header:
    """Bring all of a backup in. Raises CannotRestore."""
    header = check_backup(path)
    require_empty(header.heads)
    executor = MigrationExecutor(connection)
    unknown = [head for head in header.heads if head not in executor.loader.graph.nodes]
    if unknown:
        raise CannotRestore(f"It was made by a newer version, which has {unknown[0][0]}.{unknown[0][1]}.")
    executor.migrate(header.heads)
    tables = models_at(connection, header.heads)
    with transaction.atomic():
        for model in tables.values():  # what migrations put there
            model._base_manager.all().delete()
        _load(path, tables)
        connection.check_constraints()
        _reset_sequences(list(tables.values()))
        hold_deliveries(tables, header.made_at)
        if header.heads == heads_of(connection):
            hold_what_became_due(timezone.now())
    if header.heads != heads_of(connection):
        call_command("migrate", interactive=False, verbosity=0)
        hold_what_became_due(timezone.now())
    return header


def check_backup(path: Path) -> Header:
    """Read all of it once: is it one of ours, whole and unchanged?"""
    digest, rows, first, last = hashlib.sha256(), 0, b"", b""
    try:
        with gzip.open(path) as file:
            for line in file:
                if last:
                    digest.update(last)
                    rows += last.startswith(b"[")
                first, last = first or line, line
    except (OSError, EOFError, zlib.error) as error:
        raise CannotRestore(f"{path} cannot be read to its end: {error}") from error
    header, end = _json(first), _json(last)
    if not isinstance(header, dict) or header.get("limiting_factor_backup") != FORMAT:
        raise CannotRestore(f"{path} is no backup of this product, or of a newer version of it.")
    if not isinstance(end, dict) or end.get("rows") != rows or end.get("sha256") != digest.hexdigest():
        raise CannotRestore(f"{path} is cut off or was changed.")
    heads = sorted((app, name) for app, name in header["heads"])
    return Header(heads, header["made_at"], header["database"], rows)


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def require_empty(heads: list[Head]) -> None:
    """No tables; or those of this very version, without a row in them."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        if not names:
            return
        for name in set(names) - NOT_DATA:
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  (its own name)
            if cursor.fetchone():
                raise CannotRestore(f"The database is not empty: there are rows in {name}. Restore into a new one.")
    applied = MigrationExecutor(connection).loader.applied_migrations
    if not set(heads) <= set(applied) or heads != heads_of(connection):
        raise CannotRestore("The database has tables of another version. Restore into one without tables.")


def _load(path: Path, tables: dict[str, type[models.Model]]) -> None:
    with gzip.open(path) as file:
        file.readline()
        for label, columns, rows in _sections(json.loads(line) for line in file):
            model = tables[label]
            fields = {field.attname: field for field in columns_of(model)}
            kept = [fields[name] for name in columns]
            for some in _batched(rows):
                model._base_manager.bulk_create(
                    model(**{field.attname: decode(field, v) for field, v in zip(kept, row, strict=True)})
                    for row in some
                )


def _batched(rows: Iterator[list]) -> Iterator[list[list]]:
    while some := list(itertools.islice(rows, AT_ONCE)):
        yield some


def _sections(lines: Iterator[Any]) -> Iterator[tuple[str, list[str], Iterator[list]]]:
    """(table, columns, rows); the rows must be taken before the next table is."""
    following = next(lines)
    while "table" in following:
        head, after = following, {}

        def rows() -> Iterator[list]:
            for line in lines:
                if isinstance(line, dict):
                    after.update(line)  # noqa: B023  (taken before the next turn)
                    return
                yield line

        yield head["table"], head["columns"], rows()
        following = after


def _reset_sequences(tables: list[type[models.Model]]) -> None:
    """The next row gets a number that none has. (SQLite sees to it by itself.)"""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
