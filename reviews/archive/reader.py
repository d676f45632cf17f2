"""An archive, checked whole before anything of it is written, and then read row by row.

Nothing is unpacked: each file is read through once, in bounded steps. Peak memory does not grow with the archive.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from projects.bottleneck import find_cycle
from projects.memo import clean_memo
from reviews.archive.codecs import Bad
from reviews.archive.concepts import CONCEPTS, FORMAT, VERSION, Concept, is_account

MEGABYTE = 1 << 20
LONGEST_LINE = MEGABYTE  # bytes
LARGEST_MANIFEST = MEGABYTE
MOST_REASONS = 10  # then the reader gives up
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Limits:
    """The largest archive that is looked at: bytes once unpacked, and rows."""

    bytes: int = 4 << 30
    rows: int = 5_000_000


class ArchiveRefused(Exception):
    """The archive cannot be brought in. `reasons` are sentences that name file and line; nothing was changed."""

    def __init__(self, reasons: list[str]):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass
class Archive:
    """An archive that was checked: what is in it, and its rows."""

    file: BinaryIO
    sha256: str
    name: str  # of the program
    counts: dict[str, int]
    accounts: set[str] = field(default_factory=set)  # every username in it

    def rows(self, concept: Concept) -> Iterator[dict[str, Any]]:
        with ZipFile(self.file) as archive, archive.open(concept.file) as lines:
            for line in lines:
                yield filled(concept, json.loads(line))


# What zipfile raises: ValueError where an offset points before the file.
DAMAGED = (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def read_archive(file: BinaryIO, limits: Limits | None = None) -> Archive:
    """Check everything: form, sizes, hashes, every value and every reference. Raises ArchiveRefused."""
    file.seek(0)
    digest = hashlib.sha256()
    while some := file.read(MEGABYTE):
        digest.update(some)
    try:
        with ZipFile(file) as archive:
            return _Check(file, archive, digest.hexdigest(), limits or Limits()).read()
    except DAMAGED as error:
        why = _("This is not a whole zip file: it is cut off, damaged or something else. Export the program again.")
        raise ArchiveRefused([why]) from error


class _Check:
    """One reading of an archive, which collects what is wrong with it."""

    def __init__(self, file: BinaryIO, archive: ZipFile, sha256: str, limits: Limits):
        self.file, self.archive, self.sha256, self.limits = file, archive, sha256, limits
        self.reasons: list[str] = []
        self.needs: list[tuple[str, str]] = []
        self.accounts: set[str] = set()
        self.program = ""

    def read(self) -> Archive:
        infos = self.members()
        stated = self.manifest(infos)
        counts = {concept.name: stated[concept.file]["rows"] for concept in CONCEPTS}
        if sum(counts.values()) > self.limits.rows:
            self.refuse(_("The archive holds more rows than are brought in here: %(n)d.") % {"n": sum(counts.values())})
        if counts["program"] != 1:
            self.refuse(_("program.jsonl must hold one row."))
        for concept in CONCEPTS:
            self.read_file(concept, infos[concept.file], stated[concept.file], counts)
        if find_cycle(self.needs):
            self.reasons.append(_("dependencies.jsonl: goals wait for each other in a circle."))
        self.give_up_if(bool(self.reasons))
        return Archive(self.file, self.sha256, self.program, counts, self.accounts)

    def refuse(self, *reasons: str) -> None:
        raise ArchiveRefused([*self.reasons, *reasons])

    def give_up_if(self, condition: bool) -> None:
        if condition:
            self.refuse()

    # ---- the zip itself ----

    def members(self) -> dict[str, ZipInfo]:
        known = {MANIFEST, *(concept.file for concept in CONCEPTS)}
        infos = self.archive.infolist()
        names = [info.filename for info in infos]
        if MANIFEST not in names:
            self.refuse(_("There is no manifest.json in this zip file: it is not a program's archive."))
        strange = sorted({name for name in names if name not in known})
        if strange:
            self.refuse(_("A file that does not belong in an archive: %(name)s.") % {"name": strange[0][:80]})
        if len(names) != len(set(names)):
            self.refuse(_("Two files in the archive have the same name."))
        if any(info.flag_bits & 1 for info in infos):
            self.refuse(_("The archive is encrypted. Export the program again, without a password."))
        if sum(info.file_size for info in infos) > self.limits.bytes:
            most = {"mb": self.limits.bytes // MEGABYTE}
            self.refuse(_("Unpacked, the archive is larger than %(mb)d MB, the most that is brought in here.") % most)
        return {info.filename: info for info in infos}

    def manifest(self, infos: dict[str, ZipInfo]) -> dict[str, dict]:
        with self.archive.open(infos[MANIFEST]) as file:
            content = file.read(LARGEST_MANIFEST + 1)
        try:
            found = parse(content)
            if found.get("format") != FORMAT:
                self.refuse(_("manifest.json does not say that this is a program's archive."))
            if type(found.get("version")) is not int or not 1 <= found["version"] <= VERSION:
                versions = {"found": str(found.get("version"))[:20], "known": VERSION}
                why = _(
                    "The archive has format version %(found)s; this product reads up to %(known)d. Upgrade it first."
                )
                self.refuse(why % versions)
            stated = {one["name"]: one for one in found["files"]}
            fits = all(
                type(one["rows"]) is int and one["rows"] >= 0 and len(one["sha256"]) == 64 for one in stated.values()
            )
        except (Bad, KeyError, TypeError, AttributeError, ValueError):
            fits, stated = False, {}
        if not fits:
            self.refuse(_("manifest.json cannot be read."))
        for concept in CONCEPTS:
            if concept.file not in stated or concept.file not in infos:
                self.refuse(_("%(file)s is missing.") % {"file": concept.file})
        return stated

    # ---- one file ----

    def read_file(self, concept: Concept, info: ZipInfo, stated: dict, counts: dict[str, int]) -> None:
        digest, left, rows = hashlib.sha256(), info.file_size, 0
        with self.archive.open(info) as file:
            while line := file.readline(LONGEST_LINE + 1):
                digest.update(line)
                left -= len(line)
                rows += 1
                if left < 0 or rows > counts[concept.name]:
                    self.refuse(_("%(file)s holds more than the manifest says.") % {"file": concept.file})
                if len(line) > LONGEST_LINE:
                    self.refuse(self.at(concept, rows, _("the line is longer than 1 MB")))
                self.read_line(concept, rows, line, counts)
        if (rows, digest.hexdigest()) != (counts[concept.name], stated["sha256"]):
            self.refuse(
                _("%(file)s is not what the manifest says: it was changed or damaged.") % {"file": concept.file}
            )

    def at(self, concept: Concept, number: int, why: str) -> str:
        return _("%(file)s, line %(n)d: %(why)s.") % {"file": concept.file, "n": number, "why": why}

    def read_line(self, concept: Concept, number: int, line: bytes, counts: dict[str, int]) -> None:
        try:
            row = filled(concept, parse(line))
            if row.get("id") != number or type(row["id"]) is not int:
                raise Bad(_("its id must be %(n)d, the number of its line") % {"n": number})
            self.check_row(concept, row, counts)
        except Bad as bad:
            self.reasons.append(self.at(concept, number, str(bad)))
            self.give_up_if(len(self.reasons) >= MOST_REASONS)
        except RecursionError:
            self.reasons.append(self.at(concept, number, _("nested too deep")))
            self.give_up_if(True)

    def check_row(self, concept: Concept, row: dict, counts: dict[str, int]) -> None:
        for name, codec in codecs_of(concept).items():
            try:
                codec.check(row[name], row, counts)
            except Bad as bad:
                raise Bad(f"{name}: {bad}") from None
        check_memo(concept, row)
        self.accounts.update(row[name] for name in persons_of(concept) if row[name])
        if concept.name == "program":
            self.program = row["name"]
        if concept.name == "dependencies":
            self.needs.append((str(row["goal"]), str(row["needs"])))


# ---- rows ------------------------------------------------------------------------------------------------------------

_CODECS = {concept.name: concept.codecs() for concept in CONCEPTS}
_FIELDS = {concept.name: {column.name: column for column in concept.fields()} for concept in CONCEPTS}
_PERSONS = {name: [f.name for f in fields.values() if is_account(f)] for name, fields in _FIELDS.items()}


def codecs_of(concept: Concept):
    return _CODECS[concept.name]


def persons_of(concept: Concept) -> list[str]:
    return _PERSONS[concept.name]


def parse(content: bytes) -> dict[str, Any]:
    """The JSON object of a line; Bad where it is none, or holds NaN or a name twice."""

    def once(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Bad(_("a name stands twice"))
        return found

    def no_number(name):
        raise Bad(_("%(name)s is not a number") % {"name": name})

    try:
        found = json.loads(content.decode(), object_pairs_hook=once, parse_constant=no_number)
    except (UnicodeDecodeError, ValueError):
        raise Bad(_("this is not JSON")) from None
    if not isinstance(found, dict):
        raise Bad(_("named values are needed"))
    return found


def filled(concept: Concept, row: dict[str, Any]) -> dict[str, Any]:
    """The row with every column; one that an older archive does not have takes its default."""
    fields = _FIELDS[concept.name]
    for name in row:
        if name not in fields and name != "id":
            raise Bad(_("“%(name)s” is not known here") % {"name": name[:40]})
    for name, column in fields.items():
        if name not in row:
            if not (column.has_default() or column.null or (column.empty_strings_allowed and column.blank)):
                raise Bad(_("“%(name)s” is missing") % {"name": name})
            row[name] = default_of(column)
    return row


def default_of(column: models.Field):
    return None if column.is_relation else column.get_default()


def check_memo(concept: Concept, row: dict[str, Any]) -> None:
    """The memo gate holds here too; rows of an import may lack a memo (M11)."""
    if concept.name in ("limits", "layers", "predictions", "interventions", "imports") or (
        concept.name in ("revisions", "datapoints") and row["source"] is None
    ):
        try:
            clean_memo(row["memo"])
        except ValidationError as error:
            raise Bad("memo: " + " ".join(error.messages)) from None
