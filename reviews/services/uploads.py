"""A file on its way in: stored, its columns named, checked by a job, brought in by a job.

Jobs may be killed, come late, or come twice. The row says what is to be done and when a job last said that it is at it;
whoever wins that row's `told_at` works, and what was brought in is settled in the transaction that brings it in.
"""

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Import, Program
from projects.services.programs import create_program
from projects.time import today_in
from reviews.imports.columns import Reading
from reviews.imports.head import Head, read_head
from reviews.imports.mapping import Place, places_of
from reviews.imports.reader import SeriesFile, read_series
from reviews.imports.refusals import ImportRefused, Refusal
from reviews.models import Upload, UploadPiece
from reviews.models.uploads import SILENT
from reviews.series import SMALL_CURVE_POINTS
from reviews.services.imports import Imported, Plan, apply_file, forecast_after, make_plan

PIECE = 256 * 1024
MOST_OPEN = 10  # of one person
KEPT = dt.timedelta(days=14)  # what nobody went on with
TELL_EVERY = 0.5  # seconds
SERIES_SHOWN = 12


class TooManyOpen(Exception):
    """This person has MOST_OPEN files under way already."""


class Stopped(Exception):
    """Cancelled, or taken over by another job, while this one was at work."""


# ---- what a person does ----------------------------------------------------------------------------------------------


def store_upload(*, file: UploadedFile, by: User, program: Program | None = None, new_name: str = "") -> Upload:
    """Keep a file whose first rows can be read. Raises ImportRefused and TooManyOpen, and then keeps nothing."""
    if Upload.objects.open().filter(by=by).count() >= MOST_OPEN:
        raise TooManyOpen
    name = (file.name or "")[-255:]
    head = read_head(cast(BinaryIO, file.file), name)
    upload = Upload.objects.create(
        program=program, new_name=new_name, by=by, file_name=name, size=file.size or 0, head=asdict(head)
    )
    file.seek(0)
    for number, content in enumerate(file.chunks(PIECE)):
        UploadPiece.objects.create(upload=upload, number=number, content=content)
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.MAPPING)
    upload.refresh_from_db()
    return upload


def head_of(upload: Upload) -> Head:
    return Head(**upload.head)


def columns_before(program: Program | None) -> list[dict[str, str]]:
    """How the columns of this program's files were named, the newest first."""
    if program is None:
        return []
    known = Upload.objects.filter(program=program, state=Upload.State.APPLIED).order_by("-pk")[:10]
    return [reading.get("columns", {}) for reading in known.values_list("reading", flat=True)]


def check_upload(*, upload: Upload, reading: Reading) -> bool:
    """Ask for the check of a file that is read so; False where it is not the time for it."""
    return _move(
        upload,
        (Upload.State.MAPPING, Upload.State.REFUSED, Upload.State.CHECKED),
        Upload.State.CHECKING,
        reading=reading.as_json(),
        refusals=[],
        preview={},
    )


def rename_columns(*, upload: Upload) -> bool:
    """Back to naming the columns."""
    return _move(upload, (Upload.State.REFUSED, Upload.State.CHECKED), Upload.State.MAPPING)


def bring_in(*, upload: Upload, memo: str) -> bool:
    """Ask for a checked file to be brought in. Raises ValidationError (memo gate)."""
    return _move(upload, (Upload.State.CHECKED,), Upload.State.APPLYING, memo=clean_memo(memo))


def start_again(*, upload: Upload) -> bool:
    """What is meant to be at work, and is silent, may be taken up by another job."""
    silent = Q(told_at__lt=timezone.now() - SILENT)
    return bool(Upload.objects.running().filter(silent, pk=upload.pk).update(told_at=None))


@transaction.atomic
def cancel(*, upload: Upload) -> bool:
    """Give the file up; a job that is at it notices and leaves nothing behind."""
    if not _move(upload, Upload.OPEN, Upload.State.CANCELLED):
        return False
    upload.pieces.all().delete()
    return True


def _move(upload: Upload, before: tuple, after: str, **fields: Any) -> bool:
    changes = {"state": after, "step": "", "done": 0, "of": 0, "told_at": None, **fields}
    moved = Upload.objects.filter(pk=upload.pk, state__in=before).update(**changes)
    upload.refresh_from_db()
    return bool(moved)


# ---- what a job does -------------------------------------------------------------------------------------------------


def work_on(upload_id: int) -> None:
    """Check the file, or bring it in: whichever it waits for. Nothing where it waits for nothing, or a job is at it."""
    upload = Upload.objects.select_related("program", "by").filter(pk=upload_id).first()
    if upload is None:
        return
    job = _Job(upload)
    if not job.claim():
        return
    try:
        file, places = job.read()
        if upload.state == Upload.State.CHECKING:
            job.check(file, places)
        else:
            job.bring_in(file, places)
    except Stopped:
        return
    except ImportRefused as refused:
        job.refuse(refused.reasons)
    except ValidationError as error:
        job.refuse([Refusal(message) for message in error.messages])


