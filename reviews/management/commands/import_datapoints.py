"""Bring a CSV of weekly series into a program."""

import sys
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.db.models import Q

from projects.models import Program, Role
from projects.services.programs import create_program, set_member
from projects.time import today_in
from reviews.imports.mapping import places_of
from reviews.imports.reader import ImportRefused, SeriesFile, read_series_file
from reviews.services.forecasting import behind, refit_program
from reviews.services.imports import Imported, apply_file
from reviews.services.past_rankings import fill_history


class Command(BaseCommand):
    help = "Import weekly progress series from a CSV file. All or nothing; the same file again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "file", type=Path, help="CSV: series_id, date, value, target_value, direction, deadline, start, …"
        )
        parser.add_argument("--program", required=True, help="name of the program; made where there is none")
        parser.add_argument("--memo", default="", help="why these data are brought in")
        parser.add_argument("--manager", action="append", default=[], help="account that manages a program made here")
        parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")

    def handle(self, *, file: Path, program: str, memo: str, manager: list[str], dry_run: bool, **options):
        name = " ".join(program.split())
        if not name or len(name) > 120 or not name.isprintable():
            raise CommandError("--program needs a name of at most 120 printable characters.")
        self.shows_progress, self.line_open = options["verbosity"] > 0, False
        try:
            found = Program.objects.filter(name__iexact=name).first()
            if found and found.archived_at:
                raise CommandError(f"{found.name} is archived: restore it first.")
            content = read_series_file(file, today=today_in(found.zone if found else "UTC"))
            with transaction.atomic():
                found = found or self.made_meanwhile(name) or self.make_program(name, content, manager)
                imported = apply_file(
                    program=found,
                    file=content,
                    places=places_of(content.series, default_team=name),
                    memo=memo or f"Imported from {content.name}",
                    progress=self.progress,
                )
                transaction.set_rollback(dry_run)
        except ImportRefused as refused:
            self.end_line()
            *first, last = refused.reasons
            for reason in first:
                self.stderr.write(reason)
            raise CommandError(last) from refused
        except ValidationError as error:
            self.end_line()
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            self.end_line()
            why = "Somebody else changed this program meanwhile: nothing was imported. Try again."
            raise CommandError(why) from error
        if not dry_run and (not imported.nothing or behind().filter(pk=found.pk).exists()):
            self.progress("forecasting", 0, 1)
            fill_history(found, today_in(found.zone))
            refit_program(found)
            self.progress("forecasting", 1, 1)
        self.say(imported, found.name, dry_run)

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
