from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reviews.backups.read import CannotRestore, restore_backup


class Command(BaseCommand):
    help = "Bring what `backup` wrote into an empty database, of the same kind or the other: all of it, or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file: Path, **options):
        try:
            found = restore_backup(file)
        except (CannotRestore, DatabaseError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self.stdout.write(f"{found.rows} rows of {found.made_at}. What was due by now is held: it may have been sent.")