class _Job:
    """One job at one upload. Its claim is the time that it wrote last: another job's write takes it away."""

    def __init__(self, upload: Upload) -> None:
        self.upload, self.claimed, self.next_word = upload, upload.told_at, 0.0

    def claim(self) -> bool:
        if self.upload.told_at and not self.upload.silent:
            return False
        return self.upload.running and self.tell("reading", 0, 0)

    def tell(self, step: str, done: int, of: int) -> bool:
        now = timezone.now()
        mine = Upload.objects.filter(pk=self.upload.pk, state=self.upload.state, told_at=self.claimed)
        if not mine.update(step=step, done=done, of=of, told_at=now):
            return False
        self.claimed = now
        return True

    def progress(self, step: str, done: int, of: int) -> None:
        if time.monotonic() < self.next_word:
            return
        self.next_word = time.monotonic() + TELL_EVERY
        if not self.tell(step, done, of):
            raise Stopped

    def end(self, state: str, **fields: Any) -> None:
        """Leave the row as this job found it to be; raises Stopped where it is another's by now."""
        mine = Upload.objects.filter(pk=self.upload.pk, state=self.upload.state, told_at=self.claimed)
        if not mine.update(state=state, step="", done=0, of=0, told_at=None, **fields):
            raise Stopped

    def read(self) -> tuple[SeriesFile, dict[str, Place]]:
        program = self.upload.program
        with content_of(self.upload) as content:
            file = read_series(
                content,
                self.upload.file_name,
                Reading.from_json(self.upload.reading),
                today=today_in(program.zone if program else "UTC"),
                progress=self.progress,
            )
        return file, places_of(file.series, default_team=self.upload.program_name)

    def check(self, file: SeriesFile, places: dict[str, Place]) -> None:
        plan = make_plan(program=self.upload.program, file=file, places=places, progress=self.progress)
        if self.upload.program is None and Program.objects.filter(name__iexact=self.upload.new_name).exists():
            raise ImportRefused([_("A program of this name exists.")])
        self.end(Upload.State.CHECKED, preview=preview_of(plan, places))

    def bring_in(self, file: SeriesFile, places: dict[str, Place]) -> None:
        did = apply_file(
            program=self.upload.program,
            file=file,
            places=places,
            memo=self.upload.memo,
            by=self.upload.by,
            make_program=lambda: self.make_program(file),
            settle=self.settle,
            progress=self.progress,
        )
        UploadPiece.objects.filter(upload=self.upload).delete()
        program = Upload.objects.select_related("program").get(pk=self.upload.pk).program
        if program:
            forecast_after(program, did)

    def make_program(self, file: SeriesFile) -> Program:
        first = min(min(one.start, one.rows[0].date) for one in file.series)
        return create_program(by=self.upload.by, owner=self.upload.by, name=self.upload.new_name, start=first)

    def settle(self, source: Import | None, did: Imported) -> None:
        program = source.program if source else self.upload.program
        self.end(Upload.State.APPLIED, source=source, program=program, preview={"did": asdict(did)})

    def refuse(self, reasons: list[Refusal]) -> None:
        rows = [[reason.row, reason.column, reason.found, reason.why] for reason in reasons]
        try:
            self.end(Upload.State.REFUSED, refusals=rows)
        except Stopped:
            return


@contextmanager
def content_of(upload: Upload) -> Iterator[BinaryIO]:
    """The file again, a piece at a time on to this machine's disk."""
    with tempfile.TemporaryFile() as file:
        for piece in upload.pieces.order_by("number").iterator(chunk_size=4):
            file.write(piece.content)
        file.seek(0)
        yield file


def preview_of(plan: Plan, places: dict[str, Place]) -> dict:
    """What the person sees before they say yes: counts, and some of the series, those with the most that is new."""
    new: dict[str, int] = {}
    for point in plan.points:
        new[point.series] = new.get(point.series, 0) + 1
    made = {goal.series_id for _team, goal in plan.new_goals}
    teams = {goal.series_id: team for team, goal in plan.new_goals}
    shown = sorted(plan.file.series, key=lambda one: -new.get(one.id, 0))[:SERIES_SHOWN]
    return {
        "did": asdict(plan.did),
        "rows": plan.file.rows,
        "series": len(plan.file.series),
        "shown": [
            {
                "team": teams.get(one.id) or plan.goals[one.id].team.name,
                "goal": plan.goals[one.id].name,
                "made": one.id in made,
                "new": new.get(one.id, 0),
                "rows": len(one.rows),
                "first": one.rows[0].date,
                "last": one.last.date,
                "value": one.last.value,
                "target": one.last.target,
                "unit": plan.goals[one.id].unit,
                "curve": [[row.date, row.value] for row in _thinned(one.rows)],
            }
            for one in shown
        ],
    }


def _thinned(rows: list) -> list:
    if len(rows) <= SMALL_CURVE_POINTS:
        return rows
    step = (len(rows) - 1) / (SMALL_CURVE_POINTS - 1)
    return [rows[round(k * step)] for k in range(SMALL_CURVE_POINTS)]


# ---- what the clock does ---------------------------------------------------------------------------------------------


def waiting_for_a_job() -> list[int]:
    """Uploads that no job is at: its worker was killed, or the message was lost."""
    forgotten = Q(told_at__lt=timezone.now() - SILENT) | Q(told_at__isnull=True)
    return list(Upload.objects.running().filter(forgotten).values_list("pk", flat=True))


def sweep() -> int:
    """Forget files that nobody went on with; how many that were."""
    old = Upload.objects.filter(at__lt=timezone.now() - KEPT).exclude(state__in=[*Upload.RUNNING, Upload.State.APPLIED])
    return old.delete()[0]
