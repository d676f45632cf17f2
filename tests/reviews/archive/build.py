"""Programs and archives for these tests."""

import io
import json
from zipfile import ZIP_DEFLATED, ZipFile

from projects.models import Factor, Program
from reviews.archive.concepts import CONCEPTS
from reviews.archive.reader import read_archive
from reviews.models import Datapoint, Statement
from reviews.services.archives import bring_in, export_program


def export(program: Program) -> bytes:
    out = io.BytesIO()
    export_program(program=program, out=out)
    return out.getvalue()


def take_in(content: bytes, **options) -> Program:
    options = {"memo": "Moved to the new server.", "file_name": "program.zip", "by": None} | options
    return bring_in(archive=read_archive(io.BytesIO(content)), **options)


def empty_the_database() -> None:
    """No program, engineer or factor is left; accounts are."""
    Datapoint.objects.update(supersedes=None)
    Statement.objects.update(withdraws=None)
    for concept in reversed(CONCEPTS):
        concept.model._base_manager.all().delete()
    Factor.objects.all().delete()


def unpack(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def rows(content: bytes, name: str) -> list[dict]:
    return [json.loads(line) for line in unpack(content)[f"{name}.jsonl"].splitlines()]
