"""Bring in a whole program from a zip file."""

import sys
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from projects.services.refusals import flush
from reviews.archive.reader import ArchiveRefused, read_archive
from reviews.services.archives import NameTaken, bring_in, catch_up


class Command(BaseCommand):
    help = "Bring in a program that export_program wrote: checked whole first, all of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the zip file")
        parser.add_argument("--name", default="", help="another name for the program; its own where it is free")
        parser.add_argument("--memo", default="", help="why it is brought in")
        parser.add_argument("--admin", default="", help="account that administers it here")
        parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")

    def handle(self, *, file: Path, name: str, memo: str, admin: str, dry_run: bool, **options):
        self.shows_progress = options["verbosity"] > 0
        by = get_user_model().objects.filter(username=admin, is_active=True).first()
        if admin and by is None:
            raise CommandError("--admin names an account that does not exist.")
        try:
            with file.open("rb") as opened:
                archive = read_archive(opened)
                if dry_run:
                    rows = sum(archive.counts.values())
                    self.stdout.write(f"{archive.name}: whole, {rows} rows. Nothing was changed.")
                    return
                program = bring_in(
                    archive=archive,
                    name=name,
                    memo=memo or f"Brought in from {file.name}",
                    file_name=file.name,
                    by=by,
                    progress=self.progress,
                )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}") from error
        except ArchiveRefused as refused:
            *first, last = refused.reasons
            for reason in first:
                self.stderr.write(reason)
            raise CommandError(f"{last} Nothing was changed.") from refused
        except NameTaken as taken:
            why = f"A program named {taken.name} is here already: give this one another name, --name “{taken.free}”."
            raise CommandError(why) from taken
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        finally:
            flush()
        catch_up(program)
        self.stdout.write(f"{program.name}: brought in, at {program.get_absolute_url()}")

    def progress(self, done: int, of: int) -> None:
        if self.shows_progress:
            sys.stderr.write(f"\rrows: {done} of {of}" + ("\n" if done == of else ""))
            sys.stderr.flush()
