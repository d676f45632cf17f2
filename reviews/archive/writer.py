"""A program, written: the same program gives the same bytes, wherever it stands."""

import hashlib
import json
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db import models

from projects.models import Program
from projects.services.changes import HIDDEN
from projects.services.sealing import latest_head
from projects.snapshot import reading
from reviews.archive.concepts import BY_NAME, CONCEPTS, FORMAT, NUMBERED, VERSION, Concept, is_account
from reviews.archive.kept import KeptNames
from reviews.archive.rows import Ids
from reviews.models import ArchiveImport

CHUNK = 1000  # rows held at a time
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the time of every file inside: bytes do not depend on when they are written


def write_archive(program: Program, out: BinaryIO) -> None:
    """Write the archive of `program`, as it stands at one moment, to `out`."""
    with reading(), ZipFile(out, "w", ZIP_DEFLATED) as archive:
        ids = {concept.name: Ids(concept.rows(program).values_list("pk", flat=True).iterator()) for concept in CONCEPTS}
        files = [_write_file(archive, concept, program, ids) for concept in CONCEPTS]
        head = latest_head(program)  # of its history here: kept elsewhere, it shows a tail that was cut
        manifest = {"format": FORMAT, "version": VERSION, "program": program.name, "head": head and str(head)}
        manifest["files"] = files
        archive.writestr(_info("manifest.json"), json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


def _write_file(archive: ZipFile, concept: Concept, program: Program, ids: dict[str, Ids]) -> dict:
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(_info(concept.file), "w", force_zip64=True) as file:
        for row in lines(concept, program, ids):
            line = (to_json(row) + "\n").encode()
            digest.update(line)
            size, rows = size + len(line), rows + 1
            file.write(line)
    return {"name": concept.file, "rows": rows, "bytes": size, "sha256": digest.hexdigest()}


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, LONG_AGO)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def to_json(row: dict) -> str:
    """One line; keys in order, so that no database's own order shows."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def lines(concept: Concept, program: Program, ids: dict[str, Ids]) -> Iterator[dict]:
    if concept.name == "memberships":
        yield from _memberships(concept, program)
        return
    columns, codecs = concept.fields(), concept.codecs()
    kept = KeptNames(program, concept.name)
    asked = ["pk", *(f"{column.name}__username" if is_account(column) else column.attname for column in columns)]
    names = [column.name for column in columns]
    persons = [column.name for column in columns if is_account(column)]
    found = concept.rows(program).values_list(*asked).iterator(chunk_size=CHUNK)
    for number, (pk, *values) in enumerate(found, start=1):
        row = dict(zip(names, values, strict=True))
        for name in persons:
            row[name] = row[name] or kept.name(name, pk)
        if concept.name == "events":
            row["changes"] = named_changes(row["subject"], row["changes"])
        yield {"id": number, **{name: codecs[name].write(value, row, ids) for name, value in row.items()}}


def _memberships(concept: Concept, program: Program) -> Iterator[dict]:
    """Those of accounts, and those kept for accounts that are not here."""
    here = dict(concept.rows(program).values_list("user__username", "role"))
    came = ArchiveImport.objects.filter(program=program).values_list("members", flat=True).first() or []
    for number, (name, role) in enumerate(sorted((dict(came) | here).items()), start=1):
        yield {"id": number, "user": name, "role": role}


def named_changes(subject: str, changes: dict) -> dict:
    """What changed, with names in place of ids: an id says nothing elsewhere."""
    if subject not in NUMBERED:
        return changes
    model = BY_NAME[NUMBERED[subject]].model
    related = {field.name: field for field in model._meta.get_fields() if field.is_relation and field.concrete}
    return {
        name: [_named(related[name], side) for side in sides] if name in related and isinstance(sides, list) else sides
        for name, sides in changes.items()
    }


def _named(field: models.Field, value):
    if isinstance(value, list):
        return [_named(field, one) for one in value]
    if type(value) is not int:
        return value
    if is_account(field):
        return HIDDEN  # no name of a person stands in an event: see `Event`
    found = field.related_model._default_manager.filter(pk=value).first()
    name = getattr(found, "name", None)
    return name or f"{field.related_model._meta.verbose_name} {value}"
