"""Bring a CSV of weekly series into a program."""

import sys
from pathlib import Path
from typing import NoReturn

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from projects.memo import clean_memo
from projects.models import Program, Role
from projects.services.programs import create_program, set_member
from projects.services.refusals import flush
from projects.time import today_in
from reviews.imports.columns import DECIMALS, DIRECTIONS, ORDERS, OWN_NAMES
from reviews.imports.mapping import places_of
from reviews.imports.reader import SeriesFile, read_series_file
from reviews.imports.refusals import ImportRefused
from reviews.services.imports import Imported, apply_file, forecast_after, make_plan

SHOWN = 20  # reasons of a refusal


class Command(BaseCommand):
    help = "Import progress series from a CSV or XLSX file. All or nothing; the same file again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", type=Path, help="its columns: series_id, date, value, target_value, direction, deadline, start, …"
        )
        parser.add_argument("--program", required=True, help="name of the program; made where there is none")
        parser.add_argument("--memo", default="", help="why these data are brought in")
        parser.add_argument("--manager", action="append", default=[], help="account that manages a program made here")
        parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="WHAT=NAME",
            help=f"where the file names a column otherwise; WHAT is one of {', '.join(OWN_NAMES)}",
        )
        parser.add_argument("--decimal", choices=[*DECIMALS], default="", help="what parts the decimals, where asked")
        parser.add_argument("--dates", choices=[*ORDERS], default="", help="what stands first in 02/03/2026")
        parser.add_argument("--target", type=float, help="the target of every row, where no column holds it")
        parser.add_argument("--direction", choices=[*DIRECTIONS], default="", help="where no column holds it")

    def handle(self, *, file: Path, program: str, memo: str, manager: list[str], dry_run: bool, **options):
        name = " ".join(program.split())
        if not name or len(name) > 120 or not name.isprintable():
            raise CommandError("--program needs a name of at most 120 printable characters.")
        self.shows_progress, self.line_open = options["verbosity"] > 0, False
        try:
            found = Program.objects.filter(name__iexact=name).first()
            if found and found.archived_at:
                raise CommandError(f"{found.name} is archived: restore it first.")
            said = {key: options[key] for key in ("decimal", "dates", "target", "direction")}
            today = today_in(found.zone if found else "UTC")
            content = read_series_file(
                file, today=today, progress=self.progress, columns=columns_said(options["column"]), **said
            )
            places = places_of(content.series, default_team=name)
            memo = clean_memo(memo or f"Imported from {content.name}")
            if dry_run:
                self.say(make_plan(program=found, file=content, places=places).did, name, dry_run)
                return
            imported = apply_file(
                program=found,
                file=content,
                places=places,
                memo=memo,
                make_program=lambda: self.made_meanwhile(name) or self.make_program(name, content, manager),
                progress=self.progress,
            )
        except ImportRefused as refused:
            self.refuse(refused)
        except ValidationError as error:
            self.end_line()
            raise CommandError(" ".join(error.messages)) from error
        finally:
            flush()
        found = found or Program.objects.get(name__iexact=name)
        self.progress("forecasting", 0, 1)
        forecast_after(found, imported)
        self.progress("forecasting", 1, 1)
        self.say(imported, found.name, dry_run)

    def refuse(self, refused: ImportRefused) -> NoReturn:
        self.end_line()
        shown, more = refused.reasons[:SHOWN], len(refused.reasons) - SHOWN
        *first, last = [*map(str, shown), *([f"And {more} more."] if more > 0 else [])]
        for reason in first:
            self.stderr.write(reason)
        raise CommandError(last) from refused

    def made_meanwhile(self, name: str) -> Program | None:
        """The program, where another import made it while this one read its file."""
        return Program.objects.active().filter(name__iexact=name).first()

    def make_program(self, name: str, content: SeriesFile, managers: list[str]) -> Program:
        first_day = min(min(one.start, one.rows[0].date) for one in content.series)
        program = create_program(by=None, name=name, start=first_day)
        self.add_managers(program, managers)
        return program

    def add_managers(self, program: Program, names: list[str]) -> None:
        """The accounts named; where none is, those that may create programs: someone must be able to see it."""
        users = get_user_model().objects.filter(is_active=True)
        if names:
            users = users.filter(username__in=names)
            if users.count() != len(set(names)):
                raise CommandError("--manager names an account that does not exist.")
        else:
            permission = Q(user_permissions__codename="add_program") | Q(groups__permissions__codename="add_program")
            users = users.filter(permission, is_superuser=False).distinct()
        for user in users:
            set_member(program=program, username=user.username, role=Role.ADMIN, by=None)

    def progress(self, what: str, done: int, of: int) -> None:
        if self.shows_progress:
            self.line_open = done != of
            sys.stderr.write(f"\r{what}: {done} of {of}" + ("" if self.line_open else "\n"))
            sys.stderr.flush()

    def end_line(self) -> None:
        if self.line_open:
            sys.stderr.write("\n")

    def say(self, imported: Imported, program: str, dry_run: bool) -> None:
        if imported.nothing:
            self.stdout.write(f"{program}: nothing new in this file, nothing changed.")
            return
        verb = "Would import" if dry_run else "Imported"
        self.stdout.write(
            f"{verb} into {program}: {imported.datapoints} datapoints ({imported.corrections} of them corrections), "
            f"{imported.revisions} revisions, {imported.goals} new goals, {imported.teams} new teams."
        )


def columns_said(given: list[str]) -> dict[str, str]:
    """WHAT=NAME, each."""
    columns = dict(one.split("=", 1) for one in given if "=" in one)
    if len(columns) != len(given) or not columns.keys() <= OWN_NAMES.keys():
        raise CommandError(f"--column needs WHAT=NAME, WHAT being one of {', '.join(OWN_NAMES)}.")
    return columns
